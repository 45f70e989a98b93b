"""Explanations add up to the chance that they explain, and what is kept as JSON answers as before."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.test_season import CLOCK, WINTER, company
from tests.core.rhythm.worlds import given

from karma_core.frames import collect_statistics
from karma_core.rhythm import chance_active, chance_order, explain, fit, observe, portrait
from karma_core.rhythm.families import MODELS
from karma_core.rhythm.keeping import KeptError, clock_as_json, clock_from_json, fit_as_json, fit_from_json

AS_OF = date(2026, 6, 1)
MODEL = {"r": 1.0, "alpha": 12.0, "a": 0.3, "b": 2.0}


def bought(*days_ago: int) -> pl.DataFrame:
    on = [AS_OF - timedelta(days=day) for day in days_ago]
    lines = pl.LazyFrame({"customer": ["a"] * len(on), "on": on, "revenue_cents": [100] * len(on)})
    return collect_statistics(lines.with_columns(cost_cents=pl.lit(None, pl.Int64)), as_of=AS_OF)


def of(statistics: pl.DataFrame, model: str = "mbg_cnbd_k") -> dict:
    fitted = given(model, k=2, **MODEL) if model == "mbg_cnbd_k" else given(model)
    return explain(statistics, fitted, as_of=AS_OF, horizon_days=28)[0]


def test_a_long_silence_weighs_most_and_stands_beside_the_usual_gap():
    told = of(bought(*[35 * i + 100 for i in range(8)]))["chance_active"]
    silence, orders = told.facts
    assert (silence.name, silence.value) == ("silence", {"days": 100, "usual_days": 35.0})
    assert (orders.name, orders.value) == ("orders", {"orders": 8, "over_days": 245})
    assert silence.effect < -0.3 < 0 < orders.effect


@pytest.mark.parametrize("days", [[0], [7300], list(range(1000)), [1, 7300], [1, 2], [50, 80, 110]])
@pytest.mark.parametrize("model", [name for name in MODELS if name != "auto"])
def test_effects_add_up_to_the_chance(days, model):
    statistics = bought(*[day + 1 for day in days])
    fitted = given(model)
    told = explain(statistics, fitted, as_of=AS_OF, horizon_days=28)[0]
    ends = {
        "chance_active": chance_active(fitted, statistics)[0],
        "chance_order": chance_order(fitted, statistics, days=28)[0],
    }
    for name, end in ends.items():
        explained = told[name]
        assert explained.end == pytest.approx(end, abs=1e-12)
        assert explained.start + sum(fact.effect for fact in explained.facts) == pytest.approx(end, abs=1e-7)


def test_the_season_is_a_fact_where_there_is_one():
    statistics, clock = observe(company("spring").lazy(), as_of=WINTER)
    fitted = fit(statistics, model="mbg_nbd")
    told = explain(statistics, fitted, as_of=WINTER, horizon_days=28, clock=clock)
    assert [row["chance_order"].end for row in told] == pytest.approx(
        chance_order(fitted, statistics, days=clock.between(WINTER, days=28)).tolist()
    )
    lifted = [fact for row in told for fact in row["chance_active"].facts if fact.name == "season"]
    silent = [fact for fact in lifted if 60 < fact.value["days"] < 110]
    assert all(fact.value["market_days"] < fact.value["days"] for fact in silent)
    assert np.mean([fact.effect for fact in silent]) > 0.05


def test_an_explanation_is_plain_json():
    told = of(bought(100, 135, 170))["chance_order"].as_json()
    assert json.loads(json.dumps(told)) == told
    assert {fact["fact"] for fact in told["facts"]} == {"orders", "silence"}


def test_nobody_has_no_explanation():
    assert explain(bought(1).head(0), given("mbg_nbd"), as_of=AS_OF, horizon_days=9) == []


@pytest.mark.parametrize("model", MODELS)
def test_a_kept_fit_answers_as_before(model):
    few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    fitted = fit(few, model=model)
    again = fit_from_json(json.loads(json.dumps(fit_as_json(fitted))))
    assert (chance_order(again, few, days=30) == chance_order(fitted, few, days=30)).all()
    assert (again.covariance == fitted.covariance).all()
    assert (again.warnings, again.candidates) == (fitted.warnings, fitted.candidates)


def test_a_kept_clock_ticks_as_before():
    kept = clock_from_json(json.loads(json.dumps(clock_as_json(CLOCK))))
    assert kept.pace.tolist() == CLOCK.pace.tolist()
    seasonal = observe(company("spring").lazy(), as_of=WINTER)[1]
    text = json.dumps(clock_as_json(seasonal))
    assert len(text) < 12_000
    assert clock_from_json(json.loads(text)).between(WINTER, days=90) == pytest.approx(
        seasonal.between(WINTER, days=90), rel=1e-5
    )


def test_another_form_is_refused():
    with pytest.raises(KeptError, match="form 2"):
        fit_from_json({"form": 2})


def test_a_portrait_needs_two_gaps_for_a_band():
    one, two = ([AS_OF - timedelta(days=day) for day in days] for days in ([9, 40], [9, 40, 71]))
    assert portrait(one, as_of=AS_OF).due_from is None
    drawn = portrait([*two, AS_OF], as_of=AS_OF)
    assert (drawn.due_from, drawn.due_until) == (date(2026, 6, 23), date(2026, 6, 24))
    assert (len(drawn.bought_on), drawn.usual_gap_days) == (3, 31.0)
    assert portrait([], as_of=AS_OF).bought_on == ()


def test_a_portrait_in_winter_points_at_spring():
    clock = observe(company("spring").lazy(), as_of=WINTER)[1]
    on = [date(2025, 5, 1) + timedelta(days=14 * i) for i in range(6)] + [date(2025, 11, 20)]
    assert portrait(on, as_of=WINTER, clock=clock).due_until > portrait(on, as_of=WINTER).due_until
