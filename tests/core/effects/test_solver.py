"""The solver agrees with slow, obvious twins: dense matrices, differences instead of gradients."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from karma_core.effects import crossing as crossing_module
from karma_core.effects import fit_binomial, fit_linear
from karma_core.effects.crossing import Block, Crossing
from karma_core.effects.design import Design, Factor
from karma_core.effects.gaussian import deviance_gradient, linear, solve
from karma_core.effects.layout import Layout, Tied, lay_out
from karma_core.effects.leverage import row_variances
from karma_core.effects.logistic import Binomial, criterion_gradient, find_mode
from karma_core.effects.start import Determined, determined, search, stepped

SIZES = (7, 4, 3)


def made(seed: int, *, rows: int = 120, trials: int = 3) -> tuple[Design, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = [rng.integers(0, size, rows) for size in SIZES]
    effects = [rng.normal(scale=0.6, size=size) for size in SIZES]
    fixed = np.column_stack([np.ones(rows), rng.normal(size=rows)])
    eta = fixed @ [0.2, -0.5] + sum(e[c] for e, c in zip(effects, codes, strict=True))
    factors = tuple(
        Factor(name, code, tuple(str(level) for level in range(size)))
        for name, code, size in zip("abc", codes, SIZES, strict=True)
    )
    wins = rng.binomial(trials, 1 / (1 + np.exp(-eta))).astype(float)
    return Design(wins, fixed, ("(Intercept)", "x"), factors, np.full(rows, float(trials))), eta


def dense(crossing: Crossing) -> np.ndarray:
    blocks = [crossing.first, *crossing.others]
    dummies = [np.eye(b.size)[b.codes] * (1 if b.slope is None else b.slope[:, None]) for b in blocks]
    return np.hstack([*dummies, crossing.numeric])


def binomial(design: Design, *, inner: bool) -> tuple[Layout, Binomial]:
    none = np.zeros((design.rows, 0))
    tied = (Tied(design.fixed[:, 1], "b", 0.7),) if inner else ()
    held = np.array([0.0, 0.04]) if inner else None
    numeric = design.fixed if inner else none
    layout = lay_out(design.factors, numeric=numeric, precision=held, tied=tied)
    outer = none if inner else design.fixed
    return layout, Binomial(layout.crossing, layout.loadings, outer, design.response, design.trials)


def test_tables_equal_dense_cross_products():
    design, _ = made(1)
    layout, _ = binomial(design, inner=True)
    weights = np.random.default_rng(2).random(design.rows)
    table = dense(layout.crossing)
    wanted = table.T @ (weights[:, None] * table)
    tables, q = layout.crossing.tables(weights), SIZES[0]
    np.testing.assert_allclose(np.diag(tables.diagonal), wanted[:q, :q])
    np.testing.assert_allclose(tables.coupling.table, wanted[:q, q:])
    np.testing.assert_allclose(tables.rest, wanted[q:, q:], atol=1e-12)


@pytest.mark.parametrize("cells", [0, 10**9])
def test_row_variances_equal_the_dense_inverse(monkeypatch, cells):
    monkeypatch.setattr(crossing_module, "DENSE_CELLS", cells)
    design, _ = made(3)
    layout, model = binomial(design, inner=True)
    theta = np.array([0.5, 0.3, 0.4])
    mode = find_mode(model, theta, np.zeros(0))
    weights = model.trials * mode.chances * (1 - mode.chances)
    table = dense(layout.crossing)
    scale = np.concatenate([np.full(SIZES[0], 0.5), layout.loadings.rest(theta)])
    penalty = np.concatenate([np.ones(SIZES[0]), layout.loadings.precision])
    inverse = np.linalg.inv((table * scale).T @ (weights[:, None] * table * scale) + np.diag(penalty))
    wanted = np.einsum("ij,jk,ik->i", table * scale, inverse, table * scale)
    np.testing.assert_allclose(row_variances(layout.crossing, mode.factorised), wanted, rtol=1e-9)


@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("cells", [0, 10**9])
def test_laplace_gradient_equals_differences(monkeypatch, inner, cells):
    monkeypatch.setattr(crossing_module, "DENSE_CELLS", cells)
    design, _ = made(4)
    _, model = binomial(design, inner=inner)
    theta, beta = np.array([0.5, -0.3, 0.4]), np.zeros(0) if inner else np.array([0.1, -0.4])

    def value(at: np.ndarray) -> float:
        return find_mode(model, at[:3], at[3:]).criterion

    slopes = np.concatenate(criterion_gradient(model, theta, find_mode(model, theta, beta)))
    at, step = np.concatenate([theta, beta]), 1e-4 * np.eye(3 + len(beta))
    differences = [(value(at + by) - value(at - by)) / 2e-4 for by in step]
    np.testing.assert_allclose(slopes, differences, atol=2e-4)


SPREAD = st.floats(0.05, 3.0) | st.floats(-3.0, -0.05)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), reml=st.booleans(), theta=st.tuples(*[SPREAD] * 3))
def test_linear_gradient_equals_differences(seed, reml, theta):
    design, eta = made(seed)
    layout = lay_out(design.factors, numeric=design.fixed)
    width = layout.random_width
    model = linear(layout.crossing, layout.loadings, eta + design.response, random_width=width, reml=reml)
    at = np.array(theta)
    differences = [
        (solve(model, at + by).deviance - solve(model, at - by).deviance) / 2e-5 for by in 1e-5 * np.eye(3)
    ]
    np.testing.assert_allclose(deviance_gradient(model, at, solve(model, at)), differences, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("reml", [True, False])
def test_another_unit_shifts_the_deviance_and_nothing_else(reml):
    design, eta = made(11)
    layout, theta = lay_out(design.factors, numeric=design.fixed), np.array([0.5, 0.3, 0.4])

    def solved(response):
        return solve(linear(layout.crossing, layout.loadings, response, random_width=7, reml=reml), theta)

    whole, small = solved(eta), solved(1e-6 * eta)
    freedom = design.rows - 2 if reml else design.rows
    assert small.deviance == pytest.approx(whole.deviance + 2 * freedom * np.log(1e-6))
    assert small.residual_variance == pytest.approx(1e-12 * whole.residual_variance)


def test_linear_log_likelihood_equals_the_normal_density():
    design, eta = made(5)
    response = eta + np.random.default_rng(6).normal(size=design.rows)
    fit = fit_linear(Design(response, design.fixed, design.fixed_names, design.factors))
    covariance = fit.sd["residual"] ** 2 * np.eye(design.rows)
    for factor in design.factors:
        covariance += fit.sd[factor.name] ** 2 * np.equal.outer(factor.codes, factor.codes)
    mean = design.fixed @ list(fit.coefficients.values())
    assert fit.log_likelihood == pytest.approx(multivariate_normal(mean, covariance).logpdf(response), abs=1e-6)


def test_a_slope_has_the_normal_density_and_its_best_predictions():
    design, eta = made(12)
    x = design.fixed[:, 1]
    tilt = np.array([-0.9, 0.1, 0.2, 1.0])[design.factors[1].codes]
    noise = np.random.default_rng(13).normal(scale=0.7, size=len(x))
    response = eta + tilt * (x + np.where(x > 0, 1.2, 0.8)) + noise
    sloped = replace(design.factors[1], slope=x, slope_name="x")
    fit = fit_linear(Design(response, design.fixed, design.fixed_names, (design.factors[0], sloped)))
    one, own, size = fit.sd["a"], (fit.sd["b"], fit.sd["b:x"]), SIZES[1]
    assert 0.5 < fit.correlations["b:x"] < 1
    mixed = fit.correlations["b:x"] * own[0] * own[1]
    level = np.eye(size)[sloped.codes]
    # covariances of the intercepts' and the slopes' effects with the response, and the response's own
    beside = np.vstack([(level * own[0] ** 2 + level * mixed * x[:, None]).T,
                        (level * mixed + level * own[1] ** 2 * x[:, None]).T])  # fmt: skip
    covariance = np.hstack([level, level * x[:, None]]) @ beside + fit.sd["residual"] ** 2 * np.eye(len(x))
    covariance += one**2 * np.equal.outer(design.factors[0].codes, design.factors[0].codes)
    mean = design.fixed @ list(fit.coefficients.values())
    assert fit.log_likelihood == pytest.approx(multivariate_normal(mean, covariance).logpdf(response), abs=1e-6)
    inverse = np.linalg.inv(covariance)
    predicted, left = beside @ inverse @ (response - mean), np.diag(beside @ inverse @ beside.T)
    own_variances = np.repeat(np.array(own) ** 2, size)
    by_column = {modes.column: modes for modes in fit.modes if modes.factor == "b"}
    values = np.concatenate([by_column[name].values for name in ("(Intercept)", "x")])
    deviations = np.concatenate([by_column[name].deviations for name in ("(Intercept)", "x")])
    np.testing.assert_allclose(values, predicted, atol=1e-6)
    np.testing.assert_allclose(deviations, np.sqrt(own_variances - left), rtol=1e-5)


def test_folding_identical_rows_leaves_the_fit_as_it_is():
    design, _ = made(7, trials=1)
    twice = np.tile(np.arange(design.rows), 2)
    factors = tuple(Factor(f.name, f.codes[twice], f.levels) for f in design.factors)
    doubled = Design(design.response[twice], design.fixed[twice], design.fixed_names, factors)
    trials = Design(2 * design.response, design.fixed, design.fixed_names, design.factors, 2 * design.trials)
    # a doubled row and a row with two trials differ by the binomial coefficient only, here log C(2, 0 or 2) = 0
    assert fit_binomial(doubled).log_likelihood == pytest.approx(fit_binomial(trials).log_likelihood, abs=1e-6)


def test_a_slope_that_is_constant_block_counts_like_the_intercept():
    rows = np.random.default_rng(8).integers(0, 3, 30)
    crossing = Crossing(None, (Block(rows, 3, np.ones(30)),), np.zeros((30, 0)))
    np.testing.assert_allclose(crossing.tables(None).rest, np.diag(np.bincount(rows, minlength=3)))


def test_what_the_data_determine_is_that_of_the_dense_inverse():
    design, eta = made(9)
    layout = lay_out(design.factors, numeric=design.fixed)
    theta, q, width = np.array([0.5, 0.3, 0.4]), SIZES[0], layout.random_width
    model = linear(layout.crossing, layout.loadings, eta, random_width=width, reml=False)
    state = solve(model, theta)
    found = determined(layout.loadings, state.factorised, (state.zero, state.rest), unit=0.7)
    table = dense(layout.crossing)[:, : q + width] * np.repeat(theta, SIZES)
    left = np.diag(np.linalg.inv(table.T @ table + np.eye(q + width)))
    parts = np.split(np.arange(q + width), np.cumsum(SIZES)[:-1])
    np.testing.assert_allclose(found.number, [(1 - left[part]).sum() for part in parts])
    squares = np.concatenate([state.zero, state.rest[:width]]) ** 2 / 0.7
    np.testing.assert_allclose(found.squares, [squares[part].sum() for part in parts])


@pytest.mark.parametrize(
    ("theta", "number", "squares", "wanted"),
    [
        (0.5, 4.0, 1.0, 0.25),
        (0.5, 4.0, 400.0, 2.5),
        (0.5, 4.0, 0.01, 0.1),
        (900.0, 1.0, 4.0, 1000.0),
        (0.002, 1.0, 0.05, 0.001),
        (0.5, 0.0, 0.0, 0.1),
    ],
)
def test_a_step_goes_to_the_spread_that_the_effects_show_and_not_too_far(theta, number, squares, wanted):
    found = Determined(np.array([number]), np.array([squares]))
    assert stepped(np.array([theta]), found)[0] == pytest.approx(wanted)


@pytest.mark.parametrize(("number", "off"), [(8.0, 0.2), (0.1, 0.8)])
def test_a_search_says_how_far_off_each_spread_may_be(number, off):
    asked = []

    def inspect(theta):
        asked.append(float(theta[0]))
        return Determined(np.array([number]), np.array([number * 0.64 / theta[0] ** 2]))

    theta, units = search(inspect, np.array([0.5]), steps=3)
    assert (asked, theta[0], units[0]) == (pytest.approx([0.5, 0.8, 0.8]), pytest.approx(0.8), pytest.approx(off))


def test_from_its_own_mode_the_search_takes_one_step():
    design, _ = made(14)
    _, model = binomial(design, inner=True)
    theta = np.array([0.5, 0.3, 0.4])
    mode = find_mode(model, theta, np.zeros(0))
    assert mode.steps > 1
    assert find_mode(model, theta, np.zeros(0), start=mode).steps == 1


def test_from_far_off_steps_are_halved_until_they_go_down():
    design, _ = made(15)
    _, model = binomial(design, inner=True)
    theta = np.array([3.0, 3.0, 3.0])
    mode = find_mode(model, theta, np.zeros(0))
    astray = find_mode(model, theta, np.zeros(0), start=replace(mode, zero=mode.zero - 1.5, rest=mode.rest - 1.5))
    assert astray.criterion == pytest.approx(mode.criterion, abs=1e-4)
    np.testing.assert_allclose(astray.rest, mode.rest, atol=1e-3)
