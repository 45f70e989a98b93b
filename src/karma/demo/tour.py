"""A few sentences above the pages that matter, so that a visitor of the demo knows what they see."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from karma.common.text import Text


@dataclass(frozen=True)
class Stop:
    """What to notice on a page."""

    url_name: str
    says: Text


STOPS = (
    Stop(
        "today",
        _(
            "Today fits in the day of the person who looks. Each line says why. Everything can be set aside with "
            "one touch, and no target or amount is in sight while you work for a customer."
        ),
    ),
    Stop(
        "team",
        _(
            "Which customers ask for attention and, for those who make plans, what the team expects together. "
            "There is no list of people here, and there never will be."
        ),
    ),
    Stop(
        "plan",
        _(
            "Margin as a range with a chance, and where it comes from. Type the amount that you were given, or "
            "last year plus 10%, and see its chance."
        ),
    ),
    Stop(
        "customers-page",
        _(
            'A customer\'s own rhythm, what we know and who looks after them. Whoever says "leave in peace" is '
            "heard everywhere."
        ),
    ),
    Stop(
        "imports",
        _(
            "These figures came from files, as yours would. An import shows what it will do before it does it, "
            "and can be taken back."
        ),
    ),
)


def stop_at(url_name: str) -> Stop | None:
    """What to say on a page; None on most."""
    return next((stop for stop in STOPS if stop.url_name == url_name), None)
