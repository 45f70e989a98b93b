"""The linear mixed model from its cross-products alone: deviance, gradient and solution at given spreads.

Spreads are relative to the residual deviation, which is profiled out. Source: Bates, Maechler, Bolker & Walker
(2015), equations 34-42 (ML and REML deviance). The gradient follows from d log|M| = tr(M^-1 dM).
"""

from dataclasses import dataclass

import numpy as np

from karma_core.effects.crossing import Crossing, Tables
from karma_core.effects.design import Floats
from karma_core.effects.factorised import Factorised, Loadings, at_least, factorise, loading_matrix
from karma_core.effects.traces import variances
from karma_core.errors import FitError

ROUNDING = 1e-13
"""A share of the response's squares that is no more than what sums of that many digits leave."""


@dataclass(frozen=True)
class Linear:
    """Everything that one pass over the rows leaves of them."""

    tables: Tables
    loadings: Loadings
    zero: Floats
    rest: Floats
    square: float
    rows: int
    random_width: int
    reml: bool

    @property
    def fixed(self) -> int:
        """The number of fixed columns."""
        return len(self.rest) - self.random_width

    @property
    def freedom(self) -> int:
        """What the residual sum of squares is divided by: rows, less the fixed columns under REML."""
        return self.rows - self.fixed if self.reml else self.rows


@dataclass(frozen=True)
class LinearState:
    """The solution at given spreads: scaled effects, residual variance, minus twice the log-likelihood."""

    factorised: Factorised
    zero: Floats
    rest: Floats
    residual_variance: float
    deviance: float


def linear(crossing: Crossing, loadings: Loadings, response: Floats, *, random_width: int, reml: bool) -> Linear:
    """Count the cross-products of a design and its response in one pass."""
    zero, rest = crossing.scatter(response)
    square = float(response @ response)
    return Linear(crossing.tables(None), loadings, zero, rest, square, len(response), random_width, reml)


def solve(model: Linear, theta: Floats) -> LinearState:
    """Solve at relative spreads `theta`; the deviance is that of ML, or the REML criterion.

    Raises FitError where the columns leave nothing of the response but rounding.
    """
    made = factorise(model.tables, model.loadings, theta)
    zero = made.first * model.zero
    rest = _to_scaled(model.loadings, theta, model.rest)
    solved_zero, solved_rest = made.solve(zero, rest)
    left = model.square - float(solved_zero @ zero) - float(solved_rest @ rest)
    if left <= ROUNDING * model.square:
        raise FitError(
            "The response follows exactly from the columns; nothing is left for chance.",
            nl="De uitkomst volgt precies uit de kolommen; er blijft niets over voor toeval.",
        )
    variance = left / model.freedom
    determinant = made.log_determinant(None if model.reml else model.random_width)
    deviance = determinant + model.freedom * (1 + np.log(2 * np.pi * variance))
    return LinearState(made, solved_zero, solved_rest, variance, float(deviance))


def deviance_gradient(model: Linear, theta: Floats, state: LinearState) -> Floats:
    """The derivative of the deviance to the spreads, for designs without slopes."""
    made, first = state.factorised, float(at_least(theta)[0])
    counted = model.fixed + model.random_width if model.reml else model.random_width
    left = variances(made, counted)
    own = np.zeros(len(model.rest))
    own[:counted] = left.rest
    shrunk = 1 - own - state.rest**2 / state.residual_variance
    zero = len(state.zero) - left.zero - float(state.zero @ state.zero) / state.residual_variance
    slopes = model.loadings.gradient(2 * zero / first, 2 * shrunk / made.rest)
    return np.asarray(slopes * np.where(theta < 0, -1.0, 1.0))


def _to_scaled(loadings: Loadings, theta: Floats, values: Floats) -> Floats:
    if not loadings.couples:
        return loadings.rest(theta) * values
    return loading_matrix(loadings, theta).T @ values
