"""What the core says of the facts: customers' rhythm, and what a team can expect. Writes nothing.

The command line and the analysis call the same functions with the same seed, so that the same facts give the same
numbers on the screen, from the database at the command line, and from files.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from karma.facts.gathering import Facts
from karma.readings.enums import PeriodKind
from karma_core import reach, rhythm
from karma_core.periods import Period, fiscal_quarter, fiscal_year
from karma_core.reach.forecast import forecast_from
from karma_core.reach.known import NOTHING_AHEAD, read_known
from karma_core.rhythm.phrases import LANGUAGES, reasons
from karma_core.rhythm.states import STALLED_DAYS
from karma_core.words import Sentence

SEED = 1
DRAWS = 2000
WIDENED = "widened"
"""The warning of a plan whose ranges were made wider, since earlier ones clearly missed."""

HORIZON_DAYS = 30
"""Rhythm looks a month ahead: the day's work is about who may come soon."""


@dataclass(frozen=True, eq=False)
class Customers:
    """What rhythm says: `rows` has one row per customer by key, `fit` (of all) and `said` are the core's answers.

    `rows`: `customer, x, days_t_x, days_T, typical_gap, longest_gap, chance_active, chance_order,
    expected_purchases, expected_margin_cents, unusual, against_longest, need, customer_state, leave_until,
    ripe_on, since, subject, reason_nl, reason_en`. Empty where nobody bought and nothing is open.
    """

    rows: pl.DataFrame
    fit: rhythm.RhythmFit | None = None
    said: rhythm.RhythmReading | None = None
    warnings: tuple[Sentence, ...] = field(default=())


def read_customers(facts: Facts, *, horizon_days: int = HORIZON_DAYS, seed: int = SEED) -> Customers:
    """Read the rhythm of every customer with a purchase, and what is open with those who never bought."""
    needs = open_needs(facts)
    statistics, clock = rhythm.observe(facts.lines.lazy(), as_of=facts.as_of)
    if statistics.is_empty():
        return Customers(_with_needs(_only_deals(facts, needs), needs))
    known = facts.customers.select("customer", "name", "segment")
    named = statistics.join(known, on="customer", how="left", maintain_order="left")
    fits = rhythm.fit_segments(named, model="auto", unit="day")
    swing = rhythm.market_swing(
        facts.lines.lazy(), fits.pooled, as_of=facts.as_of, horizon_days=horizon_days, clock=clock
    )
    said = rhythm.read(
        named,
        fits,
        as_of=facts.as_of,
        horizon_days=horizon_days,
        rng=np.random.default_rng(seed),
        open_needs=needs,
        swing=swing,
        clock=clock,
    )
    bought = said.customers.drop("t_x", "T").join(said.details, on="customer", how="left", maintain_order="left")
    rest = _only_deals(facts, needs.join(bought, on="customer", how="anti"))
    rows = pl.concat([bought, rest], how="diagonal_relaxed")
    return Customers(_with_needs(rows, needs), fits.pooled, said, said.warnings)


def open_needs(facts: Facts) -> pl.DataFrame:
    """Deals that are open on as-of with a customer whom we know: `customer, since, subject`, the oldest first."""
    is_open = (pl.col("outcome") == "open") | (pl.col("closed_on") >= facts.as_of).fill_null(False)
    known = facts.deals.filter(is_open, pl.col("customer").is_not_null(), pl.col("opened_on") < facts.as_of)
    titled = known.join(facts.titles.select("deal", "title"), on="deal", how="left", maintain_order="left")
    named = titled.join(
        facts.customers.select("customer", "name"), on="customer", how="left", maintain_order="left"
    )
    subject = pl.when(_without_name() != "").then(_without_name())
    return named.select("customer", pl.col("opened_on").alias("since"), subject.alias("subject")).sort(
        "since", "customer"
    )


def _without_name() -> pl.Expr:
    """A deal's title without the customer's name behind it, which a CRM likes to add: the sentence names them."""
    bare = pl.col("title").str.strip_suffix(pl.col("name").fill_null("")).str.strip_chars(" -–:,/|")
    return pl.when(bare == "").then(pl.col("title").str.strip_chars()).otherwise(bare)


def _with_needs(rows: pl.DataFrame, needs: pl.DataFrame) -> pl.DataFrame:
    oldest = needs.unique("customer", keep="first", maintain_order=True)
    return rows.join(oldest, on="customer", how="left", maintain_order="left")


def _only_deals(facts: Facts, needs: pl.DataFrame) -> pl.DataFrame:
    """Customers who never bought but have had a deal open for a month: they may want help to choose."""
    oldest = needs.unique("customer", keep="first", maintain_order=True)
    waiting = (pl.lit(facts.as_of) - pl.col("since")).dt.total_days() >= STALLED_DAYS
    rows = oldest.filter(waiting).join(facts.customers.select("customer", "name"), on="customer", how="left")
    stated = rows.sort("customer").with_columns(customer_state=pl.lit("lead_by_hand"), x=pl.lit(0, pl.Int64))
    blank = {"silence": pl.Float64, "gap": pl.Float64, "longest_gap": pl.Int64, "ripe_on": pl.Date}
    worded = stated.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in blank.items())
    told = worded.with_columns(reasons(worded, today=facts.as_of, language=each) for each in LANGUAGES)
    return told.select("customer", "x", "customer_state", "reason_nl", "reason_en").with_columns(
        pl.lit(0.0).alias("need")
    )


def periods_of(as_of: date, *, start_month: int) -> dict[PeriodKind, Period]:
    """The periods of the organisation's own year that an analysis looks at."""
    quarter = fiscal_quarter(as_of, start_month=start_month)
    return {
        PeriodKind.QUARTER: quarter,
        PeriodKind.NEXT_QUARTER: fiscal_quarter(quarter.end, start_month=start_month),
        PeriodKind.YEAR: fiscal_year(as_of, start_month=start_month),
    }


def expect(
    facts: Facts,
    period: Period,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    ahead: reach.Ahead = NOTHING_AHEAD,
    widen_by: float = 1.0,
) -> reach.PlanReading:
    """What these facts let one expect in a period; customers and deals in it go by their own number as text."""
    return next(expect_each(facts, [period], seed=seed, draws=draws, ahead=ahead, widen_by=widen_by))


def expect_each(
    facts: Facts,
    periods: Iterable[Period],
    *,
    seed: int = SEED,
    draws: int = DRAWS,
    ahead: reach.Ahead = NOTHING_AHEAD,
    widen_by: float = 1.0,
) -> Iterator[reach.PlanReading]:
    """The same for several periods: what does not depend on a period is learned once.

    Each period begins at the same seed, as it would alone: `karma plan` gives the same numbers for it. `widen_by`
    is above 1 where earlier ranges clearly missed.
    """
    known = read_known(
        facts.lines,
        deals=or_none(facts.deals),
        history=or_none(facts.history),
        as_of=facts.as_of,
        ahead=ahead,
    )
    for period in periods:
        said = forecast_from(known, period, rng=np.random.default_rng(seed), draws=draws)
        yield _widened(_numbered(said, facts), widen_by)


def or_none(rows: pl.DataFrame) -> pl.DataFrame | None:
    """Rows as the core asks for them: none at all where there are none."""
    return None if rows.is_empty() else rows


def _widened(said: reach.PlanReading, factor: float) -> reach.PlanReading:
    """The reading with ranges as wide as its record asks, which its warnings then tell."""
    if factor <= 1:
        return said
    return replace(reach.widened(said, factor), warnings=(*said.warnings, WIDENED))


def _numbered(said: reach.PlanReading, facts: Facts) -> reach.PlanReading:
    """The reading with customers and deals by their own number, as text, where the core had keys."""
    numbers = facts.titles.select("deal", pl.col("id").cast(pl.String).alias("number"))
    deals = said.deals.join(numbers, on="deal", how="left", maintain_order="left")
    deals = deals.with_columns(pl.col("number").alias("deal")).drop("number")
    return replace(said, customers=_by_number(said.customers, facts), deals=_by_number(deals, facts))


def _by_number(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Exchange keys of customers for their numbers, as text; rows stay in order."""
    numbers = facts.customers.select("customer", pl.col("id").cast(pl.String))
    joined = rows.join(numbers, on="customer", how="left", maintain_order="left")
    return joined.with_columns(pl.col("id").alias("customer")).drop("id")
