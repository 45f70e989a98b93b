"""Sentences of Today: why a line is there and what to do."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from karma.common.text import Text

ACTIONS: dict[str, Text] = {
    "today.handed_over": gettext_lazy("Gave a customer to a colleague"),
    "today.taken_back": gettext_lazy("Took a customer back from a colleague"),
    "today.minutes_chosen": gettext_lazy("Said how long their work takes"),
}
HOUR, HALF = 60, 30


def agreed(*, said_on: date, again_on: date) -> str:
    """That a person promised to speak again."""
    days = {"said": _day(said_on), "again": _day(again_on)}
    return _("On %(said)s you agreed to speak again on %(again)s.") % days


def deal_due(*, customer: str, deal: str, on: date) -> str:
    """That a customer would have chosen by now."""
    names = {"customer": customer, "deal": deal.removesuffix(f" - {customer}"), "day": _day(on)}
    choosing = _("%(customer)s would decide on “%(deal)s” around %(day)s.") % names
    asking = _("Ask what they still need in order to choose.")
    return f"{choosing} {asking}"


def asked_by(name: str) -> str:
    return _("%(name)s asks you to take this up.") % {"name": name}


def asked_for_rest(name: str, *, until_on: date) -> str:
    """That somebody asked to leave a customer in peace to whom one promised contact."""
    return _("%(name)s asked to leave them in peace until %(on)s.") % {"name": name, "on": _day(until_on)}


def by_hand() -> str:
    return _("You put this on your list yourself.")


def lasting(minutes: int) -> str:
    """How long the day's lines take together, as people say it."""
    if minutes < HOUR - HALF / 2:
        quarters = max(15, round(minutes / 15) * 15)
        return _("about %(number)s minutes") % {"number": quarters}
    hours, half = divmod(round(minutes / HALF), 2)
    if half:
        return (
            _("about %(number)s and a half hours") % {"number": hours}
            if hours > 1
            else _("about an hour and a half")
        )
    return ngettext("about an hour", "about %(number)s hours", hours) % {"number": hours}


def _day(on: date) -> str:
    return date_format(on, "j F")
