"""Why an expectation moved between two readings of one period: what came, which deals, what is still to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from karma_core.errors import KarmaError
from karma_core.reach.reading import OPEN_DEALS, SOURCES, PlanReading

REALISED = "realised"
DEALS_WON = "deals_won"
DEALS_LOST = "deals_lost"
DEALS_CLOSED = "deals_closed"
DEALS_NEW = "deals_new"
DEALS_CHANGED = "deals_changed"
OUTLOOK = "outlook"


class NotComparableError(KarmaError):
    """Two readings that do not speak of the same thing, or not in order of time."""


@dataclass(frozen=True)
class Driver:
    """One reason: `cents` is what it added to the expectation (negative: took away).

    `code` is `realised` (more or less came than was expected by then), `deals_won`, `deals_lost`, `deals_closed`
    (outcome not told), `deals_new`, `deals_changed` (still open, chance or amount differ), each with the `count`
    of deals, or `outlook` (what a `source` is still expected to bring).
    """

    code: str
    cents: int
    source: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Moved:
    """What moved: the means before and after, the chance of an amount where one was asked, and why.

    `drivers` stand in order of weight and add up to `after_cents - before_cents`.
    """

    before_cents: int
    after_cents: int
    chance_before: float | None
    chance_after: float | None
    drivers: tuple[Driver, ...]


def why_it_moved(
    before: PlanReading,
    after: PlanReading,
    *,
    amount_cents: int | None = None,
    outcomes: Mapping[str, str] | None = None,
) -> Moved:
    """Say why the expectation of a period moved between two readings of it.

    What came since is set against what the earlier reading expected by then (its fan). What is still to come is
    compared source by source, the open deals deal by deal: `outcomes` gives a deal's outcome ("won", "lost") by
    its name; without it deals that left are `deals_closed`. A deal that was born in between moves an amount from
    new business to open deals: `deals_new` and a fall of `outlook` of new business belong together. Drivers of
    nothing are left out. Raises NotComparableError for readings of two periods, measures, or in the wrong order.

    >>> import numpy as np
    >>> from karma_core.periods import Period
    >>> from karma_core.reach.reading import Draws, FanPoint
    >>> def said(day: int, mean: int, came: int | None) -> PlanReading:
    ...     end = FanPoint(date(2026, 4, 1), None, mean, mean, mean, mean, (("existing_customers", mean),))
    ...     here = FanPoint(date(2026, 2, 1), came, came or 40, 0, 0, 0, (("existing_customers", came or 40),))
    ...     draws = Draws(("existing_customers",), (None,), np.array([[mean, mean]]))
    ...     period = Period(date(2026, 1, 1), date(2026, 4, 1))
    ...     return PlanReading(period, date(2026, day, 1), "margin", came or 0, draws, fan=(here, end))
    >>> moved = why_it_moved(said(1, 100, None), said(2, 115, 52), amount_cents=110)
    >>> [(driver.code, driver.cents) for driver in moved.drivers], moved.chance_before, moved.chance_after
    ([('realised', 12), ('outlook', 3)], 0.0, 1.0)
    """
    if (before.period, before.measure) != (after.period, after.measure) or after.as_of < before.as_of:
        raise NotComparableError(
            "Only two readings of one period, the earlier one first, can be compared.",
            nl="Alleen twee verwachtingen van dezelfde periode zijn te vergelijken, de vroegste eerst.",
        )
    expected, came = (_by(reading, after.as_of) for reading in (before, after))
    drivers = [Driver(REALISED, round(sum(came.values()) - sum(expected.values())))]
    left = {source: _left(after, came, source) - _left(before, expected, source) for source in SOURCES}
    of_deals = _deal_drivers(before, after, _share_left(before, expected), outcomes)
    left[OPEN_DEALS] -= sum(driver.cents for driver in of_deals)
    drivers += [*of_deals, *(Driver(OUTLOOK, round(cents), source=source) for source, cents in left.items())]
    return Moved(
        before_cents=before.mean_cents,
        after_cents=after.mean_cents,
        chance_before=None if amount_cents is None else before.chance_of(amount_cents),
        chance_after=None if amount_cents is None else after.chance_of(amount_cents),
        drivers=_in_order(drivers, total=after.mean_cents - before.mean_cents),
    )


def _by(reading: PlanReading, day: date) -> dict[str, float]:
    """What a reading says that will have come before a day, by source; straight between two points of its fan."""
    if not reading.fan:
        return {}
    points = [point for point in reading.fan if point.until <= day] or [reading.fan[0]]
    last = points[-1]
    later = next((point for point in reading.fan if point.until > day), last)
    days = (later.until - last.until).days
    share = (day - last.until).days / days if days and day > last.until else 0.0
    one, other = dict(last.sources), dict(later.sources)
    if day <= reading.period.start:
        return dict.fromkeys(one, 0.0)
    return {source: (1 - share) * one[source] + share * other[source] for source in one}


def _left(reading: PlanReading, come: Mapping[str, float], source: str) -> float:
    """What a source is still expected to bring."""
    mean = float(reading.draws.of_source(source).mean())
    return mean - come.get(source, 0.0)


def _share_left(before: PlanReading, expected: Mapping[str, float]) -> float:
    """The share of the open deals' expectation that was to come after the later as-of."""
    still = _left(before, _by(before, before.as_of), OPEN_DEALS)
    return _left(before, expected, OPEN_DEALS) / still if still else 0.0


def _deal_drivers(
    before: PlanReading, after: PlanReading, share_left: float, outcomes: Mapping[str, str] | None
) -> list[Driver]:
    """What deals that were won, lost, born or changed added to what open deals are still to bring."""
    then = before.deals.select("deal", "outcome", then=pl.col("expected_cents") * share_left)
    now = after.deals.select("deal", since=pl.col("outcome"), now="expected_cents")
    both = then.join(now, on="deal", how="full", coalesce=True)
    both = both.with_columns(told=_told(both["deal"], outcomes or {}))
    code = (
        pl.when(pl.col("outcome").is_null())
        .then(pl.lit(DEALS_NEW))
        .when((pl.col("since") == "won") & (pl.col("outcome") == "open"))
        .then(pl.lit(DEALS_WON))
        .when(pl.col("since").is_not_null())
        .then(pl.lit(DEALS_CHANGED))
        .when(pl.col("outcome") == "won")
        .then(pl.lit(DEALS_WON))
        .when(pl.col("told") == "lost")
        .then(pl.lit(DEALS_LOST))
        .when(pl.col("told") == "won")
        .then(pl.lit(DEALS_WON))
        .otherwise(pl.lit(DEALS_CLOSED))
    )
    more = pl.col("now").fill_null(0) - pl.col("then").fill_null(0.0)
    summed = both.group_by(code.alias("code")).agg(more.sum().alias("cents"), pl.len().alias("count")).sort("code")
    return [Driver(row["code"], round(row["cents"]), OPEN_DEALS, row["count"]) for row in summed.to_dicts()]


def _told(deals: pl.Series, outcomes: Mapping[str, str]) -> pl.Series:
    return pl.Series([outcomes.get(deal) for deal in deals.to_list()], dtype=pl.String)


def _in_order(drivers: list[Driver], *, total: int) -> tuple[Driver, ...]:
    """By weight, heaviest first; the heaviest carries the cents of rounding, so that all add up to the total."""
    ordered = sorted(drivers, key=lambda driver: -abs(driver.cents))
    first = ordered[0]
    rest = total - sum(driver.cents for driver in ordered)
    carried = Driver(first.code, first.cents + rest, first.source, first.count)
    return tuple(driver for driver in (carried, *ordered[1:]) if driver.cents)
