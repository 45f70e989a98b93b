"""Finding the best spreads: where it stops, and that it says when it did not arrive."""

import numpy as np
import pytest

from karma_core.effects.climb import COSTLY, least, least_without_gradient, tolerance_for


def bowl(at):
    return float(((at - [3.0, -1.0]) ** 4).sum() + ((at - [3.0, -1.0]) ** 2).sum())


def slope(at):
    away = at - [3.0, -1.0]
    return 4 * away**3 + 2 * away


@pytest.mark.parametrize("units", [0.1, 1.0, 5.0])
def test_the_bottom_is_found_in_any_unit(units):
    found = least(lambda at: (bowl(at), slope(at)), np.zeros(2), units=np.full(2, units))
    assert found.at == pytest.approx([3.0, -1.0], abs=1e-3)
    assert (found.converged, found.value) == (True, pytest.approx(0.0, abs=1e-6))
    assert 2 < found.evaluations < 100


def test_without_a_gradient_it_is_the_same_bottom():
    found = least_without_gradient(bowl, np.zeros(2))
    assert found.at == pytest.approx([3.0, -1.0], abs=1e-5)
    assert (found.converged, found.value) == (True, pytest.approx(0.0, abs=1e-9))
    assert 2 < found.evaluations < 200


def test_a_search_that_is_led_astray_says_that_it_did_not_arrive():
    astray = least(lambda at: (float(at @ at), np.ones(1)), np.array([-1.0]), units=np.ones(1))
    assert (astray.converged, astray.at[0]) == (False, -1.0)


def test_a_search_that_ends_on_rounding_near_the_bottom_has_arrived():
    found = least(lambda at: (round(bowl(at), 2), slope(at)), np.zeros(2), units=np.ones(2), tolerance=1e-3)
    assert (found.converged, found.at) == (True, pytest.approx([3.0, -1.0], abs=0.1))


def test_without_a_gradient_rounding_near_the_bottom_is_an_end_too():
    found = least_without_gradient(lambda at: round(bowl(at), 9), np.zeros(2))
    assert (found.converged, found.at) == (True, pytest.approx([3.0, -1.0], abs=1e-2))


def test_without_a_gradient_a_kink_is_no_bottom():
    assert not least_without_gradient(
        lambda at: float(abs(at[0] - 1) + 2 * abs(at[0] - 1.2)), np.zeros(1)
    ).converged


def test_a_large_design_asks_for_less_sharpness():
    assert tolerance_for(COSTLY) < tolerance_for(COSTLY + 1) < 0.1
