"""Why an expectation moved: the reasons add up, and are the right ones."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from tests.core.reach.companies import QUARTER, YEAR, company, deals, invoices, regulars, said

from karma_core.reach import Moved, NotComparableError, PlanReading, from_stored, to_stored, why_it_moved

A, B = date(2025, 1, 6), date(2025, 2, 3)


def adds_up(moved: Moved) -> None:
    assert sum(driver.cents for driver in moved.drivers) == moved.after_cents - moved.before_cents
    sizes = [abs(driver.cents) for driver in moved.drivers]
    assert all(size > 0 for size in sizes)


def cents_of(moved: Moved, code: str) -> int:
    return sum(driver.cents for driver in moved.drivers if driver.code == code)


def test_a_windfall_is_more_realised_than_expected() -> None:
    purchases = company()
    windfall = pl.DataFrame(
        {"customer": ["c1"], "on": [date(2025, 1, 20)], "revenue_cents": [5_000_000], "cost_cents": [1_000_000]}
    ).with_columns(segment=pl.lit("s1"))
    before = said(purchases, as_of=A)
    plain = why_it_moved(before, said(purchases, as_of=B))
    lucky = why_it_moved(before, said(pl.concat([purchases, windfall]), as_of=B))
    adds_up(plain)
    adds_up(lucky)
    assert cents_of(lucky, "realised") - cents_of(plain, "realised") == pytest.approx(4_000_000, abs=5)


def lived_on_deals(of: pl.DataFrame, *, as_of: date) -> PlanReading:
    lines = pl.concat([regulars(), invoices(of).select(regulars().columns)])
    return said(lines, of, as_of=as_of)


def test_lost_and_won_deals_are_counted_and_weighed() -> None:
    of = deals()
    before, after = lived_on_deals(of, as_of=A), lived_on_deals(of, as_of=B)
    moved = why_it_moved(before, after, outcomes=dict(of.select("deal", "outcome").iter_rows()))
    adds_up(moved)
    closed = of.filter(pl.col("opened_on") < A, pl.col("closed_on") >= A, pl.col("closed_on") < B)
    lost = next(driver for driver in moved.drivers if driver.code == "deals_lost")
    new = next(driver for driver in moved.drivers if driver.code == "deals_new")
    assert lost.count == len(closed.filter(pl.col("outcome") == "lost"))
    assert lost.cents < 0 < new.cents
    assert "deals_closed" not in [driver.code for driver in moved.drivers]


def test_without_outcomes_deals_that_left_are_closed() -> None:
    of = deals()
    moved = why_it_moved(lived_on_deals(of, as_of=A), lived_on_deals(of, as_of=B))
    adds_up(moved)
    codes = [driver.code for driver in moved.drivers]
    assert "deals_closed" in codes
    assert "deals_lost" not in codes


def test_stored_readings_tell_the_same_story() -> None:
    before, after = said(company(), as_of=A), said(company(), as_of=B)
    back = from_stored(*to_stored(before)), from_stored(*to_stored(after))
    assert why_it_moved(*back) == why_it_moved(before, after)


def test_the_same_reading_did_not_move() -> None:
    reading = said(company(), as_of=A)
    moved = why_it_moved(reading, reading, amount_cents=1_000_000)
    assert moved.drivers == ()
    assert moved.chance_before == moved.chance_after


def test_readings_from_before_the_period_differ_in_outlook_only() -> None:
    moved = why_it_moved(said(company(), as_of=date(2024, 11, 1)), said(company(), as_of=QUARTER.start))
    adds_up(moved)
    assert {driver.code for driver in moved.drivers} == {"outlook"}


def test_what_cannot_be_compared_is_refused() -> None:
    reading = said(company(), as_of=B, draws=100)
    for other in (replace(reading, period=YEAR), replace(reading, measure="revenue"), replace(reading, as_of=A)):
        with pytest.raises(NotComparableError) as refused:
            why_it_moved(reading, other)
        assert refused.value.say("nl") != str(refused.value)
