"""Why a chance is what it is: the facts of one customer, and how far each moved it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from karma_core.rhythm.cells import Floats, on_clock
from karma_core.rhythm.chances import chance_active, chance_order
from karma_core.rhythm.clock import FLAT, MarketClock
from karma_core.rhythm.fitting import RhythmFit

CHANCES = ("chance_active", "chance_order")
STILL = 1e-9
"""A fact that moved nothing is not told."""


@dataclass(frozen=True)
class Fact:
    """One fact and what it did: `before` and `after` are the chance (0..1) without and with it.

    `name` is "orders" (`value`: `orders`, `over_days`), "silence" (`days`, `usual_days` or null) or "season"
    (`days`, `market_days`: what the silence counts for in this part of the year).
    """

    name: str
    value: dict[str, float | None]
    before: float
    after: float

    @property
    def effect(self) -> float:
        """How far the fact moved the chance, -1..1."""
        return self.after - self.before


@dataclass(frozen=True)
class Explanation:
    """A chance, from that of somebody who buys for the first time (`start`) to this customer's (`end`).

    `of` is "chance_active" or "chance_order". `facts` go by weight, the one that moved most first; each one's
    `before` and `after` stand in the order orders, silence, season in which the facts were added.
    """

    of: str
    start: float
    end: float
    facts: tuple[Fact, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation as plain lists and numbers, chances to four decimals."""
        told = [
            {
                "fact": fact.name,
                "value": fact.value,
                "before": round(fact.before, 4),
                "after": round(fact.after, 4),
            }
            for fact in self.facts
        ]
        return {"of": self.of, "start": round(self.start, 4), "end": round(self.end, 4), "facts": told}


def explain(
    statistics: pl.DataFrame, fit: RhythmFit, *, as_of: date, horizon_days: int, clock: MarketClock = FLAT
) -> list[dict[str, Explanation]]:
    """Explain each customer's chance of being active, and of an order within the horizon; one dict per row.

    Takes what `fit` took: a frame of CUSTOMER_STATISTICS, or of MARKET_STATISTICS with its clock. One row takes a
    millisecond, 100,000 a few seconds. Facts are added one by one: the orders with no silence yet, then the
    silence by the calendar, then what the season makes of it. Empty in, empty out.

    Source: ours; a path of nested questions to the same closed forms, so that effects add up to the whole.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> told = explain(few, fit_rhythm(few, model="mbg_nbd"), as_of=date(2026, 6, 1), horizon_days=28)
    >>> [fact.name for fact in told[2]["chance_active"].facts]
    ['silence', 'orders']
    """
    steps = list(_steps(statistics, clock, as_of=as_of, horizon_days=horizon_days))
    said = {what: [_ask(what, fit, frame, days) for frame, days in steps] for what in CHANCES}
    values = _values(statistics)
    return [
        {what: _explanation(what, [float(step[row]) for step in said[what]], values[row]) for what in CHANCES}
        for row in range(len(statistics))
    ]


def _steps(
    statistics: pl.DataFrame, clock: MarketClock, *, as_of: date, horizon_days: int
) -> Iterator[tuple[pl.DataFrame, float]]:
    """What is known after each fact, with the horizon as it then counts."""
    plain = statistics.select("x", "t_x", "T")
    yield plain.with_columns(pl.lit(0, pl.Int64).alias(name) for name in plain.columns), horizon_days
    yield plain.with_columns(pl.col("t_x").alias("T")), horizon_days
    yield plain, horizon_days
    if not clock.is_flat:
        yield on_clock(statistics).select("x", "t_x", "T"), clock.between(as_of, days=horizon_days)


def _ask(what: str, fit: RhythmFit, frame: pl.DataFrame, days: float) -> Floats:
    return chance_active(fit, frame) if what == "chance_active" else chance_order(fit, frame, days=days)


def _values(statistics: pl.DataFrame) -> list[list[tuple[str, dict[str, float | None]]]]:
    """Per row the facts in the order in which they are added."""
    silence = (statistics["T"] - statistics["t_x"] + 1).to_list()
    usual = statistics["typical_gap"].to_list() if "typical_gap" in statistics.columns else [None] * len(silence)
    market = on_clock(statistics)
    counted = (market["T"] - market["t_x"] + 1).to_list()
    return [
        [
            ("orders", {"orders": x + 1, "over_days": t_x}),
            ("silence", {"days": days, "usual_days": gap}),
            ("season", {"days": days, "market_days": ticks}),
        ]
        for x, t_x, days, gap, ticks in zip(
            statistics["x"].to_list(), statistics["t_x"].to_list(), silence, usual, counted, strict=True
        )
    ]


def _explanation(what: str, chances: list[float], facts: list[tuple[str, dict[str, float | None]]]) -> Explanation:
    told = [
        Fact(name, value, before, after)
        for (name, value), before, after in zip(facts, chances[:-1], chances[1:], strict=False)
        if abs(after - before) > STILL
    ]
    told.sort(key=lambda fact: -abs(fact.effect))
    return Explanation(what, chances[0], chances[-1], tuple(told))


@dataclass(frozen=True)
class Portrait:
    """One customer's rhythm as a seller sees it: the days (dots), when the next order is likely (band), and now.

    `due_from` up to, not including, `due_until` spans the middle half of the customer's own gaps after the last
    purchase; both are null below two gaps. `usual_gap_days` is the median gap by the calendar, null without one.
    """

    bought_on: tuple[date, ...]
    due_from: date | None
    due_until: date | None
    as_of: date
    usual_gap_days: float | None


def portrait(bought_on: list[date], *, as_of: date, clock: MarketClock = FLAT) -> Portrait:
    """Draw up the picture of one customer from the purchase days before `as_of`; no days give an empty picture.

    On a clock with a season the band lies where so many market days will have gone by.

    >>> every_week = [date(2026, 1, day) for day in (5, 12, 19, 26)]
    >>> portrait(every_week, as_of=date(2026, 2, 1)).due_from
    datetime.date(2026, 2, 2)
    """
    days = sorted({day for day in bought_on if day < as_of})
    if len(days) < 2:
        return Portrait(tuple(days), None, None, as_of, None)
    numbers = np.array([day.toordinal() for day in days]) - date(1970, 1, 1).toordinal()
    usual = float(np.median(np.diff(numbers)))
    if len(days) < 3:
        return Portrait(tuple(days), None, None, as_of, usual)
    gaps = np.array([clock.between(one, days=int(gap)) for one, gap in zip(days, np.diff(numbers), strict=False)])
    due = clock.day_after(numbers[-1:].repeat(2), ticks=np.quantile(gaps, [0.25, 0.75]))
    start, end = (date(1970, 1, 1).toordinal() + int(day) for day in due)
    return Portrait(tuple(days), date.fromordinal(start), date.fromordinal(end + 1), as_of, usual)
