from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.core.simulate.conftest import ENDS_ON, made

from karma_core.periods import Period
from karma_core.simulate import Recipe, company_of, expected_margin, known_before
from karma_core.simulate.trade import STAGES

MARGIN = pl.col("revenue_cents") - pl.col("cost_cents")


def test_nobody_orders_of_their_own_accord_once_gone(plain):
    orders = plain.purchases.filter(pl.col("kind") == "sale").join(plain.truth.customers, on="customer")
    assert orders.filter(pl.col("on") >= pl.col("left_on")).height == 0
    assert orders.filter(pl.col("on") < pl.col("became_on")).height == 0


def test_some_have_left_and_most_have_not(plain):
    customers = plain.truth.customers.filter(pl.col("became_on").is_not_null())
    assert 0.05 < customers["left_on"].is_not_null().mean() < 0.5


def test_a_prospect_becomes_a_customer_on_the_day_of_the_first_win(plain):
    wins = plain.deals.filter(pl.col("outcome") == "won").group_by("customer").agg(pl.col("closed_on").min())
    prospects = plain.truth.customers.filter(pl.col("kind") == "prospect").join(wins, on="customer")
    assert prospects.height > 0
    assert prospects.filter(pl.col("became_on") != pl.col("closed_on")).height == 0


def test_linked_lines_belong_to_won_deals_and_come_after_the_signature(plain):
    linked = plain.purchases.join(plain.deals, on="deal", suffix="_deal")
    assert linked.height == plain.purchases["deal"].drop_nulls().len()
    assert linked.filter(pl.col("outcome") != "won").height == 0
    assert linked.filter(pl.col("on") <= pl.col("closed_on")).height == 0
    assert linked.filter(pl.col("customer") != pl.col("customer_deal")).height == 0


@pytest.mark.parametrize("family", ["plain", "price_rise"])
def test_realised_margin_is_quoted_margin_less_the_losses(family):
    company = made(family=family, customers=1500)
    done = company.deals.filter(
        pl.col("outcome") == "won",
        pl.col("closed_on") >= company.period.start,
        pl.col("closed_on") < date(2026, 3, 1),
    )
    realised = company.purchases.group_by("deal").agg(MARGIN.sum().alias("realised"))
    lost = company.margin_losses.group_by("deal").agg(pl.col("amount_cents").sum().alias("lost"))
    joined = (
        done.join(realised, on="deal").join(lost, on="deal", how="left").with_columns(pl.col("lost").fill_null(0))
    )
    assert joined.height > 50
    assert joined["lost"].sum() > 0
    assert (joined["margin_cents"] - joined["lost"] - joined["realised"]).abs().max() == 0


def test_a_deals_history_ends_as_the_deal_stands(plain):
    last = plain.stage_history.group_by("deal", maintain_order=True).last()
    joined = plain.deals.join(last, on="deal", suffix="_last")
    for column in ("stage", "revenue_cents", "stated_chance", "expected_close_on"):
        assert (joined[column] == joined[f"{column}_last"]).all()
    assert (joined["closed_on"].is_null() == (joined["outcome"] == "open")).all()


def test_a_deal_has_one_row_of_history_a_day(plain):
    assert plain.stage_history.select("deal", "on").is_duplicated().sum() == 0


def test_wins_are_as_frequent_as_their_true_chances_say():
    company = made(customers=8000, people=60)
    deals = company.truth.deals
    chance = 1 / (1 + np.exp(-deals["log_odds"].to_numpy()))
    won = (deals["outcome"] == "won").to_numpy()
    z = (won - chance).sum() / np.sqrt((chance * (1 - chance)).sum())
    assert abs(z) < 4
    assert (chance[won].mean() - chance[~won].mean()) > 0.03


def test_leads_can_be_confounded_with_a_standing_that_means_nothing():
    even, confounded = (
        made(customers=3000, people=30, skill_sd=0.0, assignment=assignment)
        for assignment in ("even", "confounded")
    )
    assert not even.deals["source"].equals(confounded.deals["source"])
    assert confounded.truth.people["win_effect"].abs().max() == 0


@pytest.mark.parametrize(("truth", "key"), [("people", "owner"), ("sources", "source"), ("segments", "segment")])
def test_true_chances_carry_the_true_effects(truth, key):
    company = made(customers=6000, people=30, skill_sd=0.8)
    effects = getattr(company.truth, truth).rename({"person": "owner"}, strict=False)
    known = company.deals.filter(pl.col("source") != "Bestaande klant").join(company.truth.deals, on="deal")
    means = known.group_by(key).agg(pl.col("log_odds").mean()).join(effects, on=key)
    assert means.select(pl.corr("log_odds", "win_effect")).item() > 0.9


def test_a_prospect_never_comes_as_an_existing_customer(plain):
    prospects = plain.truth.customers.filter(pl.col("kind") == "prospect")
    sources = plain.deals.join(prospects, on="customer", how="semi")["source"]
    assert len(sources) > 50
    assert "Bestaande klant" not in set(sources)


def test_nobody_differs_where_the_spread_is_nought():
    assert made(skill_sd=0.0).truth.people["win_effect"].abs().max() == 0


@pytest.mark.parametrize(("assignment", "low", "high"), [("even", -0.15, 0.15), ("confounded", 0.3, 1.0)])
def test_good_leads_go_to_good_sellers_only_when_confounded(assignment, low, high):
    company = made(customers=6000, people=60, assignment=assignment)
    joined = (
        company.deals.filter(pl.col("source") != "Bestaande klant")
        .join(company.truth.people, left_on="owner", right_on="person")
        .join(company.truth.sources, on="source", suffix="_source")
    )
    assert low < joined.select(pl.corr("win_effect", "win_effect_source")).item() < high


def test_stated_chances_rise_with_the_stage_and_differ_by_person(plain):
    said = plain.stage_history.filter(~pl.col("stage").is_in(["Gewonnen", "Verloren"]))
    by_stage = dict(said.group_by("stage").agg(pl.col("stated_chance").mean()).iter_rows())
    means = [by_stage[stage.nl] for stage in STAGES[:4]]
    assert means == sorted(means)
    assert plain.truth.people["stated_bias"].std() > 0.1


def test_promises_that_delivery_checked_are_broken_less_often():
    promises = made(customers=8000, people=40).promises.filter(pl.col("outcome").is_in(["kept", "broken"]))
    ours = promises.filter(pl.col("side") == "us")
    by_check = dict(
        ours.group_by(pl.col("secured_by").is_not_null()).agg((pl.col("outcome") == "broken").mean()).iter_rows()
    )
    assert by_check[True] < by_check[False]


def test_customers_year_plans_come_true_on_average():
    company = made(customers=6000)
    plans = company.year_plans.join(company.truth.year_plans, on=["customer", "year"])
    over = plans.filter(pl.col("actual_cents").is_not_null())
    assert 0.8 < over["actual_cents"].sum() / over["stated_cents"].sum() < 1.2


def test_expected_margin_is_what_comes_on_average():
    as_of, period = date(2026, 3, 1), Period(date(2026, 4, 1), date(2026, 7, 1))
    ratios = []
    for seed in range(12):
        company = company_of(Recipe(ends_on=period.end, customers=4000, years=1, seed=seed))
        expected = dict(expected_margin(known_before(company, on=as_of), period=period).iter_rows())
        there = company.truth.customers.filter(pl.col("became_on") < as_of)
        came = company.purchases.filter(
            pl.col("on") >= period.start, pl.col("kind").is_in(["sale", "credit"])
        ).join(there, on="customer", how="semi")
        ratios.append(came.select(MARGIN.sum()).item() / expected["existing_customers"])
    assert abs(np.mean(ratios) - 1) < 0.025
    assert np.std(ratios) < 0.06


def test_as_of_is_the_end_of_the_period(plain):
    assert plain.as_of == ENDS_ON
