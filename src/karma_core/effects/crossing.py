"""Cross-products of a crossed design, counted in one pass over the rows, for any weights.

The random columns are dummies, so their cross-products are counts: who sold how often to which segment. The
factor with most levels is kept apart, since its own cross-product is diagonal and can be eliminated.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy import sparse

from karma_core.effects.coupling import Coupling, DenseCoupling, Pairs, SparseCoupling
from karma_core.effects.design import Codes, Factor, Floats
from karma_core.errors import FitError

DENSE_CELLS = 20_000_000
"""Above this many cells (160 MB) the table of the largest factor by the others is kept sparse."""
MOST_PAIRS, MOST_CELLS = 60_000_000, 100_000_000
"""Pairs of cells in one row that are listed (2 GB), and cells of a table kept whole all the same (0.8 GB)."""


@dataclass(frozen=True)
class Block:
    """One random column per level: the indicator of the level, times `slope` where there is one."""

    codes: Codes
    size: int
    slope: Floats | None = None


def blocks_of(factor: Factor) -> list[Block]:
    """The intercept's block of a factor and, where it has a slope, the slope's block after it."""
    blocks = [Block(factor.codes, factor.size)]
    return blocks if factor.slope is None else [*blocks, Block(factor.codes, factor.size, factor.slope)]


@dataclass(frozen=True)
class Tables:
    """Weighted cross-products: `diagonal` of the eliminated block, its `coupling` to the rest, and the `rest`."""

    diagonal: Floats
    coupling: Coupling
    rest: Floats


@dataclass(frozen=True)
class Crossing:
    """The rows of a design as codes: `first` is eliminated, then come `others`, then `numeric` columns.

    A vector over all columns is kept as two: `zero` for the levels of `first`, `rest` for everything else.
    """

    first: Block | None
    others: tuple[Block, ...]
    numeric: Floats

    @cached_property
    def offsets(self) -> list[int]:
        """Where each of the other blocks begins among the rest, and where the numeric columns begin."""
        return [0, *np.cumsum([block.size for block in self.others]).tolist()]

    @property
    def first_size(self) -> int:
        """The number of columns that are eliminated."""
        return self.first.size if self.first else 0

    @property
    def rest_size(self) -> int:
        """The number of columns that stay."""
        return int(self.offsets[-1]) + int(self.numeric.shape[1])

    def tables(self, weights: Floats | None) -> Tables:
        """Count every cross-product with these row weights; None is one each."""
        if self.first is None:
            nothing = DenseCoupling(np.zeros((0, self.rest_size)))
            return Tables(np.zeros(0), nothing, self._rest(weights))
        diagonal = _count(self.first.codes, weights, self.first.size)
        return Tables(diagonal, self._coupling(self.first, weights), self._rest(weights))

    def scatter(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum row values into every column: Z'v."""
        parts = [_count(b.codes, _times(values, b.slope), b.size) for b in self.others]
        rest = np.concatenate([*parts, self.numeric.T @ values])
        zero = _count(self.first.codes, values, self.first.size) if self.first else np.zeros(0)
        return zero, rest

    def spread(self, zero: Floats, rest: Floats) -> Floats:
        """Give every row the sum of its columns: Zb."""
        total = self.numeric @ rest[self.offsets[-1] :]
        if self.first:
            total = total + zero[self.first.codes]
        for block, start in zip(self.others, self.offsets, strict=False):
            taken = rest[start + block.codes]
            total += taken if block.slope is None else taken * block.slope
        return total

    @cached_property
    def is_sparse(self) -> bool:
        """Whether the table of the first factor by the others is too large to keep whole, and mostly empty."""
        cells = self.first_size * self.offsets[-1]
        if cells <= DENSE_CELLS or not self.others:
            return False
        if Pairs.number(self.pattern[0]) <= MOST_PAIRS:
            return True
        if cells > MOST_CELLS:
            raise FitError(
                "There are too many levels that meet too often for this machine; leave a column out.",
                nl="Er zijn te veel waarden die elkaar te vaak tegenkomen voor deze machine; laat een kolom weg.",
            )
        return False

    @cached_property
    def _pair_codes(self) -> dict[tuple[int, int], Codes]:
        pairs = combinations(range(len(self.others)), 2)
        return {(a, b): self.others[a].codes * self.others[b].size + self.others[b].codes for a, b in pairs}

    @cached_property
    def _first_codes(self) -> list[Codes]:
        assert self.first is not None  # noqa: S101 (only reached with a first block)
        return [self.first.codes * block.size + block.codes for block in self.others]

    @cached_property
    def pattern(self) -> tuple[sparse.csr_matrix, list[Codes]]:
        """The cells of the first factor by the others that occur, and per block the cell of each row."""
        assert self.first is not None  # noqa: S101 (only reached with a first block)
        width = int(self.offsets[-1])
        keys = [
            self.first.codes * width + start + b.codes for b, start in zip(self.others, self.offsets, strict=False)
        ]
        cells, inverse = np.unique(np.concatenate(keys), return_inverse=True)
        rows, columns = np.divmod(cells, width)
        starts = np.searchsorted(rows, np.arange(self.first.size + 1))
        shape = (self.first.size, width)
        matrix = sparse.csr_matrix((np.zeros(len(cells)), columns, starts), shape=shape)
        return matrix, np.split(inverse, len(self.others))

    @cached_property
    def _pairs(self) -> Pairs:
        return Pairs.of(self.pattern[0])

    def _coupling(self, first: Block, weights: Floats | None) -> Coupling:
        numeric = np.column_stack(
            [_count(first.codes, _times(weights, column), first.size) for column in self.numeric.T]
            or [np.zeros((first.size, 0))]
        )
        if self.is_sparse:
            return SparseCoupling(self._sparse_cells(weights), self._pairs, numeric)
        shape = (first.size, -1)
        parts = [
            _count(codes, _times(weights, block.slope), first.size * block.size).reshape(shape)
            for codes, block in zip(self._first_codes, self.others, strict=True)
        ]
        return DenseCoupling(np.hstack([*parts, numeric]))

    def _sparse_cells(self, weights: Floats | None) -> Floats:
        matrix, places = self.pattern
        data = np.zeros(matrix.nnz)
        for place, block in zip(places, self.others, strict=True):
            data += _count(place, _times(weights, block.slope), matrix.nnz)
        return data

    def _rest(self, weights: Floats | None) -> Floats:
        table = np.zeros((self.rest_size, self.rest_size))
        for index, block in enumerate(self.others):
            self._fill_block(table, index, block, weights)
        for (a, b), codes in self._pair_codes.items():
            self._fill_pair(table, (a, b), codes, weights)
        end = self.offsets[-1]
        weighted = self.numeric if weights is None else self.numeric * weights[:, None]
        table[end:, end:] = self.numeric.T @ weighted
        return table

    def _fill_block(self, table: Floats, index: int, block: Block, weights: Floats | None) -> None:
        start, end = self.offsets[index], self.offsets[-1]
        own = np.arange(start, start + block.size)
        table[own, own] = _count(block.codes, _times(_times(weights, block.slope), block.slope), block.size)
        for place, column in enumerate(self.numeric.T, start=end):
            filled = _count(block.codes, _times(_times(weights, block.slope), column), block.size)
            table[own, place] = table[place, own] = filled

    def _fill_pair(self, table: Floats, pair: tuple[int, int], codes: Codes, weights: Floats | None) -> None:
        one, other = (self.others[index] for index in pair)
        values = _times(_times(weights, one.slope), other.slope)
        filled = _count(codes, values, one.size * other.size).reshape(one.size, other.size)
        rows, columns = (slice(self.offsets[i], self.offsets[i] + self.others[i].size) for i in pair)
        table[rows, columns] = filled
        table[columns, rows] = filled.T


def _count(codes: Codes, weights: Floats | None, size: int) -> Floats:
    return np.bincount(codes, weights, size).astype(np.float64, copy=False)


def _times(weights: Floats | None, column: Floats | None) -> Floats | None:
    if column is None:
        return weights
    return column if weights is None else weights * column
