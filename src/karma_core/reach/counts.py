"""How many purchase days each customer will have: from the rhythm model, or a plain rate where that cannot be."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core import rhythm
from karma_core.errors import FitError, TooLittleData
from karma_core.reach.ledger import Ledger, Rows
from karma_core.reach.windows import Horizon

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KNOWN_DAYS = 730
"""A customer without a purchase for this long before as-of is new business when they return."""

RECENT_DAYS = 365

FEWEST_BACK = 10
"""Below so many customers who came back, no rhythm is fitted."""


@dataclass(frozen=True)
class Counts:
    """Per customer of the ledger: mean and variance of the purchase days in the horizon; zero for new business."""

    mean: Floats
    variance: Floats


def existing_customers(ledger: Ledger, *, origin: int) -> NDArray[np.bool_]:
    """Which customers bought in the 24 months before `origin`, through a deal or not; shape (n,)."""
    known = np.zeros(len(ledger.customers), dtype=bool)
    for rows in (ledger.bought, ledger.from_deals):
        recent = rows.between(origin - KNOWN_DAYS, origin).customer
        known[recent[recent >= 0]] = True
    return known


def plain_counts(ledger: Ledger, rows: Rows, *, origin: int, horizon: Horizon) -> Counts:
    """A gamma-Poisson rate per customer over the last year, without a notion of leaving.

    `rows` are the purchases before `origin`. The rate's gamma is fitted by moments over the customers and kept
    weak; what customers who left have in common is corrected by the past windows.
    """
    n = len(ledger.customers)
    start = max(origin - RECENT_DAYS, ledger.first_day)
    recent = rows.between(start, origin)
    x = np.bincount(recent.customer, minlength=n).astype(float)
    first = np.full(n, origin, dtype=np.int64)
    np.minimum.at(first, rows.customer, rows.day)
    exposure = np.clip(origin - np.maximum(first, start), 1, None).astype(float)
    x -= (first >= start) & (x > 0)
    known = existing_customers(ledger, origin=origin)
    shape, rate = _gamma(x[known], exposure[known])
    mean = np.where(known, (x + shape) / (exposure + rate) * horizon.days, 0.0)
    return Counts(mean, mean + np.where(known, mean**2 / (x + shape), 0.0))


def _gamma(x: Floats, exposure: Floats) -> tuple[float, float]:
    """The gamma of the rates by moments, each customer counted by exposure; shape within 0.2 and 5."""
    if x.sum() == 0:
        return 0.5, 365.0
    rate = float(x.sum() / exposure.sum())
    expected = rate * exposure
    excess = float(((x - expected) ** 2 - expected).sum() / (expected**2).sum())
    shape = float(np.clip(1 / excess if excess > 0 else 5.0, 0.2, 5.0))
    return shape, shape / rate


FITTED_ON = 6_000
"""So many customers, evenly spaced, settle the parameters to about a hundredth, far below any shock."""

FITTED_BEFORE = 3_000
"""The same for past origins, which only tell how large shocks are."""

REFIT_GROWTH = 1.4
"""A past origin is served by a fit of at most this much less history."""


@dataclass
class RhythmCounter:
    """Counts by the rhythm model: chosen once on all facts, then fitted anew, by name, on shorter histories.

    Called as (ledger, rows, origin, horizon) -> Counts, in any order. Histories are 1, 1/1.4, 1/1.4^2, .. of the
    whole, and an origin is served by the longest that ended before it: no fit knows what came after the origin,
    and origins of several periods share their fits. Where rhythm cannot say anything, or too few customers came
    back, it falls back to the plain rate. A counter belongs to one ledger.
    """

    model: str = "auto"
    fits: dict[int, rhythm.RhythmFit | None] = field(default_factory=dict)

    def __call__(self, ledger: Ledger, rows: Rows, origin: int, horizon: Horizon) -> Counts:
        """Count the purchase days of each customer in the horizon from the rows before `origin`."""
        fitted = self._fit_before(ledger, origin)
        if fitted is None:
            return plain_counts(ledger, rows, origin=origin, horizon=horizon)
        statistics, codes = statistics_of(rows, origin=origin)
        return _by_rhythm(ledger, fitted, statistics, codes, origin=origin, horizon=horizon)

    def _fit_before(self, ledger: Ledger, origin: int) -> rhythm.RhythmFit | None:
        whole, history = ledger.history_days, origin - ledger.first_day
        if history <= 0:
            return None
        step = max(int(np.ceil(np.log(whole / history) / np.log(REFIT_GROWTH) - 1e-9)), 0)
        for k in (0, step):
            if k not in self.fits:
                self.fits[k] = self._fit(ledger, ledger.first_day + int(whole / REFIT_GROWTH**k), earlier=k > 0)
        return self.fits[step]

    def _fit(self, ledger: Ledger, origin: int, *, earlier: bool) -> rhythm.RhythmFit | None:
        rows = ledger.bought.between(ledger.first_day, origin)
        statistics, _ = statistics_of(rows, origin=origin)
        if int((statistics["x"] > 0).sum()) < FEWEST_BACK:
            return None
        size = FITTED_BEFORE if earlier else FITTED_ON
        try:
            fitted = rhythm.fit(statistics.gather_every(max(len(statistics) // size, 1)), model=self.model)
        except (TooLittleData, FitError):
            return None
        self.model = fitted.model
        return fitted


def statistics_of(rows: Rows, *, origin: int) -> tuple[pl.DataFrame, Ints]:
    """The columns x, t_x, T of CUSTOMER_STATISTICS at `origin`, and the customers' positions, row by row."""
    codes, start, count = np.unique(rows.customer, return_index=True, return_counts=True)
    first, last = rows.day[start], rows.day[start + count - 1]
    frame = pl.DataFrame({"x": count - 1, "t_x": last - first, "T": origin - 1 - first})
    return frame.cast(pl.Int64), codes


def _by_rhythm(
    ledger: Ledger,
    fitted: rhythm.RhythmFit,
    statistics: pl.DataFrame,
    codes: Ints,
    *,
    origin: int,
    horizon: Horizon,
) -> Counts:
    """Mean by the model; variance as of a gamma rate, regular by k, of somebody who may have left."""
    mean = rhythm.expected_orders(fitted, statistics, days=horizon.days, gap=horizon.gap)
    active = np.clip(rhythm.chance_active(fitted, statistics), 1e-6, 1.0)
    if_active = mean / active
    shape = float(fitted.parameters.get("r", 1.0)) / fitted.k + statistics["x"].to_numpy()
    given = if_active / fitted.k + if_active**2 / shape
    variance = active * given + active * (1 - active) * if_active**2
    full_mean, full_variance = np.zeros((2, len(ledger.customers)))
    full_mean[codes], full_variance[codes] = mean, variance
    known = existing_customers(ledger, origin=origin)
    return Counts(np.where(known, full_mean, 0.0), np.where(known, full_variance, 0.0))
