"""The forecast: what a team can reach in a period, from purchases and deals as they stood on a date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.frames import day_number
from karma_core.periods import Period
from karma_core.reach.bounds import hold
from karma_core.reach.compound import Arrivals, Volume
from karma_core.reach.customer_plans import weigh_in
from karma_core.reach.deal_draws import draw_deals
from karma_core.reach.deal_pace import open_pace, unborn_pace
from karma_core.reach.existing import Expected, draw_existing, existing_residuals, expect
from karma_core.reach.fan import Way, booked_parts, draw_fan, steps, usual_pace
from karma_core.reach.flows import draw_loss, draw_nobody
from karma_core.reach.known import NOTHING_AHEAD, Ahead, Known, read_known
from karma_core.reach.ledger import Ledger
from karma_core.reach.newcomers import draw_newcomers
from karma_core.reach.reading import (
    BY_CUSTOMER,
    BY_DEAL,
    EXISTING,
    MARGIN_LOSS,
    NEW_BUSINESS,
    OPEN_DEALS,
    CustomerPlans,
    Draws,
    Held,
    PlanReading,
)
from karma_core.reach.said import about_limits, missing_of, warnings_of
from karma_core.reach.shock import ShockPrior, draw_shock
from karma_core.reach.split import by_customer, by_deal
from karma_core.reach.windows import Horizon, past_windows

Floats = NDArray[np.float64]

SHARED = 0.5
"""How much of another source's shock is the common market's: the correlation, an assumption."""

QUARTER_SD = 0.2
"""How far a market strays over a quarter beforehand, lasting bias and shock together (an assumption).

The company's own windows correct it."""

SHARE_SD = 0.03
"""The same for the margin's share of revenue: three points."""

LARGEST_CENTS = 2**53


def forecast(
    purchases: pl.LazyFrame | pl.DataFrame,
    *,
    deals: pl.DataFrame | None,
    history: pl.DataFrame | None,
    period: Period,
    as_of: date,
    rng: np.random.Generator,
    draws: int = 2000,
    ahead: Ahead = NOTHING_AHEAD,
) -> PlanReading:
    """Say what the team reaches in `period`, from facts dated before `as_of`, as a distribution.

    `purchases` keeps PURCHASES, `deals` DEALS and `history` STAGE_HISTORY (None where there are none). `rng` is
    the only source of chance: the same seed gives the same reading. `draws` coherent futures are drawn. `ahead` is
    what people know of the time ahead: customers' plans move what existing customers bring, as far as earlier
    plans came true, and bounds hold new business.

    The sources are disjoint: existing customers (rhythm times the value of a purchase day), open deals, new
    business (customers without a purchase in the 24 months before, and deals not yet born) and margin loss
    (credits after the signature, negative). A common market shock, whose size is learned from how far past
    windows of the same length fell from what was then expected, moves them together; its own uncertainty is in
    the draws. What was realised in the period before as-of is included; a gap up to the period is looked across
    and not counted. An empty ledger gives zeros with everything that is missing named. Raises FrameError for a
    frame that does not keep its contract, and PeriodError for a period more than a hundred years ahead.

    **Source**: ours; the shock as in `shock.draw_shock`.

    The reading's `fan` is the way through the period, `customers` and `deals` say where its mean comes from.

    >>> lines = pl.DataFrame({"customer": ["a", "b"] * 20, "on": [date(2025, 1, 1 + i) for i in range(20)] * 2,
    ...     "revenue_cents": [100_00] * 40, "cost_cents": [60_00] * 40})
    >>> reading = forecast(lines, deals=None, history=None, period=Period(date(2025, 2, 1), date(2025, 3, 1)),
    ...     as_of=date(2025, 1, 21), rng=np.random.default_rng(1), draws=200)
    >>> reading.measure, reading.chance_of(-1), sum(s.mean_cents for s in reading.sources) == reading.mean_cents
    ('margin', 1.0, True)
    """
    known = read_known(purchases, deals=deals, history=history, as_of=as_of, ahead=ahead)
    return forecast_from(known, period, rng=rng, draws=draws)


def forecast_many(
    purchases: pl.LazyFrame | pl.DataFrame,
    *,
    deals: pl.DataFrame | None,
    history: pl.DataFrame | None,
    periods: Sequence[Period],
    as_of: date,
    rng: np.random.Generator,
    draws: int = 2000,
    ahead: Ahead = NOTHING_AHEAD,
) -> tuple[PlanReading, ...]:
    """Say of several periods what the team reaches, as `forecast` does, in the order given.

    What does not depend on a period is read and fitted once. Each period has a stream of chance of its own: asking
    for one more changes no other. The periods' draws are not coherent with each other, so a half-year is asked as
    a period and not added up from quarters. Several teams are several calls, each with its own customers' lines.
    """
    known = read_known(purchases, deals=deals, history=history, as_of=as_of, ahead=ahead)
    seed = rng.integers(2**32)
    streams = [np.random.default_rng([int(seed), day_number(p.start), day_number(p.end)]) for p in periods]
    return tuple(
        forecast_from(known, period, rng=stream, draws=draws)
        for period, stream in zip(periods, streams, strict=True)
    )


def forecast_from(known: Known, period: Period, *, rng: np.random.Generator, draws: int) -> PlanReading:
    """Say what the team reaches in a period, from what was read once; as `forecast` does."""
    period.refuse_far_ahead(as_of=known.as_of)
    task = _Task(known, period, rng, draws)
    drawn = _as_draws(task.parts(), task)
    last_year = last_year_cents(known.ledger, period)
    no_last_year = ("last_year",) if last_year is None else ()
    return PlanReading(
        period=period,
        as_of=known.as_of,
        measure=known.ledger.measure,
        realised_cents=round(known.ledger.value_between(task.start, task.end)),
        draws=drawn,
        last_year_cents=last_year,
        missing=(*missing_of(known, task.horizon), *no_last_year),
        warnings=(*warnings_of(known, task.windows, task.horizon), *about_limits(task.planned, task.held)),
        fan=draw_fan(known.ledger, drawn, task.way(), rng=rng.spawn(1)[0]),
        customers=task.customers,
        deals=task.deals,
        customer_plans=task.planned,
        held=task.held,
    )


def last_year_cents(ledger: Ledger, period: Period) -> int | None:
    """The measure over the same period one year earlier; None unless the data cover all of it."""
    earlier = period.year_earlier()
    if earlier is None:
        return None
    start, end = day_number(earlier.start), day_number(earlier.end)
    covered = ledger.history_days > 0 and ledger.first_day <= start and end <= ledger.as_of
    return round(ledger.value_between(start, end)) if covered else None


@dataclass
class _Task:
    """One forecast under way: what is known, what is asked, and the noise that sources share."""

    known: Known
    period: Period
    rng: np.random.Generator
    draws: int

    def __post_init__(self) -> None:
        self.ledger, self.pipeline, self.season = self.known.ledger, self.known.pipeline, self.known.season
        self.as_of = day_number(self.known.as_of)
        self.start, self.end = day_number(self.period.start), day_number(self.period.end)
        first = max(self.start, self.as_of)
        self.horizon = Horizon(gap=first - self.as_of, days=max(self.end - first, 0))
        first = self.ledger.first_day
        self.windows = past_windows(first, self.as_of, horizon=self.horizon)
        self.market = self.rng.normal(size=self.draws)
        self.customers, self.deals = pl.DataFrame(schema=BY_CUSTOMER), pl.DataFrame(schema=BY_DEAL)
        self.unborn_share, self.arriving = 0.0, np.zeros(self.draws)
        self.planned: CustomerPlans | None = None if self.known.plans is None else self.known.plans.reading()
        self.held: tuple[Held, ...] = ()

    def parts(self) -> dict[str, Volume]:
        """What each source brings, drawn; empty where nothing is left of the period or nothing is known."""
        if self.horizon.days == 0:
            return {}
        parts, of_deals = self._purchases(), self._deals()
        self.unborn_share = _share_of(of_deals.get(NEW_BUSINESS), parts.get(NEW_BUSINESS))
        for source, volume in of_deals.items():
            parts[source] = parts[source].plus(volume) if source in parts else volume
        if NEW_BUSINESS in parts:
            new = Arrivals(parts[NEW_BUSINESS], self.arriving)
            parts[NEW_BUSINESS], self.held = hold(new, self.known.bounds, days=self.horizon.days)
        return parts | self._loss(parts)

    def way(self) -> Way:
        """How much of each source comes by when: by season and weekday, and by how deals are won and invoiced."""
        bare = Way(self.period, self.known.as_of, tuple(steps(self.period, self.known.as_of)), {})
        days = bare.elapsed
        usual = usual_pace(self.ledger, self.season, first=self.as_of + self.horizon.gap, days=days)
        pace = {EXISTING: usual, NEW_BUSINESS: usual, MARGIN_LOSS: usual}
        if self.pipeline is not None and self.horizon.days and not self.pipeline.rewound.deals.is_empty():
            unborn = unborn_pace(self.pipeline, horizon=self.horizon, days=days)
            pace[OPEN_DEALS] = open_pace(self.pipeline, self.ledger, horizon=self.horizon, days=days)
            pace[NEW_BUSINESS] = _mixed(unborn, usual, self.unborn_share)
        return replace(bare, pace=pace)

    def _purchases(self) -> dict[str, Volume]:
        """Existing customers and newcomers, from purchases outside deals."""
        if not len(self.ledger.bought) + len(self.ledger.nobody):
            return {}
        share_shift, expected, existing = self._existing()
        horizon, season, rng = self.horizon, self.season, self.rng
        past, windows = self.known.past, self.windows
        nobody = draw_nobody(past, windows, horizon=horizon, season=season, noise=self._noise(), rng=rng)
        come = draw_newcomers(past, windows, horizon=horizon, season=season, noise=self._noise(), rng=rng)
        self.arriving = self.arriving + come.per_day
        nobody, new = (volume.moved(share_shift=share_shift) for volume in (nobody, come.volume))
        self.customers = by_customer(
            self.ledger, expected, drawn=existing, nobody=nobody, start=self.start, end=self.end
        )
        return {EXISTING: existing.plus(nobody), NEW_BUSINESS: new}

    def _deals(self) -> dict[str, Volume]:
        if self.pipeline is None:
            return {}
        born, unborn, each = draw_deals(
            self.pipeline, self.ledger, horizon=self.horizon, noise=self._noise(), rng=self.rng
        )
        self.deals = by_deal(self.ledger, self.pipeline, each, drawn=born)
        self.arriving = self.arriving + unborn.per_day
        return {OPEN_DEALS: born, NEW_BUSINESS: unborn.volume}

    def _existing(self) -> tuple[Floats, Expected, Volume]:
        past = self.known.past
        expected = expect(past, origin=self.as_of, horizon=self.horizon, season=self.season)
        volume, share = existing_residuals(past, self.windows, season=self.season)
        stretch, rng = self.windows.stretch, self.rng
        market, season = self._shock_sds()
        log_shock = draw_shock(volume, prior=ShockPrior.of(market), stretch=stretch, noise=self.market, rng=rng)
        log_shock += season * rng.normal(size=self.draws)
        shift = np.zeros(self.draws)
        if self.ledger.measure == "margin":
            own = rng.normal(size=self.draws)
            shift = draw_shock(share, prior=ShockPrior.of(SHARE_SD), stretch=stretch, noise=own, rng=rng)
        return shift, *self._with_plans(expected, log_shock, shift)

    def _with_plans(self, expected: Expected, log_shock: Floats, shift: Floats) -> tuple[Expected, Volume]:
        """Draw existing customers, those with a plan apart: what their plans err in common moves them together."""
        plans, ledger, rng = self.known.plans, self.ledger, self.rng
        if plans is None:
            return expected, draw_existing(ledger, expected, log_shock=log_shock, share_shift=shift, rng=rng)
        first, lift = self.as_of + self.horizon.gap, float(np.exp(log_shock.mean()))
        weighed = weigh_in(plans, expected, start=first, end=self.end, season=self.season, lift=lift)
        more = (weighed.expected.counts.mean - expected.counts.mean) @ expected.values.mean[:, 1]
        self.planned = plans.reading(weighed, moved_cents=round(float(more * np.exp(log_shock).mean())))
        others, planned = weighed.part(~weighed.has_plan), weighed.part(weighed.has_plan)
        drawn = draw_existing(ledger, others, log_shock=log_shock, share_shift=shift, rng=rng)
        if weighed.has_plan.any():
            together = log_shock + weighed.draw_log_level(self.draws, rng)
            of_planned = draw_existing(ledger, planned, log_shock=together, share_shift=shift, rng=rng)
            drawn = drawn.plus(of_planned)
        return weighed.expected, drawn

    def _shock_sds(self) -> tuple[float, float]:
        """The shock's prior size, which grows with the root of the horizon, and the doubt about a season on top.

        A season that was not learned moved past windows too: it is part of the shock whose size they show. From
        one that was learned they were freed, with the same facts that it was learned from, so its doubt is apart.
        """
        market = QUARTER_SD * float(np.sqrt(np.clip(self.horizon.reach / 91, 0.3, 8)))
        doubt = self.season.sd_over(self.horizon.days)
        return (market, doubt) if self.season.seen else (float(np.hypot(market, doubt)), 0.0)

    def _noise(self) -> Floats:
        own = self.rng.normal(size=self.draws)
        return np.asarray(SHARED * self.market + np.sqrt(1 - SHARED**2) * own)

    def _loss(self, parts: dict[str, Volume]) -> dict[str, Volume]:
        if not len(self.ledger.credits):
            return {}
        gross = sum((part.revenue.sum(axis=0) for part in parts.values()), np.zeros(self.draws))
        loss = draw_loss(self.ledger, self.windows, gross=gross, noise=self._noise(), rng=self.rng)
        return {MARGIN_LOSS: Volume(np.zeros_like(loss), loss)}


def _share_of(one: Volume | None, other: Volume | None) -> float:
    """The share of `one` in what both bring on average, by size."""
    sizes = [0.0 if part is None else abs(float(part.value.sum(axis=0).mean())) for part in (one, other)]
    return sizes[0] / sum(sizes) if sum(sizes) else 0.0


def _mixed(one: Floats, other: Floats, share: float) -> Floats:
    """Two shapes as one, `share` of it the first's."""
    return share * one / max(float(one[-1]), 1e-12) + (1 - share) * other / max(float(other[-1]), 1e-12)


def _as_draws(parts: dict[str, Volume], task: _Task) -> Draws:
    """Whole cents per source and segment, with what was realised in the period added to its source."""
    ledger = task.ledger
    realised = _realised(ledger, task)
    names = [name for name in (EXISTING, OPEN_DEALS, NEW_BUSINESS, MARGIN_LOSS) if name in {**parts, **realised}]
    names = names or [EXISTING]
    nothing = np.zeros((len(ledger.segments), task.draws))
    cents = [
        np.rint(parts[name].value if name in parts else nothing) + np.rint(realised.get(name, 0.0))
        for name in names
    ]
    stacked = np.clip(np.concatenate(cents), -LARGEST_CENTS, LARGEST_CENTS).astype(np.int64)
    sources = tuple(name for name in names for _ in ledger.segments)
    segments = ledger.segments * len(names)
    used = np.flatnonzero(stacked.any(axis=1) | (np.arange(len(sources)) % len(ledger.segments) == 0))
    return Draws(tuple(sources[i] for i in used), tuple(segments[i] for i in used), stacked[used])


def _realised(ledger: Ledger, task: _Task) -> dict[str, Floats]:
    """Cents booked in the period before as-of per source, shape (segments, 1); whoever bought is existing."""
    sums = {}
    for name, all_rows in booked_parts(ledger).items():
        chosen = [rows.between(task.start, task.end) for rows in all_rows]
        if any(len(rows) for rows in chosen):
            size = len(ledger.segments)
            per = sum(np.bincount(rows.segment, rows.value, minlength=size) for rows in chosen)
            sums[name] = np.asarray(per, dtype=float)[:, None]
    return sums
