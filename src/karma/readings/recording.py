"""How good plans of earlier quarters, and chances of deals, would have been; and what becomes of deals.

Everything is asked of the past as it is asked of today: each earlier day sees only what was dated before it.
"""

from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from karma.facts.gathering import Facts
from karma.readings.computing import SEED, expect, or_none
from karma_core import reach
from karma_core.deals import read_deals
from karma_core.periods import Period, fiscal_quarter

QUARTERS = 6
FEWEST_DAYS = 365
SHOWN = ("from", "until", "actual_cents", "p05_cents", "p10_cents", "p50_cents", "p90_cents", "p95_cents")


def record_of(facts: Facts, quarter: Period, *, draws: int) -> dict[str, Any]:
    """The record of a quarter's plan, as JSON keeps it.

    The fields of `reach.Record`, with `tighter` (by which share it was better than last year's figure), `earlier`
    (each quarter's range beside what came), `ratchet` (what a cent more last year adds to last year plus 10%, and
    to our expectation) and `deals` (see `deals_record`).
    """
    asked = reach.backtest(
        facts.lines,
        deals=or_none(facts.deals),
        history=or_none(facts.history),
        plans=earlier_quarters(facts, quarter),
        rng=np.random.default_rng(SEED),
        draws=draws,
    )
    found = reach.record_of(asked)
    rule, own = reach.follow_last_year(
        facts.lines,
        period=quarter,
        as_of=facts.as_of,
        ask=lambda lines: expect(replace(facts, lines=lines), quarter, draws=reach.RATCHET_DRAWS),
    )
    return {
        **asdict(found),
        "draws": draws,
        "tighter": found.tighter_than_last_year,
        "earlier": asked.select(SHOWN).with_columns(pl.col("from", "until").dt.to_string("%Y-%m-%d")).to_dicts(),
        "ratchet": {"last_year_plus_10": rule and rule.slope, "expectation": own and own.slope},
        "deals": deals_record(facts, days=quarter.days),
    }


def deals_record(facts: Facts, *, days: int) -> dict[str, Any]:
    """How good chances of deals would have been, so many days ahead, and what becomes of deals; empty without any.

    The fields of `deals.Record`, with `as_of` and `funnel`: the share won by stage and by kind of customer.
    """
    if facts.deals.is_empty():
        return {}
    said = read_deals(
        facts.deals,
        as_of=facts.as_of,
        until=facts.as_of + timedelta(days=days),
        history=or_none(facts.history),
        rng=np.random.default_rng(SEED),
        challenger=False,
    )
    return {**asdict(said.record), "as_of": f"{facts.as_of}", "funnel": [asdict(one) for one in said.funnel]}


def earlier_quarters(facts: Facts, quarter: Period) -> list[tuple[date, Period]]:
    """Quarters that ended before this one, with a year of facts before them: at most QUARTERS, earliest first."""
    first = facts.lines["on"].min() or facts.deals["opened_on"].min()
    found: list[tuple[date, Period]] = []
    while isinstance(first, date) and len(found) < QUARTERS:
        quarter = fiscal_quarter(quarter.start - timedelta(days=1), start_month=quarter.start.month)
        if (quarter.start - first).days < FEWEST_DAYS:
            break
        found.append((quarter.start, quarter))
    return found[::-1]
