"""What comes in or goes out without a customer's rhythm: sales on nobody, and credits after the signature."""

import numpy as np
from numpy.typing import NDArray

from karma_core.reach.compound import Pool, Volume, draw_sums
from karma_core.reach.ledger import Ledger, Rows
from karma_core.reach.past import Past
from karma_core.reach.season import Season
from karma_core.reach.shock import Residuals, ShockPrior, draw_shock
from karma_core.reach.windows import Horizon, Windows

Floats = NDArray[np.float64]

LEAST_DAYS = 7


def draw_nobody(
    past: Past,
    windows: Windows,
    *,
    horizon: Horizon,
    season: Season,
    noise: Floats,
    rng: np.random.Generator,
) -> Volume:
    """Draw the sales that stand on no customer, per segment: their level per day, under a shock of their own."""
    ledger, draws = past.ledger, noise.size
    size, rows = len(ledger.segments), ledger.nobody
    if not len(rows) or horizon.days == 0:
        return Volume.none(size, draws)
    prior = ShockPrior(sd=0.2, bias_sd=0.2)
    residuals = _flow_residuals(ledger, rows, windows, season=season)
    shock = draw_shock(residuals, prior=prior, stretch=windows.stretch, noise=noise, rng=rng)
    start = ledger.as_of + horizon.gap
    span = max(min(365, ledger.history_days), LEAST_DAYS)
    recent = rows.between(ledger.as_of - span, ledger.as_of)
    recent = recent if len(recent) else rows
    lift = season.factor(start, start + horizon.days) / season.factor(ledger.as_of - span, ledger.as_of)
    times = lift * horizon.days / span * np.exp(np.clip(shock, -4, 3))
    return draw_sums(_pool(recent), mean=len(recent) * times, segments=size, rng=rng)


def _pool(rows: Rows) -> Pool:
    return Pool(rows.revenue, rows.value, rows.segment, np.ones(len(rows)))


def _flow_residuals(ledger: Ledger, rows: Rows, windows: Windows, *, season: Season) -> Residuals:
    """log(actual / expected) of a flow in past windows, expected from up to a year before each origin."""
    residual, variance = [], []
    for window in windows.windows:
        span = min(365, window.origin - ledger.first_day)
        before = rows.between(window.origin - span, window.origin)
        during = rows.between(window.start, window.end)
        lift = season.factor(window.start, window.end) / season.factor(window.origin - span, window.origin)
        expected = before.revenue.sum() * lift * (window.end - window.start) / span
        half = 0.5 * float(np.mean(rows.revenue))
        chance = (during.revenue**2).sum() / (during.revenue.sum() + half) ** 2
        chance += (before.revenue**2).sum() / (before.revenue.sum() + half) ** 2
        residual.append(float(np.log((during.revenue.sum() + half) / (expected + half))))
        variance.append(float(chance) + 1e-6)
    return Residuals.of(residual, variance, windows.weights)


def draw_loss(
    ledger: Ledger, windows: Windows, *, gross: Floats, noise: Floats, rng: np.random.Generator
) -> Floats:
    """Draw what credits after the signature take, shape (segments, draws), zero or below in most futures.

    Credits follow the drawn gross revenue, `gross` (draws,): as many per revenue as in the last two years, under
    a shock of their own, each as large as a past one. The number's own uncertainty is a gamma around what was
    counted. Without credits in the data it is zero.
    """
    credited = ledger.credits.between(ledger.as_of - 730, ledger.as_of)
    segments, draws = len(ledger.segments), gross.size
    sold = sum(
        float(part.between(ledger.as_of - 730, ledger.as_of).revenue.sum())
        for part in (ledger.bought, ledger.nobody, ledger.from_deals)
    )
    if not len(credited) or sold <= 0:
        return np.zeros((segments, draws))
    residuals = _loss_residuals(ledger, windows)
    prior = ShockPrior(sd=0.2, bias_sd=0.2)
    shock = draw_shock(residuals, prior=prior, stretch=windows.stretch, noise=noise, rng=rng)
    counted = rng.gamma(len(credited) + 0.5, 1 / (len(credited) + 0.5), size=draws)
    times = np.maximum(gross, 0) / sold * counted * np.exp(np.clip(shock, -4, 2))
    mean = len(credited) * np.minimum(times, 50.0)
    return draw_sums(_pool(credited), mean=mean, segments=segments, rng=rng).value


def _loss_residuals(ledger: Ledger, windows: Windows) -> Residuals:
    """log of the credits counted per revenue in past windows against their mean."""
    counts, sold = [], []
    for window in windows.windows:
        counts.append(float(len(ledger.credits.between(window.start, window.end))))
        parts = (ledger.bought, ledger.nobody, ledger.from_deals)
        sold.append(sum(float(p.between(window.start, window.end).revenue.sum()) for p in parts))
    count, revenue = np.array(counts), np.array(sold)
    if not count.sum() or (revenue <= 0).any():
        return Residuals.of([], [])
    level = np.log((count + 0.5) / revenue)
    weight = windows.weights * (count + 0.5)
    return Residuals.of(level - (level * weight).sum() / weight.sum(), 1 / (count + 0.5), windows.weights)
