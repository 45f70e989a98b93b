"""A customer's own rhythm as a picture: the days on which they bought, when the next would usually come, and now.

Numbers only; a template draws them. There are no amounts in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import QuerySet
from django.utils import translation
from django.utils.formats import date_format

from karma.customers.models import Customer
from karma.deals.models import PurchaseLine
from karma.people.models import Person
from karma.readings.models import CustomerReading

WIDTH, EDGE = 400.0, 12.0
GAPS_SHOWN, DAYS_SHOWN, SHORTEST, LONGEST = 8, 12, 180, 1100
USUAL = (0.7, 1.3)
"""From seven tenths of the usual gap on the next purchase is no surprise; after thirteen tenths it is late."""

ROWS, TICKS = 24, 5
WHOLE_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True)
class Tick:
    """A first of the month on the line of time."""

    x: float
    on: date

    @property
    def name(self) -> str:
        """The month as this reader abbreviates it; January says which year begins."""
        if self.on.month == 1:
            return str(self.on.year)
        return date_format(self.on, "b" if translation.get_language() == "nl" else "M")


@dataclass(frozen=True)
class Picture:
    """Where everything stands on a line of time that is `width` long."""

    dots: tuple[float, ...]
    usual_x: float | None
    usual_width: float
    now_x: float
    ticks: tuple[Tick, ...]
    width: float = WIDTH

    @property
    def usual_middle(self) -> float | None:
        return None if self.usual_x is None else self.usual_x + self.usual_width / 2


@dataclass(frozen=True)
class Row:
    """A purchase day, and how many days it came after the one before."""

    on: date
    days: int | None


def purchase_days(viewer: Person, customer: Customer, *, on: date) -> list[date]:
    """The days on which a customer bought, the latest of them, oldest first."""
    lines: QuerySet[PurchaseLine] = PurchaseLine.objects.visible_to(viewer, on=on)
    sold = lines.filter(customer=customer, revenue_cents__gte=0).order_by("-on")
    return list(sold.values_list("on", flat=True).distinct()[:200])[::-1]


def rows_of(days: Sequence[date]) -> tuple[Row, ...]:
    """The latest purchase days with the gap before each, the latest first."""
    gaps = [None, *((later - earlier).days for earlier, later in pairwise(days))]
    rows = [Row(day, gap) for day, gap in zip(days, gaps, strict=True)] if days else []
    return tuple(rows[::-1][:ROWS])


def draw(days: Sequence[date], reading: CustomerReading | None, *, now: date) -> Picture | None:
    """The picture as of a day; None where nothing was bought yet."""
    if not days:
        return None
    gap = reading.typical_gap_days if reading and reading.x > 1 else None
    usual = tuple(days[-1] + timedelta(days=round(share * gap)) for share in USUAL) if gap else ()
    last = max(now, *usual) if usual else now
    of_days = (now - days[-DAYS_SHOWN:][0]).days
    span = min(max(GAPS_SHOWN * gap if gap else 0, of_days, SHORTEST), LONGEST)
    first = max(min(now - timedelta(days=round(span)), days[-1]), days[0])

    def x(day: date) -> float:
        share = (day - first).days / max((last - first).days, 1)
        return round(EDGE + share * (WIDTH - 2 * EDGE), 1)

    return Picture(
        dots=tuple(x(day) for day in days if day >= first),
        usual_x=x(usual[0]) if usual else None,
        usual_width=round(x(usual[1]) - x(usual[0]), 1) if usual else 0.0,
        now_x=x(now),
        ticks=tuple(Tick(x(day), day) for day in _months(first, last)),
    )


def _months(first: date, last: date) -> list[date]:
    """The firsts of months between two days, every so many months that at most five are left."""
    month = date(first.year, first.month, 1)
    found: list[date] = []
    while month <= last:
        if month >= first:
            found.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    step = next((each for each in WHOLE_MONTHS if len(found) <= TICKS * each), WHOLE_MONTHS[-1])
    return [month for month in found if (month.year * 12 + month.month - 1) % step == 0]
