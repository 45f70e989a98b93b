"""The reading of open deals: what is believed, pooled, corrected and told, and that nothing later is used."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit
from tests.core.deals.worlds import AS_OF, UNTIL, deals_that_end

from karma_core.deals import conversions, landmarks, read_deals, rewind
from karma_core.deals.calendar import CALENDARS, PACES, Calendar, cohorts, pace
from karma_core.deals.correction import Steps, Stretch
from karma_core.deals.facts import Moved, reasons
from karma_core.deals.hazard import fit_hazards
from karma_core.deals.judge import is_better
from karma_core.deals.kinds import learn_kinds
from karma_core.deals.landmarks import Past, base_rates, look_back
from karma_core.deals.pool import Voices, learn_pool
from karma_core.deals.reading import HorizonError
from karma_core.deals.worth import worth_of
from karma_core.frames import day_number
from karma_core.scores import log_loss


@pytest.fixture(scope="module")
def exported() -> pl.DataFrame:
    return deals_that_end(380)


@pytest.fixture(scope="module")
def said(exported):
    return read_deals(exported, as_of=AS_OF, until=UNTIL, rng=np.random.default_rng(1))


def test_what_happens_later_changes_nothing(exported, said):
    """Whatever the outcomes of as-of and after are, the answer is the same."""
    later = (pl.col("outcome") != "open") & (pl.col("closed_on") >= AS_OF)
    swapped = pl.when(later).then(
        pl.when(pl.col("outcome") == "won").then(pl.lit("lost")).otherwise(pl.lit("won"))
    )
    other = exported.with_columns(pl.coalesce(swapped, "outcome").alias("outcome"))
    again = read_deals(other, as_of=AS_OF, until=UNTIL, rng=np.random.default_rng(1))
    assert again.open_deals.equals(said.open_deals)
    assert again.record == said.record


def test_wins_lie_in_the_range_about_their_mean(said):
    wins = said.expected_wins
    assert 0 < wins.p05 < wins.mean < wins.p95
    assert wins.mean == pytest.approx(said.open_deals["chance_win_by_until"].sum())


def test_values_are_given_for_amounts_that_are_not_known(said):
    assert said.measure == "amount"
    assert (said.open_deals["value_cents_low"] < said.open_deals["value_cents_high"]).all()


def test_until_must_lie_ahead(exported):
    with pytest.raises(HorizonError):
        read_deals(exported, as_of=AS_OF, until=AS_OF, rng=np.random.default_rng(1))


def test_no_deals_give_an_empty_answer(exported):
    said = read_deals(exported.clear(), as_of=AS_OF, until=UNTIL, rng=np.random.default_rng(1))
    assert (said.deals, len(said.open_deals), said.expected_wins.mean) == (0, 0, 0.0)
    assert "Te weinig gegevens" in said.warnings[0].nl


def test_a_trend_is_found_by_the_cohorts():
    """The odds of winning climb month by month; a model of cohorts sees it, one without does not."""
    deals = deals_that_end(5000, trend=1.5)
    rewound = rewind(deals, as_of=AS_OF)
    plain, trend = (fit_hazards(rewound, calendar=Calendar(trend=t)) for t in (False, True))
    block = next(b for b in trend.layout.blocks if b.name == "cohort")
    level = trend.theta[0, block.start : block.stop]
    assert level[3:9].mean() - level[24:30].mean() > 0.8
    assert len(next(b for b in plain.layout.blocks if b.name == "cohort").basis) == 1


def test_without_a_trend_the_cohorts_stay_flat():
    fit = fit_hazards(rewind(deals_that_end(6000), as_of=AS_OF), calendar=CALENDARS[-1])
    for name in ("cohort", "month", "pace", "month opened"):
        block = next(b for b in fit.layout.blocks if b.name == name)
        assert np.abs(fit.theta[0, block.start : block.stop]).max() < 0.35, name


def test_a_landmark_knows_nothing_of_later_days(exported):
    now = rewind(exported, as_of=AS_OF)
    landmark = look_back(Past(now, None, ()), horizon=90, calendars=[Calendar()])[0]
    known = exported.filter(pl.col("opened_on") < AS_OF - timedelta(days=90))
    alone = fit_hazards(rewind(known, as_of=date(1970, 1, 1) + timedelta(days=landmark.then.as_of)))
    assert alone.theta == pytest.approx(landmark.fits[Calendar()].theta, abs=1e-4)
    assert landmark.over <= day_number(AS_OF)


def test_base_rates_are_shares_won_within_the_horizon():
    rows = pl.DataFrame(
        {
            "deal": ["a", "b"], "customer": [None, None], "outcome": ["won", "lost"],
            "opened_on": [date(2024, 8, 1)] * 2, "closed_on": [date(2024, 11, 20), date(2024, 11, 25)],
        },
        schema_overrides={"customer": pl.String},
    )  # fmt: skip
    assert base_rates(rewind(rows, as_of=date(2024, 12, 31)), horizon=60)["all"] == pytest.approx(1 / 2, abs=0.26)


def test_stretch_finds_what_was_done_to_the_chances():
    rng = np.random.default_rng(2)
    truth = expit(rng.normal(-1, 1.2, 20_000))
    happened = (rng.random(truth.size) < truth).astype(float)
    found = Stretch.learn(expit(2 * logit(truth) + 0.7), happened)
    assert (found.shift, found.stretch) == (pytest.approx(-0.35, abs=0.06), pytest.approx(0.5, abs=0.03))


def test_steps_calibrate_each_band_of_age():
    rng = np.random.default_rng(3)
    chance, age = rng.uniform(0, 1, 9000), rng.integers(0, 300, 9000)
    truth = np.where(age < 100, chance**2, np.sqrt(chance))
    happened = (rng.random(9000) < truth).astype(float)
    better = Steps.learn(chance, happened, age).apply(chance, age)
    assert np.abs(better - truth).mean() < 0.05 < np.abs(chance - truth).mean()


def test_a_seller_who_knows_more_is_heard_and_one_who_boasts_is_corrected():
    rng = np.random.default_rng(4)
    known, hidden = rng.normal(-0.5, 0.8, 4000), rng.normal(0, 1, 4000)
    truth = expit(known + hidden)
    happened = (rng.random(4000) < truth).astype(float)
    person = rng.integers(0, 4, 4000)
    boast = np.array([0.0, 2.0, -1.0, 0.5])[person]
    voices = Voices(expit(hidden - 0.5 + boast + rng.normal(0, 0.4, 4000)), expit(known), person)
    pool = learn_pool(voices, happened)
    assert pool is not None
    pooled = log_loss(pool.pooled(voices), happened)
    assert pooled < log_loss(voices.model, happened) - 0.03
    assert pooled < log_loss(voices.stated, happened) - 0.1
    assert pool.own[1, 0] < pool.own[0, 0] < pool.own[2, 0]


def test_few_stated_chances_are_not_pooled():
    assert learn_pool(Voices(np.full(50, 0.5), np.full(50, 0.5), np.zeros(50, int)), np.ones(50)) is None


def test_one_model_alone_is_no_better_than_itself(exported):
    marks = look_back(Past(rewind(exported, as_of=AS_OF), None, ()), horizon=60, calendars=[Calendar()])
    chance = [mark.chance[Calendar()] for mark in marks]
    assert not is_better(chance, chance, marks)
    knows = [np.where(mark.happened, 0.9, 0.1) for mark in marks]
    assert is_better(knows, chance, marks)
    assert not is_better(chance, knows, marks)


def test_what_burns_after_the_signature_is_taken_off():
    deals = deals_that_end(900).with_columns(
        pl.col("revenue_cents").alias("margin_cents"),
        (pl.col("revenue_cents") * 0.8).round().cast(pl.Int64).alias("realised_cents"),
    )
    rewound = rewind(deals, as_of=AS_OF, features=("realised_cents",))
    worth = worth_of(rewound, learn_kinds(rewound.deals, columns=["source"]), rng=np.random.default_rng(1))
    assert worth is not None
    assert worth.measure == "margin"
    assert 0.8 < worth.left < 0.84


def test_a_segment_with_few_deals_leans_on_all():
    rows = [(f"d{i}", "large", "won" if i % 2 else "lost") for i in range(400)]
    rows += [(f"m{i}", f"kind {i % 5}", "won" if i % 2 else "lost") for i in range(300)]
    rows += [(f"s{i}", "small", "won") for i in range(3)]
    deals = pl.DataFrame(rows, orient="row", schema=["deal", "segment", "outcome"]).with_columns(
        customer=pl.lit(None, pl.String), opened_on=date(2024, 1, 1), closed_on=date(2024, 6, 1)
    )
    found = {one.segment: one for one in conversions(rewind(deals, as_of=AS_OF), chance_ever=np.zeros(0))}
    assert found["large"].conversion == pytest.approx(0.5, abs=0.01)
    assert 0.5 < found["small"].conversion < 0.62
    assert found["small"].high - found["small"].low > found["large"].high - found["large"].low * 0.99 - 0.02


def test_conversion_ranges_hold_the_truth():
    rng, held = np.random.default_rng(6), []
    for _ in range(60):
        rate = expit(rng.normal(-0.5, 0.5, 8))
        segment = rng.integers(0, 8, 400)
        deals = pl.DataFrame(
            {
                "deal": [f"d{i}" for i in range(400)],
                "customer": pl.Series([None] * 400, dtype=pl.String),
                "segment": [f"s{s}" for s in segment],
                "outcome": np.where(rng.random(400) < rate[segment], "won", "lost"),
            }
        ).with_columns(opened_on=date(2024, 1, 1), closed_on=date(2024, 6, 1))
        found = conversions(rewind(deals, as_of=AS_OF), chance_ever=np.zeros(0))
        held += [one.low <= rate[int(one.segment[1:])] <= one.high for one in found if one.segment != "all"]
    assert 0.84 <= np.mean(held) <= 0.96


def test_a_person_is_never_a_reason():
    said = reasons([Moved("Verkoper", "Anna", 0.3), Moved("source", "beurs", 0.1)])
    assert [one.nl for one in said] == ["Herkomst: beurs: ongeveer 10 op de 100 vaker gewonnen."]


def test_weeks_know_their_place_in_the_quarter():
    days = [date(2026, 1, 2), date(2026, 1, 10), date(2026, 2, 10), date(2026, 2, 26), date(2026, 3, 30)]
    found = [PACES[i] for i in pace(np.array([day_number(day) for day in days]))]
    assert found == ["first", "second", "middle", "month end", "last"]


def test_cohorts_count_months_back():
    opened = np.array([day_number(day) for day in (date(2024, 12, 31), date(2024, 12, 1), date(2023, 12, 1))])
    assert cohorts(opened, last=day_number(date(2024, 12, 31))).tolist() == [0, 0, 12]


def test_sellers_who_know_are_heard_from_their_history(monkeypatch):
    """What was stated when a deal came in already told how it would end, more often than not."""
    monkeypatch.setattr(landmarks, "FEWEST_FOR_CALENDAR", 10**6)
    rng = np.random.default_rng(8)
    deals = deals_that_end(2200)
    knows = np.where((deals["outcome"] == "won").to_numpy(), 1.2, -1.2) + rng.normal(0, 0.7, len(deals))
    history = deals.select("deal", pl.col("opened_on").alias("on"), pl.lit("gesprek").alias("stage")).with_columns(
        stated_chance=expit(knows)
    )
    said = read_deals(
        deals, as_of=AS_OF, until=UNTIL, history=history, rng=np.random.default_rng(1), challenger=False
    )
    assert said.is_pooled
    assert said.open_deals["reasons_nl"].str.contains("Je eigen inschatting").any()
    assert said.record.brier < said.record.baseline_brier - 0.01


def deals_of_a_season(n: int = 3000) -> pl.DataFrame:
    """Deals of three years that are won four times as easily from January to March."""
    rng = np.random.default_rng(3)
    opened, weeks = rng.integers(0, 1090, n), np.arange(80)
    moment = np.datetime64("2022-01-03") + (opened[:, None] + 7 * weeks).astype("timedelta64[D]")
    win = np.where(moment.astype("datetime64[M]").astype(int) % 12 < 3, 0.06, 0.015)
    ended = rng.random(win.shape) < win + 0.05
    ended[:, -1] = True
    week, rows = ended.argmax(axis=1), np.arange(n)
    won = rng.random(n) < win[rows, week] / (win[rows, week] + 0.05)
    start, closed = date(2022, 1, 3), opened + 7 * week + 3
    return pl.DataFrame(
        {
            "deal": [f"d{i}" for i in rows],
            "customer": pl.Series([None] * n, dtype=pl.String),
            "outcome": np.where(closed >= 1094, "open", np.where(won, "won", "lost")),
            "opened_on": [start + timedelta(days=int(d)) for d in opened],
            "closed_on": [None if d >= 1094 else start + timedelta(days=int(d)) for d in closed],
        }
    )


def test_a_season_is_believed_without_a_trend_beside_it():
    said = read_deals(deals_of_a_season(), as_of=AS_OF, until=UNTIL, rng=np.random.default_rng(1))
    assert said.model == "hazards_season"
