"""The solver agrees with slow, obvious twins: dense matrices, differences instead of gradients."""

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
    theta, beta = np.array([0.5, 0.3, 0.4]), np.zeros(0) if inner else np.array([0.1, -0.4])

    def value(at: np.ndarray) -> float:
        return find_mode(model, at[:3], at[3:]).criterion

    slopes = np.concatenate(criterion_gradient(model, theta, find_mode(model, theta, beta)))
    at, step = np.concatenate([theta, beta]), 1e-4 * np.eye(3 + len(beta))
    differences = [(value(at + by) - value(at - by)) / 2e-4 for by in step]
    np.testing.assert_allclose(slopes, differences, atol=2e-4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), reml=st.booleans(), theta=st.tuples(*[st.floats(0.05, 3.0)] * 3))
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


def test_linear_log_likelihood_equals_the_normal_density():
    design, eta = made(5)
    response = eta + np.random.default_rng(6).normal(size=design.rows)
    fit = fit_linear(Design(response, design.fixed, design.fixed_names, design.factors))
    covariance = fit.sd["residual"] ** 2 * np.eye(design.rows)
    for factor in design.factors:
        covariance += fit.sd[factor.name] ** 2 * np.equal.outer(factor.codes, factor.codes)
    mean = design.fixed @ list(fit.coefficients.values())
    assert fit.log_likelihood == pytest.approx(multivariate_normal(mean, covariance).logpdf(response), abs=1e-6)


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
