"""The ratchet: by how much a proposal would rise had the team sold 10% more last year, all else equal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from karma_core.periods import Period
from karma_core.reach.reading import PlanReading

MORE = 0.10
RATCHET_DRAWS = 4000
"""So many futures tell a slope to about a hundredth; of a thousand it strayed by five times as much."""

LARGEST_SLOPE = 0.2
"""Above this slope a proposal follows last year so closely that it needs the team's own reason."""


@dataclass(frozen=True)
class Ratchet:
    """A proposal as it is and as it would be; `slope` is its rise per extra cent last year, None without one."""

    proposal_cents: int
    had_it_been_more_cents: int
    slope: float | None

    @property
    def needs_a_reason(self) -> bool:
        """Whether the proposal follows last year more than it may without the team's own reason."""
        return self.slope is not None and self.slope > LARGEST_SLOPE


def measure_ratchet(
    purchases: pl.DataFrame, *, last_year: Period, propose: Callable[[pl.DataFrame], int]
) -> Ratchet:
    """Let `propose` (purchases -> cents) propose twice: on the purchases, and with 10% more sold in `last_year`.

    More is sold at the same prices and costs: each line of that period counts 1.1 times. The slope is the rise
    of the proposal over the rise of last year's margin (its revenue, where costs are not known). The rule "last
    year plus 10%" has a slope of 1.1; a proposal from market potential, customers' plans and capacity has 0.
    **Source**: Leone, Misra & Zimmerman (2004) for the ratchet; the finite difference is ours.

    >>> from datetime import date
    >>> lines = pl.DataFrame({"customer": ["a"], "on": [date(2025, 2, 1)], "revenue_cents": [1000]})
    >>> year = Period(date(2025, 1, 1), date(2026, 1, 1))
    >>> rule = lambda lines: round(1.1 * lines["revenue_cents"].sum())
    >>> round(measure_ratchet(lines, last_year=year, propose=rule).slope, 3)
    1.1
    """
    amounts = [name for name in ("revenue_cents", "cost_cents") if name in purchases.columns]
    inside = pl.col("on").is_between(last_year.start, last_year.end, closed="left").cast(pl.Float64)
    times = 1 + MORE * inside
    more = purchases.with_columns((pl.col(name) * times).round().cast(pl.Int64) for name in amounts)
    before, then = propose(purchases), propose(more)
    rise = _sold(more, amounts) - _sold(purchases, amounts)
    return Ratchet(before, then, (then - before) / rise if rise else None)


def follow_last_year(
    purchases: pl.DataFrame, *, period: Period, as_of: date, ask: Callable[[pl.DataFrame], PlanReading]
) -> tuple[Ratchet | None, Ratchet | None]:
    """How far last year plus 10%, and the mean of what `ask` expects, follow what was sold last year.

    `ask` makes the reading of the period from lines of sale dated before `as_of`, with the same seed each time.
    The mean strays less by chance than the middle: a tenth of last year is small beside one range. The first is
    None where the data do not cover last year, both where nothing was sold in it.
    """
    earlier = period.year_earlier()
    if purchases.is_empty() or earlier is None or earlier.start >= as_of:
        return None, None
    said: list[PlanReading] = []

    def mean(lines: pl.DataFrame) -> int:
        said.append(ask(lines))
        return said[-1].mean_cents

    own = measure_ratchet(purchases, last_year=Period(earlier.start, min(earlier.end, as_of)), propose=mean)
    if own.slope is None:
        return None, None
    return _plus_10(*said), own


def _plus_10(now: PlanReading, more: PlanReading) -> Ratchet | None:
    before, then = now.last_year_plus_10_cents, more.last_year_plus_10_cents
    if before is None or then is None or now.last_year_cents is None or more.last_year_cents is None:
        return None
    sold = more.last_year_cents - now.last_year_cents
    return Ratchet(before, then, (then - before) / sold) if sold else None


def _sold(purchases: pl.DataFrame, amounts: Sequence[str]) -> int:
    cost = pl.col("cost_cents").fill_null(0) if "cost_cents" in amounts else pl.lit(0)
    return int(purchases.select((pl.col("revenue_cents") - cost).sum()).item())
