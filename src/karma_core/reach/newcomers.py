"""New business: customers without a purchase in the 24 months before, counted and drawn from earlier windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln, ndtr, xlogy

from karma_core.reach.compound import Arrivals, Pool, Volume, draw_sums
from karma_core.reach.ledger import Ledger
from karma_core.reach.past import Past
from karma_core.reach.season import Season
from karma_core.reach.shock import LOG_BELIEF, SIZES
from karma_core.reach.windows import Horizon, Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DISPERSION = 0.4

FIRST_SEEN = 1460.0
"""Below four years of history some who seem new were customers before the data began."""


@dataclass(frozen=True)
class Newcomers:
    """New customers of past windows: how many in each window, and one row per customer with what they brought."""

    count: Floats
    revenue: Floats
    value: Floats
    segment: Ints
    weight: Floats


def past_newcomers(past: Past, windows: Windows) -> Newcomers:
    """Count who was new in each past window; customers of later windows weigh more."""
    ledger, counts, parts = past.ledger, [], []
    for window, weight in zip(windows.windows, windows.weights, strict=True):
        rows = ledger.bought.between(window.start, window.end)
        rows = rows.where(~past.at(window.origin).known[rows.customer])
        who, position = np.unique(rows.customer, return_inverse=True)
        counts.append(float(who.size))
        brought = [np.bincount(position, column, minlength=who.size) for column in (rows.revenue, rows.value)]
        parts.append((*brought, ledger.customer_segment[who], np.full(who.size, weight)))
    if not parts:
        return Newcomers(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    revenue, value, segment, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Newcomers(np.array(counts), revenue, value, segment, weight)


def draw_newcomers(
    past: Past,
    windows: Windows,
    *,
    horizon: Horizon,
    season: Season,
    noise: Floats,
    rng: np.random.Generator,
) -> Arrivals:
    """Draw what customers who are not yet known bring in the horizon, per segment.

    Their number is Poisson around the level of past windows, corrected for the season, for the length of the
    window and for the fact that early in the data everybody seems new; each brings what a past newcomer brought.
    `noise` (draws,) is the standard normal behind the shock, shared in part with existing customers.
    """
    ledger, new = past.ledger, past_newcomers(past, windows)
    if new.revenue.size == 0 or horizon.days == 0:
        return Arrivals(Volume.none(len(ledger.segments), noise.size), np.zeros(noise.size))
    given = exposures(ledger, windows, season=season)
    rate = draw_rate(new.count, given, weight=windows.weights, noise=noise, rng=rng)
    mean = rate * _times(ledger, windows, horizon=horizon, season=season)
    pool = Pool(new.revenue, new.value, new.segment, new.weight)
    volume = draw_sums(pool, mean=mean, segments=len(ledger.segments), rng=rng)
    return Arrivals(volume, mean / horizon.days)


@dataclass(frozen=True)
class Exposures:
    """How many newcomers each past window would show at today's level of one, and how unsure that is (cv)."""

    per_window: Floats
    cv: float


def exposures(ledger: Ledger, windows: Windows, *, season: Season) -> Exposures:
    """The windows' season, and the share that seems new because the data began shortly before.

    A customer of long standing is first seen when the data begin, so early windows show too many newcomers:
    (history / lookback) ** fading, with fading from 1 at no history to 0 at four years, half of it unsure.
    """
    factor = np.array([season.factor(w.start, w.end) for w in windows.windows])
    lookback = np.array([w.origin - ledger.first_day for w in windows.windows], dtype=float)
    history = float(max(ledger.history_days, 1))
    fading = max(0.0, 1 - history / FIRST_SEEN)
    inflated = np.log(history / np.maximum(lookback, 1.0))
    return Exposures(factor * np.exp(fading * inflated), cv=float(0.5 * fading * inflated.mean()))


def draw_rate(
    count: Floats, given: Exposures, *, weight: Floats, noise: Floats, rng: np.random.Generator
) -> Floats:
    """Draw the expected number of newcomers of one window at exposure 1, shape (draws,), zero or more.

    Counts are negative binomial, n_k ~ NB(mu e_k, 1 / phi^2): waves of newcomers in some windows make phi large
    without a tail that runs away, as it would on a log scale. phi runs over a grid, half-t with mean square .4^2;
    mu given phi is gamma around its weighted mean. `noise` (draws,) standard normal draws behind the wave.
    **Source**: Hilbe (2011), ch. 8 for NB2; the grid as in `shock.draw_shock`.
    """
    phi = DISPERSION * SIZES
    level = float((weight * count).sum() + 0.5) / float((weight * given.per_window).sum())
    expected = level * given.per_window
    evidence = (weight * _log_chance(count, expected, phi[:, None])).sum(axis=1)
    log_weight = evidence + LOG_BELIEF
    chosen = np.exp(log_weight - log_weight.max())
    drawn = phi[rng.choice(phi.size, size=noise.size, p=chosen / chosen.sum())]
    windows = weight.sum() ** 2 / (weight**2).sum()
    unsure = np.sqrt((drawn**2 + 1 / (expected.mean() + 0.5)) / windows + given.cv**2)
    mean = level * _gamma_of_mean_one(rng.normal(size=noise.size), unsure)
    return np.asarray(mean * _gamma_of_mean_one(noise, drawn))


def _log_chance(count: Floats, mean: Floats, phi: Floats) -> Floats:
    """The log-chance of a count that is Poisson around a gamma rate with this mean and this spread (cv)."""
    shape = 1 / phi**2
    ways = gammaln(count + shape) - gammaln(shape) - gammaln(count + 1)
    return np.asarray(ways + shape * np.log(shape / (shape + mean)) + xlogy(count, mean / (shape + mean)))


def _gamma_of_mean_one(noise: Floats, cv: Floats) -> Floats:
    """Gamma values of mean 1 and the given cv, at the quantiles of standard normal noise."""
    shape = 1 / np.clip(cv, 1e-3, 3.0) ** 2
    return np.asarray(gammaincinv(shape, ndtr(noise)) / shape)


def _times(ledger: Ledger, windows: Windows, *, horizon: Horizon, season: Season) -> float:
    """From one past window to the period: its season, its length, and a gap in which newcomers may arrive."""
    first = windows.windows[0]
    days, tested = first.end - first.start, first.start - first.origin
    start = ledger.as_of + horizon.gap
    longer = (0.5 * horizon.gap + horizon.days) / (0.5 * tested + days)
    return season.factor(start, start + horizon.days) * longer * _stay(horizon.days, days)


def _stay(days: int, tested: int) -> float:
    """In a longer window who came early also buys again: half as much as the window is longer, three at most."""
    return float(np.clip(1 + 0.5 * (days / tested - 1), 1.0, 3.0))
