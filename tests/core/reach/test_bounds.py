"""What a team can take up, and what a market holds, bound new business in every drawn future."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import QUARTER, company, deals, invoices, regulars

from karma_core.reach import Ahead, BoundError, Bounds, PlanReading, forecast, from_stored, to_stored
from karma_core.reach.bounds import CAPACITY, POTENTIAL

OF = deals(900)
LINES = pl.concat([regulars(), invoices(OF).select(regulars().columns)])


def said(bounds: Bounds, *, with_deals: bool = True) -> PlanReading:
    lines, of = (LINES, OF) if with_deals else (company(), None)
    return forecast(
        lines,
        deals=of,
        history=None,
        period=QUARTER,
        as_of=date(2025, 1, 1),
        rng=np.random.default_rng(7),
        draws=400,
        ahead=Ahead(bounds=bounds),
    )


def new(reading: PlanReading) -> list[int]:
    return reading.draws.of_source("new_business").tolist()


@pytest.mark.parametrize("with_deals", [True, False])
def test_a_bound_out_of_reach_leaves_every_number_as_it_was(with_deals: bool) -> None:
    wide, none = said(Bounds(1e9, 10**15), with_deals=with_deals), said(Bounds(), with_deals=with_deals)
    assert wide.draws.cents.tolist() == none.draws.cents.tolist()
    assert [(bound.bound, bound.share, bound.cents) for bound in wide.held] == [
        (CAPACITY, 0, 0),
        (POTENTIAL, 0, 0),
    ]
    assert wide.warnings == none.warnings


@pytest.mark.parametrize("with_deals", [True, False])
def test_a_team_that_can_take_up_nothing_gets_no_new_business(with_deals: bool) -> None:
    reading = said(Bounds(deals_per_week=0), with_deals=with_deals)
    assert set(new(reading)) == {0}
    assert "held_by_capacity" in reading.warnings


def test_capacity_holds_back_in_proportion_and_touches_nothing_else() -> None:
    free, held = said(Bounds()), said(Bounds(deals_per_week=3))
    assert 0 < sum(new(held)) < sum(new(free))
    for source in ("existing_customers", "open_deals"):
        assert held.draws.of_source(source).tolist() == free.draws.of_source(source).tolist()
    assert held.held[0].cents == pytest.approx((sum(new(free)) - sum(new(held))) / 400, abs=2)


def test_no_future_brings_more_than_the_market_holds() -> None:
    free = said(Bounds())
    most = int(np.median(new(free)))
    reading = said(Bounds(cents_per_year=most * 365 // 90))
    assert max(new(reading)) <= most + 5
    assert reading.held[0].share == pytest.approx(0.5, abs=0.02)
    assert "held_by_market_potential" in reading.warnings


def test_bounds_come_back_from_store() -> None:
    reading = said(Bounds(3, 10**6))
    assert from_stored(*to_stored(reading)).held == reading.held


@pytest.mark.parametrize(
    "wrong", [{"deals_per_week": -1.0}, {"cents_per_year": -1}, {"deals_per_week": float("nan")}]
)
def test_a_bound_below_zero_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BoundError):
        Bounds(**wrong)  # type: ignore[arg-type]
