"""The record: what earlier plans are worth, against what others would have said, and how sure that is."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import company, said

from karma_core.periods import Period
from karma_core.reach import plans_like, record_of, widened
from karma_core.reach.record import SCHEMA
from karma_core.reach.smoothing import Smoothed, smoothed
from karma_core.scores import crps

QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))


def plans_at(*pits: float, segments: int = 0) -> pl.DataFrame:
    """Earlier plans that ended at these places of their ranges; last year was 90, the middle 100."""
    rows = [
        {
            "pit": place,
            "actual_cents": round(200 * place),
            "is_in_80": 0.1 <= place <= 0.9,
            "is_in_90": 0.05 <= place <= 0.95,
            "crps_cents": 10.0,
            "last_year_cents": 90,
            "chance_of_last_year": 0.55,
            "chance_of_last_year_plus_10": 0.5,
            "smoothed_crps_cents": 20.0,
            "smoothed_chance_of_last_year": 0.5,
            "segment_pits": [place] * segments,
        }
        for place in pits
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def test_record_counts_and_compares() -> None:
    record = record_of(plans_at(0.5, 0.95, 0.2, 0.4))
    assert (record.plans, record.inside_80, record.inside_90) == (4, 3, 4)
    assert record.last_year_error_cents == pytest.approx(np.mean([10, 100, 50, 10]))
    assert record.plus_10_error_cents == pytest.approx(np.mean([1, 91, 59, 19]))
    assert record.tighter_than_last_year == pytest.approx(1 - 10 / 42.5)
    assert (record.crps_beside_smoothing_cents, record.smoothing_crps_cents) == (10.0, 20.0)
    assert record.always_brier == 0.5
    assert record.brier == pytest.approx((2 * 0.45**2 + 2 * 0.55**2) / 4)


def test_few_plans_leave_much_doubt_and_segments_less() -> None:
    few, many = record_of(plans_at(*[0.5] * 4)).coverage_80, record_of(plans_at(*[0.5] * 40)).coverage_80
    pooled = record_of(plans_at(*[0.5] * 4, segments=5)).coverage_80
    assert few
    assert many
    assert pooled
    assert few.low < pooled.low < many.low
    assert few.low < 0.8 < few.high


def test_ranges_are_widened_only_where_they_clearly_miss() -> None:
    assert record_of(plans_at(0.5, 0.99, 0.3)).widen_by == 1.0
    assert record_of(plans_at(*np.linspace(0.05, 0.95, 12))).widen_by == 1.0
    missed = record_of(plans_at(*([0.999, 0.001] * 5), 0.5, 0.6)).widen_by
    assert 1.5 < missed <= 3.0


def test_a_widened_reading_is_wider_around_the_same_mean() -> None:
    reading = said(company(customers=30, days=500), draws=300)
    wide = widened(reading, 2.0)
    assert wide.mean_cents == pytest.approx(reading.mean_cents, abs=5)
    spread = [r.quantiles_cents["p90"] - r.quantiles_cents["p10"] for r in (reading, wide)]
    assert spread[1] == pytest.approx(2 * spread[0], rel=0.001)
    assert abs(wide.fan[-1].p90_cents - wide.quantiles_cents["p90"]) <= 10
    assert widened(reading, 1.0) is reading


def test_smoothing_follows_a_level_and_says_how_far_it_strays() -> None:
    rng = np.random.default_rng(1)
    steady = smoothed(100 + rng.normal(0, 5, 24))
    moved = smoothed(np.concatenate([np.full(12, 100.0), np.full(12, 200.0)]))
    assert steady
    assert moved
    assert steady.mean == pytest.approx(100, abs=4)
    assert steady.sd == pytest.approx(5, rel=0.5)
    assert moved.mean == pytest.approx(200, abs=1)
    assert smoothed(np.ones(3)) is None


def test_the_score_of_a_normal_is_that_of_its_draws() -> None:
    drawn = np.random.default_rng(1).normal(3, 2, 20_000)
    assert Smoothed(3.0, 2.0).crps(5.5) == pytest.approx(crps(drawn, 5.5), rel=0.03)


def test_plans_like_a_period_are_as_long_and_made_as_early() -> None:
    plans = plans_like(QUARTER, first=date(2022, 1, 1), as_of=date(2025, 11, 20))
    assert len(plans) == 11
    assert plans[-1][1].end == date(2025, 11, 1)
    assert all((made_on.month - judged.start.month) % 12 == 11 for made_on, judged in plans)
    assert plans_like(QUARTER, first=date(2025, 10, 1), as_of=date(2025, 11, 20)) == []
