"""Each customer's state: who is due, who needs a hand, whom to leave in peace and until when.

The states rest on the customer's own purchase days, measured on the market's clock; the model says how unusual the
present silence is for somebody with this history, and how likely it is that they are still a customer.
"""

from datetime import date

import numpy as np
import polars as pl

from karma_core.frames import day_number
from karma_core.rhythm import bg
from karma_core.rhythm.cells import Floats
from karma_core.rhythm.chances import Histories, as_arrays
from karma_core.rhythm.clock import FLAT, MarketClock
from karma_core.rhythm.fitting import RhythmFit

ENOUGH = 2
"""With two gaps or more we speak of somebody's own rhythm."""

GONE = 0.3
"""Below this chance of being a customer still, a silence is no longer a delay."""

UNUSUAL = 0.75
"""A silence is unusual when three out of four active customers with this history would have ordered by now."""

LATE = 1.3
LATER = 1.2
EARLY = 0.7
REST_DAYS = 7
STALLED_DAYS = 30
TIE = 0.05
FAR_OFF = 365 * 200
"""No day is told that lies further off than the year 2170."""

OPEN_NEEDS = {"customer": pl.String, "since": pl.Date, "subject": pl.String}
"""What is known to be open with customers: one row per open deal or plan; `subject` may be null."""


def unusual_silence(fit: RhythmFit, of: Histories) -> Floats:
    """Chance, 0 to 1, that an active customer with this x and t_x would have ordered by now.

    Source: the predictive distribution of the running gap, its rate pooled over customers; ours.
    """
    given = as_arrays(fit.parameters)
    log_silent = bg.log_silence(of.x, of.t_x, of.T, r=given["r"], alpha=given["alpha"], k=fit.k)
    return np.asarray(-np.expm1(log_silent))


def need(chance_active: Floats, unusual: Floats) -> Floats:
    """How much a customer may need us now, 0 to 1: likely still ours, and silent beyond what is usual for them.

    Whoever orders as always has no need, whoever is gone has none either; between them lies who slips away.
    """
    return chance_active * unusual


def with_states(
    rows: pl.DataFrame, *, as_of: date, clock: MarketClock = FLAT, open_needs: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Add `silence`, `gap`, `lateness`, `season`, `ripe_on`, `since`, `subject`, `customer_state`, `leave_until`.

    Takes a frame with `customer, x, days_t_x, days_T, early_gap, typical_gap, longest_gap, chance_active,
    unusual` and times and gaps again in market days, as `market_t_x` and so on; the order of rows is kept.
    `silence` and `gap` are in days, as they are said. `lateness` is how many usual gaps the silence lasts, in
    market days. `season` is "quiet" where the silence is late by the calendar only, "busy" by the market only.
    """
    known = rows.with_columns(
        silence=_silence("days_T", "days_t_x"),
        gap=_own_gap("typical_gap", "days_t_x"),
        market_silence=_silence("market_T", "market_t_x"),
        market_gap=_own_gap("market_typical_gap", "market_t_x"),
    )
    known = known.with_columns(_ripe_on(known, as_of=as_of, clock=clock), _lateness(), _season(clock))
    known = _with_needs(known, open_needs)
    stated = known.with_columns(customer_state=_state(as_of))
    return stated.with_columns(leave_until=pl.when(pl.col("customer_state") == "leave_in_peace").then("ripe_on"))


def _silence(T: str, t_x: str) -> pl.Expr:
    return (pl.col(T) - pl.col(t_x) + 1).cast(pl.Float64)


def _own_gap(typical: str, t_x: str) -> pl.Expr:
    """The customer's usual gap, or the mean one where gaps are not known; null below two gaps."""
    return pl.when(pl.col("x") >= ENOUGH).then(pl.coalesce(typical, pl.col(t_x) / pl.col("x").clip(1)))


def _lateness() -> pl.Expr:
    return (pl.col("market_silence") / pl.col("market_gap")).alias("lateness")


def _season(clock: MarketClock) -> pl.Expr:
    """What the time of year does to how late a silence looks."""
    by_calendar = pl.col("silence") > LATER * pl.col("gap")
    by_market = pl.col("market_silence") > LATER * pl.col("market_gap")
    told = (
        pl.when(by_calendar & ~by_market).then(pl.lit("quiet")).when(by_market & ~by_calendar).then(pl.lit("busy"))
    )
    return (told if clock.has_season else pl.lit(None, pl.String)).alias("season")


def _ripe_on(rows: pl.DataFrame, *, as_of: date, clock: MarketClock) -> pl.Series:
    """The day from which the next order is likely: a quarter of the gaps, or 0.7 of the usual one, has gone by."""
    ripe = rows.select(pl.max_horizontal("market_early_gap", EARLY * pl.col("market_gap"))).to_series()
    last = day_number(as_of) - rows["silence"].to_numpy()
    due = clock.day_after(last, ticks=ripe.fill_null(0.0).to_numpy())
    days = pl.Series("ripe_on", due).clip(0, FAR_OFF).cast(pl.Int32).cast(pl.Date)
    return pl.select(pl.when(ripe.is_not_null()).then(days).alias("ripe_on")).to_series()


def _with_needs(rows: pl.DataFrame, open_needs: pl.DataFrame | None) -> pl.DataFrame:
    if open_needs is None:
        return rows.with_columns(pl.lit(None, pl.Date).alias("since"), pl.lit(None, pl.String).alias("subject"))
    oldest = open_needs.drop_nulls("customer").sort("since", nulls_last=True).unique("customer", keep="first")
    return rows.join(
        oldest.select("customer", "since", "subject"), on="customer", how="left", maintain_order="left"
    )


def _state(as_of: date) -> pl.Expr:
    """The first that holds, in order of weight: an open need, gone, too little known, overdue, early, calm."""
    silence, gap, active = pl.col("market_silence"), pl.col("market_gap"), pl.col("chance_active")
    stalled = (pl.lit(as_of) - pl.col("since")).dt.total_days() >= STALLED_DAYS
    longest = pl.col("market_longest_gap").fill_null(365)
    long_gone = (silence > 365) & (silence > 3 * longest)
    unusual = pl.col("unusual") >= UNUSUAL
    asleep = ((active < GONE) & unusual) | long_gone
    overdue = unusual & (silence >= LATE * gap)
    resting = (active >= 0.5) & ((pl.col("ripe_on") - pl.lit(as_of)).dt.total_days() >= REST_DAYS)
    return (
        pl.when(stalled.fill_null(False)).then(pl.lit("lead_by_hand"))
        .when(asleep).then(pl.lit("asleep"))
        .when(gap.is_null()).then(pl.lit("too_little_data"))
        .when(overdue).then(pl.lit("call_now"))
        .when(resting).then(pl.lit("leave_in_peace"))
        .otherwise(pl.lit("calm"))
    )  # fmt: skip
