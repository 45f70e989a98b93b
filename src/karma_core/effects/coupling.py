"""The cross-table between the eliminated factor and all other columns, kept whole or sparse."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy import sparse

from karma_core.effects.design import Codes, Floats
from karma_core.errors import FitError


class Coupling(Protocol):
    """A table E with one row per eliminated level and one column per other column of the design."""

    def scaled(self, rows: float, columns: Floats) -> "Coupling":
        """The table times a number, each column times its own factor."""

    def mixed(self, matrix: Floats) -> "Coupling":
        """The table times a matrix over its columns; small designs only."""

    def gram(self, weights: Floats) -> Floats:
        """E' diag(weights) E, dense."""

    def dot(self, rest: Floats) -> Floats:
        """E times a vector over the other columns."""

    def tdot(self, zero: Floats) -> Floats:
        """E' times a vector over the eliminated levels."""

    def products(self, inverse: Floats) -> Floats:
        """E K, dense or at the cells that occur; columns that K leaves out count as known."""

    def quadratic(self, inverse: Floats, products: Floats) -> Floats:
        """For every eliminated level e, its row's e K e', from the products with the same K."""


@dataclass(frozen=True)
class DenseCoupling:
    """The table as one dense array of shape (levels, other columns)."""

    table: Floats

    def scaled(self, rows: float, columns: Floats) -> "DenseCoupling":
        """The table times a number, each column times its own factor."""
        return DenseCoupling(self.table * (rows * columns))

    def mixed(self, matrix: Floats) -> "DenseCoupling":
        """The table times a matrix over its columns."""
        return DenseCoupling(self.table @ matrix)

    def gram(self, weights: Floats) -> Floats:
        """E' diag(weights) E, dense."""
        half = self.table * np.sqrt(weights)[:, None]
        return np.asarray(half.T @ half)

    def dot(self, rest: Floats) -> Floats:
        """E times a vector over the other columns."""
        return np.asarray(self.table @ rest)

    def tdot(self, zero: Floats) -> Floats:
        """E' times a vector over the eliminated levels."""
        return np.asarray(self.table.T @ zero)

    def products(self, inverse: Floats) -> Floats:
        """E K; columns that K leaves out count as known."""
        return np.asarray(self.table[:, : len(inverse)] @ inverse)

    def quadratic(self, inverse: Floats, products: Floats) -> Floats:
        """For every eliminated level e, its row's e K e', from the products with the same K."""
        return np.asarray(np.einsum("ij,ij->i", products, self.table[:, : len(inverse)]))


@dataclass(frozen=True)
class Pairs:
    """Every pair of cells in one row of a sparse table, once: cells `one` and `other` of the sparse data."""

    one: Codes
    other: Codes
    rows: Codes
    columns: Codes
    width: int

    @classmethod
    def of(cls, cells: sparse.csr_matrix) -> "Pairs":
        """List the pairs; within a row cells stand in order of their column."""
        rows = np.repeat(np.arange(cells.shape[0]), np.diff(cells.indptr))
        left = cells.indptr[rows + 1] - np.arange(cells.nnz)
        ends = np.cumsum(left)
        one = np.repeat(np.arange(cells.nnz), left)
        other = np.arange(ends[-1]) - np.repeat(ends - left, left) + one
        return cls(one, other, rows, cells.indices.astype(np.intp), cells.shape[1])

    @staticmethod
    def number(cells: sparse.csr_matrix) -> int:
        """How many pairs there are."""
        counts = np.diff(cells.indptr).astype(np.int64)
        return int((counts * (counts + 1) // 2).sum())

    @cached_property
    def places(self) -> Codes:
        """Where in a flat table of columns by columns each pair stands."""
        return self.columns[self.one] * self.width + self.columns[self.other]

    def gram(self, data: Floats) -> Floats:
        """E'E, dense."""
        values = data[self.one]
        values *= data[self.other]
        summed = np.asarray(np.bincount(self.places, values, self.width**2), dtype=np.float64)
        return mirrored(summed.reshape(self.width, self.width), upper=True)

    def row_products(self, data: Floats, inverse: Floats) -> Floats:
        """E K at the cells that occur, K's leading columns being those of the table."""
        taken = inverse[self.columns[self.one], self.columns[self.other]]
        made = np.bincount(self.one, taken * data[self.other], len(data))
        made += np.bincount(self.other, taken * data[self.one], len(data))
        return np.asarray(made - np.diagonal(inverse)[self.columns] * data)


def mirrored(matrix: Floats, *, upper: bool) -> Floats:
    """Fill the other triangle of a matrix whose upper (or lower) one is filled, in place."""
    size, block = len(matrix), 512
    for start in range(0, size, block):
        here, after = slice(start, start + block), slice(start + block, size)
        corner = np.triu(matrix[here, here]) if upper else np.tril(matrix[here, here])
        matrix[here, here] = corner + corner.T - np.diag(np.diagonal(corner))
        if upper:
            matrix[after, here] = matrix[here, after].T
        else:
            matrix[here, after] = matrix[after, here].T
    return matrix


@dataclass(frozen=True)
class SparseCoupling:
    """The table's factor columns as sparse rows, its few numeric columns dense behind them."""

    cells: Floats
    pairs: Pairs
    numeric: Floats

    def scaled(self, rows: float, columns: Floats) -> "SparseCoupling":
        """The table times a number, each column times its own factor."""
        width = self.pairs.width
        data = self.cells * (rows * columns[:width])[self.pairs.columns]
        return SparseCoupling(data, self.pairs, self.numeric * (rows * columns[width:]))

    def mixed(self, matrix: Floats) -> Coupling:  # noqa: ARG002 (it refuses every matrix)
        """Refused: a slope beside tens of thousands of levels is not supported."""
        raise FitError(
            "Random slopes are not supported beside a factor of this many levels.",
            nl="Eigen hellingen kunnen niet naast een kolom met zo veel waarden.",
        )

    def gram(self, weights: Floats) -> Floats:
        """E' diag(weights) E, dense."""
        width, root = self.pairs.width, np.sqrt(weights)
        data, numeric = self.cells * root[self.pairs.rows], self.numeric * root[:, None]
        if not numeric.shape[1]:
            return self.pairs.gram(data)
        made = np.empty((width + numeric.shape[1],) * 2)
        made[:width, :width] = self.pairs.gram(data)
        made[width:, :width] = self._across(data, numeric).T
        made[:width, width:] = made[width:, :width].T
        made[width:, width:] = numeric.T @ numeric
        return made

    def dot(self, rest: Floats) -> Floats:
        """E times a vector over the other columns."""
        width, rows = self.pairs.width, len(self.numeric)
        summed = np.bincount(self.pairs.rows, self.cells * rest[self.pairs.columns], rows)
        return np.asarray(summed + self.numeric @ rest[width:])

    def tdot(self, zero: Floats) -> Floats:
        """E' times a vector over the eliminated levels."""
        summed = np.bincount(self.pairs.columns, self.cells * zero[self.pairs.rows], self.pairs.width)
        return np.concatenate([summed, self.numeric.T @ zero])

    def products(self, inverse: Floats) -> Floats:
        """E K at the cells that occur only (factor columns), in the order of the sparse data."""
        return self.pairs.row_products(self.cells, inverse)

    def quadratic(self, inverse: Floats, products: Floats) -> Floats:
        """For every eliminated level e, its row's e K e', from the products with the same K."""
        width, rows = self.pairs.width, len(self.numeric)
        own = np.bincount(self.pairs.rows, products * self.cells, rows)
        numeric = self.numeric[:, : len(inverse) - width]
        if not numeric.shape[1]:
            return np.asarray(own)
        side = np.column_stack([self.along(inverse[:width, place]) for place in range(width, len(inverse))])
        return np.asarray(own + np.einsum("ij,ij->i", 2 * side + numeric @ inverse[width:, width:], numeric))

    def along(self, column: Floats) -> Floats:
        """The factor columns of E times one vector over them."""
        summed = np.bincount(self.pairs.rows, self.cells * column[self.pairs.columns], len(self.numeric))
        return np.asarray(summed, dtype=np.float64)

    def _across(self, data: Floats, numeric: Floats) -> Floats:
        places, width = self.pairs.columns, self.pairs.width
        return np.column_stack([np.bincount(places, data * n[self.pairs.rows], width) for n in numeric.T])
