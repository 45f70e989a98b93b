"""CDNOW: the published values, made with R 4.2.2 (BTYD 2.4.3, BTYDplus, CLVTools 0.12.1)."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from karma_core.frames import collect_statistics
from karma_core.rhythm import chance_active, expected_orders, fit, fit_gamma_gamma

CALIBRATED_UNTIL = date(1997, 10, 1)
HELD_OUT_UNTIL = date(1998, 7, 1)
HELD_OUT_DAYS = (HELD_OUT_UNTIL - CALIBRATED_UNTIL).days

TABLE = {
    "nbd": ({"r": 0.38477, "alpha": 12.0720}, -9763.6576, 2929.82, (1.04102, 0.36225, 1.85952)),
    "pareto_nbd": (
        {"r": 0.5533, "alpha": 10.5777, "s": 0.6062, "beta": 11.6684},
        -9594.9762,
        1665.43,
        (0.75451, 0.23774, 1.60285),
    ),
    "bg_nbd": (
        {"r": 0.24259, "alpha": 4.41360, "a": 0.79292, "b": 2.42589},
        -9582.4292,
        1653.39,
        (0.78545, 0.23427, 1.60798),
    ),
    "mbg_nbd": (
        {"r": 0.52484, "alpha": 6.18309, "a": 0.89139, "b": 1.61405},
        -9582.1357,
        1576.71,
        (0.76478, 0.23143, 1.60718),
    ),
}
MEAN_ACTIVE = {"pareto_nbd": 0.44619, "mbg_nbd": 0.44872, "bg_nbd": 0.81344}
PARETO_ERRORS = {"r": 0.0476, "alpha": 0.8427, "s": 0.1873, "beta": 6.2105}


@pytest.fixture(scope="module")
def statistics(cdnow: pl.DataFrame) -> pl.DataFrame:
    return collect_statistics(cdnow.lazy(), as_of=CALIBRATED_UNTIL)


@pytest.fixture(scope="module")
def held_out(cdnow: pl.DataFrame, statistics: pl.DataFrame) -> np.ndarray:
    later = cdnow.filter(pl.col("on").is_between(CALIBRATED_UNTIL, HELD_OUT_UNTIL, closed="left"))
    counts = later.group_by("customer").agg(pl.col("on").n_unique().alias("orders"))
    return (
        statistics.join(counts, on="customer", how="left", maintain_order="left")["orders"].fill_null(0).to_numpy()
    )


def test_cdnow_sample_is_the_published_one(statistics, held_out):
    assert (len(statistics), int(held_out.sum())) == (2357, 1882)


@pytest.mark.parametrize("model", TABLE)
def test_parameters_and_likelihood_agree_with_the_table(statistics, model):
    parameters, log_likelihood, _, _ = TABLE[model]
    fitted = fit(statistics, model=model, unit="week")
    for name, value in parameters.items():
        tolerance = 0.01 if model == "pareto_nbd" and name in ("s", "beta") else 0.005
        assert fitted.parameters[name] == pytest.approx(value, rel=tolerance)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=0.001)
    assert not fitted.regularised


@pytest.mark.parametrize("model", TABLE)
def test_expected_orders_agree_with_the_table(statistics, held_out, model):
    _, _, total, (mae, msle, rmse) = TABLE[model]
    expected = expected_orders(fit(statistics, model=model, unit="week"), statistics, days=HELD_OUT_DAYS)
    assert expected.sum() == pytest.approx(total, rel=0.0005)
    assert np.abs(expected - held_out).mean() == pytest.approx(mae, abs=0.0005)
    assert ((np.log1p(expected) - np.log1p(held_out)) ** 2).mean() == pytest.approx(msle, abs=0.0005)
    assert np.sqrt(((expected - held_out) ** 2).mean()) == pytest.approx(rmse, abs=0.0005)


@pytest.mark.parametrize("model", MEAN_ACTIVE)
def test_mean_chance_active_agrees_with_r(statistics, model):
    active = chance_active(fit(statistics, model=model, unit="week"), statistics)
    assert active.mean() == pytest.approx(MEAN_ACTIVE[model], abs=2e-4)


def test_standard_errors_agree_with_clvtools(statistics):
    errors = fit(statistics, model="pareto_nbd", unit="week").standard_errors
    assert errors == pytest.approx(PARETO_ERRORS, rel=0.002)


def test_regularity_of_cdnow_is_one(statistics):
    assert fit(statistics, model="mbg_cnbd_k", unit="week").k == 1


def test_a_day_is_a_seventh_of_a_week(statistics):
    days, weeks = (fit(statistics, model="mbg_nbd", unit=unit) for unit in ("day", "week"))
    assert days.parameters["alpha"] == pytest.approx(7 * weeks.parameters["alpha"], rel=1e-4)
    assert days.parameters["a"] == pytest.approx(weeks.parameters["a"], rel=1e-4)


def test_gamma_gamma_agrees_with_the_table(cdnow):
    repeats = (
        cdnow.filter(pl.col("on") < CALIBRATED_UNTIL)
        .group_by("customer", "on")
        .agg(pl.col("revenue_cents").sum() / 100)
        .filter(pl.col("on") > pl.col("on").min().over("customer"))
        .group_by("customer")
        .agg(pl.len().alias("x"), pl.col("revenue_cents").mean().alias("mean"))
    )
    found = fit_gamma_gamma(repeats["x"].to_numpy().astype(float), repeats["mean"].to_numpy())
    assert (found.p, found.q, found.gamma) == pytest.approx((6.2493, 3.7443, 15.4443), rel=0.005)
    assert found.log_likelihood == pytest.approx(-4055.9177, abs=0.001)
