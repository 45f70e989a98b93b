"""How far the whole market swung away from what the rhythm of each customer foretold, in windows gone by.

Customers are taken to be independent, but a holiday, a frost or a price rise moves them all at once. A range that
leaves that out is too narrow; how much it matters is measured on the company's own past.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from karma_core.frames import collect_statistics
from karma_core.rhythm.chances import expected_orders
from karma_core.rhythm.clock import FLAT, MarketClock
from karma_core.rhythm.fitting import RhythmFit

WINDOWS = 8
SETTLING_DAYS = 56
"""An origin counts when there is at least so much history before it."""

USUAL_SWING = 0.10
USUAL_WEIGHT = 2.0
"""Before a company's own past speaks, its market is taken to swing by a tenth; that weighs as two windows."""

NOISE = 1.5
"""The variance of a sum of orders is about so many times its mean, since busy customers come in flocks."""

ENOUGH_CUSTOMERS = 20_000
SEED = 1


def market_swing(
    purchases: pl.LazyFrame, fit: RhythmFit, *, as_of: date, horizon_days: int, clock: MarketClock = FLAT
) -> float:
    """The spread, as a share, by which the market moved all customers at once in windows of the horizon's length.

    Steps back window by window, at most eight, sets the orders that came beside those expected at the time, and
    takes off what chance alone explains. `purchases` is a frame of PURCHASES; `clock` is the one that the fit was
    made on, so that a season is no swing. A short past leans on USUAL_SWING.

    Source: ours; a moment estimate of the common variance in log(actual / expected), shrunk.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> nothing = pl.LazyFrame(schema={"customer": pl.String, "on": pl.Date, "revenue_cents": pl.Int64,
    ...     "cost_cents": pl.Int64})
    >>> market_swing(nothing, fit_rhythm(few), as_of=date(2026, 1, 1), horizon_days=30)
    0.1
    """
    misses = list(_misses(_sample(purchases, fit), fit, clock, as_of=as_of, days=horizon_days))
    excess = sum(miss**2 - noise for miss, noise in misses)
    variance = (USUAL_WEIGHT * USUAL_SWING**2 + excess) / (USUAL_WEIGHT + len(misses))
    return float(np.sqrt(np.clip(variance, 0.0, 1.0)))


def some_customers(customers: pl.Series) -> pl.Series:
    """Enough of these customers to look back on, always the same ones: all of them up to 40,000."""
    return customers.filter(customers.hash(seed=SEED) % _step(len(customers)) == 0)


def _step(customers: int) -> int:
    return max(customers // ENOUGH_CUSTOMERS, 1)


def _sample(purchases: pl.LazyFrame, fit: RhythmFit) -> pl.DataFrame:
    """The purchase days of enough customers, evenly chosen."""
    step = _step(fit.customers)
    lines = purchases.filter(pl.col("customer").is_not_null())
    chosen = lines.filter(pl.col("customer").hash(seed=SEED) % step == 0) if step > 1 else lines
    return chosen.select("customer", "on", "revenue_cents", pl.lit(None, pl.Int64).alias("cost_cents")).collect()


def _misses(
    lines: pl.DataFrame, fit: RhythmFit, clock: MarketClock, *, as_of: date, days: int
) -> Iterator[tuple[float, float]]:
    """Per past window log(actual / expected), and the variance that chance alone gives it."""
    known = lines.filter(pl.col("on") < as_of)
    if known.is_empty():
        return
    first = known.get_column("on").to_numpy().min().astype(object)
    for back in range(1, WINDOWS + 1):
        origin = as_of - timedelta(days=days * back)
        if (origin - first).days < SETTLING_DAYS:
            return
        yield from _miss(known, fit, clock, origin=origin, days=days)


def _miss(
    known: pl.DataFrame, fit: RhythmFit, clock: MarketClock, *, origin: date, days: int
) -> Iterator[tuple[float, float]]:
    statistics = collect_statistics(known.lazy(), as_of=origin, ticks=clock.ticks())
    if statistics.is_empty():
        return
    expected = float(expected_orders(fit, statistics, days=clock.between(origin, days=days)).sum())
    bought = pl.col("on").is_between(origin, origin + timedelta(days=days), closed="left")
    window = known.filter(bought, pl.col("revenue_cents") >= 0).join(statistics, on="customer", how="semi")
    actual = window.unique(["customer", "on"]).height
    if expected >= 1:
        yield float(np.log((actual + 0.5) / (expected + 0.5))), NOISE / expected
