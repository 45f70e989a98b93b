"""Closed forms: against R's tables given parameters, against simulation, in their limits, and under torture."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from scipy.special import hyp2f1
from tests.core.rhythm.worlds import given, simulate_bg

from karma_core.errors import FrameError
from karma_core.rhythm import WindowError, chance_active, chance_order, expected_orders, expected_orders_new
from karma_core.rhythm.bg import Shape, orders_if_active
from karma_core.rhythm.bg import chance_active as bg_chance_active
from karma_core.rhythm.pareto import chance_active as pareto_chance_active
from karma_core.rhythm.quadrature import beta_nodes

MODELS = ["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_k", "bg_cnbd_k"]
GROCERY_PARETO = {"r": 0.78644, "alpha": 5.67904, "s": 0.38624, "beta": 5.71779}
GROCERY_MBG = {"r": 1.25692, "alpha": 6.03914, "a": 0.36828, "b": 0.71576}
GROCERY_MBG_2 = {"r": 1.32920, "alpha": 2.81260, "a": 0.42472, "b": 0.79004}
FIVE = pl.DataFrame({"x": [1, 2, 3, 4, 5], "t_x": [84] * 5, "T": [364] * 5})


def of(model: str, *, k: int = 1):
    parameters = {
        "nbd": {"r": 0.42, "alpha": 5.2},
        "pareto_nbd": GROCERY_PARETO,
        "mbg_cnbd_k": GROCERY_MBG_2,
        "bg_cnbd_k": GROCERY_MBG_2,
    }.get(model, GROCERY_MBG)
    return given(model, k=3 if k == 1 and model.endswith("cnbd_k") else k, unit="week", **parameters)


def test_pareto_expected_orders_agree_with_btyd():
    expected = expected_orders(given("pareto_nbd", unit="week", **GROCERY_PARETO), FIVE, days=364)
    assert expected == pytest.approx([0.44842, 0.36271, 0.21709, 0.10868, 0.04888], abs=2e-5)


def test_cnbd_expected_orders_lie_near_the_published_approximation():
    expected = expected_orders(given("mbg_cnbd_k", k=2, unit="week", **GROCERY_MBG_2), FIVE, days=364)
    assert expected == pytest.approx([0.28228, 0.07543, 0.01297, 0.00182, 0.00023], rel=0.07)


def test_customer_1516_agrees_with_btyd():
    x, t_x, T = np.array([26.0]), np.array([30.86]), np.array([31.0])
    bg = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    arrays = {name: np.asarray(value) for name, value in bg.items()}
    active = bg_chance_active(x, t_x, T, **arrays, shape=Shape(at_zero=False))
    p, weights = beta_nodes(np.array([0.793]), np.array([2.426 + 26]))
    orders = sum(
        w * orders_if_active(0.243 + x, 4.414 + T, np.array([at]), gap=0.0, days=52.0, k=1, phase=0)
        for at, w in zip(p[0], weights[0], strict=True)
    )
    assert active[0] == pytest.approx(0.96892, abs=1e-5)
    assert active[0] * orders[0] == pytest.approx(25.7582, rel=1e-4)


def test_new_customers_agree_with_r():
    bg = given("bg_nbd", unit="week", r=0.24259, alpha=4.41360, a=0.79292, b=2.42589)
    pareto = given("pareto_nbd", unit="week", r=0.5533, alpha=10.5777, s=0.6062, beta=11.6684)
    assert expected_orders_new(bg, days=364) == pytest.approx(1.44405, abs=0.0025)
    assert expected_orders_new(pareto, days=364) == pytest.approx(1.47307, abs=0.0005)


def test_bg_expected_orders_equal_the_hypergeometric_formula():
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    x, t_x, T, t = 2.0, 30.43, 38.86, 39.0
    two = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * two)
    published = top / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))
    p, weights = beta_nodes(np.array([a]), np.array([b + x]))
    ours = sum(
        w
        * orders_if_active(np.array([r + x]), np.array([alpha + T]), np.array([at]), gap=0.0, days=t, k=1, phase=0)
        for at, w in zip(p[0], weights[0], strict=True)
    )
    arrays = {"r": np.asarray(r), "alpha": np.asarray(alpha), "a": np.asarray(a), "b": np.asarray(b)}
    active = bg_chance_active(np.array([x]), np.array([t_x]), np.array([T]), **arrays, shape=Shape(at_zero=False))
    assert float(active[0] * ours[0]) == pytest.approx(published, rel=1e-6)


def test_pareto_chance_active_survives_regular_buyers():
    """CLVTools' torture case, where the hypergeometric function gives infinities."""
    arrays = {
        name: np.asarray(v) for name, v in {"r": 0.5143, "alpha": 2.8845, "s": 0.2856, "beta": 14.1087}.items()
    }
    active = pareto_chance_active(
        np.array([221.0, 254.0, 161.0, 204.0]),
        np.array([103.42857, 97.14286, 94.71429, 98.57143]),
        np.array([103.57143, 97.28571, 98.0, 99.42857]),
        **arrays,
    )
    assert np.isfinite(active).all()
    assert ((active > 0) & (active <= 1)).all()


@pytest.mark.parametrize("model", MODELS)
def test_windows_that_follow_each_other_add_up(model):
    fitted = of(model)
    whole = expected_orders(fitted, FIVE, days=90)
    parts = [expected_orders(fitted, FIVE, days=30, gap=gap) for gap in (0, 30, 60)]
    assert whole == pytest.approx(sum(parts), rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_a_gap_that_vanishes_changes_nothing(model):
    fitted = of(model)
    now, almost_now = (chance_order(fitted, FIVE, days=30, gap=gap) for gap in (0.0, 1e-7))
    assert now == pytest.approx(almost_now, rel=1e-5, abs=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_a_short_window_holds_one_order_at_most(model):
    fitted = of(model)
    chance, orders = (form(fitted, FIVE, days=1e-4) for form in (chance_order, expected_orders))
    assert chance == pytest.approx(orders, rel=1e-3)


@pytest.mark.parametrize("model", ["bg", "mbg"])
def test_cnbd_with_k_one_is_the_plain_model(model):
    plain, cnbd = given(f"{model}_nbd", **GROCERY_MBG), given(f"{model}_cnbd_k", k=1, **GROCERY_MBG)
    for form in (chance_order, expected_orders):
        assert form(plain, FIVE, days=50, gap=20) == pytest.approx(form(cnbd, FIVE, days=50, gap=20), rel=1e-12)


def test_the_chance_equals_the_formula_by_silences():
    """P(order in (T, T + h]) = (1 - A(T + h) / A(T)) / (1 + D / A(T)): silence set beside leaving."""
    fitted = given("mbg_cnbd_k", k=3, **GROCERY_MBG_2)
    later = FIVE.with_columns(pl.col("T") + 14)
    odds = [1 / chance_active(fitted, frame) - 1 for frame in (FIVE, later)]
    slow = (1 - odds[0] / odds[1]) / (1 + odds[0])
    assert chance_order(fitted, FIVE, days=14) == pytest.approx(slow, rel=1e-9)


@pytest.mark.parametrize(("k", "gap"), [(1, 0), (1, 40), (3, 0), (3, 40)])
def test_closed_forms_agree_with_customers_walked_order_by_order(k, gap):
    rng = np.random.default_rng(20 + k)
    world = {"r": 1.1, "alpha": 25.0 / k, "a": 0.6, "b": 2.0}
    walked = simulate_bg(6000, **world, k=k, days=300, rng=rng)
    past = pl.col("at") <= pl.col("T")
    window = (pl.col("at") > pl.col("T") + gap) & (pl.col("at") <= pl.col("T") + gap + 60)
    counted = walked.group_by("customer", maintain_order=True).agg(
        (past.sum() - 1).cast(pl.Int64).alias("x"),
        pl.col("at").filter(past).max().alias("t_x"),
        pl.col("T").first().cast(pl.Int64),
        window.sum().alias("orders"),
    )
    # Days are whole in frames; a thousandth of a day serves as the day here, so that rounding does no harm.
    fine = counted.with_columns((pl.col("t_x") * 1000).ceil().cast(pl.Int64), pl.col("T") * 1000)
    fitted = given("mbg_cnbd_k", k=k, **{**world, "alpha": world["alpha"] * 1000})
    expected = expected_orders(fitted, fine, days=60_000, gap=gap * 1000)
    chance = chance_order(fitted, fine, days=60_000, gap=gap * 1000)
    orders = fine["orders"].to_numpy()
    for group in (fine["x"] == 0, fine["x"].is_between(1, 4), fine["x"] > 4):
        rows = group.to_numpy()
        spread = orders[rows].std() * np.sqrt(rows.sum())
        assert abs(orders[rows].sum() - expected[rows].sum()) < 4 * spread
        came = orders[rows] > 0
        assert abs(came.sum() - chance[rows].sum()) < 4 * np.sqrt((chance[rows] * (1 - chance[rows])).sum())


def histories() -> st.SearchStrategy[tuple[int, int, int]]:
    """x, t_x and T that can be, from one day to thirty years."""
    return st.integers(0, 11_000).flatmap(
        lambda T: st.integers(0, T).flatmap(
            lambda t_x: st.tuples(st.just(0) if t_x == 0 else st.integers(1, t_x), st.just(t_x), st.just(T))
        )
    )


@settings(deadline=None, max_examples=60)
@for_all(
    rows=st.lists(histories(), min_size=1, max_size=5),
    logs=st.lists(st.floats(-6, 6), min_size=4, max_size=4),
    model=st.sampled_from(MODELS),
    k=st.integers(1, 6),
    days=st.floats(0, 4000),
    gap=st.floats(0, 4000),
)
def test_every_form_is_finite_and_within_bounds(rows, logs, model, k, days, gap):
    frame = pl.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(("x", "t_x", "T"))})
    fitted = given(model, k=k)
    values = dict(zip(fitted.family.names, np.exp(logs), strict=False))
    fitted = dataclasses.replace(fitted, parameters={name: float(value) for name, value in values.items()})
    for chance in (chance_active(fitted, frame), chance_order(fitted, frame, days=days, gap=gap)):
        assert ((chance >= 0) & (chance <= 1)).all()
    orders = expected_orders(fitted, frame, days=days, gap=gap)
    assert (np.isfinite(orders) & (orders >= 0)).all()


@pytest.mark.parametrize("window", [{"days": -1}, {"days": float("nan")}, {"days": 5, "gap": -2}])
def test_a_window_that_cannot_be_is_refused(window):
    with pytest.raises(WindowError, match="cannot be"):
        chance_order(of("nbd"), FIVE, **window)


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(FrameError, match="1 customers"):
        chance_active(of("nbd"), pl.DataFrame({"x": [0], "t_x": [3], "T": [9]}))


@pytest.mark.parametrize("model", MODELS)
def test_nobody_in_gives_nothing_out(model):
    nobody = FIVE.head(0)
    for values in (
        chance_active(of(model), nobody),
        chance_order(of(model), nobody, days=9, gap=1),
        expected_orders(of(model), nobody, days=9),
    ):
        assert values.shape == (0,)
