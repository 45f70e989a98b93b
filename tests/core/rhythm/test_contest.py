"""The comparison looks at no future, lets a baseline win where it is better, and needs more than luck for it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.test_season import WINTER, company

from karma_core.errors import TooLittleData
from karma_core.rhythm import chance_order
from karma_core.rhythm.challengers import Lesson, boosted, calibrated, features
from karma_core.rhythm.contest import BOOSTED, HIATUS, MODEL, RATE, _winner, contest, origin_at
from karma_core.rhythm.fitting import fit


@pytest.fixture(scope="module")
def lines() -> pl.DataFrame:
    return company("even", customers=150, years=0.6)


@pytest.fixture(scope="module")
def compared(lines):
    return contest(lines.lazy(), as_of=WINTER, horizons=(14,))


def test_every_contender_is_judged_at_every_origin(compared):
    (one,) = compared.rounds
    assert {figures.name for figures in one.figures} >= {MODEL, "nbd", "pareto_nbd", RATE, HIATUS, BOOSTED}
    for figures in one.figures:
        assert 0 <= figures.area <= 1
        assert 0 <= figures.top_tenth <= 1
        assert (figures.brier is None) == (figures.name == HIATUS)
    assert all(day + timedelta(days=14) <= WINTER for day in compared.origins)
    assert [one[3] for one in compared.likelihoods] == sorted(one[3] for one in compared.likelihoods)


def test_the_future_changes_nothing(lines, compared):
    assert lines["on"].max() > WINTER
    known = lines.filter(pl.col("on") < WINTER)
    assert contest(known.lazy(), as_of=WINTER, horizons=(14,)) == compared


def test_who_came_is_who_bought_within_the_window(lines):
    origin = origin_at(lines, as_of=date(2025, 12, 1), horizons=(7,))
    window = lines.filter(pl.col("on").is_between(date(2025, 12, 1), date(2025, 12, 7)))
    came = origin.statistics.filter(origin.came[7])["customer"]
    known = origin.statistics["customer"]
    assert set(came) == set(window["customer"]) & set(known)


def test_a_lead_within_a_standard_error_wins_nothing():
    model = np.array([0.50, 0.52, 0.48, 0.51])
    assert _winner({MODEL: model, RATE: model - [0.02, -0.03, 0.03, -0.01]})[0] == MODEL
    assert _winner({MODEL: model, RATE: model - 0.01 - model * 0.001})[0] == RATE
    assert _winner({MODEL: model, RATE: model + 0.01})[0] == MODEL
    assert _winner({MODEL: model[:1], RATE: model[:1] - 0.2})[0] == MODEL


def test_too_short_a_past_is_refused():
    short = pl.LazyFrame({"customer": ["a"], "on": [WINTER - timedelta(days=20)], "revenue_cents": [1]})
    with pytest.raises(TooLittleData, match="look back"):
        contest(short, as_of=WINTER)


@pytest.mark.parametrize("days", [[100], list(range(30, 1000)), [7000, 90, 3], [100] * 3])
def test_extremes_are_compared_or_refused(days):
    on = [WINTER - timedelta(days=day) for day in days]
    extreme = pl.LazyFrame({"customer": ["a"] * len(on), "on": on, "revenue_cents": [1] * len(on)})
    with pytest.raises(TooLittleData):
        contest(extreme, as_of=WINTER, horizons=(7,))


def test_boosting_learns_what_no_model_knows():
    rng = np.random.default_rng(1)
    statistics = pl.DataFrame({"x": rng.integers(1, 9, 3000), "t_x": 60, "T": rng.integers(61, 400, 3000)})
    came = (statistics["T"] % 2 == 0).to_numpy() & (rng.random(3000) < 0.9) | (statistics["x"] > 6).to_numpy()
    chance = np.full(3000, 0.5)
    seen = features(statistics, chance)
    said = boosted([Lesson(seen, came)], seen)
    assert said[statistics["x"].to_numpy() > 6].min() > 0.8


def test_too_little_teaches_nothing():
    few = pl.DataFrame({"x": [1, 2], "t_x": [5, 6], "T": [9, 9]})
    lesson = Lesson(features(few, np.array([0.1, 0.2])), np.array([True, False]))
    assert boosted([lesson], lesson.features) is None
    assert boosted([], lesson.features) is None
    assert calibrated([], [], np.array([0.1])) is None
    assert calibrated([np.array([0.1])], [np.array([True])], np.array([0.1])) is None


def test_a_chance_that_says_too_much_is_bent_to_its_record():
    rng = np.random.default_rng(1)
    said = rng.random(4000)
    came = rng.random(4000) < said / 2
    bent = calibrated([said], [came], np.array([0.2, 0.8]))
    assert bent == pytest.approx([0.1, 0.4], abs=0.06)


@pytest.mark.slow
def test_the_regular_are_won_by_the_regular_model():
    regular = company("even", customers=200, years=0.7)
    one = contest(regular.lazy(), as_of=WINTER, horizons=(14,)).rounds[0]
    by = {figures.name: figures for figures in one.figures}
    assert by[MODEL].log_loss < by["mbg_nbd"].log_loss < by[RATE].log_loss
    assert fit(origin_at(regular, as_of=WINTER, horizons=()).statistics, model=MODEL).k >= 2


def test_the_winner_gives_the_chances(compared, lines):
    statistics = origin_at(lines, as_of=WINTER, horizons=()).statistics
    (one,) = compared.rounds
    assert replace(compared, rounds=(replace(one, source=MODEL),)).chances(statistics, horizon_days=14) is None
    assert compared.chances(statistics, horizon_days=99) is None
    for source in (BOOSTED, RATE, "pareto_nbd"):
        won = replace(compared, rounds=(replace(one, source=source),)).chances(statistics, horizon_days=14)
        assert won.shape == (len(statistics),)
        assert ((won >= 0) & (won <= 1)).all()
    assert won == pytest.approx(chance_order(fit(statistics, model="pareto_nbd"), statistics, days=14))
