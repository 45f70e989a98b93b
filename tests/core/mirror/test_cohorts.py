"""Deals opened too recently to have closed mislead; they are cut where the dates allow it."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.mirror.cohorts import complete_cohorts
from karma_core.simulate.mirror import mirror_deals


def cohorts(frame: pl.DataFrame):
    closed = frame["outcome"] != "open"
    return complete_cohorts(frame["opened_on"], frame["closed_on"], won=frame["outcome"] == "won", closed=closed)


def late_rates(frame: pl.DataFrame) -> tuple[float, float]:
    """The share won of the closed deals in the last fifth of the opening days, and in the rest."""
    closed = frame.filter(pl.col("outcome") != "open")
    line = closed["opened_on"].dt.epoch("d").quantile(0.8)
    late = closed["opened_on"].dt.epoch("d") > line
    won = (closed["outcome"] == "won").cast(pl.Float64)
    return won.filter(late).mean(), won.filter(~late).mean()


def test_recent_cohorts_mislead_and_are_cut():
    frame = mirror_deals(seed=4, deals=8000, leave_open=True).deals
    late, rest = late_rates(frame)
    assert late < rest - 0.03
    cut = cohorts(frame)
    late, rest = late_rates(frame.filter(cut.keep))
    assert late == pytest.approx(rest, abs=3 * np.sqrt(0.25 / 1200))
    assert "have not had time enough" in cut.warnings[0].en


def test_nothing_is_cut_when_wins_and_losses_take_equally_long():
    rng = np.random.default_rng(2)
    opened = [date(2025, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, 900)]
    took = [timedelta(days=int(d)) for d in rng.gamma(4, 10, 900)]
    frame = pl.DataFrame(
        {
            "opened_on": opened,
            "closed_on": [o + t for o, t in zip(opened, took, strict=True)],
            "outcome": rng.choice(["won", "lost"], 900),
        }
    )
    cut = cohorts(frame)
    assert cut.keep.all()
    assert cut.warnings == ()


def test_a_short_history_is_kept_and_said():
    frame = mirror_deals(seed=4, deals=4000, leave_open=True).deals
    young = frame.filter(pl.col("opened_on") > date(2025, 9, 20))
    cut = cohorts(young)
    assert cut.keep.all()
    assert "Recent deals therefore mislead" in cut.warnings[0].en


def test_deals_without_an_opening_day_are_kept():
    frame = mirror_deals(seed=4, deals=4000, leave_open=True).deals
    gaps = frame.with_columns(opened_on=pl.when(pl.int_range(pl.len()) % 5 > 0).then("opened_on"))
    keep = cohorts(gaps).keep
    assert keep.filter(gaps["opened_on"].is_null()).all()


def test_the_mirror_cuts_and_says_so(look):
    frame = mirror_deals(seed=6, deals=3000, people=8, leave_open=True).deals
    mirror = look(frame, outcome="outcome", lost="lost", mix=("segment",), opened="opened_on", closed="closed_on")
    closed = int((frame["outcome"] != "open").sum())
    assert mirror.open_left_out == frame.height - closed
    assert mirror.won.n < closed
    assert any("time enough" in warning.en for warning in mirror.warnings)


def dated(rows: list[tuple[int, int | None, str]]):
    """Deals by the day they were opened, the day they closed, and their outcome; day 0 is 2025-01-01."""
    start = date(2025, 1, 1)
    frame = pl.DataFrame(
        {
            "opened_on": [start + timedelta(days=opened) for opened, _, _ in rows],
            "closed_on": [None if closed is None else start + timedelta(days=closed) for _, closed, _ in rows],
            "outcome": [outcome for _, _, outcome in rows],
        },
        schema_overrides={"closed_on": pl.Date},
    )
    return cohorts(frame)


def steady(days: int) -> list[tuple[int, int, str]]:
    """Every day one deal that is won after 60 days and one that is lost after 20."""
    return [row for day in range(days) for row in ((day, day + 60, "won"), (day, day + 20, "lost"))]


def test_the_days_of_the_slower_outcome_are_cut_and_counted():
    last = 300 - 1
    rows = [row for row in steady(300) if row[1] <= last]
    cut = dated(rows)
    kept_days = [row[0] for row, keep in zip(rows, cut.keep, strict=True) if keep]
    assert max(kept_days) == last - 60
    assert "Winning takes 60 days here and losing 20" in cut.warnings[0].en
    assert f"The {sum(row[0] > last - 60 for row in rows)} closed deals of the last 60 days" in cut.warnings[0].en
    assert f"De {sum(row[0] > last - 60 for row in rows)} gesloten" in cut.warnings[0].nl


def test_open_deals_of_cut_cohorts_go_too_and_are_not_counted_as_closed():
    last = 300 - 1
    rows = [row if row[1] <= last else (row[0], None, "open") for row in steady(300)]
    cut = dated(rows)
    assert [row for row, keep in zip(rows, cut.keep, strict=True) if keep and row[2] == "open"] == []
    closed = sum(row[0] > last - 60 and row[2] != "open" for row in rows)
    assert f"The {closed} closed deals" in cut.warnings[0].en


def test_days_that_run_backwards_are_not_counted():
    rows = [row for row in steady(300) if row[1] <= 299]
    backwards = [(280, 100, "won")] * 30
    cut = dated(rows + backwards)
    assert "Winning takes 60 days here" in cut.warnings[0].en


def test_deals_that_close_on_the_day_itself_count():
    rows = [(day, day, "lost") for day in range(200)] + [(day, day + 30, "won") for day in range(170)]
    assert "losing 0" in dated(rows).warnings[0].en


@pytest.mark.parametrize(("each", "is_cut"), [(19, False), (20, True)])
def test_twenty_of_each_are_the_fewest_to_judge_by(each, is_cut):
    rows = [(day, day + 40, "won") for day in range(each)] + [(day, day + 5, "lost") for day in range(100)]
    assert bool(dated(rows).warnings) is is_cut


def test_losses_may_be_the_slower_ones():
    last = 300 - 1
    turned = [(opened, closed, "lost" if outcome == "won" else "won") for opened, closed, outcome in steady(300)]
    cut = dated([row for row in turned if row[1] <= last])
    assert "Winning takes 20 days here and losing 60" in cut.warnings[0].en
    assert "of the last 60 days" in cut.warnings[0].en


def test_the_time_needed_is_that_of_cohorts_that_had_it():
    # wins take 41 to 140 days; of the recent ones only the quick have closed, and they must not set the measure
    last, rows = 400 - 1, []
    for day in range(400):
        rows += [(day, day + 41 + (day * 37) % 100, "won"), (day, day + 20, "lost")]
    cut = dated([row for row in rows if row[1] <= last])
    assert "of the last 138 days" in cut.warnings[0].en


def test_quick_wins_of_late_cohorts_do_not_set_the_measure():
    # 3.5 in 100 wins take 200 days; among all that have closed they are fewer than 2 in 100
    rows = [(day, day + (200 if day % 20 < 7 and n == 0 else 45), "won") for day in range(100) for n in range(10)]
    rows += [(day, day + 45, "won") for day in range(100, 255) for n in range(6 if day % 2 else 5)]
    rows += [(day, day + 20, "lost") for day in range(280)] + [(5, None, "open"), (299, None, "open")]
    assert "of the last 200 days" in dated(rows).warnings[0].en


@pytest.mark.parametrize(
    ("longest", "said"), [(280, "without them too little is left"), (281, "of the last 60 days")]
)
def test_twenty_of_each_that_had_the_time_are_the_fewest_to_measure_it_by(longest, said):
    rows = [
        row for day in range(300) for row in ((day, day + 60, "lost"), (day, day + 20, "won")) if row[1] <= 299
    ]
    rows += [(0, longest, "won")] * 5 + [(299, 299, "won"), (50, None, "won"), (60, None, "open")]
    assert said in dated(rows).warnings[0].en


def test_half_of_the_closed_deals_are_enough_to_go_on_with():
    rows = [row for day in range(30) for row in ((day, day + 40, "won"), (day, day + 5, "lost"))]
    late = [(day, day + 5, "lost") for day in range(31, 61) for _ in range(2)]
    cut = dated([*rows, *late, (70, None, "open")])
    assert cut.keep.sum() == 60
    assert "of the last 40 days" in cut.warnings[0].en
    kept_whole = dated([*rows, *late, (60, 65, "lost"), (70, None, "open")])
    assert kept_whole.keep.all()
    assert "zonder die blijft er te weinig over" in kept_whole.warnings[0].nl
