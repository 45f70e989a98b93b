"""What only large designs do (estimated sums, old factors) gives what small ones do."""

import numpy as np
import polars as pl
import pytest

from karma_core.effects import design, fit_binomial, fit_linear, logistic, traces
from karma_core.effects.gaussian import linear, solve
from karma_core.effects.layout import lay_out


def deals(rows: int = 6000) -> pl.DataFrame:
    rng = np.random.default_rng(5)
    sizes = {"rep": 150, "account": 400, "segment": 12}
    codes = {name: rng.integers(0, size, rows) for name, size in sizes.items()}
    eta = -0.4 + sum(rng.normal(scale=0.5, size=size)[codes[name]] for name, size in sizes.items())
    return pl.DataFrame(codes | {"margin": eta + rng.normal(size=rows), "x": rng.normal(size=rows)}).with_columns(
        won=pl.Series((rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(float))
    )


def test_estimated_sums_are_those_of_the_inverse():
    made = design(deals(), response="margin", random=["rep", "account", "segment"], fixed=["x"])
    layout = lay_out(made.factors, numeric=made.fixed)
    width = layout.random_width
    model = linear(layout.crossing, layout.loadings, made.response, random_width=width, reml=False)
    factorised = solve(model, np.array([0.5, 0.4, 0.6])).factorised
    exact, rough = traces.variances(factorised, width), traces.estimated(factorised, width)
    assert exact.zero == pytest.approx(factorised.first_variances(width).sum(), abs=1e-9)
    assert rough.zero != exact.zero
    assert rough.zero == pytest.approx(exact.zero, abs=0.5)
    assert rough.rest[:150].sum() == pytest.approx(exact.rest[:150].sum(), abs=0.5)
    assert rough.rest[150:].sum() == pytest.approx(exact.rest[150:].sum(), abs=0.5)
    assert traces.estimated(factorised, width).zero == rough.zero


@pytest.mark.parametrize(("fit", "response"), [(fit_linear, "margin"), (fit_binomial, "won")])
def test_a_costly_fit_is_the_same_fit(monkeypatch, fit, response):
    made = design(deals(), response=response, random=["rep", "account", "segment"], fixed=["x"])
    exact = fit(made)
    for module in (traces, logistic):
        monkeypatch.setattr(module, "COSTLY", 0)
    costly = fit(made)
    assert costly.log_likelihood == pytest.approx(exact.log_likelihood, abs=0.005)
    assert costly.sd == pytest.approx(exact.sd, rel=0.01)
    assert costly.coefficients == pytest.approx(exact.coefficients, abs=0.002)


def test_an_old_factor_saves_factorisations_and_finds_the_same_mode(monkeypatch):
    made = design(deals(), response="won", random=["rep", "segment"])
    layout = lay_out(made.factors, numeric=made.fixed, precision=np.array([0.01]))
    none = np.zeros((made.rows, 0))
    model = logistic.Binomial(layout.crossing, layout.loadings, none, made.response, np.ones(made.rows))
    counted = []
    plain = logistic.factorise
    monkeypatch.setattr(logistic, "factorise", lambda *given: counted.append(1) or plain(*given))
    modes, numbers = [], []
    for costly in (10**9, 0):
        monkeypatch.setattr(logistic, "COSTLY", costly)
        modes.append(logistic.find_mode(model, np.array([0.5, 0.5]), np.zeros(0)))
        numbers.append(len(counted))
        counted.clear()
    assert numbers[1] < numbers[0]
    assert modes[1].criterion == pytest.approx(modes[0].criterion, abs=1e-4)
    np.testing.assert_allclose(modes[1].rest, modes[0].rest, atol=1e-3)
