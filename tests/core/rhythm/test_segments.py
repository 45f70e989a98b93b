"""Segments get a fit of their own where unseen customers bear it out, and everybody's elsewhere."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.test_fit import counted
from tests.core.rhythm.worlds import simulate_bg

from karma_core.errors import FrameError
from karma_core.rhythm import chance_active, fit, fit_segments, read
from karma_core.rhythm.cells import make_cells
from karma_core.rhythm.fitting import fit_near, logs_near

FAST = {"r": 2.0, "alpha": 15.0, "a": 0.4, "b": 4.0}
SLOW = {"r": 2.0, "alpha": 120.0, "a": 0.8, "b": 2.0}
REGULAR = {"r": 2.0, "alpha": 20.0, "a": 0.4, "b": 4.0, "k": 3}


def base(*worlds: dict, customers: int = 900) -> pl.DataFrame:
    """Statistics of so many customers of each world, the segment being the world's number."""
    parts = []
    for number, world in enumerate(worlds):
        walked = simulate_bg(customers, **{"k": 1, **world}, days=500, rng=np.random.default_rng(3 + number))
        parts.append(counted(walked).drop("customer").with_columns(segment=pl.lit(f"segment {number}")))
    money = {"revenue_cents": 10_000, "cost_cents": 6_000, "costed_revenue_cents": 10_000}
    return (
        pl.concat(parts)
        .with_row_index("customer")
        .with_columns(
            pl.col("customer").cast(pl.String),
            *(pl.lit(cents, pl.Int64).alias(name) for name, cents in money.items()),
        )
    )


def test_segments_that_differ_get_their_own_fit():
    fits = fit_segments(base(FAST, SLOW), model="mbg_nbd")
    assert set(fits.by_segment) == {"segment 0", "segment 1"}
    assert fits.gain > 3 * fits.gain_se
    pace = [fits.of(name).parameters["r"] / fits.of(name).parameters["alpha"] for name in sorted(fits.by_segment)]
    assert pace[0] > 4 * pace[1]
    assert "2 segments" in fits.warnings[-1].en


def test_segments_that_are_alike_share_one():
    fits = fit_segments(base(FAST, FAST), model="mbg_nbd")
    assert fits.by_segment == {}
    assert fits.of("segment 0") is fits.pooled


@pytest.mark.parametrize("model", ["nbd", "pareto_nbd", "mbg_nbd", "mbg_cnbd_k", "bg_cnbd_k"])
@pytest.mark.parametrize("other", [SLOW, REGULAR])
def test_search_from_everybodys_fit_ends_where_one_of_its_own_ends(model, other):
    statistics = base(FAST, other, customers=400)
    pooled = fit(statistics, model=model)
    for name in ("segment 0", "segment 1"):
        part = statistics.filter(pl.col("segment") == name)
        near, anew = fit_near(part, near=pooled), fit(part, model=model)
        assert (near.model, near.k, near.regularised, near.cells) == (model, anew.k, anew.regularised, anew.cells)
        assert near.logs == pytest.approx(anew.logs, abs=1e-5)
        assert near.log_likelihood == pytest.approx(anew.log_likelihood, abs=1e-6)
        assert near.covariance == pytest.approx(anew.covariance, rel=1e-3, abs=1e-6)
        family, logs = logs_near(make_cells(part, unit="day"), near=pooled)
        assert (family, logs.tolist()) == (anew.family, pytest.approx(anew.logs.tolist(), abs=1e-3))


def test_search_from_a_fit_at_a_boundary_begins_again():
    once = base(FAST, customers=300).with_columns(pl.lit(0, pl.Int64).alias("x"), pl.lit(0, pl.Int64).alias("t_x"))
    pooled, usual = fit(once, model="mbg_nbd"), base(FAST, customers=300)
    assert pooled.regularised
    assert fit_near(usual, near=pooled).logs == pytest.approx(fit(usual, model="mbg_nbd").logs, abs=1e-5)
    assert fit_near(once, near=fit(usual, model="mbg_nbd")).logs == pytest.approx(pooled.logs, abs=1e-4)


@pytest.mark.parametrize("model", ["pareto_nbd", "mbg_nbd"])
def test_trial_at_a_boundary_ends_where_the_penalty_ends(model):
    stays = base({"r": 2.0, "alpha": 15.0, "a": 0.001, "b": 100.0}, customers=600)
    part = stays.gather_every(2)
    pooled, anew = fit(stays, model=model), fit(part, model=model)
    assert pooled.regularised
    assert anew.regularised
    family, logs = logs_near(make_cells(part, unit="day"), near=pooled)
    apart = abs(family.score(make_cells(part, unit="day"))(logs)[0] - anew.log_likelihood)
    assert (family, apart < 0.01) == (anew.family, True)


def test_small_and_nameless_segments_are_served_by_all():
    statistics = base(FAST, SLOW)
    row = pl.int_range(pl.len())
    small = pl.when(row < 50).then(None).when(row > 1700).then(pl.lit("few")).otherwise("segment")
    few = statistics.with_columns(segment=small)
    fits = fit_segments(few, model="mbg_nbd")
    assert "few" not in fits.by_segment
    assert fits.of(None) is fits.pooled


def test_a_reading_asks_each_row_of_its_own_fit_in_the_same_order():
    statistics = base(FAST, SLOW).sample(fraction=1.0, shuffle=True, seed=2)
    fits = fit_segments(statistics, model="mbg_nbd")
    rng = np.random.default_rng(1)
    said = read(statistics, fits, as_of=date(2026, 1, 1), horizon_days=2800, rng=rng, draws=300)
    for name, own in fits.by_segment.items():
        rows = (statistics["segment"] == name).to_numpy()
        assert said.customers["chance_active"].to_numpy()[rows] == pytest.approx(
            chance_active(own, statistics.filter(pl.col("segment") == name))
        )
    total = said.expected_purchases
    assert total.p05 < total.mean < total.p95
    assert said.customers["customer"].to_list() == statistics["customer"].to_list()


def test_without_the_column_nothing_is_done():
    with pytest.raises(FrameError, match="segment"):
        fit_segments(base(FAST, customers=3).drop("segment"))


@pytest.mark.parametrize("count", [1, 2])
def test_hardly_anybody_is_pooled(count):
    few = base(FAST, customers=9).head(count)
    assert fit_segments(few).by_segment == {}
