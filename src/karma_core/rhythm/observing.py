"""From lines of sale to what the models are fitted on: customers' statistics, on a clock that proved itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from karma_core import packing
from karma_core.frames import (
    collect_days,
    collected,
    day_number,
    days_of,
    market_days,
    purchase_days,
    shared_statistics,
    statistics_of,
    with_day_numbers,
)
from karma_core.rhythm.clock import MarketClock
from karma_core.rhythm.pace import learn_clock
from karma_core.rhythm.proof import chosen, prove


def observe(purchases: pl.LazyFrame, *, as_of: date) -> tuple[pl.DataFrame, MarketClock]:
    """Each customer's statistics and the market's clock, from a frame of PURCHASES read once.

    The statistics are of MARKET_STATISTICS, or of CUSTOMER_STATISTICS where the clock is flat. A season or trend
    that is seen is used only where it foretold better who orders on days that it had not seen (see `prove`); the
    clock's first warning says which clock it is and why.

    >>> from karma_core.frames import PURCHASES
    >>> statistics, clock = observe(PURCHASES.empty().lazy(), as_of=date(2026, 1, 1))
    >>> len(statistics), clock.is_flat
    (0, True)
    """
    try:
        days = collect_days(purchases, as_of=as_of)
    except packing.CollisionError:
        return observe_shared(with_day_numbers(purchases), as_of=as_of)
    statistics = statistics_of(days, as_of=as_of)
    seen = learn_clock(statistics, days.per_day(), as_of=as_of)
    clock = _proven(seen, statistics, lambda some: _days_here(days, some), as_of=as_of)
    return statistics if clock.is_flat else statistics_of(days, as_of=as_of, ticks=clock.ticks()), clock


def observe_shared(lines: Any, *, as_of: date) -> tuple[pl.DataFrame, MarketClock]:
    """`observe` by the shared group-bys, on lines that stay where they are (see `frames.shared_statistics`)."""
    before = day_number(as_of)
    statistics = shared_statistics(lines, as_of=as_of)
    seen = learn_clock(statistics, collected(market_days(purchase_days(lines, before=before))), as_of=as_of)
    clock = _proven(seen, statistics, lambda some: days_of(lines, some, before=before), as_of=as_of)
    if clock.is_flat:
        return statistics, clock
    return shared_statistics(lines, as_of=as_of, ticks=clock.ticks()), clock


def _proven(
    seen: MarketClock, statistics: pl.DataFrame, days: Callable[[pl.Series], pl.DataFrame], *, as_of: date
) -> MarketClock:
    """The clock itself where it proved itself, else an even one; either says why."""
    if seen.is_flat:
        return seen
    proof = prove(days(chosen(statistics["customer"])), as_of=as_of)
    if proof.holds:
        return replace(seen, warnings=(proof.about(), *seen.warnings))
    return MarketClock(years=seen.years, warnings=(proof.about(),))


def _days_here(days: packing.PackedDays, customers: pl.Series) -> pl.DataFrame:
    """The packed purchase days of these customers: `customer, day`."""
    rows = np.repeat(np.arange(len(days.money)), np.diff(days.start))
    wanted = days.money["customer"].is_in(customers.implode()).to_numpy()[rows]
    names = days.money["customer"].gather(rows[wanted])
    return pl.DataFrame({"customer": names, "day": days.day[wanted].astype(np.int64)})
