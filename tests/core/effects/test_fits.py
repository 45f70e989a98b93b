"""A fit agrees with dense matrices: coefficients and their errors, modes and their deviations, likelihood."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import binom

from karma_core.effects import Fit, fit_binomial, fit_linear
from karma_core.effects.answer import Effects, spreads
from karma_core.effects.answer import modes as listed
from karma_core.effects.binomial_fit import fold
from karma_core.effects.design import Design, Factor
from karma_core.effects.layout import lay_out
from karma_core.errors import FrameError

SIZES = (9, 5, 3)


def designed(*, rows: int = 150) -> tuple[Design, np.ndarray]:
    rng = np.random.default_rng(21)
    codes = [rng.integers(0, size, rows) for size in SIZES]
    fixed = np.column_stack([np.ones(rows), rng.integers(0, 3, rows)])
    effects = [rng.normal(scale=scale, size=size) for scale, size in zip((0.8, 0.6, 0.7), SIZES, strict=True)]
    eta = fixed @ [0.4, -0.3] + sum(e[c] for e, c in zip(effects, codes, strict=True))
    factors = tuple(
        Factor(name, code, tuple(f"{name}{i}" for i in range(size)))
        for name, code, size in zip(("large", "b", "c"), codes, SIZES, strict=True)
    )
    return Design(eta + rng.normal(size=rows), fixed, ("(Intercept)", "x"), factors), eta


def dummies(design: Design) -> np.ndarray:
    return np.hstack([np.eye(f.size)[f.codes] for f in design.factors])


def modes(fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    assert [(m.factor, m.column) for m in fit.modes] == [(n, "(Intercept)") for n in ("large", "b", "c")]
    assert [m.levels[0] for m in fit.modes] == ["large0", "b0", "c0"]
    return tuple(np.concatenate([getattr(m, what) for m in fit.modes]) for what in ("values", "deviations"))


@pytest.mark.parametrize("reml", [False, True])
def test_a_linear_fit_is_generalised_least_squares(reml):
    design, _ = designed()
    fit, table, fixed = fit_linear(design, reml=reml), dummies(design), design.fixed
    assert list(fit.sd) == ["large", "b", "c", "residual"]
    spreads = np.repeat([fit.sd[f.name] for f in design.factors], SIZES)
    inverse = np.linalg.inv(fit.sd["residual"] ** 2 * np.eye(design.rows) + (table * spreads**2) @ table.T)
    errors = np.linalg.inv(fixed.T @ inverse @ fixed)
    wanted = errors @ fixed.T @ inverse @ design.response
    assert list(fit.coefficients.values()) == pytest.approx(wanted, abs=1e-6)
    assert list(fit.standard_errors.values()) == pytest.approx(np.sqrt(np.diag(errors)), rel=1e-6)
    values, deviations = modes(fit)
    left = design.response - fixed @ wanted
    np.testing.assert_allclose(values, spreads**2 * (table.T @ inverse @ left), atol=1e-6)
    known = np.linalg.inv(table.T @ table / fit.sd["residual"] ** 2 + np.diag(1 / spreads**2))
    np.testing.assert_allclose(deviations, np.sqrt(np.diag(known)), rtol=1e-6)
    assert (fit.family, fit.method, fit.rows) == ("gaussian", "reml" if reml else "ml", 150)
    assert (list(fit.coefficients), fit.correlations, fit.converged) == (["(Intercept)", "x"], {}, True)
    assert fit.evaluations > 4
    determinant = -np.linalg.slogdet(inverse)[1]
    plain = determinant + left @ inverse @ left
    constant = design.rows * np.log(2 * np.pi)
    if reml:
        plain, constant = plain - np.linalg.slogdet(errors)[1], (design.rows - 2) * np.log(2 * np.pi)
    assert fit.log_likelihood == pytest.approx(-(plain + constant) / 2, abs=1e-6)


@pytest.mark.parametrize("tries", [1, 4])
def test_a_binomial_fit_is_its_mode_and_the_curvature_there(tries):
    design, eta = designed()
    trials = np.full(150, float(tries))
    wins = np.random.default_rng(8).binomial(tries, expit(eta)).astype(float)
    design = replace(design, response=wins, trials=trials if tries > 1 else None)
    fit, table, fixed = fit_binomial(design), dummies(design), design.fixed
    assert list(fit.sd) == ["large", "b", "c"]
    spreads = np.repeat([fit.sd[f.name] for f in design.factors], SIZES)
    values, deviations = modes(fit)
    linear = fixed @ list(fit.coefficients.values()) + table @ values
    chances = expit(linear)
    weights = trials * chances * (1 - chances)
    np.testing.assert_allclose(table.T @ (wins - trials * chances), values / spreads**2, atol=1e-4)
    curvature = (table.T * weights) @ table + np.diag(1 / spreads**2)
    np.testing.assert_allclose(deviations, np.sqrt(np.diag(np.linalg.inv(curvature))), rtol=1e-5)
    errors = np.sqrt(np.diag(np.linalg.inv(_curvature(design, trials, fit))))[-2:]
    assert list(fit.standard_errors.values()) == pytest.approx(errors, rel=2e-3)
    likelihood = binom.logpmf(wins, trials, chances).sum() - (values**2 / spreads**2).sum() / 2
    likelihood -= (np.linalg.slogdet(curvature)[1] + 2 * np.log(spreads).sum()) / 2
    assert fit.log_likelihood == pytest.approx(likelihood, abs=1e-6)
    assert (fit.family, fit.method, fit.rows) == ("binomial", "ml", 150)
    assert fit.evaluations > 1
    assert (list(fit.coefficients), fit.correlations, fit.converged) == (["(Intercept)", "x"], {}, True)
    for at, step in enumerate(0.01 * np.eye(3)):
        # the spreads are the best ones to a thousandth of their standard error
        down, up = (
            _laplace(
                design, trials, np.repeat(np.array(list(fit.sd.values())) + by, SIZES), linear - table @ values
            )
            for by in (-step, step)
        )
        assert abs(up - down) / (2 * step[at]) < 1e-3 * np.sqrt((2 * likelihood - up - down) / step[at] ** 2)
    for step in 1e-3 * np.eye(2):
        # the coefficients are the best ones: the likelihood falls on either side, by about as much
        moved = [
            _laplace(design, trials, spreads, fixed @ (list(fit.coefficients.values()) + by))
            for by in (step, -step)
        ]
        assert max(moved) < likelihood + 1e-7
        assert moved[0] == pytest.approx(moved[1], abs=1e-5)


def _curvature(design: Design, trials: np.ndarray, fit: Fit) -> np.ndarray:
    """Minus the second differences of the likelihood over the spreads and the coefficients."""
    at = np.array([*fit.sd.values(), *fit.coefficients.values()])
    steps = 1e-3 * np.eye(len(at))

    def height(point: np.ndarray) -> float:
        return _laplace(design, trials, np.repeat(point[:3], SIZES), design.fixed @ point[3:])

    return -np.array(
        [
            [
                (height(at + a + b) - height(at + a - b) - height(at - a + b) + height(at - a - b)) / 4e-6
                for b in steps
            ]
            for a in steps
        ]
    )


def _laplace(design: Design, trials: np.ndarray, spreads: np.ndarray, offset: np.ndarray) -> float:
    table, values = dummies(design) * spreads, np.zeros(sum(SIZES))
    for _ in range(30):
        chances = expit(offset + table @ values)
        curvature = (table.T * (trials * chances * (1 - chances))) @ table + np.eye(len(values))
        values = values + np.linalg.solve(curvature, table.T @ (design.response - trials * chances) - values)
    likelihood = binom.logpmf(design.response, trials, expit(offset + table @ values)).sum() - values @ values / 2
    return float(likelihood - np.linalg.slogdet(curvature)[1] / 2)


def test_where_a_step_is_costly_the_errors_take_the_spreads_as_known(monkeypatch):
    design, eta = designed()
    wins = np.random.default_rng(8).binomial(1, expit(eta)).astype(float)
    design = replace(design, response=wins)
    fit = fit_binomial(design)
    monkeypatch.setattr("karma_core.effects.binomial_fit.COSTLY", 0)
    known = fit_binomial(design)
    spreads = np.repeat(list(known.sd.values()), SIZES)
    table = dummies(design)
    values, _ = modes(known)
    chances = expit(design.fixed @ list(known.coefficients.values()) + table @ values)
    both = np.hstack([table, design.fixed])
    whole = (both.T * (chances * (1 - chances))) @ both + np.diag(np.concatenate([1 / spreads**2, [0, 0]]))
    errors = np.sqrt(np.diag(np.linalg.inv(whole)))[-2:]
    assert list(known.standard_errors.values()) == pytest.approx(errors, rel=1e-5)
    assert fit.standard_errors["x"] > known.standard_errors["x"]


def test_a_slope_without_a_spread_has_no_correlation_and_stands_behind_its_intercepts():
    codes = np.arange(30) % 5
    plain, large = Factor("plain", codes % 2, ("p", "q")), Factor("large", np.arange(30) % 6, tuple("abcdef"))
    sloped = Factor("sloped", codes, tuple("vwxyz"), np.linspace(-1, 1, 30), "x")
    layout = lay_out((plain, large, sloped), numeric=np.zeros((30, 0)))
    sd, correlations = spreads(layout, np.array([0.9, 0.5, -0.7, 0.0, 0.0]), unit=2.0)
    assert sd == pytest.approx({"plain": 1.0, "large": 1.8, "sloped": 1.4, "sloped:x": 0.0})
    assert correlations == {"sloped:x": 0.0}
    sd, correlations = spreads(layout, np.array([0.9, 0.5, -0.7, 0.3, -0.4]), unit=2.0)
    assert (sd["sloped:x"], correlations["sloped:x"]) == (pytest.approx(1.0), pytest.approx(-0.6))
    rest, zero = np.arange(12.0), np.arange(6.0)
    found = listed(layout, Effects(zero, rest, zero + 100, rest + 100))
    assert [(m.factor, m.column, m.levels[0]) for m in found] == [
        ("plain", "(Intercept)", "p"), ("large", "(Intercept)", "a"),
        ("sloped", "(Intercept)", "v"), ("sloped", "x", "v"),
    ]  # fmt: skip
    assert [m.values.tolist() for m in found] == [[0, 1], zero.tolist(), [2, 3, 4, 5, 6], [7, 8, 9, 10, 11]]
    assert all((m.deviations == m.values + 100).all() for m in found)


def test_trials_of_a_linear_fit_are_refused_in_both_languages():
    design, _ = designed()
    with pytest.raises(FrameError, match="Trials belong to a binomial response") as refused:
        fit_linear(replace(design, trials=np.ones(150)))
    assert refused.value.nl.startswith("Pogingen horen bij een binomiale uitkomst")


def test_rows_with_the_same_columns_are_one_cell():
    codes = np.array([0, 0, 1, 0, 1, 0])
    fixed = np.column_stack([np.ones(6), [1.0, 1.0, 1.0, 2.0, 1.0, 1.0]])
    factors = (Factor("f", codes, ("a", "b")), Factor("g", np.array([0, 0, 0, 0, 0, 1]), ("y", "z")))
    plain = Design(np.array([1.0, 0, 1, 1, 1, 0]), fixed, ("(Intercept)", "x"), factors)
    cells = fold(plain)
    table = list(
        zip(
            *(f.codes.tolist() for f in cells.factors),
            cells.fixed[:, 1],
            cells.response,
            cells.trials,
            strict=True,
        )
    )
    assert table == [(0, 0, 1, 1, 2), (1, 0, 1, 2, 2), (0, 0, 2, 1, 1), (0, 1, 1, 0, 1)]
    assert [(f.name, f.levels) for f in cells.factors] == [("f", ("a", "b")), ("g", ("y", "z"))]
    assert (cells.fixed_names, cells.fixed[:, 0].tolist()) == (("(Intercept)", "x"), [1.0] * 4)
    tried = fold(replace(plain, trials=np.array([2.0, 3, 4, 5, 6, 7])))
    assert tried.trials.tolist() == [5, 10, 5, 7]


def test_a_fit_without_fixed_columns_has_no_coefficients():
    design, _ = designed()
    none = replace(design, fixed=np.zeros((150, 0)), fixed_names=())
    assert fit_linear(none).coefficients == {}
    wins = (design.response > 0).astype(float)
    assert fit_binomial(replace(none, response=wins)).standard_errors == {}


@pytest.mark.parametrize("tries", [-1.0, 0.5])
def test_wins_outside_the_trials_are_refused_in_both_languages(tries):
    frame = pl.DataFrame({"y": [tries, 1.0, 0.0, 1.0]})
    design = Design(
        frame["y"].to_numpy(), np.ones((4, 1)), ("(Intercept)",), (Factor("f", np.arange(4) % 2, ("a", "b")),)
    )
    with pytest.raises(FrameError, match="one row does not") as refused:
        fit_binomial(replace(design, trials=np.full(4, abs(tries) / 2)))
    assert "er is een rij" in refused.value.nl
