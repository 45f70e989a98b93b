"""Where to begin the search for the spreads: a few cheap steps that need no line search.

Source: MacKay (1992), Bayesian interpolation, equation 34 (also Fellner-Schall): the squared spread of a factor is
the sum of its squared effects over the number of its effects that the data determine.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from karma_core.effects.design import Floats
from karma_core.effects.factorised import Factorised, Loadings
from karma_core.effects.traces import variances


@dataclass(frozen=True)
class Determined:
    """Per parameter: how many of its effects the data determine, and the sum of their scaled squares."""

    number: Floats
    squares: Floats


def determined(loadings: Loadings, made: Factorised, scaled: tuple[Floats, Floats], *, unit: float) -> Determined:
    """Count what the data determine at these spreads, fixed columns as known; `unit` is the residual variance."""
    width = int((loadings.parameters >= 0).sum())
    left = variances(made, width)
    kept = np.zeros(len(scaled[1]))
    kept[:width] = 1 - left.rest
    number = _summed(loadings, len(scaled[0]) - left.zero, kept)
    squares = _summed(loadings, float(scaled[0] @ scaled[0]) / unit, scaled[1] ** 2 / unit)
    return Determined(number, squares)


def stepped(theta: Floats, found: Determined) -> Floats:
    """The next spreads, at most five times larger or smaller."""
    ratio = found.squares / np.maximum(found.number, 1e-12)
    return np.asarray(np.clip(theta * np.sqrt(np.clip(ratio, 0.04, 25.0)), 1e-3, 1e3))


def search(inspect: Callable[[Floats], Determined], theta: Floats, *, steps: int) -> tuple[Floats, Floats]:
    """Take some steps; gives the spreads reached and about how far each may still be off."""
    for _ in range(steps):
        found = inspect(theta)
        theta = stepped(theta, found)
    return theta, theta / np.sqrt(2 * np.maximum(found.number, 0.5))


def _summed(loadings: Loadings, zero: float, rest: Floats) -> Floats:
    random = loadings.parameters >= 0
    summed = np.bincount(loadings.parameters[random], rest[random], loadings.count).astype(np.float64)
    summed[0] += zero
    return summed
