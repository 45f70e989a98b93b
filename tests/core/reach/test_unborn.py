"""Deals that are not born yet go as recent deals went from their first day on."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.deals import rewind
from karma_core.frames import DEALS
from karma_core.reach.pipeline import won_by_age

AS_OF = date(2026, 1, 1)


def deals(*rows: tuple[int, int | None, str]) -> pl.DataFrame:
    """Deals opened so many days before as-of, closed so many days after their first, with an outcome."""
    opened = [AS_OF - timedelta(days=ago) for ago, _, _ in rows]
    closed = [
        None if lasted is None else day + timedelta(days=lasted)
        for day, (_, lasted, _) in zip(opened, rows, strict=True)
    ]
    return DEALS.keep(
        pl.DataFrame(
            {
                "deal": [f"D{i}" for i in range(len(rows))],
                "customer": ["a"] * len(rows),
                "outcome": [outcome for _, _, outcome in rows],
                "opened_on": pl.Series(opened, dtype=pl.Date),
                "closed_on": pl.Series(closed, dtype=pl.Date),
                "revenue_cents": [100_00] * len(rows),
            }
        )
    )


def slow(rows: list[tuple[int, int | None, str]], *, weeks: int) -> list[float]:
    """Aalen and Johansen's estimator week by week, as one would on paper."""
    seen = [
        (2 ** (-ago / 365), (lasted if lasted is not None else ago) // 7, outcome) for ago, lasted, outcome in rows
    ]
    left, won, found = 1.0, 0.0, [0.0]
    for week in range(weeks):
        at_risk = sum(weight for weight, age, _ in seen if age >= week)
        wins, losses = (
            sum(weight for weight, age, outcome in seen if age == week and outcome == name)
            for name in ("won", "lost")
        )
        won += left * wins / at_risk if at_risk else 0.0
        left *= 1 - (wins + losses) / at_risk if at_risk else 1.0
        found.append(won)
    return found


def test_chance_equals_the_estimator_on_paper():
    rng = np.random.default_rng(4)
    rows = []
    for ago in rng.integers(1, 700, size=60).tolist():
        lasted = int(rng.integers(0, 200))
        outcome = str(rng.choice(["won", "lost"])) if lasted < ago else "open"
        rows.append((ago, None if outcome == "open" else lasted, outcome))
    won_by = won_by_age(rewind(deals(*rows), as_of=AS_OF), weeks=20)
    assert won_by == pytest.approx(slow(rows, weeks=20), abs=1e-12)


def test_chance_is_one_where_every_deal_was_won_in_its_first_week():
    rewound = rewind(deals((100, 3, "won"), (50, 2, "won")), as_of=AS_OF)
    assert won_by_age(rewound, weeks=2).tolist() == [0.0, 1.0, 1.0]


def test_chance_is_zero_where_all_are_open():
    assert won_by_age(rewind(deals((100, None, "open")), as_of=AS_OF), weeks=2).tolist() == [0.0, 0.0, 0.0]


def test_deals_of_more_than_two_years_ago_say_nothing():
    rewound = rewind(deals((800, 3, "won"), (50, 2, "lost")), as_of=AS_OF)
    assert won_by_age(rewound, weeks=2).tolist() == [0.0, 0.0, 0.0]
