"""How a design's columns are laid out for the solver: which factor is eliminated, who loads on which parameter."""

from dataclasses import dataclass

import numpy as np

from karma_core.effects.crossing import Block, Crossing, blocks_of
from karma_core.effects.design import Factor, Floats
from karma_core.effects.factorised import Couple, Loadings


@dataclass(frozen=True)
class Place:
    """Where a factor stands: eliminated (`start` is None) or at `start` among the rest; with its parameters."""

    factor: Factor
    start: int | None
    parameters: tuple[int, ...]


@dataclass(frozen=True)
class Tied:
    """A numeric column that is random too: its spread is `scale` times that of the factor called `name`."""

    values: Floats
    name: str
    scale: float


@dataclass(frozen=True)
class Layout:
    """The crossing of a design, the loadings of its columns, and the place of each factor in order."""

    crossing: Crossing
    loadings: Loadings
    places: tuple[Place, ...]
    random_width: int

    @property
    def parameter_names(self) -> list[str]:
        """The factor that each parameter belongs to."""
        names = {p: place.factor.name for place in self.places for p in place.parameters}
        return [names.get(index, "") for index in range(self.loadings.count)]


def lay_out(
    factors: tuple[Factor, ...],
    *,
    numeric: Floats,
    precision: Floats | None = None,
    tied: tuple[Tied, ...] = (),
    keep: str | None = None,
) -> Layout:
    """Eliminate the largest factor without a slope; the others, tied columns and `numeric` columns follow.

    `precision` is the penalty of each numeric column, 0 without. The factor called `keep` is not eliminated, so
    that the covariances of its levels are at hand. Parameter 0 is the eliminated factor's; it is there, unused,
    when none is eliminated.
    """
    simple = [f for f in factors if f.slope is None and f.name != keep]
    largest = max(simple, key=lambda f: f.size, default=None)
    places, blocks, couples = _placed(factors, largest)
    by_name = {place.factor.name: place.parameters[0] for place in places}
    columns = np.column_stack([*(t.values for t in tied), numeric])
    parameters = _parameters(places, blocks, [by_name[t.name] for t in tied], numeric.shape[1])
    held = np.zeros(numeric.shape[1]) if precision is None else precision
    width = len(parameters) - numeric.shape[1]
    scales = np.ones(len(parameters))
    scales[width - len(tied) : width] = [t.scale for t in tied]
    loadings = Loadings(
        1 + max(p for place in places for p in place.parameters),
        parameters,
        scales,
        np.concatenate([np.ones(width), held]),
        tuple(couples),
    )
    first = Block(largest.codes, largest.size) if largest else None
    return Layout(Crossing(first, tuple(blocks), columns), loadings, tuple(places), width)


def _placed(factors: tuple[Factor, ...], largest: Factor | None) -> tuple[list[Place], list[Block], list[Couple]]:
    places: list[Place] = []
    blocks: list[Block] = []
    couples: list[Couple] = []
    start, parameter = 0, 1
    for factor in factors:
        if factor is largest:
            places.append(Place(factor, None, (0,)))
            continue
        own = blocks_of(factor)
        if len(own) == 1:
            places.append(Place(factor, start, (parameter,)))
        else:
            places.append(Place(factor, start, (parameter, parameter + 1, parameter + 2)))
            middle = start + factor.size
            couples.append(Couple(parameter + 1, slice(start, middle), slice(middle, middle + factor.size)))
        blocks += own
        start += factor.size * len(own)
        parameter += len(places[-1].parameters)
    return places, blocks, couples


def _parameters(
    places: list[Place], blocks: list[Block], tied: list[int], fixed: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    per_block: list[int] = []
    for place in places:
        if place.start is not None:
            first, last = place.parameters[0], place.parameters[-1]
            per_block += [first] if place.factor.slope is None else [first, last]
    filled = [np.full(block.size, p) for block, p in zip(blocks, per_block, strict=True)]
    return np.concatenate([*filled, np.array(tied, dtype=int), np.full(fixed, -1)]).astype(np.intp)
