"""Which factor is eliminated, where the others stand, and which parameter scales which column."""

import numpy as np
import pytest

from karma_core.effects.design import Factor
from karma_core.effects.layout import Layout, Tied, lay_out

ROWS = 12
RNG = np.random.default_rng(1)


def factor(name: str, size: int, *, slope: bool = False) -> Factor:
    levels = tuple(f"{name}{i}" for i in range(size))
    codes = np.arange(ROWS) % size
    return Factor(name, codes, levels, RNG.normal(size=ROWS) if slope else None, "x" if slope else "")


NUMERIC = RNG.normal(size=(ROWS, 2))


def places(made: Layout) -> dict[str, tuple[int | None, tuple[int, ...]]]:
    return {place.factor.name: (place.start, place.parameters) for place in made.places}


def test_the_largest_is_eliminated_and_the_kept_one_is_not():
    tied = (Tied(RNG.normal(size=ROWS), "a", 0.5), Tied(RNG.normal(size=ROWS), "kept", 0.7))
    factors = (factor("a", 3), factor("kept", 6), factor("large", 5))
    made = lay_out(factors, numeric=NUMERIC, precision=np.array([0.1, 0.2]), tied=tied, keep="kept")
    assert places(made) == {"a": (0, (1,)), "kept": (3, (2,)), "large": (None, (0,))}
    assert made.parameter_names == ["large", "a", "kept"]
    assert (made.crossing.first.size, made.crossing.offsets, made.random_width) == (5, [0, 3, 9], 11)
    np.testing.assert_array_equal(made.crossing.numeric, np.column_stack([*(t.values for t in tied), NUMERIC]))
    loadings = made.loadings
    assert (loadings.count, loadings.couples) == (3, ())
    assert loadings.parameters.tolist() == [1] * 3 + [2] * 6 + [1, 2, -1, -1]
    assert loadings.scales.tolist() == [1.0] * 9 + [0.5, 0.7, 1.0, 1.0]
    assert loadings.precision.tolist() == [1.0] * 11 + [0.1, 0.2]


def test_factors_stand_one_behind_the_other():
    made = lay_out((factor("a", 2), factor("b", 3), factor("c", 4), factor("large", 9)), numeric=NUMERIC)
    assert places(made) == {"a": (0, (1,)), "b": (2, (2,)), "c": (5, (3,)), "large": (None, (0,))}


def test_without_a_precision_fixed_columns_are_free():
    made = lay_out((factor("a", 3), factor("b", 4)), numeric=NUMERIC)
    assert places(made) == {"a": (0, (1,)), "b": (None, (0,))}
    assert made.loadings.precision.tolist() == [1.0] * 3 + [0.0, 0.0]
    assert made.loadings.scales.tolist() == [1.0] * 5


def test_a_slope_has_its_own_block_its_own_parameters_and_a_couple():
    sloped, plain = factor("sloped", 5, slope=True), factor("plain", 2)
    made = lay_out((sloped, plain, factor("b", 3)), numeric=NUMERIC[:, :0])
    assert places(made) == {"sloped": (0, (1, 2, 3)), "plain": (10, (4,)), "b": (None, (0,))}
    assert made.parameter_names == ["b", "sloped", "sloped", "sloped", "plain"]
    (couple,) = made.loadings.couples
    assert (couple.parameter, couple.source, couple.target) == (2, slice(0, 5), slice(5, 10))
    assert made.loadings.parameters.tolist() == [1] * 5 + [3] * 5 + [4] * 2
    assert [block.slope is None for block in made.crossing.others] == [True, False, True]
    assert made.random_width == 12


@pytest.mark.parametrize("only", [factor("sloped", 4, slope=True), factor("kept", 4)])
def test_where_none_may_be_eliminated_parameter_zero_is_there_unused(only):
    made = lay_out((only,), numeric=NUMERIC, keep="kept")
    assert (made.crossing.first, made.parameter_names[0]) == (None, "")
    assert set(made.parameter_names[1:]) == {only.name}
    assert made.places[0].start == 0
