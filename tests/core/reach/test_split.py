"""Customer by customer and deal by deal, an expectation adds up to its source."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import company, said, with_deals

from karma_core.reach import PlanReading
from karma_core.reach.existing import chance_of_any, draw_counts


def mean_of(reading: PlanReading, source: str) -> int:
    return {part.source: part.mean_cents for part in reading.sources}.get(source, 0)


@pytest.mark.parametrize("as_of", [date(2025, 1, 1), date(2025, 2, 11)])
def test_customers_add_up_to_existing_customers(as_of: date) -> None:
    reading = said(company(), as_of=as_of)
    off = reading.customers["expected_cents"].sum() - mean_of(reading, "existing_customers")
    assert abs(off) <= len(reading.customers)
    assert reading.customers["realised_cents"].sum() > 0 or as_of == date(2025, 1, 1)


def test_customers_of_a_segment_add_up_to_its_cell() -> None:
    reading = said(company())
    by = dict(reading.customers.group_by("segment").agg(pl.col("expected_cents").sum()).iter_rows())
    for i, (source, segment) in enumerate(zip(reading.draws.sources, reading.draws.segments, strict=True)):
        if source == "existing_customers":
            assert by.get(segment, 0) == pytest.approx(reading.draws.cents[i].mean(), abs=50)


def test_sales_on_no_customer_are_one_row_without_a_chance() -> None:
    lines = company(customers=30)
    nobody = lines.with_columns(customer=pl.lit(None, dtype=pl.String), segment=pl.lit(None, dtype=pl.String))
    reading = said(pl.concat([lines, nobody]))
    rest = reading.customers.filter(pl.col("customer").is_null())
    assert (len(rest), rest["chance_to_buy"].null_count()) == (1, 1)
    off = reading.customers["expected_cents"].sum() - mean_of(reading, "existing_customers")
    assert abs(off) <= len(reading.customers)


def test_who_has_bought_has_chance_one_and_the_faithful_more_than_the_silent() -> None:
    purchases = company()
    as_of = date(2025, 2, 11)
    reading = said(purchases, as_of=as_of)
    inside = purchases.filter(pl.col("on") >= date(2025, 1, 1), pl.col("on") < as_of, pl.col("revenue_cents") > 0)
    bought = reading.customers.filter(pl.col("customer").is_in(inside["customer"].unique().implode()))
    assert set(bought["chance_to_buy"].to_list()) == {1.0}
    assert reading.customers["chance_to_buy"].min() < 0.9


def test_deals_add_up_to_what_open_deals_still_bring() -> None:
    reading, of = with_deals()
    assert abs(reading.deals["expected_cents"].sum() - mean_of(reading, "open_deals")) <= len(reading.deals)
    known = of.filter(pl.col("opened_on") < reading.as_of, pl.col("closed_on") >= reading.as_of)["deal"]
    still_open = reading.deals.filter(pl.col("outcome") == "open")
    assert set(still_open["deal"]) == set(known)
    assert still_open["chance_in_period"].is_between(0, 1).all()


@pytest.mark.parametrize(("mean", "variance"), [(0.3, 0.3), (2.0, 5.0), (0.8, 0.5), (4.0, 1.0), (0.01, 0.02)])
def test_chance_of_any_is_that_of_the_counts_drawn(mean: float, variance: float) -> None:
    drawn = draw_counts(mean, variance, 200_000, np.random.default_rng(1))
    found = chance_of_any(np.array([mean]), np.array([variance]))[0]
    assert found == pytest.approx(float((drawn > 0).mean()), abs=0.005)
