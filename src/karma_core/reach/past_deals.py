"""How deals strayed from what was expected of them in past windows: how many were won, and how large they were."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from karma_core.deals import Rewound, cumulative_chances, open_deals
from karma_core.deals.risk import DAYS_A_WEEK
from karma_core.reach.deal_values import DealValues
from karma_core.reach.pipeline import Pipeline, by_week, in_horizon, lifted, weeks_of, won_by_age
from karma_core.reach.shock import Residuals, ShockPrior, draw_shock
from karma_core.reach.windows import Horizon, Window, Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORTH_SD = 0.14
"""The same for how much larger or smaller deals become than they used to be."""

FEWEST_AMOUNTS = 5


def draw_worth(pipeline: Pipeline, windows: Windows, rng: np.random.Generator, *, draws: int) -> Floats:
    """The log of how much larger deals whose amount is not known turn out than the usual: a shock of its own."""
    amount, closed = pipeline.values.amount, pipeline.rewound.deals["closed"].fill_null(-1).to_numpy()
    won = (pipeline.rewound.deals["outcome"] == "won").to_numpy() & np.isfinite(amount)
    residual, variance, weight = [], [], []
    for window, its_weight in zip(windows.windows, windows.weights, strict=True):
        before = amount[won & (closed < window.origin)]
        during = amount[won & (closed >= window.start) & (closed < window.end)]
        if min(before.size, during.size) >= FEWEST_AMOUNTS and before.mean() > 0 and during.mean() > 0:
            residual.append(float(np.log(during.mean() / before.mean())))
            relative = [part.var() / part.mean() ** 2 / part.size for part in (before, during)]
            variance.append(float(sum(relative)))
            weight.append(float(its_weight))
    prior = ShockPrior.of(WORTH_SD)
    residuals = Residuals.of(residual, variance, weight)
    return draw_shock(residuals, prior=prior, stretch=windows.stretch, noise=rng.normal(size=draws), rng=rng)


def odds_residuals(pipeline: Pipeline, windows: Windows) -> Residuals:
    """How far the odds of past windows lay from what was expected of the deals that there were.

    Deals born in a window count as they were born: how many are born is a surprise of its own, drawn with the
    unborn, and would count twice here.
    """
    residual, variance, weight = [], [], []
    at_close = DealValues(np.zeros(0), np.zeros(0), 1.0, 0.0, np.ones(1), 0.0, 1.0)
    closed, opened = pipeline.rewound.won["closed"], pipeline.rewound.deals["opened"].to_numpy()
    for window, its_weight in zip(windows.windows, windows.weights, strict=True):
        then, fit = pipeline.at(window.origin)
        if then.won.is_empty():
            continue
        horizon = Horizon(gap=window.start - window.origin, days=window.end - window.start)
        folded, position = by_week(open_deals(fit, then))
        won = cumulative_chances(fit, folded, weeks=weeks_of(horizon))[0]
        of_open = in_horizon(won, at_close, horizon)[position]
        born = opened[(opened >= window.origin) & (opened < window.end)]
        chance = np.clip(np.concatenate([of_open, _chance_of_born(then, born, window)]), 0, 1)
        actual = float(((closed >= window.start) & (closed < window.end)).sum())
        weight.append(float(its_weight))
        residual.append(_odds_shift(chance, actual))
        variance.append(1 / (float((chance * (1 - chance)).sum()) + 0.5))
    return Residuals.of(residual, variance, weight)


def _chance_of_born(then: Rewound, born: Ints, window: Window) -> Floats:
    """The chance, as it looked at the window's origin, that deals born on these days are won in the window."""
    won_by = won_by_age(then, weeks=-(-(window.end - window.origin) // DAYS_A_WEEK))
    weeks = np.arange(won_by.size)
    until, since = ((edge - born) / DAYS_A_WEEK for edge in (window.end, window.start))
    return np.asarray(np.interp(until, weeks, won_by) - np.interp(np.maximum(since, 0), weeks, won_by))


def _odds_shift(chance: Floats, actual: float) -> float:
    """The shift of all log-odds under which as many were to be won as were; half a win is added to both."""

    def short(shift: float) -> float:
        times = np.full(chance.size, np.exp(shift))
        return float(lifted(chance, times).sum() + 0.5 * np.exp(shift)) - actual - 0.5

    return float(brentq(short, -6.0, 6.0)) if short(-6.0) < 0 < short(6.0) else 0.0
