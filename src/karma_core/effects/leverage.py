"""How uncertain each row's linear predictor is, from the inverse at the pairs of columns that occur in the row."""

from itertools import combinations

import numpy as np

from karma_core.effects.coupling import DenseCoupling, SparseCoupling
from karma_core.effects.crossing import Crossing
from karma_core.effects.design import Codes, Floats
from karma_core.effects.factorised import Factorised


def row_variances(crossing: Crossing, made: Factorised) -> Floats:
    """z'Vz of every row, V the inverse in the units of the effects; designs without slopes."""
    inverse = made.inverse * made.rest * made.rest[:, None]
    total = _among_others(crossing, inverse)
    if crossing.first is None:
        return total
    own = made.first**2 * made.first_variances(len(made.rest))
    return total + own[crossing.first.codes] + 2 * _with_first(crossing, made, inverse)


def _among_others(crossing: Crossing, inverse: Floats) -> Floats:
    places = _places(crossing)
    end = crossing.offsets[-1]
    corner = inverse[end:, end:]
    total = np.einsum("ij,ij->i", crossing.numeric @ corner, crossing.numeric)
    own = np.diagonal(inverse)
    for place in places:
        total += own[place] + 2 * _with_numeric(crossing.numeric, inverse[:, end:], place)
    for one, other in combinations(places, 2):
        total += 2 * inverse[one, other]
    return np.asarray(total)


def _with_first(crossing: Crossing, made: Factorised, inverse: Floats) -> Floats:
    """Row by row the covariance of the eliminated level with the row's other columns."""
    assert crossing.first is not None  # noqa: S101 (only reached with a first block)
    codes, end = crossing.first.codes, crossing.offsets[-1]
    unscaled = made.coupling.scaled(1.0, 1 / made.rest)
    shrink = made.first / made.diagonal
    if isinstance(unscaled, DenseCoupling):
        cross = -made.products(len(made.rest)) * made.rest * shrink[:, None]
        total = _with_numeric(crossing.numeric, cross[:, end:], codes)
        for place in _places(crossing):
            total += cross[codes, place]
        return total
    assert isinstance(unscaled, SparseCoupling)  # noqa: S101 (the only other kind)
    return _with_first_sparse(crossing, made, unscaled, inverse)


def _with_first_sparse(crossing: Crossing, made: Factorised, unscaled: SparseCoupling, inverse: Floats) -> Floats:
    assert crossing.first is not None  # noqa: S101 (only reached with a first block)
    codes, end = crossing.first.codes, crossing.offsets[-1]
    pairs, numeric, shrink = unscaled.pairs, unscaled.numeric, made.first / made.diagonal
    cells = made.products(len(made.rest)) * made.rest[pairs.columns]
    cells += np.einsum("ij,ij->i", numeric[pairs.rows], inverse[pairs.columns, end:])
    cells *= -shrink[pairs.rows]
    beside = [unscaled.along(inverse[:end, place]) for place in range(end, len(inverse))]
    table = np.column_stack(beside or [np.zeros((len(shrink), 0))]) + numeric @ inverse[end:, end:]
    total = _with_numeric(crossing.numeric, -shrink[:, None] * table, codes)
    for place in crossing.pattern[1]:
        total += cells[place]
    return total


def _with_numeric(numeric: Floats, table: Floats, place: Codes) -> Floats:
    """Sum over the numeric columns of value times the table at the row's level."""
    if not numeric.shape[1]:
        return np.zeros(len(place))
    return np.asarray(np.einsum("ij,ij->i", numeric, table[place]))


def _places(crossing: Crossing) -> list[Codes]:
    return [start + block.codes for block, start in zip(crossing.others, crossing.offsets, strict=False)]
