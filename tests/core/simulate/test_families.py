from datetime import timedelta

import polars as pl
import pytest
from tests.core.simulate.conftest import ENDS_ON, made

from karma_core.simulate import FAMILIES

EVENT = ENDS_ON - timedelta(days=180)
WITH_EVENT = ["shock", "trend_break", "price_rise", "seller_leaves"]


@pytest.fixture(scope="module")
def worlds():
    return {family: made(family=family, customers=1500) for family in FAMILIES}


def money(company, *, since):
    lines = company.purchases.filter(pl.col("on") >= since, pl.col("kind") == "sale")
    return lines["revenue_cents"].sum(), lines["cost_cents"].sum()


@pytest.mark.parametrize("family", WITH_EVENT)
def test_before_the_event_a_family_is_the_plain_world(worlds, family):
    for frame, day in (("purchases", "on"), ("stage_history", "on"), ("deals", "opened_on")):
        columns = [name for name in getattr(worlds["plain"], frame).columns if name not in ("line", "invoice")]
        columns = ["deal", "customer", "opened_on", "source", "owner"] if frame == "deals" else columns
        before = [
            getattr(world, frame).filter(pl.col(day) < EVENT).select(columns).sort(columns)
            for world in (worlds[family], worlds["plain"])
        ]
        assert before[0].equals(before[1])


@pytest.mark.parametrize("family", WITH_EVENT)
def test_after_the_event_a_family_is_another_world(worlds, family):
    assert money(worlds[family], since=EVENT) != money(worlds["plain"], since=EVENT)


def test_a_shock_takes_orders_away_and_adds_none(worlds):
    orders = [set(worlds[family].purchases["order"].drop_nulls()) for family in ("shock", "plain")]
    assert orders[0] < orders[1]
    ratio = money(worlds["shock"], since=EVENT)[0] / money(worlds["plain"], since=EVENT)[0]
    assert 0.6 < ratio < 0.85


def test_heavy_tails_keep_names_days_and_means(worlds):
    plain, heavy = worlds["plain"], worlds["heavy_tails"]
    assert plain.customers.equals(heavy.customers)
    sales = [world.purchases.filter(pl.col("kind") == "sale") for world in (plain, heavy)]
    assert sales[0].select("order", "on", "customer").equals(sales[1].select("order", "on", "customer"))
    top = [sale["revenue_cents"].top_k(100).sum() / sale["revenue_cents"].sum() for sale in sales]
    assert top[1] > 2 * top[0]
    assert 0.7 < sales[1]["revenue_cents"].sum() / sales[0]["revenue_cents"].sum() < 1.5


def test_a_price_rise_burns_margin(worlds):
    shares = []
    for family in ("price_rise", "plain"):
        revenue, cost = money(worlds[family], since=EVENT)
        shares.append(1 - cost / revenue)
    assert shares[1] - shares[0] > 0.02
    assert "purchase_price" in set(worlds["price_rise"].margin_losses["kind"])
    assert "purchase_price" not in set(worlds["plain"].margin_losses["kind"])


def test_the_seller_who_leaves_is_gone_and_nobody_takes_over_for_a_while(worlds):
    world = worlds["seller_leaves"]
    leaver = world.truth.leaver
    assert world.people.filter(pl.col("person") == leaver)["left_on"].to_list() == [EVENT]
    held = world.responsibilities.filter(pl.col("person") == leaver)
    assert held["until_on"].null_count() == 0
    orphans = world.responsibilities.filter(pl.col("person").is_null(), pl.col("from_on") == EVENT)
    assert orphans.height > 20
    assert (orphans["until_on"] <= EVENT + timedelta(days=90)).all()


def test_more_customers_of_the_seller_who_left_are_lost(worlds):
    world, plain = worlds["seller_leaves"], worlds["plain"]
    theirs = world.responsibilities.filter(pl.col("person") == world.truth.leaver, pl.col("until_on") == EVENT)
    left = [
        each.truth.customers.join(theirs, on="customer", how="semi").filter(pl.col("left_on") >= EVENT).height
        for each in (world, plain)
    ]
    assert left[0] > left[1]


def test_what_the_seller_who_left_had_written_stands():
    large = [made(family=family, customers=8000, people=20) for family in ("seller_leaves", "plain")]
    lost = (
        large[0]
        .deals.join(large[1].deals, on="deal", suffix="_plain")
        .filter(pl.col("outcome") == "lost", pl.col("outcome_plain") == "won", pl.col("opened_on") < EVENT)
    )
    assert lost.height > 3
    histories = [
        company.stage_history.filter(pl.col("on") < EVENT).join(lost, on="deal", how="semi") for company in large
    ]
    assert histories[0].equals(histories[1])


def test_only_seller_leaves_has_a_leaver(worlds):
    assert [family for family, world in worlds.items() if world.truth.leaver] == ["seller_leaves"]
