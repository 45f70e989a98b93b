"""A reading: what the model says of each customer and of all together, as of a date, with reasons in words."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from karma_core.rhythm.cells import Floats, on_clock
from karma_core.rhythm.chances import chance_active, chance_order, expected_orders, histories
from karma_core.rhythm.clock import FLAT, MarketClock
from karma_core.rhythm.draws import OrderValues, TotalDraws, draw_totals
from karma_core.rhythm.fitting import RhythmFit
from karma_core.rhythm.phrases import LANGUAGES, reasons
from karma_core.rhythm.segments import SegmentFits, ask_each, parts_of
from karma_core.rhythm.states import TIE, need, unusual_silence, with_states
from karma_core.rhythm.values import Worth, order_worth
from karma_core.words import Sentence

COLUMNS = (
    "customer", "x", "t_x", "T", "chance_active", "chance_order", "expected_purchases", "expected_margin_cents",
    "customer_state", "leave_until", "reason_nl", "reason_en",
)  # fmt: skip


DETAILS = (
    "customer", "days_t_x", "days_T", "typical_gap", "longest_gap", "ripe_on", "unusual", "against_longest",
    "need",
)  # fmt: skip
"""What the states rest on; times in days."""

TIMES = ("t_x", "T", "early_gap", "typical_gap", "longest_gap")


@dataclass(frozen=True)
class Range:
    """A mean and the range that holds nine times out of ten."""

    mean: float
    p05: float
    p95: float


@dataclass(frozen=True)
class RhythmReading:
    """What a rhythm model says as of a date, for a horizon.

    `customers` has one row per customer, in the order of the input: `customer, x, t_x, T` (times in the unit of
    the fit), `chance_active`, `chance_order` (at least one within the horizon), `expected_purchases`,
    `expected_margin_cents` (null unless the measure is margin), `customer_state`, `leave_until`, `reason_nl`,
    `reason_en`. `call_list` has the customers to call, in order of need; margin only breaks ties. `measure` is
    "margin", "revenue" or None; `expected_revenue_cents` stands in where there is no margin. `details` has the
    same rows with what their states rest on: days from the first purchase to the last (`days_t_x`) and up to as-of
    (`days_T`), the customer's own gaps, the day from which an order may be expected (`ripe_on`), how unusual the
    silence is, how near it comes to the longest, and the need that follows (chance active times both).
    """

    customers: pl.DataFrame
    call_list: pl.DataFrame
    expected_purchases: Range
    expected_margin_cents: Range | None
    expected_revenue_cents: Range | None
    measure: str | None
    horizon_days: int
    as_of: date
    warnings: tuple[Sentence, ...] = ()
    details: pl.DataFrame = field(default_factory=pl.DataFrame)


def read(  # noqa: PLR0913 (what is read, by what, as of when, and how the draws run)
    statistics: pl.DataFrame,
    fit: RhythmFit | SegmentFits,
    *,
    as_of: date,
    horizon_days: int,
    rng: np.random.Generator,
    draws: int = 1000,
    open_needs: pl.DataFrame | None = None,
    swing: float = 0.0,
    clock: MarketClock = FLAT,
) -> RhythmReading:
    """Read every customer, and all together, with a fitted model.

    `statistics` is a frame of CUSTOMER_STATISTICS as of `as_of`; an extra column `name` is what the sentences call
    a customer, else their id. `open_needs` (`customer, since, subject`) tells
    which deals or plans are open; without it nobody is to be led by the hand. Ranges are predictive: uncertain
    parameters, uncertain counts, uncertain worth, and a market that moves all customers at once by `swing` (a
    share, see `market_swing`; at 0 the range is too narrow for a market that moves). Their mean is the sum of the
    customers' expectations. With `SegmentFits` each row is read by the fit of its `segment`. `clock` is the
    market's, where statistics and fit were made on one (see `observe`). An empty frame gives empty frames and
    zeros.

    Raises WindowError for a negative horizon.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"customer": ["Bakker", "Jansen"], "x": [9, 0], "t_x": [270, 0], "T": [330, 310],
    ...     "revenue_cents": [90_000, 5_000], "cost_cents": [50_000, 2_000],
    ...     "costed_revenue_cents": [90_000, 5_000]})
    >>> reading = read(few, fit_rhythm(few), as_of=date(2026, 6, 1), horizon_days=30, rng=np.random.default_rng(1))
    >>> reading.customers["reason_en"][0]
    'Bakker orders about every four weeks and has now been silent for nine weeks.'
    """
    worth = order_worth(statistics)
    days = clock.between(as_of, days=horizon_days)
    rows = _numbers(statistics, fit, days=days, worth=worth)
    stated = with_states(rows, as_of=as_of, clock=clock, open_needs=open_needs)
    told = stated.with_columns(reasons(stated, today=as_of, language=language) for language in LANGUAGES)
    stretched = _stretched(days, swing, draws=draws, rng=rng)
    totals = _totals(statistics, fit, days=stretched, values=worth.values if worth else None, rng=rng)
    measure, value = worth.measure if worth else None, _value_range(totals, rows, worth)
    return RhythmReading(
        customers=told.select(COLUMNS),
        call_list=_call_list(told),
        expected_purchases=_range(totals.orders[:, 0], mean=float(rows["expected_purchases"].sum())),
        expected_margin_cents=value if measure == "margin" else None,
        expected_revenue_cents=value if measure == "revenue" else None,
        measure=measure,
        horizon_days=horizon_days,
        as_of=as_of,
        warnings=(*fit.warnings, *clock.about(), *(worth.warnings if worth else ())),
        details=told.select(DETAILS),
    )


def _stretched(days: float, swing: float, *, draws: int, rng: np.random.Generator) -> Floats:
    """The horizon in rhythm time, stretched or shrunk per draw by the market; its mean stays."""
    return np.asarray(days * np.exp(swing * rng.standard_normal(draws) - swing**2 / 2))


def _totals(
    statistics: pl.DataFrame,
    fit: RhythmFit | SegmentFits,
    *,
    days: Floats,
    values: OrderValues | None,
    rng: np.random.Generator,
) -> TotalDraws:
    """Draws of everybody together; segments share the stretched horizon, draw by draw."""
    orders, worths = np.zeros((len(days), 1)), np.zeros((len(days), 1))
    for fitted, rows in parts_of(fit, statistics):
        own = None if values is None else values.of(rows)
        drawn = draw_totals(fitted, statistics[rows], days=days, draws=len(days), rng=rng, values=own)
        orders += drawn.orders
        worths += 0.0 if drawn.value_cents is None else drawn.value_cents
    return TotalDraws(orders, None if values is None else worths)


def _numbers(
    statistics: pl.DataFrame, fit: RhythmFit | SegmentFits, *, days: float, worth: Worth | None
) -> pl.DataFrame:
    """All numbers of the rows; `days` is the horizon in market days."""
    expected = ask_each(fit, statistics, lambda one, rows: expected_orders(one, rows, days=days))
    active = ask_each(fit, statistics, chance_active)
    chance = ask_each(fit, statistics, lambda one, rows: chance_order(one, rows, days=days))
    unusual = ask_each(fit, statistics, lambda one, rows: unusual_silence(one, histories(rows, unit=one.unit)))
    days_per = (fit if isinstance(fit, RhythmFit) else fit.pooled).days_per
    value = pl.lit(None, pl.Int64)
    if worth is not None:
        value = pl.lit(pl.Series(np.rint(expected * worth.values.mean).astype(np.int64)))
    beside = _with_optional(on_clock(statistics)).select(pl.col(*TIMES).name.prefix("market_"))
    plain = [name for name in statistics.columns if not name.startswith("market_")]
    return _with_optional(statistics.select(plain)).hstack(beside).select(
        *beside.columns,
        "customer", "name", "x", "early_gap", "typical_gap", "longest_gap",
        pl.col("t_x").alias("days_t_x"), pl.col("T").alias("days_T"),
        (pl.col("t_x", "T") / days_per),
        pl.Series("chance_active", active),
        pl.Series("chance_order", chance),
        pl.Series("expected_purchases", expected),
        (value if worth and worth.measure == "margin" else pl.lit(None, pl.Int64)).alias("expected_margin_cents"),
        value.alias("value_cents"),
        pl.Series("unusual", unusual),
        _against_longest().alias("against_longest"),
        pl.Series("need", need(active, unusual)) * _against_longest(),
    )  # fmt: skip


def _against_longest() -> pl.Expr:
    """How near the silence comes to the customer's longest so far, 1 at most; 1 where that is not known."""
    silence = (pl.col("market_T") - pl.col("market_t_x") + 1).cast(pl.Float64)
    return (silence / pl.col("market_longest_gap")).clip(0.0, 1.0).fill_null(1.0)


def _with_optional(statistics: pl.DataFrame) -> pl.DataFrame:
    """Statistics that came without gaps get none; the pace t_x / x then stands in. The same for names."""
    types = {"name": pl.String, "early_gap": pl.Float64, "typical_gap": pl.Float64, "longest_gap": pl.Int64}
    absent = {name: dtype for name, dtype in types.items() if name not in statistics.columns}
    return statistics.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in absent.items())


def _call_list(told: pl.DataFrame) -> pl.DataFrame:
    """Whom to call, most in need first.

    Need is the chance that they are still a customer, times how unusual the silence is for them, times how near
    it comes to their longest. Needs that round to the same twentieth are a tie, and only then worth decides.
    """
    due = told.filter(pl.col("customer_state") == "call_now")
    step = (pl.col("need") / TIE).round()
    return due.sort(step, pl.col("value_cents").fill_null(0), "customer", descending=[True, True, False]).select(
        COLUMNS
    )


def _value_range(totals: TotalDraws, rows: pl.DataFrame, worth: Worth | None) -> Range | None:
    if worth is None or totals.value_cents is None:
        return None
    return _range(totals.value_cents[:, 0], mean=float(rows["value_cents"].sum()))


def _range(draws: Floats, *, mean: float) -> Range:
    """The range of the draws around the mean that the customers' rows add up to, no lower than any draw."""
    low, high = (float(value) for value in np.quantile(draws, [0.05, 0.95]))
    off = mean - float(draws.mean())
    return Range(mean, min(max(low + off, float(draws.min())), mean), max(high + off, mean))
