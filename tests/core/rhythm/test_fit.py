"""The search: gradients, recovery of a known truth, boundaries, extreme data, the choice of a model."""

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.worlds import simulate_bg

from karma_core.errors import FrameError, TooLittleData
from karma_core.rhythm import UnknownModelError, chance_active, expected_orders, fit
from karma_core.rhythm.cells import make_cells
from karma_core.rhythm.families import MODELS, family
from karma_core.rhythm.gamma_gamma import score as gamma_gamma_score

NAMED = [model for model in MODELS if model != "auto"]
TRUTH = {"r": 1.2, "alpha": 30.0, "a": 0.7, "b": 2.2}


def rows(*histories: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame({name: [row[i] for row in histories] for i, name in enumerate(("x", "t_x", "T"))})


def counted(walked: pl.DataFrame) -> pl.DataFrame:
    """Statistics of simulated customers, with a hundredth of a day as the day so that rounding does no harm."""
    gap = pl.col("at").diff().over("customer")
    past = walked.filter(pl.col("at") <= pl.col("T")).with_columns((100 * gap).log().alias("log_gap"))
    return past.group_by("customer", maintain_order=True).agg(
        (pl.len() - 1).cast(pl.Int64).alias("x"),
        (pl.col("at").max() * 100).ceil().cast(pl.Int64).alias("t_x"),
        (pl.col("T").first() * 100).cast(pl.Int64),
        pl.col("log_gap").sum().alias("log_gaps"),
    )


EXTREMES = {
    "one customer, one purchase": rows((0, 0, 40)),
    "one customer who bought today": rows((0, 0, 0)),
    "all on one day": rows(*[(0, 0, 0)] * 50),
    "all once, long ago": rows(*[(0, 0, 7300)] * 50),
    "a thousand purchases": rows((1000, 1000, 1000), (999, 2000, 2100), (1, 5, 2000)),
    "ages of twenty years": rows((0, 0, 7305), (240, 7300, 7305), (3, 900, 7305), (20, 7000, 7305)),
    "one customer, every day": rows((364, 364, 364)),
    "a market that stops": rows(*[(int(i % 9) + 1, 300, 3000) for i in range(60)]),
    "clockwork": rows(*[(12, 360, 361 + i) for i in range(25)]),
}


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("model", NAMED)
def test_gradient_equals_differences(model, k):
    cells = make_cells(rows((0, 0, 9), (0, 0, 300), (1, 40, 90), (4, 80, 81), (30, 200, 260)), unit="day")
    score = family(model, k=k).score(cells)
    for logs in family(model, k=k).starts(typical=100.0):
        slope = [(score(logs + e)[0] - score(logs - e)[0]) / 2e-5 for e in np.eye(len(logs)) * 1e-5]
        assert score(logs)[1] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_gamma_gamma_gradient_equals_differences():
    counts, means, logs = np.array([1.0, 4.0, 30.0]), np.array([0.4, 2.0, 1.1]), np.log([2.0, 3.0, 0.8])
    value = lambda at: gamma_gamma_score(at, counts, means)[0]  # noqa: E731
    slope = [(value(logs + e) - value(logs - e)) / 2e-5 for e in np.eye(3) * 1e-5]
    assert gamma_gamma_score(logs, counts, means)[1] == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize(("model", "k"), [("mbg_nbd", 1), ("mbg_cnbd_k", 3)])
def test_a_known_truth_is_recovered(model, k):
    walked = simulate_bg(4000, **TRUTH, k=k, days=700, rng=np.random.default_rng(7 + k))
    fitted = fit(counted(walked), model=model)
    assert fitted.k == k
    truth = {**TRUTH, "alpha": TRUTH["alpha"] * 100}
    for name, value in truth.items():
        assert abs(fitted.parameters[name] - value) < 3 * fitted.standard_errors[name]


def test_pareto_recovers_a_known_truth():
    rng, n = np.random.default_rng(11), 4000
    rate, leave = rng.gamma(0.9, size=n) / 20.0, rng.gamma(0.8, size=n) / 150.0
    age = rng.integers(200, 700, size=n)
    days = np.minimum(rng.exponential(size=n) / np.maximum(leave, 1e-12), age)
    x = rng.poisson(rate * days)
    t_x = np.where(x > 0, days * rng.random(n) ** (1 / np.maximum(x, 1)), 0)
    fine = pl.DataFrame({"x": x, "t_x": np.ceil(t_x * 100).astype(int), "T": age * 100})
    fitted = fit(fine, model="pareto_nbd")
    for name, value in {"r": 0.9, "alpha": 2000.0, "s": 0.8, "beta": 15000.0}.items():
        assert abs(fitted.parameters[name] - value) < 3 * fitted.standard_errors[name]


def test_auto_prefers_regularity_where_there_is_regularity():
    walked = simulate_bg(800, **TRUTH, k=3, days=700, rng=np.random.default_rng(3))
    fitted = fit(counted(walked))
    assert (fitted.model, fitted.k) == ("mbg_cnbd_k", 3)
    assert fitted.candidates[0][0] == "mbg_cnbd_k"


def test_auto_prefers_nbd_where_nobody_leaves():
    rng = np.random.default_rng(5)
    age = rng.integers(300, 900, size=1500)
    x = rng.poisson(rng.gamma(1.0, size=1500) / 50 * age)
    t_x = np.where(x > 0, np.ceil(age * rng.random(1500) ** (1 / np.maximum(x, 1))), 0)
    frame = pl.DataFrame({"x": x, "t_x": np.maximum(t_x, x > 0).astype(int), "T": age})
    assert fit(frame).model == "nbd"


def test_regularity_is_seen_without_the_gaps_too():
    walked = simulate_bg(2000, **TRUTH, k=3, days=700, rng=np.random.default_rng(4))
    assert fit(counted(walked).drop("log_gaps"), model="mbg_cnbd_k").k in (2, 3, 4)


def test_a_sample_and_the_whole_end_alike(monkeypatch):
    walked = simulate_bg(3000, **TRUTH, k=1, days=700, rng=np.random.default_rng(9))
    statistics = counted(walked)
    whole = fit(statistics, model="mbg_nbd")
    monkeypatch.setattr("karma_core.rhythm.fitting.SAMPLE", 500)
    assert fit(statistics, model="mbg_nbd").parameters == pytest.approx(whole.parameters, rel=1e-4)


def test_order_of_rows_does_not_matter():
    frame = rows((0, 0, 50), (3, 40, 60), (1, 9, 80), (7, 70, 75), (0, 0, 90))
    assert fit(frame, model="mbg_nbd").parameters == fit(frame.reverse(), model="mbg_nbd").parameters


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", EXTREMES)
def test_extremes_give_finite_answers(name, model):
    frame = EXTREMES[name]
    fitted = fit(frame, model=model)
    assert np.isfinite([*fitted.parameters.values(), fitted.log_likelihood]).all()
    assert np.isfinite(fitted.covariance).all()
    orders, active = expected_orders(fitted, frame, days=90), chance_active(fitted, frame)
    assert (np.isfinite(orders) & (orders >= 0)).all()
    assert ((active >= 0) & (active <= 1)).all()


def test_the_boundary_is_said():
    fitted = fit(EXTREMES["all once, long ago"], model="mbg_nbd")
    assert fitted.regularised
    assert set(fitted.standard_errors.values()) == {None}
    assert fitted.warnings[-1].en.startswith("The data do not settle the model")


def test_likelihood_at_the_boundary_is_not_penalised():
    frame = EXTREMES["a market that stops"]
    fitted = fit(frame, model="mbg_nbd")
    plain = family("mbg_nbd").score(make_cells(frame, unit="day"))(fitted.logs)[0]
    assert fitted.log_likelihood == pytest.approx(plain, rel=1e-12)


def test_nobody_is_too_little():
    with pytest.raises(TooLittleData, match="no customer"):
        fit(rows((0, 0, 1)).head(0))


@pytest.mark.parametrize("choice", [{"model": "prophet"}, {"unit": "month"}])
def test_unknown_choices_are_refused(choice):
    with pytest.raises(UnknownModelError, match="Choose"):
        fit(rows((0, 0, 1)), **choice)


@pytest.mark.parametrize("impossible", [(-1, 0, 5), (1, 9, 5), (0, 3, 5), (2, 0, 5)])
def test_counts_that_cannot_be_are_refused(impossible):
    with pytest.raises(FrameError, match="cannot be"):
        fit(rows((1, 4, 9), impossible))


def test_times_that_are_no_whole_days_are_refused():
    with pytest.raises(FrameError, match="column T of whole numbers"):
        fit(rows((1, 4, 9)).cast({"T": pl.Float64}))
