"""The parameters of the hazards, block by block: what each block says of a cell, and how it is shrunk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from karma_core.deals.calendar import MONTHS, MOST_COHORTS, PACES, Calendar
from karma_core.deals.kinds import Factor, Kinds
from karma_core.deals.pairs import Pair
from karma_core.deals.risk import AGE_EDGES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KNOTS = (0, 3, 7, 13, 26, 52, 104)
"""Weeks of age at which the curve over age may bend; beyond the last it is straight."""

INTERCEPT_SD, CURVE_SD, LOOSE_SD = 1.5, 2.0, 1.5


FLATTEST = 1e-4
"""The precision that every parameter has at least (a spread of 100 in log-odds): a level or a slope about which
few deals say nothing then has an answer, and the matrix that is solved is never singular."""


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """Parameters `start` up to `stop` that share one spread.

    `penalty` is their precision at spread 1, of rank `free`. A learned spread starts at `scale` and is believed as
    much as `weight` parameters; one that is not learned stays.
    """

    start: int
    stop: int
    penalty: Floats
    scale: float
    weight: float
    free: int
    learned: bool = True


@dataclass(frozen=True, eq=False)
class Block:
    """One column of codes: `basis` (levels, parameters) turns its parameters into a value per level."""

    name: str
    basis: Floats
    start: int

    @property
    def stop(self) -> int:
        """One past its last parameter."""
        return self.start + int(self.basis.shape[1])


@dataclass(frozen=True, eq=False)
class Layout:
    """All blocks in order and how they are shrunk.

    First age, factors, cohort, month opened, stage, month and pace; then one for each of `pairs`, whose levels are
    the pair's cells and, last, what no cell is known of.
    """

    blocks: tuple[Block, ...]
    shrinkage: tuple[Shrinkage, ...]
    pairs: tuple[Pair, ...] = ()

    @property
    def width(self) -> int:
        """The number of parameters per cause."""
        return self.blocks[-1].stop

    @property
    def single(self) -> int:
        """The number of blocks that are no pair's."""
        return len(self.blocks) - len(self.pairs)

    @property
    def stage(self) -> int:
        """The position of the stage's block."""
        return self.single - 3

    def held(self, scales: Floats) -> dict[int, Floats]:
        """The precision (2,) of a level by spreads (2, parts), of age (not held), each factor and the stage."""
        by_start = {part.start: scale**-2.0 for part, scale in zip(self.shrinkage, scales.T, strict=True)}
        places = [*range(1, self.stage - 2), self.stage]
        return {0: np.zeros(2), **{at: by_start[self.blocks[at].start] for at in places}}

    def parts_of(self, block: Block) -> list[int]:
        """The positions of the parts that shrink a block's parameters."""
        return [i for i, part in enumerate(self.shrinkage) if block.start <= part.start < block.stop]

    def values(self, theta: Floats) -> list[Floats]:
        """What each block's levels add to the log-odds of won and lost, per block (2, levels)."""
        return [theta[:, block.start : block.stop] @ block.basis.T for block in self.blocks]

    def basis(self) -> Floats:
        """The whole map from parameters to levels, shape (levels, parameters)."""
        whole = np.zeros((sum(len(block.basis) for block in self.blocks), self.width))
        row = 0
        for block in self.blocks:
            whole[row : row + len(block.basis), block.start : block.stop] = block.basis
            row += len(block.basis)
        return whole

    def penalty(self, scales: Floats) -> Floats:
        """The prior's precision for the spreads of one cause, shape (p, p); positive in every direction."""
        full = np.eye(self.width) * FLATTEST
        for part, scale in zip(self.shrinkage, scales, strict=True):
            here = slice(part.start, part.stop)
            full[here, here] += part.penalty / scale**2
        return full


def lay_out(kinds: Kinds, *, stages: int, bands: int, calendar: Calendar, pairs: Sequence[Pair] = ()) -> Layout:
    """The blocks for these kinds and stages; what is not asked for has one level, which says nothing."""
    blocks, shrinkage, start = [], [], 0
    for name, basis, parts in (
        ("age", *_age(bands)),
        *((factor.name, *_factor(factor)) for factor in kinds.factors),
        ("cohort", *_trend(MOST_COHORTS if calendar.trend else 1)),
        ("month opened", *_season(MONTHS if calendar.season else 1)),
        ("stage", _levels(stages), [_ridge(stages)]),
        ("month", *_season(MONTHS if calendar.season else 1)),
        ("pace", *_season(len(PACES) if calendar.season else 1)),
        *(("pair", *_cells(pair)) for pair in pairs),
    ):
        blocks.append(Block(name, basis, start))
        shrinkage += list(_moved(parts, start))
        start += basis.shape[1]
    return Layout(tuple(blocks), tuple(shrinkage), tuple(pairs))


def natural_spline(x: Floats, *, knots: Floats) -> Floats:
    """The basis of a natural cubic spline without its constant: straight beyond the outer knots.

    Shape (n, knots - 1). **Source**: Hastie, Tibshirani & Friedman (2009), eq. 5.4 and 5.5.

    >>> natural_spline(np.array([2.0]), knots=np.array([0.0, 1.0])).tolist()
    [[2.0]]
    """

    def curve(k: int) -> Floats:
        rise = np.maximum(x - knots[k], 0) ** 3 - np.maximum(x - knots[-1], 0) ** 3
        return np.asarray(rise / (knots[-1] - knots[k]))

    bends = [curve(k) - curve(len(knots) - 2) for k in range(len(knots) - 2)]
    return np.column_stack([x, *bends])


def _age(bands: int) -> tuple[Floats, list[Shrinkage]]:
    """An intercept, a natural spline over the root of age, and a random walk of what single bands insist on."""
    middle = (AGE_EDGES + np.append(AGE_EDGES[1:], AGE_EDGES[-1] + 26) - 1) / 2
    spline = natural_spline(np.sqrt(middle), knots=np.sqrt(np.array(KNOTS, dtype=float)))[:bands]
    spline = spline - spline.mean(axis=0)
    if bands > 1:
        u, s, _ = np.linalg.svd(spline, full_matrices=False)
        spline = u[:, s > 1e-8 * s[0]] * np.sqrt(bands)
    basis = np.hstack([np.ones((bands, 1)), spline, np.eye(bands)])
    curve, step = spline.shape[1], np.diff(np.eye(bands), axis=0)
    return basis, [
        Shrinkage(0, 1, np.eye(1), INTERCEPT_SD, 0, 1, learned=False),
        Shrinkage(1, 1 + curve, np.eye(curve), CURVE_SD, 0, curve, learned=False),
        Shrinkage(1 + curve, 1 + curve + bands, step.T @ step, 0.1, 4.0, max(bands - 1, 1)),
        Shrinkage(1 + curve, 1 + curve + bands, np.eye(bands), LOOSE_SD, 0, bands, learned=False),
    ]


def _factor(factor: Factor) -> tuple[Floats, list[Shrinkage]]:
    """Labels each by themselves; the bins of a number as a random walk, beside which unknown stands apart."""
    size = len(factor.levels)
    penalty = np.eye(size)
    if factor.edges is not None:
        penalty[:-1, :-1] = _walk(size - 1)
    return _levels(size), [Shrinkage(0, size, penalty, 0.3, 2.0, size)]


def _walk(size: int) -> Floats:
    """The precision of a random walk whose mean is held as tightly as its steps."""
    step = np.diff(np.eye(size), axis=0)
    return np.asarray(step.T @ step + 1 / max(size, 1))


def _ridge(size: int, *, scale: float = 0.3, weight: float = 2.0) -> Shrinkage:
    return Shrinkage(0, size, np.eye(size), scale, weight, size)


def _season(size: int) -> tuple[Floats, list[Shrinkage]]:
    return _levels(size), [_ridge(size, scale=0.1, weight=4.0)]


def _levels(size: int) -> Floats:
    """One parameter per level; a single level says nothing, neither in a fit nor in a draw from its prior."""
    return np.eye(size) if size > 1 else np.zeros((1, 1))


def _trend(size: int) -> tuple[Floats, list[Shrinkage]]:
    """A random walk over the months in which deals were opened, held loosely around zero."""
    step = np.diff(np.eye(size), axis=0)
    walk = Shrinkage(0, size, step.T @ step, 0.05, 12.0, max(size - 1, 1))
    return _levels(size), [walk, Shrinkage(0, size, np.eye(size), LOOSE_SD, 0, size, learned=False)]


def _cells(pair: Pair) -> tuple[Floats, list[Shrinkage]]:
    """A parameter per cell, and nothing where too little is known.

    Along age the cells of a level are a random walk whose mean is held as tightly as its steps.
    """
    basis, penalty = np.eye(pair.size + 1, pair.size), np.eye(pair.size)
    if pair.is_curve:
        for level in pair.cells.T:
            known = level[level < pair.size]
            penalty[np.ix_(known, known)] = _walk(known.size)
    return basis, [Shrinkage(0, pair.size, penalty, pair.spread, 2.0, pair.size)]


def _moved(parts: Iterable[Shrinkage], start: int) -> Iterable[Shrinkage]:
    for part in parts:
        yield replace(part, start=start + part.start, stop=start + part.stop)
