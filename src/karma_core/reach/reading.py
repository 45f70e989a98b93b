"""What a plan says: coherent draws of what a team reaches in a period, and the answers read off from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.periods import Period

Measure = Literal["margin", "revenue"]
Cents = NDArray[np.int64]

MODEL_VERSION = "reach 1"

EXISTING = "existing_customers"
OPEN_DEALS = "open_deals"
NEW_BUSINESS = "new_business"
MARGIN_LOSS = "margin_loss"
SOURCES = (EXISTING, OPEN_DEALS, NEW_BUSINESS, MARGIN_LOSS)

QUANTILES = {"p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95}


Schema = dict[str, pl.DataType | type[pl.DataType]]

BY_CUSTOMER: Schema = {
    "customer": pl.String,
    "segment": pl.String,
    "expected_cents": pl.Int64,
    "realised_cents": pl.Int64,
    "chance_to_buy": pl.Float64,
}
"""Columns of `PlanReading.customers`; customer null is what stands on no customer, whose chance is null."""

BY_DEAL: Schema = {
    "deal": pl.String,
    "customer": pl.String,
    "segment": pl.String,
    "outcome": pl.String,
    "expected_cents": pl.Int64,
    "chance_in_period": pl.Float64,
}
"""Columns of `PlanReading.deals`; outcome is `open`, or `won` for a deal that is still to be invoiced."""


@dataclass(frozen=True)
class SourceReading:
    """What one source adds: its mean and its range of 80%, in cents. Means add up over sources; ranges do not."""

    source: str
    mean_cents: int
    p10_cents: int
    p90_cents: int


@dataclass(frozen=True)
class FanPoint:
    """What will have been reached before the day `until`, from the first day of the period on; cents.

    `realised_cents` is what was booked by then, None for days on or after as-of. Where it is known the range is
    that one figure. `sources` are the means by source, in the order of SOURCES; they add up to `mean_cents`.
    """

    until: date
    realised_cents: int | None
    mean_cents: int
    p10_cents: int
    p50_cents: int
    p90_cents: int
    sources: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CustomerPlans:
    """What customers' own plans did to a reading.

    `customers` have a plan for days that are still open; `not_expected` such plans are of customers who bought
    nothing in the 24 months before and do not count. Of `earlier` plans that were judged `came_true` was bought of
    what they planned (a share, None without any). Plans have `share` (0..1) in the expectation of these customers,
    and move the reading's mean by `moved_cents`.
    """

    customers: int
    not_expected: int
    earlier: int
    came_true: float | None
    share: float
    moved_cents: int


@dataclass(frozen=True)
class Held:
    """A bound on new business: in which share of the drawn futures it held some back, and how much on average."""

    bound: str
    share: float
    cents: int


@dataclass(frozen=True, eq=False)
class Draws:
    """Coherent draws: `cents[i, d]` is what cell i adds in the d-th drawn future; a future's cells add up.

    A cell is a source within a segment; `segments[i]` is None where the segment is not known.
    """

    sources: tuple[str, ...]
    segments: tuple[str | None, ...]
    cents: Cents

    @cached_property
    def total(self) -> Cents:
        """The total of each drawn future, shape (draws,)."""
        return np.asarray(self.cents.sum(axis=0, dtype=np.int64))

    @cached_property
    def sorted_total(self) -> Cents:
        """The totals in ascending order: what chances are looked up in."""
        return np.sort(self.total)

    def of_source(self, source: str) -> Cents:
        """What one source adds in each drawn future, shape (draws,); zeros for a source that is not there."""
        return self._sum(name == source for name in self.sources)

    def of_segment(self, segment: str | None) -> Cents:
        """What one segment adds in each drawn future, over all sources, shape (draws,)."""
        return self._sum(name == segment for name in self.segments)

    def _sum(self, chosen: Iterable[bool]) -> Cents:
        mask = np.fromiter(chosen, dtype=bool, count=len(self.sources))
        return np.asarray(self.cents[mask].sum(axis=0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class PlanReading:
    """What a team can expect in a period, as of a date: a distribution, never one figure.

    All amounts are cents of `measure` over the whole period. `realised_cents` is what was already booked in the
    period before `as_of`; it is included in every other figure. `last_year_cents` is the same period one year
    earlier, None where the data do not cover all of it. `missing` and `warnings` are codes that
    `karma_core.reach.phrases` puts into words.

    `fan` is the way through the period, week by week or month by month: its last point is the reading's own
    range. `customers` (columns BY_CUSTOMER, most first) says by customer where `existing_customers` comes from:
    its `expected_cents` add up to that source's mean but for rounding. `deals` (columns BY_DEAL) does the same for
    the open deals. Both are empty where there is nothing to say.

    `customer_plans` says what customers' plans did, None where none were given; `held` has each bound on new
    business that was given.

    >>> point = FanPoint(date(2026, 2, 1), None, 110, 90, 100, 120, (("existing_customers", 110),))
    >>> point.until, dict(point.sources)
    (datetime.date(2026, 2, 1), {'existing_customers': 110})
    """

    period: Period
    as_of: date
    measure: Measure
    realised_cents: int
    draws: Draws
    last_year_cents: int | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    core_version: str = field(default=MODEL_VERSION)
    fan: tuple[FanPoint, ...] = ()
    customers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BY_CUSTOMER))
    deals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BY_DEAL))
    customer_plans: CustomerPlans | None = None
    held: tuple[Held, ...] = ()

    @property
    def quantiles_cents(self) -> dict[str, int]:
        """The amounts below which 5, 10, 25, 50, 75, 90 and 95 of 100 drawn futures stay."""
        return quantiles_of(self.draws.total, QUANTILES)

    @property
    def mean_cents(self) -> int:
        """The mean of the drawn futures; the sources' means add up to it, to the cent."""
        return round(float(self.draws.total.mean()))

    @property
    def sources(self) -> tuple[SourceReading, ...]:
        """One row per source that applies, in the order of SOURCES."""
        present = [source for source in SOURCES if source in self.draws.sources]
        drawn = [self.draws.of_source(source) for source in present]
        means = rounded_to([float(d.mean()) for d in drawn], total=self.mean_cents)
        ranges = [quantiles_of(d, {"p10": 0.10, "p90": 0.90}) for d in drawn]
        return tuple(
            SourceReading(source, mean, r["p10"], r["p90"])
            for source, mean, r in zip(present, means, ranges, strict=True)
        )

    @property
    def last_year_plus_10_cents(self) -> int | None:
        """Last year and 10% of its absolute value, as many companies set a target; None without a last year."""
        if self.last_year_cents is None:
            return None
        return self.last_year_cents + round(abs(self.last_year_cents) / 10)

    def chance_of(self, amount_cents: int) -> float:
        """The share of drawn futures that reach an amount: P(total >= amount), 0..1, looked up.

        >>> reading = PlanReading(Period(date(2026, 1, 1), date(2026, 4, 1)), date(2026, 1, 1), "margin", 0,
        ...     Draws(("existing_customers",), (None,), np.array([[100, 200, 300, 400]])))
        >>> reading.chance_of(300), reading.chance_of(401)
        (0.5, 0.0)
        """
        ordered = self.draws.sorted_total
        return float(ordered.size - np.searchsorted(ordered, amount_cents, side="left")) / ordered.size


def quantiles_of(drawn: Cents | NDArray[np.float64], wanted: dict[str, float]) -> dict[str, int]:
    """The wanted quantiles of drawn amounts, in whole cents."""
    values = np.quantile(drawn, list(wanted.values()))
    return {name: round(float(value)) for name, value in zip(wanted, values, strict=True)}


def rounded_to(means: list[float], *, total: int) -> list[int]:
    """Round so that the parts add up to the total: the largest part carries the rest of a cent or two."""
    rounded = [round(mean) for mean in means]
    if rounded:
        largest = max(range(len(means)), key=lambda i: abs(means[i]))
        rounded[largest] += total - sum(rounded)
    return rounded
