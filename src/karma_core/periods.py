"""Periods of local dates, always half-open: from a day up to, not including, another."""

from dataclasses import dataclass
from datetime import date, timedelta

from karma_core.errors import KarmaError

LONGEST_YEARS = 100
LONGEST_DAYS = 36525
"""A period that is longer, or further ahead, is taken for a slip."""


class PeriodError(KarmaError):
    """A period that holds no day, or is too long or too far ahead to be meant."""


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to, not including, `end`.

    >>> Period(date(2026, 1, 1), date(2026, 4, 1)).days
    90
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a period that ends on or before its first day, and one of more than a hundred years."""
        if self.end <= self.start:
            raise PeriodError(
                f"A period from {self.start} up to {self.end} holds no day. Let it end after it starts.",
                nl=f"Een periode van {self.start} tot {self.end} heeft geen enkele dag. Laat hem later eindigen.",
            )

        if self.days > LONGEST_DAYS:
            raise PeriodError(
                f"A period from {self.start} up to {self.end} is longer than {LONGEST_YEARS} years. "
                "Check the years.",
                nl=f"Een periode van {self.start} tot {self.end} duurt langer dan {LONGEST_YEARS} jaar. "
                "Kijk de jaartallen na.",
            )

    @property
    def days(self) -> int:
        """The number of days in the period."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day < self.end

    def refuse_far_ahead(self, *, as_of: date) -> None:
        """Raise PeriodError where the period ends more than a hundred years after `as_of`."""
        if (self.end - as_of).days > LONGEST_DAYS:
            raise PeriodError(
                f"A period up to {self.end} ends more than {LONGEST_YEARS} years after {as_of}. Check the years.",
                nl=f"Een periode tot {self.end} eindigt meer dan {LONGEST_YEARS} jaar na {as_of}. "
                "Kijk de jaartallen na.",
            )

    def year_earlier(self) -> "Period | None":
        """The same period one year earlier; None where that holds no day, as for 29 February alone.

        >>> Period(date(2025, 1, 1), date(2025, 4, 1)).year_earlier()
        Period(start=datetime.date(2024, 1, 1), end=datetime.date(2024, 4, 1))
        >>> Period(date(2024, 2, 29), date(2024, 3, 1)).year_earlier() is None
        True
        """
        if self.start.year == date.min.year or year_earlier(self.start) == year_earlier(self.end):
            return None
        return Period(year_earlier(self.start), year_earlier(self.end))


def year_earlier(day: date) -> date:
    """The same day one year earlier; 29 February becomes 1 March, so that no day is counted twice.

    >>> year_earlier(date(2024, 2, 29))
    datetime.date(2023, 3, 1)
    """
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 3, 1)


def after(day: date) -> date:
    """The day after, for turning an inclusive `through` into a half-open end; the calendar's last day has none.

    >>> after(date(1997, 9, 30))
    datetime.date(1997, 10, 1)
    """
    return day if day == date.max else day + timedelta(days=1)


def fiscal_quarter(day: date, *, start_month: int) -> Period:
    """The three months that hold a day, in a year that begins in `start_month` (1..12).

    >>> fiscal_quarter(date(2026, 11, 22), start_month=2)
    Period(start=datetime.date(2026, 11, 1), end=datetime.date(2027, 2, 1))
    """
    return _months_around(day, start_month=start_month, months=3)


def fiscal_year(day: date, *, start_month: int) -> Period:
    """The year that holds a day and begins in `start_month` (1..12).

    >>> fiscal_year(date(2026, 11, 22), start_month=12)
    Period(start=datetime.date(2025, 12, 1), end=datetime.date(2026, 12, 1))
    """
    return _months_around(day, start_month=start_month, months=12)


def _months_around(day: date, *, start_month: int, months: int) -> Period:
    """The block of whole months that holds a day, blocks counted from `start_month`."""
    into = (day.month - start_month) % months
    first = day.year * 12 + day.month - 1 - into
    start, end = (date(month // 12, month % 12 + 1, 1) for month in (first, first + months))
    return Period(start, end)
