"""Deals: rewinding forgets what was not known, hazards find the truth, chances add up."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.deals import (
    Rewound,
    at_day,
    chances_of_open_deals,
    cumulative_chances,
    fit_hazards,
    open_deals,
    rewind,
)
from karma_core.deals.hazard import Weekly
from karma_core.deals.risk import weeks_at_risk, whole_weeks
from karma_core.frames import DEALS, day_number
from karma_core.scores import calibration_error

START = date(2022, 1, 3)
AS_OF = date(2025, 1, 1)
WIN, LOSE = 0.03, 0.05


def weekly_deals(n: int = 4000, *, seed: int = 1, good: float = 2.0) -> pl.DataFrame:
    """Deals that end each week with a known chance; those from "fair" are won `good` times as easily."""
    rng = np.random.default_rng(seed)
    opened = rng.integers(0, 1060, n)
    source = rng.random(n) < 0.4
    win = np.where(source, good * WIN, WIN)
    weeks = rng.geometric(win + LOSE)
    won = rng.random(n) < win / (win + LOSE)
    closed = opened + 7 * (weeks - 1) + rng.integers(0, 7, n)
    is_open = closed >= (date(2025, 6, 1) - START).days
    return pl.DataFrame(
        {
            "deal": [f"d{i}" for i in range(n)],
            "customer": [f"c{i % 500}" for i in range(n)],
            "outcome": np.where(is_open, "open", np.where(won, "won", "lost")),
            "opened_on": [START + timedelta(days=int(d)) for d in opened],
            "closed_on": [
                None if o else START + timedelta(days=int(d)) for o, d in zip(is_open, closed, strict=True)
            ],
            "revenue_cents": rng.integers(1000, 90000, n),
            "source": np.where(source, "fair", "list"),
        }
    )


def one_deal(**changes: object) -> pl.DataFrame:
    row = {"deal": "a", "customer": "x", "outcome": "open", "opened_on": date(2024, 11, 1), "closed_on": None}
    row |= {"stage": "offer", "revenue_cents": 100, "stated_chance": 0.5, **changes}
    schema = {name: dtype for name, dtype in DEALS.schema.items() if name in row}
    return pl.DataFrame([row], schema=schema)


def test_an_open_deal_with_a_past_closing_date_is_open() -> None:
    rewound = rewind(one_deal(closed_on=date(2024, 12, 1)), as_of=AS_OF)
    assert rewound.deals["outcome"].to_list() == ["open"]


def test_a_deal_that_closes_on_as_of_is_open_again() -> None:
    rewound = rewind(one_deal(outcome="won", closed_on=AS_OF), as_of=AS_OF)
    assert rewound.deals.select("outcome", "closed_on").row(0) == ("open", None)


def test_a_deal_that_opens_on_as_of_is_gone() -> None:
    assert rewind(one_deal(opened_on=AS_OF), as_of=AS_OF).deals.is_empty()


def test_what_changes_is_forgotten_in_a_later_export() -> None:
    rewound = rewind(one_deal(outcome="won", closed_on=AS_OF), as_of=AS_OF)
    assert rewound.deals.select("stage", "revenue_cents", "stated_chance").row(0) == (None, None, None)


def test_what_changes_is_kept_in_an_export_of_the_day() -> None:
    assert rewind(one_deal(), as_of=AS_OF).deals["stage"].to_list() == ["offer"]


def test_history_tells_what_was_known_then() -> None:
    history = pl.DataFrame(
        {"deal": ["a"] * 3, "on": [date(2024, 11, 1), date(2024, 12, 1), AS_OF], "stage": ["lead", "quote", "won"]}
    )
    rewound = rewind(one_deal(outcome="won", closed_on=AS_OF), as_of=AS_OF, history=history)
    assert rewound.deals["stage"].to_list() == ["quote"]


def test_deals_without_dates_are_counted_and_left_out() -> None:
    deals = pl.concat([one_deal(), one_deal(opened_on=None), one_deal(outcome="won", closed_on=None)])
    rewound = rewind(deals, as_of=AS_OF)
    assert (len(rewound.deals), rewound.undated) == (1, 2)


def slow_cells(rewound: Rewound) -> dict[tuple[str | None, int], list[int]]:
    """The obvious twin of `weeks_at_risk`: walk through every week of every deal."""
    cells: dict[tuple[str | None, int], list[int]] = {}
    weeks, ends = whole_weeks(rewound)
    for source, last, end in zip(rewound.deals["source"], weeks, ends, strict=True):
        for week in range(min(int(last), 26)):
            cell = cells.setdefault((source, week), [0, 0, 0])
            cell[end if week == last - 1 else 2] += 1
    return cells


def test_weeks_at_risk_is_its_slow_twin() -> None:
    rewound = rewind(weekly_deals(300), as_of=AS_OF)
    risk = weeks_at_risk(rewound)
    levels = risk.kinds.levels["source"]
    fast = {
        (levels[risk.cells.kind[row, 1]], int(band)): events.astype(int).tolist()
        for row, band, events in zip(risk.cells.row, risk.cells.band, risk.cells.events, strict=True)
        if band < 26
    }
    assert fast == slow_cells(rewound)


def test_hazards_find_the_weekly_chances_of_each_source() -> None:
    fit = fit_hazards(rewind(weekly_deals(20_000), as_of=AS_OF))
    codes = fit.kinds.codes(
        pl.DataFrame(
            {"segment": [None, None], "source": ["fair", "list"]}, schema_overrides={"segment": pl.String}
        )
    )
    chances = Weekly.of(fit, codes).chances(np.array([5, 5]))[:, :, 0]
    assert chances == pytest.approx(np.array([[2 * WIN, WIN], [LOSE, LOSE]]), rel=0.12)


def test_chances_come_true_as_often_as_they_say() -> None:
    deals, until = weekly_deals(20_000, seed=4), date(2025, 4, 1)
    rewound = rewind(deals, as_of=AS_OF)
    said = chances_of_open_deals(fit_hazards(rewound), rewound, until=day_number(until))
    won = deals.filter(pl.col("outcome") == "won", pl.col("closed_on") < until).select("deal", won=pl.lit(1))
    happened = said.join(won, on="deal", how="left", maintain_order="left")["won"].fill_null(0)
    p = said["chance_win_by_until"].to_numpy()
    assert abs(p.sum() - happened.sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    assert calibration_error(p, happened, bins=2) < 0.08


def test_won_lost_and_open_add_up_to_one_and_never_shrink() -> None:
    rewound = rewind(weekly_deals(500), as_of=AS_OF)
    fit = fit_hazards(rewound)
    won, lost = cumulative_chances(fit, open_deals(fit, rewound), weeks=600)
    assert (np.diff(won) >= 0).all()
    assert (np.diff(lost) >= 0).all()
    assert (won + lost)[:, -1] == pytest.approx(1.0, abs=1e-3)


def test_few_deals_lean_on_the_prior_and_say_so() -> None:
    fit = fit_hazards(rewind(one_deal(), as_of=AS_OF))
    chance = chances_of_open_deals(fit, rewind(one_deal(), as_of=AS_OF), until=day_number(date(2025, 4, 1)))
    assert fit.is_too_little
    assert 0.02 < chance["chance_win_by_until"][0] < 0.4


def test_no_deals_give_no_chances() -> None:
    rewound = rewind(DEALS.empty(), as_of=AS_OF)
    assert chances_of_open_deals(fit_hazards(rewound), rewound, until=day_number(AS_OF)).is_empty()


def test_draws_spread_as_the_covariance_says() -> None:
    fit = fit_hazards(rewind(weekly_deals(1000), as_of=AS_OF))
    drawn = fit.draw(np.random.default_rng(1), size=4000)[:, 0, 0]
    assert drawn.std() == pytest.approx(np.sqrt(fit.covariance[0, 0]), rel=0.06)


def test_at_day_reads_straight_between_weeks() -> None:
    assert at_day(np.array([0.0, 0.7]), 3.5) == pytest.approx(0.35)


def test_stages_move_a_deal_and_matter() -> None:
    """Deals in "late" are won four times as often; a deal seen there says so."""
    rng = np.random.default_rng(5)
    deals, history = [], []
    for i in range(3000):
        opened = START + timedelta(days=int(rng.integers(1000)))
        late_from = int(rng.geometric(0.1))
        for week in range(200):
            is_late = week >= late_from
            end = rng.random()
            if end < (0.08 if is_late else 0.02) + 0.04:
                break
        closed = opened + timedelta(days=7 * week)
        won = end < (0.08 if is_late else 0.02)
        outcome = ("won" if won else "lost") if closed < AS_OF else "open"
        deals.append((f"d{i}", "c", outcome, opened, closed if closed < AS_OF else None))
        history.append((f"d{i}", opened, "early"))
        if late_from <= week:
            history.append((f"d{i}", opened + timedelta(days=7 * late_from), "late"))
    frame = pl.DataFrame(deals, orient="row", schema=["deal", "customer", "outcome", "opened_on", "closed_on"])
    stages = pl.DataFrame(history, orient="row", schema=["deal", "on", "stage"])
    rewound = rewind(frame.with_columns(pl.col("closed_on").cast(pl.Date)), as_of=AS_OF, history=stages)
    fit = fit_hazards(rewound)
    won = Weekly.of(fit, np.zeros((1, 4), dtype=np.int64)).chances(np.array([6]))[0, 0]
    assert won[fit.stages.index("late")] / won[fit.stages.index("early")] == pytest.approx(4.0, rel=0.3)


def of_a_size(n: int, *, seed: int) -> pl.DataFrame:
    """Deals that are won the more easily the larger they are: .8 in log-odds by size."""
    rng, frame = np.random.default_rng(seed), weekly_deals(n, seed=seed)
    size, opened = rng.uniform(-1, 1, n), rng.integers(0, 1000, n)
    win = WIN * np.exp(0.8 * size)
    closed = opened + 7 * rng.geometric(win + LOSE)
    is_open = closed >= (AS_OF - START).days
    won = rng.random(n) < win / (win + LOSE)
    return frame.with_columns(
        size=size,
        source=pl.lit("list"),
        outcome=np.where(is_open, "open", np.where(won, "won", "lost")),
        opened_on=pl.Series([START + timedelta(days=int(d)) for d in opened]),
        closed_on=pl.Series(
            [None if o else START + timedelta(days=int(d)) for o, d in zip(is_open, closed, strict=True)]
        ),
    )


def test_bins_of_a_number_lean_on_their_neighbours() -> None:
    """Bins that each lean on all alone lie .21 from the truth here."""
    off = []
    for seed in range(3):
        fit = fit_hazards(rewind(of_a_size(800, seed=seed), as_of=AS_OF, features=("size",)))
        block = next(block for block in fit.layout.blocks if block.name == "size")
        value = fit.theta[0, block.start : block.stop - 1]
        true = 0.8 * (2 * np.arange(value.size) + 1 - value.size) / value.size
        off.append(float(((value - value.mean() - true) ** 2).mean()))
    assert np.sqrt(np.mean(off)) < 0.16
