"""Facts that say something together which they do not say apart: which pairs do, and in which of their cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from karma_core.deals.risk import AGE_EDGES, Cells

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPANS = np.array([0, 2, 5, 9, 13, 19, 26, 38, 52, 104])
"""First week of each span of age, within which the curve of a level keeps its distance from that of all."""

SPAN_OF_BAND = np.searchsorted(SPANS, AGE_EDGES, side="right") - 1

FEWEST_ENDED = 20
"""Won and lost deals below which a cell says nothing of its own."""

MOST_CELLS = 240
"""Cells of all pairs together, so that a fit stays within seconds."""

SURE = 3.0
"""Standard errors by which the cells of a pair must differ more than chance would have them."""

TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Pair:
    """Two facts by the positions of their blocks, of which age (0) comes first and counts in SPANS.

    `cells` (levels of first, levels of second): the number of the cell where both levels meet; `size` where too
    little is known of it. `spread` is how far cells seem to lie from the sums, in log-odds.
    """

    first: int
    second: int
    cells: Ints
    size: int
    spread: float

    @property
    def is_curve(self) -> bool:
        """Whether the cells of a level follow each other in age."""
        return self.first == 0

    def met(self, first: Ints, second: Ints) -> Ints:
        """The cells where codes of both facts meet; a level not known of yet meets nothing."""
        rows, columns = self.cells.shape
        known = (first < rows) & (second < columns)
        found = self.cells[np.minimum(first, rows - 1), np.minimum(second, columns - 1)]
        return np.where(known, found, self.size)


def codes_that_meet(cells: Cells, *, stage: int) -> dict[int, Ints]:
    """The codes of each cell (n,) in age spans, factors and stage, by the position of their blocks."""
    factors = range(1, cells.kind.shape[1] - 1)
    of_kind = {i: cells.kind[cells.row, i - 1] for i in factors}
    return {0: SPAN_OF_BAND[cells.band], **of_kind, stage: cells.stage}


def telling_pairs(cells: Cells, chance: Floats, *, held: dict[int, Floats]) -> tuple[Pair, ...]:
    """The pairs whose cells differ more than sums of both facts explain, the surest first, up to MOST_CELLS.

    `chance` (2, cells) is what a model of sums says; `held` the precision (2,) with which the levels of age, of
    each factor and of the stage were shrunk, by the position of their blocks. By the score test for a spread: with
    S the events of a cell beyond the expected ones and V the variance of S under the model of sums, the sum of
    S^2 - V is zero but for chance where there is none. Fitting the sums takes something of a cell's information I;
    we count what both facts by themselves took: V = I (1 - I / (row + held)) (1 - I / (column + held)).
    **Source**: Lin (1997) for the test.
    """
    codes = codes_that_meet(cells, stage=max(held))
    weeks, happened = cells.events.sum(axis=1), cells.events[:, :2]
    parts = [*(happened.T - weeks * chance), *(weeks * chance * (1 - chance)), happened.sum(axis=1)]
    found = []
    for i, j in combinations(codes, 2):
        *both, ended = _met(codes[i], codes[j], parts)
        is_known = ended >= FEWEST_ENDED
        if min(ended.shape) < 2 or not is_known.any():
            continue
        score, information = np.array(both[:2]), np.array(both[2:])
        variance = information * _free(information, held[i], axis=2) * _free(information, held[j], axis=1)
        sure, spread = _excess(score[:, is_known], variance[:, is_known])
        if sure >= SURE:
            found.append((sure, _pair(i, j, is_known, spread)))
    return _within_bounds([pair for _, pair in sorted(found, key=lambda one: -one[0])])


def _free(information: Floats, held: Floats, *, axis: int) -> Floats:
    """The share of each cell's information (2, a, b) that fitting the levels of one fact has left."""
    whole = information.sum(axis=axis, keepdims=True) + held[:, None, None]
    return np.asarray(1 - information / np.maximum(whole, TINY))


def _met(a: Ints, b: Ints, parts: Sequence[Floats]) -> list[Floats]:
    """Each part summed where two codes meet, (levels of a, levels of b)."""
    shape = (int(a.max(initial=0)) + 1, int(b.max(initial=0)) + 1)
    met = a * shape[1] + b
    summed = (np.bincount(met, part, minlength=shape[0] * shape[1]) for part in parts)
    return [part.reshape(shape).astype(np.float64, copy=False) for part in summed]


def _excess(score: Floats, variance: Floats) -> tuple[float, float]:
    """By how many standard errors scores differ more than chance has it, and the spread that would explain it."""
    excess, curve = float((score**2 - variance).sum()), float((variance**2).sum())
    if curve <= 0:
        return 0.0, 0.0
    error = np.sqrt(2 * curve + float(variance.sum()))
    return float(excess / error), float(np.sqrt(max(excess, 0.0) / curve))


def _pair(i: int, j: int, is_known: NDArray[np.bool_], spread: float) -> Pair:
    size = int(is_known.sum())
    cells = np.full(is_known.shape, size, dtype=np.int64)
    cells.T[is_known.T] = np.arange(size)
    return Pair(i, j, cells, size, spread)


def _within_bounds(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    kept: list[Pair] = []
    for pair in pairs:
        if sum(one.size for one in kept) + pair.size <= MOST_CELLS:
            kept.append(pair)
    return tuple(kept)
