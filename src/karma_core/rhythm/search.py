"""The search for the best parameters: several starts, a box, and a penalty that acts only at its edge."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from karma_core.rhythm.cells import Floats

Score = Callable[[Floats], tuple[float, Floats]]
STEP = 1e-4
ALIKE = 1e-4
"""Two ends that differ by less in log-likelihood are the same."""

FLAT = 1e-6
"""A slope per customer at which a search has arrived."""

PENALTY_SD = 1.5
"""Spread of the penalty in log-parameters: a factor of 4.5 either way costs half a unit of log-likelihood."""


@dataclass(frozen=True)
class Optimum:
    """Where a search ended. `hessian` is minus the second derivative in log-parameters, penalty included."""

    logs: Floats
    log_likelihood: float
    hessian: Floats
    regularised: bool


@dataclass(frozen=True)
class Problem:
    """What is maximised: a score over customers, from these starts, within this box of log-parameters."""

    score: Score
    customers: int
    starts: list[Floats]
    box: list[tuple[float, float]]


def maximise(problem: Problem) -> Optimum:
    """The unpenalised optimum where it lies inside the box and is curved; otherwise the penalised one.

    The log-likelihood that comes back is always unpenalised.
    """
    best = _highest(problem.score, problem)
    polished = polish(problem.score, best[0], customers=problem.customers)
    if polished is not None and _inside(polished[0], problem.box):
        logs, hessian = polished
        return Optimum(logs, problem.score(logs)[0], hessian, regularised=False)
    return _penalised(problem)


def refine(problem: Problem, near: Optimum) -> Optimum | None:
    """Carry an optimum found on a sample over to all customers; None where that does not end well."""
    logs, _ = _walk(problem.score, near, customers=problem.customers)
    polished = polish(problem.score, logs, customers=problem.customers, rounds=1)
    if polished is None or not _inside(polished[0], problem.box):
        return None
    return Optimum(polished[0], problem.score(polished[0])[0], polished[1], regularised=False)


def settle(problem: Problem, near: Optimum) -> Optimum | None:
    """The optimum next to one on similar customers, penalised if that one was; None where the way there fails.

    Its `hessian` is the other's: to foretell, the curvature is not needed.
    """
    score = _with_penalty(problem) if near.regularised else problem.score
    logs, slope = _walk(score, near, customers=problem.customers)
    if slope > FLAT or not _inside(logs, problem.box):
        return None
    return Optimum(logs, problem.score(logs)[0], near.hessian, near.regularised)


def _walk(score: Score, near: Optimum, *, customers: int) -> tuple[Floats, float]:
    """Uphill from an optimum on similar customers by its curvature; also how steep it is still, per customer."""
    found = minimize(  # type: ignore[call-overload]  # the stubs know no gradient beside the value
        lambda logs: _negative(score, logs, customers),
        near.logs,
        jac=True,
        method="BFGS",
        options={"gtol": 1e-8, "maxiter": 30, "hess_inv0": _symmetric(np.linalg.inv(near.hessian)) * customers},
    )
    return found.x, float(np.abs(found.jac).max())


def _highest(score: Score, problem: Problem) -> tuple[Floats, float]:
    """The best end of climbs from the starts; two that end alike are enough."""
    ends: list[tuple[Floats, float]] = []
    for start in problem.starts:
        ends.append(_climb(score, problem, start))
        if len(ends) > 1 and abs(ends[-1][1] - ends[-2][1]) * problem.customers < ALIKE:
            break
    return max(ends, key=lambda end: end[1])


def _climb(score: Score, problem: Problem, start: Floats) -> tuple[Floats, float]:
    low, high = np.array(problem.box).T
    found = minimize(  # type: ignore[call-overload]  # as above
        lambda logs: _negative(score, logs, problem.customers),
        np.clip(start, low, high),
        jac=True,
        method="L-BFGS-B",
        bounds=problem.box,
        options={"maxiter": 300, "ftol": 1e-13, "gtol": 1e-9},
    )
    return found.x, -float(found.fun)


def _negative(score: Score, logs: Floats, customers: int) -> tuple[float, Floats]:
    value, gradient = score(np.clip(logs, -50.0, 50.0))
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        return 1e10, np.zeros_like(logs)
    return -value / customers, -gradient / customers


def polish(score: Score, logs: Floats, *, customers: int, rounds: int = 8) -> tuple[Floats, Floats] | None:
    """Newton's last steps, with second derivatives from differences of the gradient.

    Gives the optimum and minus the second derivative there (the observed information), or None where the
    likelihood is not curved or does not stop rising, which is what a boundary looks like.
    """
    for _ in range(rounds):
        hessian = curvature(score, logs)
        if not _is_curved(hessian, customers):
            return None
        gradient = score(logs)[1]
        step = np.linalg.solve(hessian, gradient)
        if gradient @ step < 1e-10 * max(1.0, customers**0.5):
            return logs + step, hessian
        logs = logs + np.clip(step, -0.5, 0.5)
    return None


def curvature(score: Score, logs: Floats) -> Floats:
    """Minus the second derivative, by central differences of the analytic gradient."""
    columns = []
    for i in range(len(logs)):
        move = np.zeros_like(logs)
        move[i] = STEP
        columns.append((score(logs - move)[1] - score(logs + move)[1]) / (2 * STEP))
    return _symmetric(np.array(columns))


def _symmetric(matrix: Floats) -> Floats:
    return (matrix + matrix.T) / 2


def _is_curved(hessian: Floats, customers: int) -> bool:
    if not np.isfinite(hessian).all():
        return False
    return bool(np.linalg.eigvalsh(hessian)[0] > 1e-7 * customers**0.5)


def _inside(logs: Floats, box: list[tuple[float, float]]) -> bool:
    low, high = np.array(box).T
    return bool(np.all((logs > low + 0.01) & (logs < high - 0.01)))


def _with_penalty(problem: Problem) -> Score:
    centre = problem.starts[0]

    def score(logs: Floats) -> tuple[float, Floats]:
        value, gradient = problem.score(logs)
        away = (logs - centre) / PENALTY_SD
        return value - 0.5 * float(away @ away), gradient - away / PENALTY_SD

    return score


def _penalised(problem: Problem) -> Optimum:
    score = _with_penalty(problem)
    logs, _ = _highest(score, problem)
    polished = polish(score, logs, customers=problem.customers)
    if polished is not None:
        logs = polished[0]
    hessian = curvature(score, logs)
    floor = np.eye(len(logs)) / PENALTY_SD**2
    return Optimum(logs, problem.score(logs)[0], _at_least(hessian, floor), regularised=True)


def _at_least(hessian: Floats, floor: Floats) -> Floats:
    """Keep the curvature from falling below that of the penalty alone."""
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray((vectors * np.maximum(values, floor[0, 0])) @ vectors.T)
