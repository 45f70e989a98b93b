"""The season: how much the months of a year differ, shrunk towards not at all."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from karma_core.reach.counts import first_days
from karma_core.reach.ledger import Ledger

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEEDED_DAYS = 730
WARM_UP_DAYS = 180
SETTLING_DAYS = 30
FEWEST_MONTHS = 16

SEASON_SDS = (0.01, 0.03, 0.08, 0.15, 0.3, 0.6)
STEP_SDS = (0.005, 0.02, 0.05, 0.12)
NOISE_SDS = (0.02, 0.05, 0.1, 0.2, 0.4)
UNSEEN_SD = 0.15
"""How far a quarter strays from the year's level in a season that nobody has seen yet (an assumption)."""


@dataclass(frozen=True)
class Season:
    """`log_factor[m]` is month m's (0..11) log-level around the year's, `sd` what is not known about it."""

    log_factor: Floats
    sd: float
    seen: bool

    def factor(self, start: int, end: int) -> float:
        """The mean level of the days from `start` up to `end` (day numbers) against the year's."""
        if end <= start:
            return 1.0
        return float(np.exp(self.log_factor[month_of(np.arange(start, end))]).mean())

    def sd_over(self, days: int) -> float:
        """What is not known about the season of a window, on the log scale; none for a year."""
        open_share = max(0.0, 1 - days / 365)
        return (self.sd if self.seen else UNSEEN_SD) * open_share


def month_of(day: Ints) -> Ints:
    """The month (0..11) of each day number."""
    return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12)


def learn_season(ledger: Ledger) -> Season:
    """Learn the months' factors from customers known beforehand; flat where less than two years are known.

    For each whole month the revenue of the customers known at its start is set against a twelfth of what they
    bought in the year before: who arrives or leaves does not look like a season. The log of that ratio is a
    level that drifts as a random walk, plus the month's effect, plus noise, all normal; the sizes of the three
    run over a grid and are weighed by their likelihood. So a season is believed as far as it came back: what was
    seen once may as well be drift.
    **Source**: Harvey (1989), ch. 2, the basic structural model; the grid as in `shock.draw_shock`.
    """
    flat = Season(np.zeros(12), sd=0.0, seen=False)
    if ledger.history_days < NEEDED_DAYS:
        return flat
    month, ratio = _months(ledger)
    if month.size < FEWEST_MONTHS or (ratio <= 0).any():
        return flat
    return _fitted(month, np.log(ratio))


def _months(ledger: Ledger) -> tuple[Ints, Floats]:
    """Whole months, counted from 1970, and in each what known customers bought against what was usual."""
    edge = np.array([ledger.first_day + WARM_UP_DAYS - 1, ledger.as_of]).astype("datetime64[D]")
    first, last = edge.astype("datetime64[M]").astype(np.int64)
    months = np.arange(int(first) + 1, int(last))
    return months, np.array([_ratio(ledger, int(month)) for month in months])


def _ratio(ledger: Ledger, month: int) -> float:
    edges = np.array([month, month + 1]).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    start, end = int(edges[0]), int(edges[1])
    n, year = len(ledger.customers), ledger.bought.between(start - 365, start)
    bought = np.bincount(year.customer, year.revenue, minlength=n)
    first = first_days(year, customers=n, otherwise=start)
    known_days = np.clip(start - first, SETTLING_DAYS, None) + SETTLING_DAYS
    during = ledger.bought.between(start, end)
    actual = float(during.revenue[bought[during.customer] > 0].sum())
    expected = float((bought / known_days).sum()) * (end - start)
    return actual / expected if expected > 0 else 0.0


def _fitted(month: Ints, level: Floats) -> Season:
    same_month = np.equal.outer(month % 12, month % 12) - 1 / 12
    of_effect = np.equal.outer(np.arange(12), month % 12) - 1 / 12
    drift = np.minimum.outer(month - month[0], month - month[0]).astype(float)
    seen, means, variances = [], [], []
    for season_sd, step_sd, noise_sd in product(SEASON_SDS, STEP_SDS, NOISE_SDS):
        covariance = season_sd**2 * same_month + step_sd**2 * drift + noise_sd**2 * np.eye(month.size) + 1.0
        whole = cho_factor(covariance, lower=True)
        solved = cho_solve(whole, level)
        seen.append(-0.5 * float(level @ solved) - float(np.log(np.diag(whole[0])).sum()))
        cross = season_sd**2 * of_effect
        means.append(cross @ solved)
        explained = np.einsum("ij,ji->i", cross, cho_solve(whole, cross.T))
        variances.append(float(np.mean(season_sd**2 * 11 / 12 - explained)))
    weight = np.exp(np.array(seen) - max(seen))
    weight /= weight.sum()
    effect = weight @ np.array(means)
    spread = float(weight @ (np.array(variances) + ((np.array(means) - effect) ** 2).mean(axis=1)))
    return Season(effect - np.log(np.mean(np.exp(effect))), sd=float(np.sqrt(spread)), seen=True)
