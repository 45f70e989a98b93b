"""Draws: coherent, agreeing with the closed forms, and totals of many agreeing with exact draws of each."""

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.worlds import given

from karma_core.rhythm import (
    OrderValues,
    chance_order,
    draw_orders,
    draw_parameters,
    draw_totals,
    draws,
    expected_orders,
    fit,
)

PARAMETERS = {
    "nbd": {"r": 0.9, "alpha": 40.0},
    "pareto_nbd": {"r": 0.9, "alpha": 40.0, "s": 0.6, "beta": 90.0},
    "bg_nbd": {"r": 0.9, "alpha": 40.0, "a": 0.7, "b": 3.0},
    "mbg_cnbd_k": {"r": 0.9, "alpha": 14.0, "a": 0.7, "b": 3.0},
}
BASE = pl.DataFrame(
    {"x": [0, 1, 4, 12, 40] * 60, "t_x": [0, 90, 200, 310, 340] * 60, "T": [100, 130, 330, 320, 350] * 60}
)


def of(model):
    return given(model, k=3, **PARAMETERS[model])


@pytest.mark.parametrize("gap", [0, 45])
@pytest.mark.parametrize("model", PARAMETERS)
def test_draws_agree_with_the_closed_forms(model, gap):
    drawn = draw_orders(of(model), BASE, gap_days=gap, days=60, draws=400, rng=np.random.default_rng(2))
    expected = expected_orders(of(model), BASE, days=60, gap=gap)
    chance = chance_order(of(model), BASE, days=60, gap=gap)
    for kind in range(5):
        some = drawn[kind::5]
        assert abs(some.mean() - expected[kind]) < 4 * some.std() / np.sqrt(some.size)
        spread = np.sqrt(chance[kind] * (1 - chance[kind]) / some.size)
        assert abs((some > 0).mean() - chance[kind]) < 4 * spread


@pytest.mark.parametrize("model", PARAMETERS)
def test_totals_of_the_many_agree_with_exact_draws(model, monkeypatch):
    rng, values = np.random.default_rng(3), OrderValues(*(np.full(len(BASE), v) for v in (500.0, 50.0, 300.0)))
    kwargs = {"days": 90.0, "draws": 2000, "rng": rng, "values": values, "gap_days": 10.0}
    exact = draw_totals(of(model), BASE, **kwargs)
    monkeypatch.setattr(draws, "EXACT_DRAWS", 2000)
    bulk = draw_totals(of(model), BASE, **kwargs)
    for one, other in ((exact.orders, bulk.orders), (exact.value_cents, bulk.value_cents)):
        assert other.mean() == pytest.approx(one.mean(), rel=0.01)
        assert other.std() == pytest.approx(one.std(), rel=0.1)


def test_groups_add_up_to_the_whole():
    groups = np.arange(len(BASE)) % 3
    whole, parts = (
        draw_totals(of("nbd"), BASE, days=30.0, draws=20, rng=np.random.default_rng(4), groups=by)
        for by in (None, groups)
    )
    assert parts.orders.sum(axis=1) == pytest.approx(whole.orders[:, 0])


def test_a_stretched_window_enters_its_draw(monkeypatch):
    monkeypatch.setattr(draws, "EXACT_DRAWS", 400)
    days = np.repeat([30.0, 60.0], 200)
    drawn = draw_totals(of("nbd"), BASE, days=days, draws=400, rng=np.random.default_rng(5)).orders[:, 0]
    assert drawn[200:].mean() / drawn[:200].mean() == pytest.approx(2.0, rel=0.03)


def test_parameters_of_one_draw_are_shared():
    doubtful = fit(BASE.head(5), model="nbd")
    drawn = draw_orders(doubtful, BASE, gap_days=0, days=400, draws=300, rng=np.random.default_rng(6))
    alone = drawn.var(axis=1).sum()
    assert drawn.sum(axis=0).var() > 2 * alone


def test_flat_likelihoods_keep_their_draws_within_the_possible():
    vague = fit(pl.DataFrame({"x": [0], "t_x": [0], "T": [3]}), model="pareto_nbd")
    drawn = draw_parameters(vague, draws=500, rng=np.random.default_rng(7))
    for values in drawn.values():
        assert (np.isfinite(values) & (values > 0)).all()
        assert np.log(values).std() < 2.5


def test_negative_values_stay_negative_on_average():
    values = OrderValues(*(np.full(len(BASE), v) for v in (-200.0, 10.0, 80.0)))
    totals = draw_totals(of("nbd"), BASE, days=90.0, draws=500, rng=np.random.default_rng(8), values=values)
    assert totals.value_cents.mean() == pytest.approx(-200 * totals.orders.mean(), rel=0.02)


def test_the_same_seed_gives_the_same_draws():
    one, other = (
        draw_orders(of("bg_nbd"), BASE, gap_days=0, days=9, draws=5, rng=np.random.default_rng(9))
        for _ in range(2)
    )
    assert (one == other).all()


def test_nobody_orders_nothing():
    nobody = BASE.head(0)
    totals = draw_totals(of("mbg_cnbd_k"), nobody, days=30.0, draws=7, rng=np.random.default_rng(1))
    assert totals.orders.tolist() == [[0.0]] * 7
