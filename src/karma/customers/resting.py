"""Days that people name when they leave a customer in peace: two weeks, a month, after the holidays."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from karma.common.text import Text

LONGEST_DAYS = 2 * 365
SOON = timedelta(days=14)
MONTH = timedelta(days=30)
AFTER_THE_HOLIDAYS = ((1, 4), (9, 1))
"""Work begins again on the first Monday from these days on: after the turn of the year, and after summer."""


@dataclass(frozen=True)
class Suggestion:
    """A day that one touch chooses."""

    name: Text
    until_on: date


def rest_suggestions(on: date) -> tuple[Suggestion, ...]:
    """What to offer on a day; each falls on a working day from Monday to Friday."""
    new_year, summer = (_next_monday(on, month, day) for month, day in AFTER_THE_HOLIDAYS)
    holidays = (
        Suggestion(_("after the holidays"), new_year)
        if new_year < summer
        else Suggestion(_("after the summer"), summer)
    )
    return (
        Suggestion(_("two weeks"), _working_day(on + SOON)),
        Suggestion(_("a month"), _working_day(on + MONTH)),
        holidays,
    )


def _next_monday(on: date, month: int, day: int) -> date:
    """The first Monday from a day of the year on, at least two weeks ahead."""
    years = (date(year, month, day) for year in (on.year, on.year + 1, on.year + 2))
    mondays = (start + timedelta(days=-start.weekday() % 7) for start in years)
    return next(monday for monday in mondays if monday > on + SOON)


def _working_day(on: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return on + timedelta(days=max(0, 7 - on.weekday()) if on.weekday() > 4 else 0)
