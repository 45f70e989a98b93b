"""The posterior agrees with slow twins: dense matrices, differences, and a lattice of spreads."""

import numpy as np
import pytest
from scipy.special import expit

from karma_core.effects.design import Factor
from karma_core.effects.layout import lay_out
from karma_core.effects.posterior import (
    DROP,
    FAR,
    POINTS,
    POINTS_OF_OTHERS,
    Surface,
    _follow,
    _hessian,
    _placed,
    binomial_surface,
    columns_of,
    drawn_together,
    integrate,
    level_effects,
    linear_surface,
    log_prior,
    plug_in,
)

ROWS, SIZES = 240, (12, 8)
HELD = np.array([0.01, 0.2])


def columns() -> tuple[list[np.ndarray], np.ndarray]:
    """Codes of two factors that hang together, and two numeric columns."""
    rng = np.random.default_rng(1)
    one = rng.integers(0, SIZES[0], ROWS)
    other = np.where(rng.random(ROWS) < 0.4, one % SIZES[1], rng.integers(0, SIZES[1], ROWS))
    return [one, other], np.column_stack([np.ones(ROWS), rng.normal(size=ROWS)])


def predictor() -> np.ndarray:
    (one, other), numeric = columns()
    rng = np.random.default_rng(2)
    effects = [rng.normal(scale=scale, size=size) for scale, size in zip((0.7, 0.4), SIZES, strict=True)]
    return numeric @ [0.3, -0.5] + effects[0][one] + effects[1][other]


def layout():
    (one, other), numeric = columns()
    factors = tuple(
        Factor(name, codes, tuple(map(str, range(size))))
        for name, codes, size in (("segment", one, SIZES[0]), ("person", other, SIZES[1]))
    )
    return lay_out(factors, numeric=numeric, precision=HELD, keep="person")


@pytest.fixture(scope="module")
def response() -> np.ndarray:
    return predictor() + np.random.default_rng(3).normal(scale=1.3, size=ROWS)


@pytest.fixture(scope="module")
def linear(response) -> Surface:
    return linear_surface(layout(), response)


TRIALS = np.tile([1.0, 2.0, 5.0], ROWS // 3)


@pytest.fixture(scope="module")
def wins() -> np.ndarray:
    return np.random.default_rng(4).binomial(TRIALS.astype(int), expit(predictor())).astype(float)


@pytest.fixture(scope="module")
def binomial(wins) -> Surface:
    return binomial_surface(layout(), wins, TRIALS)


def dense() -> np.ndarray:
    (one, other), numeric = columns()
    return np.hstack([np.eye(SIZES[0])[one], np.eye(SIZES[1])[other], numeric])


def penalty(theta: np.ndarray) -> np.ndarray:
    return np.diag(np.concatenate([np.repeat(1 / theta**2, SIZES), HELD]))


AT = np.array([0.6, 0.3])


def test_linear_effects_and_their_covariance_are_those_of_the_dense_equations(linear, response):
    node, table = linear.evaluate(-AT), dense()
    inverse = np.linalg.inv(table.T @ table + penalty(AT))
    mean = inverse @ table.T @ response
    np.testing.assert_allclose(np.concatenate([node.zero, node.rest]), mean, atol=1e-10)
    variance = (response @ response - response @ table @ mean) / (ROWS - 2)
    assert node.unit == pytest.approx(np.sqrt(variance))
    np.testing.assert_allclose(node.covariance, variance * inverse[SIZES[0] :, SIZES[0] :], atol=1e-10)
    np.testing.assert_allclose(node.theta, AT)


def test_binomial_effects_are_the_mode_and_their_covariance_its_curvature(binomial, wins):
    node, table = binomial.evaluate(AT), dense()
    mean = np.concatenate([node.zero, node.rest])
    chances = expit(table @ mean)
    np.testing.assert_allclose(table.T @ (wins - TRIALS * chances), penalty(AT) @ mean, atol=0.02)
    inverse = np.linalg.inv((table.T * (TRIALS * chances * (1 - chances))) @ table + penalty(AT))
    np.testing.assert_allclose(node.covariance, inverse[SIZES[0] :, SIZES[0] :], atol=1e-6)
    assert node.unit == 1


def test_draws_have_the_mean_and_the_covariance_of_all_effects(linear, response):
    node, table = linear.evaluate(AT), dense()
    zero, rest = node.draw(np.random.default_rng(1), 40_000)
    drawn = np.vstack([zero, rest])
    wanted = node.unit**2 * np.linalg.inv(table.T @ table + penalty(AT))
    deviations = np.sqrt(np.diag(wanted))
    away = (drawn.mean(axis=1) - np.concatenate([node.zero, node.rest])) / deviations
    np.testing.assert_allclose(away, 0, atol=0.025)
    np.testing.assert_allclose(
        np.cov(drawn) / np.outer(deviations, deviations), wanted / np.outer(deviations, deviations), atol=0.03
    )


def test_the_weight_of_spreads_is_their_likelihood_times_their_prior(linear, response):
    def slow(theta: np.ndarray) -> tuple[float, float]:
        (one, other), numeric = columns()
        spread = np.eye(ROWS) + numeric @ np.diag(1 / HELD) @ numeric.T
        for scale, codes in zip(theta, (one, other), strict=True):
            spread += scale**2 * np.equal.outer(codes, codes)
        left = response @ np.linalg.solve(spread, response)
        likelihood = -np.linalg.slogdet(spread)[1] / 2 - (ROWS - 2) / 2 * np.log(left)
        return likelihood, likelihood + np.log(theta).sum() - (theta @ theta) / (2 * 0.5**2)

    one, other = np.array([0.6, 0.3]), np.array([0.2, 0.9])
    nodes = [linear.evaluate(theta) for theta in (one, other)]
    (plain, whole), (plain_other, whole_other) = slow(one), slow(other)
    assert nodes[0].log_weight - nodes[1].log_weight == pytest.approx(whole - whole_other, abs=1e-8)
    assert nodes[0].log_likelihood - nodes[1].log_likelihood == pytest.approx(plain - plain_other, abs=1e-8)


def test_the_prior_of_a_spread_is_s_times_a_half_normal():
    assert log_prior(np.array([-0.5, 1.0])) == pytest.approx(np.log(0.5) - 0.25 / 0.5 - 1 / 0.5)
    assert np.isfinite(log_prior(np.zeros(2)))


@pytest.mark.parametrize("kind", ["linear", "binomial"])
@pytest.mark.parametrize("theta", [(0.6, 0.3), (-0.2, 0.8)])
def test_the_gradient_equals_differences(kind, theta, request):
    surface, at = request.getfixturevalue(kind), np.array(theta)
    slopes = surface.gradient(at)
    steps = 1e-3 * np.eye(2)
    differences = [
        (surface.evaluate(at + by).log_weight - surface.evaluate(at - by).log_weight) / 2e-3 for by in steps
    ]
    np.testing.assert_allclose(slopes, differences, rtol=2e-3, atol=2e-3)


def test_a_surface_that_was_asked_elsewhere_answers_for_where_it_is_asked(linear):
    here, there = linear.evaluate(AT).log_weight, linear.evaluate(2 * AT).log_weight
    moved = AT.copy()
    assert linear.evaluate(moved).log_weight == here
    moved *= 2
    assert linear.evaluate(moved).log_weight == there


def lattice(surface: Surface, highest: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spreads of the first and of the second factor, and the log weight of each pair."""
    axes = [(np.arange(40) + 0.5) / 40 * high for high in highest]
    heights = [[surface.evaluate(np.array([one, other])).log_weight for other in axes[1]] for one in axes[0]]
    return axes[0], axes[1], np.array(heights)


@pytest.fixture(scope="module")
def whole(linear):
    return lattice(linear, (1.5, 1.2))


@pytest.fixture(scope="module")
def posterior(linear):
    return integrate(linear)


def test_the_mode_is_the_top_of_the_lattice(posterior, whole):
    one, other, heights = whole
    top = np.unravel_index(heights.argmax(), heights.shape)
    assert posterior.mode.theta == pytest.approx([one[top[0]], other[top[1]]], abs=0.04)
    assert posterior.mode.log_weight >= heights.max() - 1e-3
    assert not posterior.is_plugged_in


def test_the_mode_of_won_or_lost_is_the_top_of_its_lattice(binomial):
    one, other, heights = lattice(binomial, (1.6, 1.2))
    top, found = np.unravel_index(heights.argmax(), heights.shape), integrate(binomial)
    assert found.mode.theta == pytest.approx([one[top[0]], other[top[1]]], abs=0.05)
    assert found.mode.log_weight >= heights.max() - 2e-3


@pytest.mark.parametrize(("name", "axis", "points"), [("segment", 0, POINTS_OF_OTHERS), ("person", 1, POINTS)])
def test_a_grid_lies_along_one_spread_with_the_other_at_its_best(posterior, whole, name, axis, points):
    grid, axes, heights = posterior.grids[name], whole[:2], whole[2]
    along = np.array([node.theta[axis] for node in grid.nodes])
    assert len(grid.nodes) == points
    np.testing.assert_allclose(np.diff(along), along[1] - along[0])
    assert along[0] - (along[1] - along[0]) / 2 >= -1e-9
    best = np.interp(along, axes[axis], heights.max(axis=1 - axis))
    reached = np.array([node.log_weight for node in grid.nodes])
    np.testing.assert_allclose(reached, best, atol=0.15)
    assert 3 < posterior.mode.log_weight - reached[-1] < 7
    wanted = np.exp(reached - reached.max())
    np.testing.assert_allclose(grid.weights, wanted / wanted.sum())


@pytest.mark.parametrize(("name", "axis"), [("segment", 0), ("person", 1)])
def test_a_grid_ends_where_the_posterior_lies_that_far_below_its_top(posterior, linear, name, axis):
    along = np.array([node.theta[axis] for node in posterior.grids[name].nodes])
    end = posterior.mode.theta.copy()
    end[axis] = along[-1] + (along[1] - along[0]) / 2
    assert posterior.mode.log_weight - linear.evaluate(end).log_weight == pytest.approx(DROP, abs=0.5)


def test_a_grid_of_a_well_known_spread_begins_some_deviations_below_it():
    codes, rng = np.arange(3000) % 300, np.random.default_rng(1)
    person = Factor("person", codes, tuple(map(str, range(300))))
    made = lay_out((person,), numeric=np.ones((3000, 1)), precision=HELD[:1])
    surface = linear_surface(made, rng.normal(scale=0.7, size=300)[codes] + rng.normal(size=3000))
    found = integrate(surface)
    along = np.array([node.theta[0] for node in found.grids["person"].nodes])
    deviation = _hessian(surface, found.mode.theta)[0, 0] ** -0.5
    begin = along[0] - (along[1] - along[0]) / 2
    assert begin == pytest.approx(found.mode.theta[0] - FAR * deviation)
    assert begin > 0.4


def test_spreads_drawn_together_have_the_posterior_of_the_lattice(posterior, whole):
    drawn = list(drawn_together(posterior, number=600, rng=np.random.default_rng(1)))
    spreads, heights = np.array([node.theta for node, _ in drawn]), np.array([height for _, height in drawn])
    weights = np.exp(heights - heights.max())
    weights /= weights.sum()
    assert 1 / (weights @ weights) > 300
    one, other, log_weights = whole
    cells = np.exp(log_weights - log_weights.max())
    cells /= cells.sum()
    wanted = np.array([cells.sum(axis=1) @ one, cells.sum(axis=0) @ other])
    mean = weights @ spreads
    deviations = np.sqrt([cells.sum(axis=1) @ one**2, cells.sum(axis=0) @ other**2] - wanted**2)
    np.testing.assert_allclose((mean - wanted) / deviations, 0, atol=0.1)
    found = np.sqrt(weights @ spreads**2 - mean**2)
    np.testing.assert_allclose(found, deviations, rtol=0.07)
    together = weights @ (spreads[:, 0] * spreads[:, 1]) - mean[0] * mean[1]
    assert together == pytest.approx(one @ cells @ other - wanted[0] * wanted[1], abs=0.1 * deviations.prod())


@pytest.mark.parametrize("kind", ["linear", "binomial"])
def test_the_curvature_of_the_posterior_equals_differences(kind, request):
    surface, at = request.getfixturevalue(kind), np.array([0.6, 0.4])

    def height(*steps: np.ndarray) -> float:
        return surface.evaluate(at + np.sum(steps, axis=0)).log_weight

    one, other = 0.02 * np.eye(2)
    mixed = height(one, other) - height(one, -other) - height(-one, other) + height(-one, -other)
    own = [height(by) - 2 * height(by * 0) + height(-by) for by in (one, other)]
    wanted = -np.array([[own[0], mixed / 4], [mixed / 4, own[1]]]) / 0.02**2
    assert np.linalg.eigvalsh(wanted).min() > 2
    np.testing.assert_allclose(_hessian(surface, at), wanted, atol=0.02 * abs(wanted).max())


def test_a_flat_direction_is_held_by_half_the_prior():
    flat = Surface(layout(), evaluate=None, gradient=lambda theta: np.array([-3.0 * theta[0], 0.0]), inspect=None)
    np.testing.assert_allclose(_hessian(flat, np.array([0.1, 2.0])), [[3.0, 0.0], [0.0, 2.0]], atol=1e-12)


@pytest.fixture(scope="module")
def coupled() -> Surface:
    """Two factors that nearly follow each other, so that what one spread leaves the other must take."""
    (one, _), numeric = columns()
    other = np.where(np.random.default_rng(5).random(ROWS) < 0.9, one % SIZES[1], (one + 3) % SIZES[1])
    rng = np.random.default_rng(6)
    coded = [Factor(n, c, tuple(map(str, range(s)))) for n, c, s in zip("ab", (one, other), SIZES, strict=True)]
    made = lay_out(tuple(coded), numeric=numeric, precision=HELD, keep="b")
    shared = rng.normal(scale=0.8, size=SIZES[1])[other] + rng.normal(scale=0.3, size=SIZES[0])[one]
    return linear_surface(made, shared + rng.normal(size=ROWS))


def test_along_a_grid_the_other_spread_goes_where_it_is_then_most_likely(coupled):
    found, others, gained = integrate(coupled), np.linspace(0.02, 2, 100), []
    for node in found.grids["b"].nodes:
        best = max(coupled.evaluate(np.array([other, node.theta[1]])).log_weight for other in others)
        still = coupled.evaluate(np.array([found.mode.theta[0], node.theta[1]])).log_weight
        gained.append(best - still)
        assert node.log_weight == pytest.approx(best, abs=0.05)
    assert max(gained) > 1


def test_the_other_spread_follows_to_where_it_is_then_most_likely(coupled):
    surface = coupled
    mode = integrate(surface).mode.theta
    hessian = _hessian(surface, mode)
    target = mode[1] / 3
    here, steps = mode, np.linspace(mode[1], target, 6)[1:]
    for step in steps:
        here, node = _follow(surface, here, (1, float(step)), np.array([0]), hessian)
    assert node.theta.tolist() == pytest.approx(here.tolist())
    assert here[1] == target
    heights = {
        value: surface.evaluate(np.array([value, target])).log_weight for value in np.linspace(0.02, 2, 100)
    }
    best = max(heights, key=heights.__getitem__)
    stayed = surface.evaluate(np.array([mode[0], target])).log_weight
    assert abs(best - mode[0]) > 0.1
    assert heights[best] - stayed > 0.2
    assert node.log_weight == pytest.approx(heights[best], abs=0.05)


def test_a_place_in_a_grid_is_the_spread_below_which_that_share_lies(posterior):
    grid = posterior.grids["person"]
    along = np.array([node.theta[1] for node in grid.nodes])
    spreads, heights = _placed(grid, 1, np.cumsum(grid.weights) - grid.weights / 2)
    np.testing.assert_allclose(spreads, along)
    np.testing.assert_allclose(heights, np.log(grid.weights))
    spreads, _ = _placed(grid, 1, np.cumsum(grid.weights) - grid.weights / 4)
    np.testing.assert_allclose(spreads, along + (along[1] - along[0]) / 4)


def test_a_few_spreads_drawn_together_stand_in_equal_strata(posterior):
    nodes = [node for node, _ in drawn_together(posterior, number=20, rng=np.random.default_rng(2))]
    for axis, name in enumerate(("segment", "person")):
        grid = posterior.grids[name]
        along = np.array([node.theta[axis] for node in grid.nodes])
        ends = np.concatenate([along, along[-1:] + along[1] - along[0]]) - (along[1] - along[0]) / 2
        shares = np.interp(
            [node.theta[axis] for node in nodes], ends, np.concatenate([[0], np.cumsum(grid.weights)])
        )
        assert sorted(np.floor(shares * 20 + 1e-9)) == list(range(20))
        assert np.ptp(shares * 20 % 1) > 0.5


def test_plugged_in_spreads_are_one_node_each_time(linear):
    held = plug_in(linear, AT)
    assert held.is_plugged_in
    assert {name: (len(grid.nodes), grid.weights.tolist()) for name, grid in held.grids.items()} == {
        "segment": (1, [1.0]), "person": (1, [1.0]),
    }  # fmt: skip
    drawn = list(drawn_together(held, number=3, rng=np.random.default_rng(1)))
    assert [(node is held.mode, height) for node, height in drawn] == [(True, 0.0)] * 3
    np.testing.assert_allclose(held.mode.theta, AT)


def test_levels_stand_where_the_layout_says(linear):
    node, made = linear.evaluate(AT), layout()
    assert columns_of(made, "segment") is None
    assert columns_of(made, "person").tolist() == list(range(SIZES[1]))
    np.testing.assert_array_equal(level_effects(made, node, "segment"), node.zero)
    np.testing.assert_array_equal(level_effects(made, node, "person"), node.rest[: SIZES[1]])


def test_levels_of_a_later_factor_stand_behind_the_earlier_ones():
    (one, other), numeric = columns()
    sizes = {"team": 3, "segment": SIZES[0], "person": SIZES[1]}
    codes = {"team": one % 3, "segment": one, "person": other}
    factors = tuple(Factor(name, codes[name], tuple(map(str, range(size)))) for name, size in sizes.items())
    made = lay_out(factors, numeric=numeric, keep="person")
    assert columns_of(made, "team").tolist() == [0, 1, 2]
    assert columns_of(made, "person").tolist() == list(range(3, 3 + SIZES[1]))


def test_a_spread_that_stands_alone_has_a_grid_too():
    (_, other), numeric = columns()
    made = lay_out((Factor("person", other, tuple(map(str, range(8)))),), numeric=numeric, precision=HELD)
    grid = integrate(linear_surface(made, predictor())).grids["person"]
    along = np.array([node.theta[0] for node in grid.nodes])
    np.testing.assert_allclose(np.diff(along), along[1] - along[0])
    assert made.parameter_names == ["person"]


def test_where_one_factor_is_alone_nothing_else_moves():
    (_, other), numeric = columns()
    alone = lay_out(
        (Factor("person", other, tuple(map(str, range(8)))),), numeric=numeric, precision=HELD, keep="person"
    )
    assert alone.parameter_names == ["", "person"]
    found = integrate(linear_surface(alone, predictor()))
    assert list(found.grids) == ["person"]
    assert len(list(drawn_together(found, number=4, rng=np.random.default_rng(1)))) == 4
