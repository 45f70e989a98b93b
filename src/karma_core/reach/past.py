"""Customers on earlier days: what could be known of them then, read once for every period that asks."""

from dataclasses import dataclass, field

import numpy as np

from karma_core import rhythm
from karma_core.errors import FitError, TooLittleData
from karma_core.reach.counts import (
    Bools,
    Counting,
    existing_customers,
    plain_counts,
    rhythm_counts,
    statistics_of,
)
from karma_core.reach.ledger import Ledger
from karma_core.reach.values import Values, pooled_values

FEWEST_BACK = 10
"""Below so many customers who came back, no rhythm is fitted."""

FITTED_ON = 6_000
"""So many customers, evenly spaced, settle the parameters to about a hundredth, far below any shock."""

FITTED_BEFORE = 3_000
"""The same for past origins, which only tell how large shocks are."""

REFIT_GROWTH = 1.4
"""A past origin is served by a fit of at most this much less history."""


@dataclass(frozen=True, eq=False)
class Standing:
    """How customers stood on a day: who is existing, how often each will buy, and what a purchase day is worth."""

    known: Bools
    counts: Counting
    values: Values


@dataclass(eq=False)
class Past:
    """A ledger's customers on any day up to as-of. No day knows what came after it.

    The rhythm model is chosen once on all facts, then fitted anew, by name, on histories of 1, 1/1.4, 1/1.4^2, ..
    of the whole; a day is served by the longest that ended before it. Where rhythm cannot say anything, or too few
    customers came back, the plain rate counts.
    """

    ledger: Ledger
    model: str = "auto"
    fits: dict[int, rhythm.RhythmFit | None] = field(default_factory=dict)
    stood: dict[int, Standing] = field(default_factory=dict)

    def at(self, origin: int) -> Standing:
        """How customers stood on `origin` (a day number), from facts dated before it."""
        if origin not in self.stood:
            rows = self.ledger.bought.between(self.ledger.first_day, origin)
            known, fitted = existing_customers(self.ledger, origin=origin), self._fit_before(origin)
            counts = (
                plain_counts(rows, known, first_day=self.ledger.first_day, origin=origin)
                if fitted is None
                else rhythm_counts(fitted, rows, known, origin=origin)
            )
            self.stood[origin] = Standing(known, counts, pooled_values(self.ledger, rows, origin=origin))
        return self.stood[origin]

    def _fit_before(self, origin: int) -> rhythm.RhythmFit | None:
        whole, history = self.ledger.history_days, origin - self.ledger.first_day
        if history <= 0:
            return None
        step = max(int(np.ceil(np.log(whole / history) / np.log(REFIT_GROWTH) - 1e-9)), 0)
        for k in (0, step):
            if k not in self.fits:
                self.fits[k] = self._fit(self.ledger.first_day + int(whole / REFIT_GROWTH**k), earlier=k > 0)
        return self.fits[step]

    def _fit(self, origin: int, *, earlier: bool) -> rhythm.RhythmFit | None:
        rows = self.ledger.bought.between(self.ledger.first_day, origin)
        statistics, _ = statistics_of(rows, customers=len(self.ledger.customers), origin=origin)
        if int((statistics["x"] > 0).sum()) < FEWEST_BACK:
            return None
        size = FITTED_BEFORE if earlier else FITTED_ON
        try:
            fitted = rhythm.fit(statistics.gather_every(max(len(statistics) // size, 1)), model=self.model)
        except (TooLittleData, FitError):
            return None
        self.model = fitted.model
        return fitted
