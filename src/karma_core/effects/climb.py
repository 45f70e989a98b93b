"""Find the spreads that fit best: BFGS in units in which every parameter moves about one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from karma_core.effects.design import Floats

COSTLY = 1500
Criterion = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Optimum:
    """Where a criterion is least, what it is there, and how often it was evaluated."""

    at: Floats
    value: float
    evaluations: int
    converged: bool


def least(criterion: Criterion, start: Floats, *, units: Floats, tolerance: float = 1e-4) -> Optimum:
    """Minimise a criterion that gives its gradient; `units` is about how far each parameter may be off.

    `tolerance` is the gradient in those units: at 1e-4 a deviance is within about 1e-8 of its optimum. A search
    that ends on rounding with a gradient below 100 times the tolerance counts as converged.

    >>> bowl = lambda x: (float(((x - 3) ** 2).sum()), 2 * (x - 3))
    >>> least(bowl, np.array([1.0]), units=np.array([1.0])).at.round(6).tolist()
    [3.0]
    """

    def scaled(moved: Floats) -> tuple[float, Floats]:
        value, gradient = criterion(start + units * moved)
        return value, gradient * units

    found = minimize(
        scaled, np.zeros(len(start)), jac=True, method="BFGS", options={"gtol": tolerance, "maxiter": 200}
    )
    steepest = float(np.abs(found.jac).max(initial=0.0))
    at = start + units * found.x
    return Optimum(at, float(found.fun), int(found.nfev), bool(found.success or steepest < 100 * tolerance))


def least_without_gradient(value: Callable[[Floats], float], start: Floats) -> Optimum:
    """Minimise a smooth criterion of a few parameters from central differences; for small designs."""
    found = minimize(value, start, jac="3-point", method="BFGS", options={"gtol": 1e-5, "maxiter": 200})
    steepest = float(np.abs(found.jac).max(initial=0.0))
    return Optimum(found.x, float(found.fun), int(found.nfev), bool(found.success or steepest < 1e-3))


def tolerance_for(columns: int) -> float:
    """How sharp an optimum must be: less where each step takes seconds, still within 0.01 of the likelihood."""
    return 1e-4 if columns <= COSTLY else 0.03
