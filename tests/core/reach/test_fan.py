"""The fan starts at what is realised, ends at the reading's own range, and holds what happens on the way."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import QUARTER, YEAR, company, said, with_deals

from karma_core.reach import PlanReading
from karma_core.reach.fan import steps


def is_whole(reading: PlanReading) -> None:
    """What holds for every fan."""
    first, last = reading.fan[0], reading.fan[-1]
    q = reading.quantiles_cents
    assert (first.until, last.until) == (reading.period.start, reading.period.end)
    assert (last.p10_cents, last.p50_cents, last.p90_cents) == (q["p10"], q["p50"], q["p90"])
    assert last.mean_cents == reading.mean_cents
    assert dict(last.sources) == {part.source: part.mean_cents for part in reading.sources}
    for point in reading.fan:
        assert point.p10_cents <= point.p50_cents <= point.p90_cents
        assert sum(cents for _, cents in point.sources) == point.mean_cents
        assert (point.realised_cents is not None) == (point.until <= reading.as_of)


@pytest.mark.parametrize("as_of", [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 11), date(2025, 4, 1)])
def test_fan_ends_at_the_reading(as_of: date) -> None:
    is_whole(said(company(), as_of=as_of))


def test_fan_with_deals_ends_at_the_reading() -> None:
    is_whole(with_deals(as_of=date(2025, 1, 20))[0])


def test_fan_shows_what_was_booked_week_by_week() -> None:
    purchases = company()
    for point in said(purchases, as_of=date(2025, 2, 11)).fan:
        if point.realised_cents is not None:
            rows = purchases.filter(pl.col("on") >= QUARTER.start, pl.col("on") < point.until)
            booked = rows.select(pl.col("revenue_cents") - pl.col("cost_cents")).sum().item()
            assert (point.realised_cents, point.p10_cents, point.p90_cents) == (booked,) * 3


def test_fan_counts_weeks_in_a_quarter_and_months_in_a_year() -> None:
    assert steps(QUARTER, date(2024, 1, 1))[:3] == [date(2025, 1, 1), date(2025, 1, 8), date(2025, 1, 15)]
    assert [day.day for day in steps(YEAR, date(2024, 1, 1))] == [1] * 13
    assert date(2025, 5, 17) in steps(YEAR, date(2025, 5, 17))


def test_fan_widens() -> None:
    fan = said(company()).fan
    widths = [point.p90_cents - point.p10_cents for point in fan]
    assert widths == sorted(widths)


def test_fan_follows_the_weekday() -> None:
    on = [date(2023, 1, 2) + timedelta(days=d) for d in range(820)]
    lines = pl.DataFrame(
        [(f"c{i}", day, 10_000) for i, day in enumerate(on) if day.weekday() == 0 for i in range(20)],
        schema=["customer", "on", "revenue_cents"],
        orient="row",
    )
    by = {point.until: point.mean_cents for point in said(lines, as_of=date(2025, 1, 2)).fan}
    assert by[date(2025, 1, 8)] > 0.05 * by[QUARTER.end]
    assert by[date(2025, 1, 8)] == pytest.approx(by[QUARTER.end] / 13, rel=0.15)


@pytest.mark.slow
def test_fan_holds_the_middle_of_the_period() -> None:
    held, n = 0, 30
    for seed in range(n):
        purchases = company(customers=25, days=500, seed=seed)
        point = next(p for p in said(purchases, draws=200).fan if p.until == date(2025, 2, 5))
        rows = purchases.filter(pl.col("on") >= QUARTER.start, pl.col("on") < point.until)
        booked = rows.select(pl.col("revenue_cents") - pl.col("cost_cents")).sum().item()
        held += point.p10_cents <= booked <= point.p90_cents
    assert abs(held / n - 0.8) < 3.3 * np.sqrt(0.8 * 0.2 / n)
