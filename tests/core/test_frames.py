"""Contracts refuse what they must, and the group-bys equal their slow twins."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from karma_core import frames, packing
from karma_core.errors import FrameError
from karma_core.frames import (
    CUSTOMER_STATISTICS,
    PURCHASES,
    Ticks,
    collect_statistics,
    count_days,
    customer_statistics,
    day_number,
    purchase_days,
    purchase_gaps,
    shared_statistics,
    with_day_numbers,
)

AS_OF = date(2026, 7, 1)


def random_lines(seed: int, *, rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "customer": [None if i == 9 else f"customer {i}" for i in rng.integers(0, 10, rows).tolist()],
            "on": [date(2026, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 250, rows)],
            "revenue_cents": rng.integers(-500, 3000, rows),
            "cost_cents": [None if i % 7 == 0 else i for i in rng.integers(0, 900, rows).tolist()],
        },
        schema_overrides={"cost_cents": pl.Int64},
    )


def slow_twin(lines: pl.DataFrame, customer: str) -> dict | None:
    """The statistics of one customer, walked through line by line."""
    rows = [row for row in lines.iter_rows(named=True) if row["customer"] == customer and row["on"] < AS_OF]
    days = sorted({row["on"] for row in rows if row["revenue_cents"] >= 0})
    if not days:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    costed = [row for row in rows if row["cost_cents"] is not None]
    return {
        "customer": customer,
        "first_on": days[0],
        "last_on": days[-1],
        "x": len(days) - 1,
        "t_x": (days[-1] - days[0]).days,
        "T": (AS_OF - days[0]).days - 1,
        "lines": len(rows),
        "revenue_cents": sum(row["revenue_cents"] for row in rows),
        "cost_cents": sum(row["cost_cents"] for row in costed),
        "costed_revenue_cents": sum(row["revenue_cents"] for row in costed),
        "early_gap": float(np.quantile(gaps, 0.25)) if gaps else None,
        "typical_gap": float(np.median(gaps)) if gaps else None,
        "longest_gap": max(gaps) if gaps else None,
        "log_gaps": float(np.log(gaps).sum()) if gaps else 0.0,
    }


@pytest.mark.parametrize("seed", range(5))
def test_statistics_equal_their_slow_twin(seed):
    lines = random_lines(seed, rows=40 + 90 * seed)
    slow = [slow_twin(lines, f"customer {i}") for i in range(9)]
    fast = collect_statistics(lines.lazy(), as_of=AS_OF)
    assert fast["log_gaps"].to_list() == pytest.approx([row["log_gaps"] for row in slow if row])
    assert fast.drop("log_gaps").rows(named=True) == [
        {name: value for name, value in row.items() if name != "log_gaps"} for row in slow if row
    ]


def test_counts_of_days_are_those_of_lines():
    lines, before = with_day_numbers(random_lines(1).lazy()), day_number(AS_OF)
    two_steps = count_days(purchase_days(lines, before=before), before=before)
    one_step = customer_statistics(lines, before=before)
    assert two_steps.sort("customer").collect().equals(one_step.sort("customer").collect())


def test_order_of_lines_does_not_matter():
    lines = random_lines(2)
    shuffled = lines.sample(fraction=1.0, shuffle=True, seed=1)
    one, other = (collect_statistics(frame.lazy(), as_of=AS_OF) for frame in (lines, shuffled))
    assert one.drop("log_gaps").equals(other.drop("log_gaps"))


def test_facts_on_as_of_do_not_exist_yet():
    lines = pl.LazyFrame(
        {"customer": ["a", "a"], "on": [date(2026, 6, 30), AS_OF], "revenue_cents": [5, 5], "cost_cents": [1, 1]}
    )
    assert collect_statistics(lines, as_of=AS_OF).select("x", "T").row(0) == (0, 0)


def test_a_day_with_only_credits_is_no_purchase_day():
    lines = pl.LazyFrame(
        {
            "customer": ["a", "a", "b"],
            "on": [date(2026, 6, 1), date(2026, 6, 9), date(2026, 6, 9)],
            "revenue_cents": [500, -200, -100],
            "cost_cents": [1, 1, 1],
        }
    )
    statistics = collect_statistics(lines, as_of=AS_OF)
    assert statistics.select("customer", "x", "revenue_cents").rows() == [("a", 0, 300)]


def test_no_lines_give_no_statistics():
    empty = PURCHASES.empty().lazy()
    statistics = collect_statistics(empty, as_of=AS_OF)
    assert (statistics.schema, len(statistics)) == (CUSTOMER_STATISTICS.empty().schema, 0)


def test_gaps_leave_out_who_bought_once():
    days = pl.LazyFrame({"customer": ["a", "a", "b"], "day": [1, 8, 3], "is_purchase": [1, 1, 1]})
    assert purchase_gaps(days).collect()["customer"].to_list() == ["a"]


def test_a_contract_names_every_fault_at_once():
    frame = pl.DataFrame({"customer": [1], "on": [None]}, schema={"customer": pl.Int64, "on": pl.Date})
    with pytest.raises(FrameError) as refused:
        PURCHASES.keep(frame)
    for fault in ("customer is Int64", "on holds nulls", "revenue_cents is missing"):
        assert fault in str(refused.value)


def test_a_contract_adds_what_is_optional_and_drops_what_is_strange():
    frame = pl.DataFrame({"strange": [1], "customer": ["a"], "on": [AS_OF], "revenue_cents": [5]})
    kept = PURCHASES.keep(frame)
    assert kept.columns == [column.name for column in PURCHASES.columns]
    assert kept["cost_cents"].to_list() == [None]


CLOCK = Ticks(day_number(date(2026, 2, 1)), np.tile([0.1, 2.5, 0.8], 60))


@pytest.mark.parametrize("ticks", [None, CLOCK])
def test_packed_days_equal_the_shared_group_bys(ticks):
    lines = random_lines(7).lazy()
    packed = collect_statistics(lines, as_of=AS_OF, ticks=ticks)
    shared = shared_statistics(with_day_numbers(lines), as_of=AS_OF, ticks=ticks)
    gaps = [name for name in packed.columns if name.startswith("market_") and "gap" in name]
    logs = [*gaps, "log_gaps"]
    assert packed.drop(logs).equals(shared.drop(logs))
    for name in logs:
        assert packed[name].to_list() == pytest.approx(
            shared[name].to_list(), abs=0.02 if name in gaps[:3] else 1e-9
        )


@pytest.mark.parametrize("held", [0, 10_000])
def test_large_frames_are_taken_part_by_part(held, monkeypatch):
    lines = random_lines(7).lazy()
    whole = collect_statistics(lines, as_of=AS_OF)
    monkeypatch.setattr(frames, "MOST_LINES", 90)
    monkeypatch.setattr(frames, "MOST_HELD", held)
    monkeypatch.setattr(packing, "MOST_DAYS", 40)
    assert collect_statistics(lines, as_of=AS_OF).equals(whole)


def test_gaps_that_do_not_fit_in_32_bits_are_the_same(monkeypatch):
    lines = random_lines(7).lazy()
    narrow = collect_statistics(lines, as_of=AS_OF, ticks=CLOCK)
    monkeypatch.setattr(packing, "NARROW", 0)
    assert collect_statistics(lines, as_of=AS_OF, ticks=CLOCK).equals(narrow)


def test_names_come_in_the_order_of_their_letters():
    names = pl.Series(["Zoë", "", "é", "a b", "A", "10", "9", "a", "Ångström & zonen, een heel lange naam", "007"])
    assert packing.name_order(names).tolist() == names.arg_sort().to_list()
    assert packing.name_order(names.clear()).tolist() == []


def test_names_that_look_alike_once_packed_are_counted_apart(monkeypatch):
    lines = random_lines(7).lazy()
    whole = collect_statistics(lines, as_of=AS_OF)
    well = pl.Series.hash

    def alike(names: pl.Series, *, seed: int) -> pl.Series:
        """The first way of packing names tells nobody apart, the second does."""
        return names.str.len_chars().cast(pl.UInt64) if seed == packing.SEED else well(names, seed=seed)

    monkeypatch.setattr(pl.Series, "hash", alike)
    with pytest.raises(packing.CollisionError):
        frames.collect_days(lines, as_of=AS_OF)
    assert collect_statistics(lines, as_of=AS_OF).drop("log_gaps").equals(whole.drop("log_gaps"))


def test_a_clock_that_ticks_once_a_day_changes_nothing():
    lines = random_lines(7).lazy()
    even = Ticks(day_number(date(2026, 1, 20)), np.ones(100))
    counted = collect_statistics(lines, as_of=AS_OF, ticks=even)
    for name in ("t_x", "T", "early_gap", "typical_gap", "longest_gap", "log_gaps"):
        assert counted[f"market_{name}"].to_list() == pytest.approx(counted[name].to_list())


def test_days_that_count_for_nothing_leave_whole_and_positive_times():
    counted = collect_statistics(
        random_lines(7).lazy(), as_of=AS_OF, ticks=Ticks(day_number(date(2026, 1, 1)), np.full(400, 1e-9))
    )
    assert (counted["market_t_x"] == (counted["x"] > 0)).all()
    assert (counted["market_T"] >= counted["market_t_x"]).all()
