"""The penalised normal equations of a mixed model, factorised with the largest factor eliminated.

In scaled columns b = L u the system is L'AL + P: cross-products A between loadings L (the spreads relative to the
unit), plus a penalty P that is one for random columns. Source: Bates, Maechler, Bolker & Walker (2015), Fitting
linear mixed-effects models using lme4, sections 3-4; the diagonal block is eliminated by its Schur complement,
where lme4 uses a sparse Cholesky factor.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lapack

from karma_core.effects.coupling import Coupling, mirrored
from karma_core.effects.crossing import Tables
from karma_core.effects.design import Codes, Floats
from karma_core.errors import FitError

SMALLEST = 1e-5
"""Loadings stay this far from zero, where the derivative of the criterion is 0/0."""


@dataclass(frozen=True)
class Couple:
    """An off-diagonal loading: the parameter by which `source` columns load on `target` columns."""

    parameter: int
    source: slice
    target: slice


@dataclass(frozen=True)
class Loadings:
    """Which parameter scales which column, and how strongly each column is held to zero.

    `parameters` and `scales` have one entry per rest column; -1 is a fixed column, which is not scaled.
    `precision` is the penalty per rest column: 1 for random columns, 0 or a prior's precision for fixed ones.
    """

    count: int
    parameters: Codes
    scales: Floats
    precision: Floats
    couples: tuple[Couple, ...] = ()

    def rest(self, theta: Floats) -> Floats:
        """The loading of each rest column; parameter 0 belongs to the eliminated block."""
        theta = at_least(theta)
        return np.where(self.parameters < 0, 1.0, theta[self.parameters] * self.scales)

    def effects(self, theta: Floats, scaled: Floats) -> Floats:
        """What the scaled rest columns mean in the units of the response: b = L u."""
        return loading_matrix(self, theta) @ scaled if self.couples else self.rest(theta) * scaled

    def gradient(self, zero: float, rest: Floats) -> Floats:
        """Sum derivatives to the columns' loadings into derivatives to the parameters."""
        random = self.parameters >= 0
        weights = rest[random] * self.scales[random]
        summed = np.bincount(self.parameters[random], weights, self.count).astype(np.float64)
        summed[0] += zero
        return summed


def at_least(theta: Floats) -> Floats:
    """The same parameters, none nearer to zero than SMALLEST; their sign does not matter."""
    return np.maximum(np.abs(theta), SMALLEST)


@dataclass(frozen=True)
class Factorised:
    """The factor of the scaled system [[D, E], [E', C]]; `lower` is the Cholesky factor of C - E'D^-1 E."""

    first: float
    rest: Floats
    diagonal: Floats
    coupling: Coupling
    lower: Floats

    def solve(self, zero: Floats, rest: Floats) -> tuple[Floats, Floats]:
        """Solve the scaled system for one right-hand side."""
        reduced = rest - self.coupling.tdot(zero / self.diagonal)
        solved = lapack.dpotrs(self.lower, reduced, lower=1)[0] if len(reduced) else reduced
        return (zero - self.coupling.dot(solved)) / self.diagonal, solved

    def log_determinant(self, columns: int | None = None) -> float:
        """Log determinant over the eliminated block and the first `columns` others (all without)."""
        own = np.diagonal(self.lower)[:columns]
        return float(np.log(self.diagonal).sum() + 2 * np.log(own).sum())

    @property
    def inverse(self) -> Floats:
        """The inverse over the other columns, in scaled units."""
        return self.leading_inverse(len(self.lower))

    def leading_inverse(self, columns: int) -> Floats:
        """The inverse over the first `columns` others, as if those behind them were known; kept once made."""
        if columns not in self._inverses:
            self._inverses[columns] = inverse_of(self.lower[:columns, :columns])
        return self._inverses[columns]

    @cached_property
    def _inverses(self) -> dict[int, Floats]:
        return {}

    def leading_solve(self, columns: Floats) -> Floats:
        """The leading inverse times these columns (as long as it is wide), without making it."""
        width = len(columns)
        return np.asarray(lapack.dpotrs(self.lower[:width, :width], columns, lower=1)[0])

    def trailing_inverse(self, columns: int) -> Floats:
        """The inverse over the last `columns` others, without the cost of the whole."""
        root = np.linalg.inv(self.lower[len(self.lower) - columns :, len(self.lower) - columns :])
        return np.asarray(root.T @ root)

    def products(self, columns: int) -> Floats:
        """The coupling times the inverse over the first `columns` others; kept once made."""
        if columns not in self._products:
            self._products[columns] = self.coupling.products(self.leading_inverse(columns))
        return self._products[columns]

    @cached_property
    def _products(self) -> dict[int, Floats]:
        return {}

    def first_variances(self, columns: int) -> Floats:
        """The diagonal of the inverse over the eliminated levels, in scaled units; as in `leading_inverse`."""
        found = self.coupling.quadratic(self.leading_inverse(columns), self.products(columns))
        return 1 / self.diagonal + found / self.diagonal**2


def inverse_of(lower: Floats) -> Floats:
    """The inverse of the matrix whose lower Cholesky factor this is; above its diagonal nothing is read."""
    if not len(lower):
        return lower
    made = lapack.dpotri(np.array(lower, order="F"), lower=1, overwrite_c=1)[0]
    # the lower triangle in Fortran's order is the upper one of the transpose, which is in C's
    return mirrored(made.T, upper=True)


def factorise(tables: Tables, loadings: Loadings, theta: Floats) -> Factorised:
    """Scale the cross-products by the parameters, add the penalty, eliminate, and factorise.

    Raises FitError when the system has no unique solution: a fixed column that the others determine.
    """
    first, rest = float(at_least(theta)[0]), loadings.rest(theta)
    if loadings.couples:
        tables, rest = _coupled(tables, loadings, theta), np.ones_like(rest)
    diagonal = first**2 * tables.diagonal + 1
    coupling = tables.coupling.scaled(first, rest)
    schur = tables.rest * rest
    schur *= rest[:, None]
    schur[np.diag_indices_from(schur)] += loadings.precision
    if len(diagonal):
        schur -= coupling.gram(1 / diagonal)
    return Factorised(first, rest, diagonal, coupling, _cholesky(schur))


def _cholesky(matrix: Floats) -> Floats:
    if not len(matrix):
        return matrix
    lower, info = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
    if info:
        raise FitError(
            "The columns determine each other: leave out one that follows from the others.",
            nl="De kolommen bepalen elkaar: laat er een weg die uit de andere volgt.",
        )
    return np.asarray(lower)


def loading_matrix(loadings: Loadings, theta: Floats) -> Floats:
    """The loadings as a matrix L with b = L u, for designs whose slopes correlate with their intercepts."""
    matrix = np.diag(loadings.rest(theta))
    for couple in loadings.couples:
        rows = np.arange(couple.target.start, couple.target.stop)
        columns = np.arange(couple.source.start, couple.source.stop)
        matrix[rows, columns] = theta[couple.parameter]
    return matrix


def _coupled(tables: Tables, loadings: Loadings, theta: Floats) -> Tables:
    matrix = loading_matrix(loadings, theta)
    return Tables(tables.diagonal, tables.coupling.mixed(matrix), matrix.T @ tables.rest @ matrix)
