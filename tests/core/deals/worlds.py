"""Small invented pipelines for the tests of deals."""

from datetime import date, timedelta

import numpy as np
import polars as pl

START, AS_OF, UNTIL = date(2022, 1, 3), date(2025, 1, 1), date(2025, 4, 1)
WIN, LOSE = 0.03, 0.05


def deals_that_end(n: int, *, seed: int = 1, trend: float = 0.0) -> pl.DataFrame:
    """Deals won or lost with weekly chances; twice as many wins from "fair"; `trend` raises the odds over time.

    The export is of half a year after as-of.
    """
    rng = np.random.default_rng(seed)
    days = (AS_OF - START).days
    opened, fair = rng.integers(0, days, n), rng.random(n) < 0.4
    win = np.where(fair, 2 * WIN, WIN) * np.exp(trend * (opened / days - 0.5))
    weeks = rng.geometric(win + LOSE)
    won = rng.random(n) < win / (win + LOSE)
    closed = opened + 7 * (weeks - 1) + rng.integers(0, 7, n)
    is_open = closed >= days + 180
    return pl.DataFrame(
        {
            "deal": [f"d{i}" for i in range(n)],
            "customer": [f"c{i % 100}" for i in range(n)],
            "outcome": np.where(is_open, "open", np.where(won, "won", "lost")),
            "opened_on": [START + timedelta(days=int(d)) for d in opened],
            "closed_on": [
                None if o else START + timedelta(days=int(d)) for o, d in zip(is_open, closed, strict=True)
            ],
            "revenue_cents": np.exp(rng.normal(12, 0.6, n)).astype(np.int64),
            "source": np.where(fair, "fair", "list"),
        }
    )
