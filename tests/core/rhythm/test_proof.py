"""The market's clock counts only where it foretold better on days that it had not seen, and the answer says so."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.test_season import WINTER, company

from karma_core.frames import collect_days, collect_statistics, statistics_of, with_day_numbers
from karma_core.rhythm import observe, observe_shared
from karma_core.rhythm.pace import learn_clock
from karma_core.rhythm.proof import NOT_TESTED, Proof, prove


def batches(*, customers: int = 300) -> pl.DataFrame:
    """Customers who order on the first of every third month, in batches: busy weeks, but no season of theirs."""
    rng = np.random.default_rng(1)
    days = [date(2022 + i // 12, i % 12 + 1, 1) for i in range(49)]
    rows = [
        (f"{customer}", day)
        for customer in range(customers)
        for day in days[rng.integers(0, 3) : rng.integers(12, 70) : 3]
        if rng.random() < 0.85
    ]
    lines = pl.DataFrame(rows, schema=["customer", "on"], orient="row")
    return lines.with_columns(revenue_cents=pl.lit(10_000, pl.Int64), cost_cents=pl.lit(7_000, pl.Int64))


def seen(lines: pl.DataFrame) -> bool:
    """Whether a season or a trend is seen in the lines, proven or not."""
    days = collect_days(lines.lazy(), as_of=WINTER)
    return not learn_clock(statistics_of(days, as_of=WINTER), days.per_day(), as_of=WINTER).is_flat


def days_in(lines: pl.DataFrame) -> pl.DataFrame:
    before = lines.filter(pl.col("on") < WINTER)
    return before.select("customer", pl.col("on").cast(pl.Int32).cast(pl.Int64).alias("day")).unique()


def test_a_clock_that_foretells_worse_is_not_used_and_that_is_said():
    lines = batches()
    statistics, clock = observe(lines.lazy(), as_of=WINTER)
    assert seen(lines)
    assert clock.is_flat
    assert "did not clearly foretell better" in clock.about()[0].en
    assert statistics.equals(collect_statistics(lines.lazy(), as_of=WINTER))


@pytest.mark.parametrize("kind", ["spring", "falling"])
def test_a_clock_that_foretells_better_is_used_and_that_is_said(kind):
    clock = observe(company(kind).lazy(), as_of=WINTER)[1]
    assert not clock.is_flat
    assert "voorspelde dat beter wie er bestelt" in clock.about()[0].nl


def test_a_season_too_young_to_be_tested_is_not_used():
    lines = company("spring", years=2.2)
    assert seen(lines)
    clock = observe(lines.lazy(), as_of=WINTER)[1]
    assert (clock.is_flat, clock.about()) == (True, (NOT_TESTED,))


def test_a_proof_sees_nothing_of_as_of_and_later():
    lines = days_in(company("spring"))
    later = lines.with_columns(pl.col("day") + 2000)
    assert prove(lines, as_of=WINTER) == prove(pl.concat([lines, later]), as_of=WINTER)


def test_a_window_is_judged_on_a_clock_that_had_not_seen_it():
    """A spring that comes only in the year that is judged proves nothing."""
    lines = company("even")
    day = WINTER - timedelta(days=300)
    rush = lines.filter(pl.col("on").is_between(WINTER - timedelta(days=364), WINTER - timedelta(days=200)))
    rushed = pl.concat(
        [lines, *(rush.with_columns(pl.lit(day + timedelta(days=i)).alias("on")) for i in range(30))]
    )
    assert not prove(days_in(rushed), as_of=WINTER).holds


def test_a_gain_within_its_standard_error_proves_nothing():
    assert not Proof(13, 0.01, 0.02).holds
    assert Proof(13, 0.03, 0.02).holds
    assert not Proof(3, 0.03, 0.02).holds


@pytest.mark.parametrize("kind", ["spring", "batches"])
def test_the_shared_group_bys_find_the_same_clock(kind):
    lines = batches() if kind == "batches" else company(kind)
    (near, clock), (far, other) = (
        observe(lines.lazy(), as_of=WINTER),
        observe_shared(with_day_numbers(lines.lazy()), as_of=WINTER),
    )
    assert (clock.is_flat, clock.warnings) == (other.is_flat, other.warnings)
    assert other.pace.tolist() == pytest.approx(clock.pace.tolist())
    assert far.select("customer", "x", "t_x", "T").equals(near.select("customer", "x", "t_x", "T"))
