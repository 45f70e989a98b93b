"""The binomial mixed model by Laplace's approximation: mode of the effects, criterion and its exact gradient.

Source: Bates, Maechler, Bolker & Walker (2015) for the scaled effects; Kristensen, Nielsen, Berg, Skaug & Bell
(2016), TMB, equations 2-6, for the gradient of a Laplace approximation through its inner mode. The inner columns
may hold fixed columns too: they are then integrated out under a flat or normal prior, as REML does.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from karma_core.effects.climb import COSTLY
from karma_core.effects.crossing import Crossing
from karma_core.effects.design import Floats
from karma_core.effects.factorised import Factorised, Loadings, at_least, factorise
from karma_core.effects.leverage import row_variances
from karma_core.errors import FitError

CLOSE = 1e-9
"""The mode is found when a Newton step promises to win less than this."""
SLOW = 0.2
"""A step along an old factor that wins more than this share of the last one's win asks for a new factor."""
FARTHEST = 30.0
"""Log-odds beyond this are the same as certainty in double precision."""


@dataclass(frozen=True)
class Binomial:
    """Cells with `wins` out of `trials`, the inner columns, and the outer fixed columns (an offset with slope)."""

    crossing: Crossing
    loadings: Loadings
    outer: Floats
    wins: Floats
    trials: Floats


@dataclass(frozen=True)
class Mode:
    """The most likely scaled effects at given spreads, and what the criterion is there."""

    zero: Floats
    rest: Floats
    chances: Floats
    factorised: Factorised
    penalised: float
    steps: int

    @property
    def criterion(self) -> float:
        """Minus the Laplace log-likelihood, but for the binomial coefficients."""
        return self.penalised + self.factorised.log_determinant() / 2


def find_mode(
    model: Binomial, theta: Floats, beta: Floats, *, start: Mode | None = None, close: float = CLOSE
) -> Mode:
    """Climb to the mode by Newton steps, halved where needed, from `start` or from zero effects.

    It stops where the next step would win less than `close`; the criterion is then off by about its root.

    Raises FitError when a hundred steps do not reach it: then a column without a penalty separates the outcomes.
    """
    crossing = model.crossing
    zero = start.zero if start else np.zeros(crossing.first_size)
    rest = start.rest if start else np.zeros(crossing.rest_size)
    here = _Point.at(model, theta, beta, zero, rest)
    made, last = _factorised(model, theta, here), np.inf
    is_fresh, is_costly = True, crossing.rest_size > COSTLY
    for step in range(100):
        up_zero, up_rest = _uphill(model, made, here)
        by_zero, by_rest = made.solve(up_zero, up_rest)
        gain = float(up_zero @ by_zero + up_rest @ by_rest)
        if gain < close and is_fresh:
            return Mode(here.zero, here.rest, here.chances, made, here.penalised, step + 1)
        if gain >= close:
            here = _downhill(model, theta, beta, here, (by_zero, by_rest), gain)
        # an old factor points uphill too: where a new one is costly it is kept as long as it gets on
        is_fresh = not is_costly or gain < close or gain > SLOW * last
        if is_fresh:
            made, last = _factorised(model, theta, here), np.inf
        else:
            last = gain
    raise FitError(
        "The effects did not settle: a fixed column seems to tell won from lost without fail. Leave it out.",
        nl="De effecten kwamen niet tot rust: een vaste kolom lijkt te verraden wat gewonnen is. Laat die weg.",
    )


def _factorised(model: Binomial, theta: Floats, here: "_Point") -> Factorised:
    weights = model.trials * here.chances * (1 - here.chances)
    return factorise(model.crossing.tables(weights), model.loadings, theta)


@dataclass(frozen=True)
class _Point:
    zero: Floats
    rest: Floats
    chances: Floats
    penalised: float

    @classmethod
    def at(cls, model: Binomial, theta: Floats, beta: Floats, zero: Floats, rest: Floats) -> "_Point":
        eta = linear_predictor(model, theta, beta, zero, rest)
        likelihood = float(model.wins @ eta - model.trials @ np.logaddexp(0, eta))
        penalty = float(zero @ zero + (model.loadings.precision * rest) @ rest) / 2
        return cls(zero, rest, expit(eta), penalty - likelihood)


def linear_predictor(model: Binomial, theta: Floats, beta: Floats, zero: Floats, rest: Floats) -> Floats:
    """The log-odds of every cell at scaled effects and outer coefficients."""
    first = float(at_least(theta)[0])
    eta = model.crossing.spread(first * zero, model.loadings.rest(theta) * rest) + model.outer @ beta
    return np.asarray(np.clip(eta, -FARTHEST, FARTHEST))


def _uphill(model: Binomial, made: Factorised, here: _Point) -> tuple[Floats, Floats]:
    left_zero, left_rest = model.crossing.scatter(model.wins - model.trials * here.chances)
    up_rest = made.rest * left_rest - model.loadings.precision * here.rest
    return made.first * left_zero - here.zero, up_rest


def _downhill(
    model: Binomial, theta: Floats, beta: Floats, here: _Point, by: tuple[Floats, Floats], gain: float
) -> _Point:
    size = 1.0
    while size > 1e-6:
        moved = _Point.at(model, theta, beta, here.zero + size * by[0], here.rest + size * by[1])
        if moved.penalised <= here.penalised - 1e-4 * size * gain + 1e-12 * abs(here.penalised):
            return moved
        size /= 2
    return moved


def criterion_gradient(model: Binomial, theta: Floats, mode: Mode) -> tuple[Floats, Floats]:
    """The derivative of the criterion to the spreads and to the outer coefficients, through the mode."""
    crossing, made = model.crossing, mode.factorised
    weights = model.trials * mode.chances * (1 - mode.chances)
    left = model.wins - model.trials * mode.chances
    pull = row_variances(crossing, made) * weights * (1 - 2 * mode.chances)
    pull_zero, pull_rest = crossing.scatter(pull)
    v_zero, v_rest = made.solve(made.first * pull_zero, made.rest * pull_rest)
    net = pull - weights * crossing.spread(made.first * v_zero, made.rest * v_rest)
    left_zero, left_rest = crossing.scatter(left)
    net_zero, net_rest = crossing.scatter(net)
    kept = made.first_variances(len(made.rest))
    zero = (
        -mode.zero * left_zero + (1 - kept) / made.first + (mode.zero * net_zero + v_zero * left_zero) / 2
    ).sum()
    shrunk = (1 - model.loadings.precision * np.diagonal(made.inverse)) / made.rest
    rest = -mode.rest * left_rest + shrunk + (mode.rest * net_rest + v_rest * left_rest) / 2
    slopes = model.loadings.gradient(float(zero), rest) * np.where(theta < 0, -1.0, 1.0)
    return slopes, model.outer.T @ (net / 2 - left)
