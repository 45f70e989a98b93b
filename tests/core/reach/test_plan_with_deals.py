"""Deals in a plan: what belongs to which source, and what happens where they cannot be told apart."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.frames import PURCHASES
from karma_core.periods import Period
from karma_core.reach import PlanReading, forecast
from karma_core.reach.ledger import read_ledger

START = date(2022, 1, 1)
AS_OF = date(2025, 1, 1)
QUARTER = Period(AS_OF, date(2025, 4, 1))


def deals(n: int = 1500, *, seed: int = 1) -> pl.DataFrame:
    """Deals that open evenly, end within weeks, and are won four times in ten."""
    rng = np.random.default_rng(seed)
    opened = rng.integers(0, 1180, n)
    closed = opened + 7 * rng.geometric(0.08, n)
    rows = [
        (
            f"d{i}",
            f"k{i}",
            "won" if rng.random() < 0.4 else "lost",
            START + timedelta(days=int(opened[i])),
            START + timedelta(days=int(closed[i])),
            int(rng.lognormal(13, 0.5)),
        )
        for i in range(n)
    ]
    names = ["deal", "customer", "outcome", "opened_on", "closed_on", "revenue_cents"]
    return pl.DataFrame(rows, schema=names, orient="row")


def invoices(of: pl.DataFrame, *, with_id: bool = True, days: int = 20) -> pl.DataFrame:
    """Each won deal invoiced whole, some days after it was won."""
    won = of.filter(pl.col("outcome") == "won")
    return won.select(
        "customer",
        on=pl.col("closed_on") + timedelta(days=days),
        revenue_cents="revenue_cents",
        cost_cents=pl.col("revenue_cents") // 2,
        deal=pl.col("deal") if with_id else pl.lit(None, dtype=pl.String),
    )


def regulars(customers: int = 40) -> pl.DataFrame:
    """Customers without deals who buy every month."""
    rows = [
        (f"r{i}", START + timedelta(days=int(d) + i), 50_000, 25_000, None)
        for i in range(customers)
        for d in range(0, 1090, 30)
    ]
    schema = {name: PURCHASES.schema[name] for name in ("customer", "on", "revenue_cents", "cost_cents", "deal")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def plan(
    purchases: pl.DataFrame, of: pl.DataFrame | None, *, as_of: date = AS_OF, period: Period = QUARTER
) -> PlanReading:
    rng = np.random.default_rng(3)
    return forecast(purchases, deals=of, history=None, period=period, as_of=as_of, rng=rng, draws=500)


def means(reading: PlanReading) -> dict[str, int]:
    return {s.source: s.mean_cents for s in reading.sources}


LINES = pl.DataFrame(
    {
        "customer": ["a", "a", "a", "b", None],
        "on": [date(2024, 3, 1), date(2024, 4, 29), date(2024, 5, 1), date(2024, 3, 1), date(2024, 3, 2)],
        "revenue_cents": [1, 2, 4, 8, 16],
    }
)


@pytest.mark.parametrize(
    ("named", "expected"), [([None] * 5, [1 + 2, 4 + 8, 16]), ([None, None, "y", None, None], [4, 1 + 2 + 8, 16])]
)
def test_purchases_belong_to_a_deal_by_name_and_only_without_any_by_a_win_within_60_days(
    named: list[str | None], expected: list[int]
) -> None:
    won = pl.DataFrame({"deal": ["y"], "customer": ["a"], "closed_on": [date(2024, 3, 1)]})
    ledger = read_ledger(LINES.with_columns(deal=pl.Series(named, dtype=pl.String)), as_of=AS_OF, won=won)
    revenue = [float(part.revenue.sum()) for part in (ledger.from_deals, ledger.bought, ledger.nobody)]
    assert revenue == expected


def test_every_line_is_in_exactly_one_part() -> None:
    of = deals()
    lines = pl.concat([regulars(), invoices(of).select(regulars().columns)])
    ledger = read_ledger(lines, as_of=AS_OF, won=of.filter(pl.col("outcome") == "won"))
    booked = lines.filter(pl.col("on") < AS_OF)["revenue_cents"].sum()
    assert sum(float(part.revenue.sum()) for part in ledger.parts) == booked


@pytest.mark.parametrize("with_id", [True, False])
def test_a_plan_with_deals_holds_what_happened(with_id: bool) -> None:
    of = deals()
    lines = pl.concat([regulars(), invoices(of, with_id=with_id).select(regulars().columns)])
    reading = plan(lines, of)
    later = invoices(of).filter(pl.col("on").is_between(QUARTER.start, QUARTER.end, closed="left"))
    actual = int(later["revenue_cents"].sum()) // 2 + 40 * 3 * 25_000
    q = reading.quantiles_cents
    assert q["p05"] < actual < q["p95"]
    assert set(means(reading)) == {"existing_customers", "open_deals", "new_business"}


def test_deals_are_invoiced_as_late_as_they_used_to_be() -> None:
    of = deals()
    at_once, late = (plan(invoices(of, days=days), of) for days in (0, 55))
    later_wins = plan(invoices(of, days=55), of.filter(pl.col("opened_on") < date(2024, 6, 1)))
    assert means(later_wins)["open_deals"] < means(late)["open_deals"]
    assert 0.7 < means(late)["open_deals"] / means(at_once)["open_deals"] < 1.4


def test_deals_alone_make_a_plan_in_revenue() -> None:
    reading = plan(PURCHASES.empty(), deals())
    assert (reading.measure, "cost" in reading.missing) == ("revenue", True)
    assert list(means(reading)) == ["open_deals", "new_business"]


def test_deals_alone_with_quoted_margin_make_a_plan_in_margin() -> None:
    of = deals().with_columns(margin_cents=pl.col("revenue_cents") // 4)
    margin, revenue = plan(PURCHASES.empty(), of), plan(PURCHASES.empty(), deals())
    assert margin.measure == "margin"
    assert margin.mean_cents / revenue.mean_cents == pytest.approx(0.25, rel=0.05)


def test_deals_that_cannot_be_tied_to_purchases_do_not_count_twice() -> None:
    of = deals().with_columns(customer=pl.format("other {}", "customer"))
    lines = pl.concat([regulars(), invoices(deals(), with_id=False).select(regulars().columns)])
    reading = plan(lines, of)
    assert "deal_links" in reading.missing
    assert (reading.draws.total == plan(lines, None).draws.total).all()


def test_a_plan_knows_nothing_of_deals_closed_on_or_after_as_of() -> None:
    of = deals()
    hidden = of.filter(pl.col("opened_on") < AS_OF).with_columns(
        outcome=pl.when(pl.col("closed_on") < AS_OF).then("outcome").otherwise(pl.lit("open")),
        closed_on=pl.when(pl.col("closed_on") < AS_OF).then("closed_on"),
        revenue_cents=pl.when(pl.col("closed_on") < AS_OF).then("revenue_cents"),
    )
    lines = invoices(of)
    assert (plan(lines, of).draws.total == plan(lines, hidden).draws.total).all()


def test_few_won_deals_are_said() -> None:
    assert "too_few_won_deals" in plan(invoices(deals(60)), deals(60)).warnings


ODD = {
    "one open": deals(1).with_columns(outcome=pl.lit("open"), opened_on=date(2024, 12, 31), closed_on=None),
    "one lost": deals(1).with_columns(outcome=pl.lit("lost")),
    "no amounts": deals(300).drop("revenue_cents"),
    "no dates": deals(50).drop("opened_on"),
    "negative amounts": deals(300).with_columns(revenue_cents=-pl.col("revenue_cents")),
    "very old": deals(300).with_columns(opened_on=date(1999, 1, 1)),
    "all of today": deals(300).with_columns(opened_on=AS_OF),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("with_purchases", [True, False])
def test_a_plan_stays_sound_on_odd_deals(name: str, with_purchases: bool) -> None:
    of = ODD[name].with_columns(pl.col("closed_on").cast(pl.Date))
    for period in (QUARTER, Period(date(2025, 6, 1), date(2026, 6, 1))):
        reading = plan(regulars(8) if with_purchases else PURCHASES.empty(), of, period=period)
        assert sum(means(reading).values()) == reading.mean_cents
