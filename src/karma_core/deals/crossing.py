"""The likelihood of the hazards over cells, its gradient and its curvature, from cross-counts of codes."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from karma_core.deals.blocks import Layout
from karma_core.deals.pairs import codes_that_meet
from karma_core.deals.risk import Cells

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Crossed:
    """Cells beside the blocks of a layout.

    `of_kind` (k, static blocks) are codes of each distinct kind, `row` (n,) the kind of each cell, `of_cell` the
    codes (n,) of the blocks that change from week to week. `static` and `moving` are the blocks' positions,
    `events` (n, 3) and `weeks` (n,) what happened and how many weeks that were.
    """

    layout: Layout
    of_kind: Ints
    row: Ints
    of_cell: tuple[Ints, ...]
    static: tuple[int, ...]
    moving: tuple[int, ...]
    events: Floats
    weeks: Floats
    basis: csr_array

    @classmethod
    def of(cls, cells: Cells, layout: Layout) -> "Crossed":
        """Set the cells beside the layout; blocks of one level, which say nothing, are left out of the sums."""
        last = layout.single - 1
        codes = {0: cells.band, last - 2: cells.stage, last - 1: cells.month, last: cells.pace}
        of_kind = {i: cells.kind[:, i - 1] for i in range(1, last - 2)}
        met = codes_that_meet(cells, stage=last - 2) if layout.pairs else {}
        for i, pair in enumerate(layout.pairs, start=layout.single):
            if pair.first in of_kind and pair.second in of_kind:
                of_kind[i] = pair.met(of_kind[pair.first], of_kind[pair.second])
            else:
                codes[i] = pair.met(met[pair.first], met[pair.second])
        sizes = [len(block.basis) for block in layout.blocks]
        moving = tuple(i for i in codes if i == 0 or sizes[i] > 1)
        static = tuple(i for i in of_kind if sizes[i] > 1)
        return cls(
            layout,
            np.column_stack([cells.kind[:, :0], *(of_kind[i] for i in static)]),
            cells.row,
            tuple(codes[i] for i in moving),
            static,
            moving,
            np.asfortranarray(cells.events),
            cells.events.sum(axis=1),
            csr_array(layout.basis()),
        )

    @cached_property
    def offsets(self) -> Ints:
        """Where each block's levels begin."""
        return np.concatenate([[0], np.cumsum([len(block.basis) for block in self.layout.blocks])])

    @cached_property
    def of_level(self) -> csr_array:
        """Ones (levels, k) where a kind has a level of a static block."""
        n, blocks = self.of_kind.shape
        rows = (self.of_kind + self.offsets[list(self.static)]).T.ravel()
        return csr_array((np.ones(n * blocks), (rows, np.tile(np.arange(n), blocks))), (self.offsets[-1], n))

    def linear(self, theta: Floats) -> Floats:
        """The log-odds of won and lost against open, shape (2, cells)."""
        values = self.layout.values(theta)
        of_kind = np.zeros((2, len(self.of_kind)))
        for position, block in enumerate(self.static):
            of_kind += values[block][:, self.of_kind[:, position]]
        eta = of_kind[:, self.row]
        for codes, block in zip(self.of_cell, self.moving, strict=True):
            eta += values[block][:, codes]
        return eta

    def chances(self, eta: Floats) -> tuple[Floats, float]:
        """Chances of won and lost per cell (2, cells), and the log-likelihood."""
        top = np.maximum(np.maximum(eta[0], eta[1]), 0.0)
        raised = np.exp(eta - top)
        total = np.exp(-top) + raised[0] + raised[1]
        value = float(sum(self.events[:, c] @ eta[c] for c in (0, 1)) - self.weeks @ (np.log(total) + top))
        return raised / total, value

    def slope(self, chance: Floats) -> Floats:
        """The gradient of the log-likelihood, shape (2, p)."""
        off = [self.events[:, c] - self.weeks * chance[c] for c in (0, 1)]
        return np.stack([self._into(part) for part in off]) @ self.basis

    def curve(self, chance: Floats) -> Floats:
        """Minus the Hessian of the log-likelihood, shape (2p, 2p)."""
        weeks, p = self.weeks, self.layout.width
        own = weeks * chance * (1 - chance)
        won, lost, between = self._crossed(np.stack([*own, -weeks * chance[0] * chance[1]]))
        full = np.empty((2 * p, 2 * p))
        full[:p, :p], full[p:, p:] = won, lost
        full[:p, p:] = full[p:, :p] = between
        return full

    def _into(self, weight: Floats) -> Floats:
        """Sum a weight per cell into the levels that the cell touches."""
        summed, offsets = np.zeros(self.offsets[-1]), self.offsets
        of_kind = _sum(self.row, weight, len(self.of_kind))
        pairs = [(block, self.of_kind[:, position], of_kind) for position, block in enumerate(self.static)]
        pairs += [(block, codes, weight) for codes, block in zip(self.of_cell, self.moving, strict=True)]
        for block, codes, held in pairs:
            size = offsets[block + 1] - offsets[block]
            summed[offsets[block] : offsets[block + 1]] = _sum(codes, held, int(size))
        return summed

    def _crossed(self, weights: Floats) -> list[Floats]:
        """B' X' diag(weight) X B for each of some weights (w, cells).

        Kinds are crossed once per kind, what moves once per cell. Between both the weights are first summed per
        kind, where that is the smaller table.
        """
        levels = np.zeros((len(weights), self.offsets[-1], self.offsets[-1]))
        of_kind = _sums(self.row, weights, len(self.of_kind))
        static = [(block, self.of_kind[:, position]) for position, block in enumerate(self.static)]
        moving = list(zip(self.moving, self.of_cell, strict=True))
        for (i, a), (j, b) in combinations_with_replacement(static, 2):
            self._count(levels, i, j, a, b, of_kind)
        for (i, a), (j, b) in combinations_with_replacement(moving, 2):
            self._count(levels, i, j, a, b, weights)
        for j, b in moving:
            size = len(self.layout.blocks[j].basis)
            if len(self.of_kind) * size > self.row.size:
                for i, a in static:
                    self._count(levels, i, j, a[self.row], b, weights)
                continue
            by_kind = _sums(self.row * size + b, weights, len(self.of_kind) * size)
            table = np.stack([self.of_level @ each.reshape(-1, size) for each in by_kind])
            for i, _ in static:
                self._fill(levels, i, j, table[:, self.offsets[i] : self.offsets[i + 1]])
        return [self.basis.T @ (self.basis.T @ level).T for level in levels]

    def _count(self, levels: Floats, i: int, j: int, a: Ints, b: Ints, weights: Floats) -> None:
        rows, columns = (len(self.layout.blocks[block].basis) for block in (i, j))
        table = _sums(a * columns + b, weights, rows * columns).reshape(-1, rows, columns)
        self._fill(levels, i, j, table)

    def _fill(self, levels: Floats, i: int, j: int, table: Floats) -> None:
        offsets = self.offsets
        rows, columns = slice(offsets[i], offsets[i + 1]), slice(offsets[j], offsets[j + 1])
        levels[:, rows, columns] = table
        levels[:, columns, rows] = table.transpose(0, 2, 1)


def _sum(codes: Ints, weight: Floats, size: int) -> Floats:
    """Sum weights by code, shape (size,)."""
    return np.bincount(codes, weight, minlength=size).astype(np.float64, copy=False)


def _sums(codes: Ints, weights: Floats, size: int) -> Floats:
    """Sum each row of weights (w, n) by code, shape (w, size)."""
    return np.stack([_sum(codes, weight, size) for weight in weights])
