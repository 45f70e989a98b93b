"""What customers say that they will buy, weighed by how earlier plans came true."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from karma_core.errors import FrameError
from karma_core.frames import CUSTOMER_PLANS
from karma_core.reach.counts import Counts
from karma_core.reach.existing import Expected, existing_residuals, expect
from karma_core.reach.ledger import Ledger
from karma_core.reach.past import Past
from karma_core.reach.reading import CustomerPlans
from karma_core.reach.season import Season, month_of
from karma_core.reach.shock import LOG_BELIEF, SIZES
from karma_core.reach.windows import Horizon, Window, Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STRAY = 0.5
"""How far a plan without a record strays: two of three end within a factor 1.6 (an assumption).

A customer whom we know well, to a tenth, is then hardly moved by it; one of whom we know little, by a half.
"""

BIAS_SD = 0.5
"""How far all plans together may lie too high or too low beforehand; neither is likelier (an assumption).

It is wide: hope is in it, and customers may count what we do not, as tax or projects.
"""

TOGETHER = 0.2
"""How much of a plan's error the plans of one year share: a correlation, an assumption."""

TAIL = 4.0
"""Degrees of freedom of a plan's error: a plan of a thousand times the usual is a slip, and is hardly heard."""

ODD = 0.05
"""The share of customers whose year says nothing of plans: a takeover, a fire, a slip in the books."""

ODD_SD = 2.0

MARKET_SD = 0.2
"""How far all customers together stray in a past plan's days; within this their own residual is believed."""

LEARNED_FROM = 182
"""A plan is judged beside an expectation that rests on at least so many days."""

YEAR, FEWEST_DAYS = 365, 28
"""Plans are judged on the same day of earlier years, where so many of their days were still to come."""

MOST_ROUNDS, MOST_JUDGED = 12, 4000

STRAYS = STRAY * SIZES[::2]
BIASES = np.linspace(-1.6, 1.6, 65)
HALF = 0.5


@dataclass(frozen=True, eq=False)
class Plans:
    """Plans as columns of equal length, the latest stated first; days are day numbers, customer -1 is unknown."""

    customer: Ints
    start: Ints
    end: Ints
    stated: Ints
    cents: Floats

    def __len__(self) -> int:
        return int(self.customer.size)

    def where(self, mask: Bools | Ints) -> "Plans":
        """The plans that a mask or positions choose."""
        return Plans(self.customer[mask], self.start[mask], self.end[mask], self.stated[mask], self.cents[mask])

    def within(self, start: Ints | int, end: Ints | int, *, season: Season) -> "Plans":
        """Their part from `start` up to `end`, by season; plans without a day there are left out."""
        first, last = np.maximum(self.start, start), np.minimum(self.end, end)
        share = _level(season, first, last) / _level(season, self.start, self.end)
        part = Plans(self.customer, first, last, self.stated, self.cents * share)
        return part.where(last > first)

    def last_word(self) -> "Plans":
        """Without plans that share a day with a later stated one of the same customer."""
        taken: dict[int, list[tuple[int, int]]] = {}
        kept = []
        rows = zip(self.customer.tolist(), self.start.tolist(), self.end.tolist(), strict=True)
        for i, (customer, start, end) in enumerate(rows):
            before = taken.setdefault(customer, [])
            if all(end <= first or last <= start for first, last in before):
                before.append((start, end))
                kept.append(i)
        return self.where(np.array(kept, dtype=np.int64))


def _level(season: Season, start: Ints, end: Ints) -> Floats:
    """The season's levels of the days from `start` up to `end`, added up; zero for none."""
    if not start.size:
        return np.zeros(0)
    first, last = int(start.min()), int(max(end.max(), start.max()))
    come = np.concatenate([[0.0], np.cumsum(np.exp(season.log_factor[month_of(np.arange(first, last))]))])
    return np.asarray(come[np.maximum(end, start) - first] - come[start - first])


def read_plans(frame: pl.DataFrame, ledger: Ledger) -> Plans:
    """The plans stated before the ledger's as-of. Raises FrameError for a frame that is no CUSTOMER_PLANS."""
    kept = CUSTOMER_PLANS.keep(frame)
    if kept.select(((pl.col("until_on") <= pl.col("from_on")) | (pl.col("revenue_cents") < 0)).any()).item():
        raise FrameError("A customer's plan holds at least one day, and an amount of zero or more.")
    order = ["stated_on", "customer", "from_on", "until_on", "revenue_cents"]
    known = pl.DataFrame({"customer": ledger.customers}, schema={"customer": pl.String}).with_row_index("position")
    joined = kept.sort(order, descending=[True, *[False] * 4]).join(known, on="customer", how="left")
    days = joined.select(pl.col("from_on", "until_on", "stated_on").cast(pl.Int32).cast(pl.Int64))
    plans = Plans(
        customer=joined["position"].cast(pl.Int64).fill_null(-1).to_numpy(),
        start=days["from_on"].to_numpy(),
        end=days["until_on"].to_numpy(),
        stated=days["stated_on"].to_numpy(),
        cents=joined["revenue_cents"].cast(pl.Float64).to_numpy(),
    )
    return plans.where(plans.stated < ledger.as_of)


@dataclass(frozen=True, eq=False)
class Believed:
    """How far plans are believed: the chance that they stray by STRAYS[t] and are BIASES[b] off in a coming year.

    `judged` earlier plans came to `bought` cents where they said `planned`.
    """

    chance: Floats
    judged: int = 0
    planned: float = 0.0
    bought: float = 0.0


@dataclass(frozen=True, eq=False)
class Compared:
    """A customer's own expectation beside their plan, both in purchases of usual worth, half a purchase added.

    `unsure` is the variance of the log of the customer's true level, `chance` that of the number by mere chance.
    """

    own: Floats
    planned: Floats
    unsure: Floats
    chance: Floats

    def expected(self, stray: float, biases: Floats) -> tuple[Floats, Floats]:
        """With the plan weighed in, shape (plans, biases): the expectation, and the plan's share in it.

        log m' = log m + w (log p + bias - log m), w = unsure / (unsure + stray^2): two normal opinions on the
        customer's level, each by its own precision. The plan's error has a t's tail: it is doubted more the
        further the two lie apart.
        **Source**: Bates & Granger (1969) for the weights; Lange, Little & Taylor (1989), eq. 6, for the tail.
        """
        apart = np.log(self.planned / self.own)[:, None] + biases
        unsure = self.unsure[:, None]
        doubt = stray**2 * (TAIL + apart**2 / (unsure + stray**2)) / (TAIL + 1)
        share = unsure / (unsure + doubt)
        return self.own[:, None] * np.exp(share * apart), share


def _compared(expected: Expected, plans: Plans, *, part: Floats | float, lift: float) -> Compared:
    """What is expected of each plan's customer in a `part` of the horizon, times `lift`, beside the plan."""
    i, worth = plans.customer, expected.values
    size, within = worth.mean[i, 0], worth.covariance[i, 0, 0]
    mean = expected.counts.mean[i] * part * lift
    unknown = expected.counts.unsure[i] * (part * lift) ** 2
    level = (unknown + mean**2 * within / size**2 / (worth.own[i] + worth.pool)) / (mean + HALF) ** 2
    by_chance = (expected.counts.variance - expected.counts.unsure)[i] * part * lift + mean * within / size**2
    return Compared(mean + HALF, plans.cents / size + HALF, np.log1p(level), by_chance)


def _are_expected(expected: Expected, plans: Plans) -> Bools:
    """Which plans are of customers of whom anything is expected."""
    known = plans.customer >= 0
    i = np.where(known, plans.customer, 0)
    if not expected.counts.mean.size:
        return known
    return np.asarray(known & (expected.counts.mean[i] > 0) & (expected.values.mean[i, 0] > 0))


def weigh_plans(past: Past, plans: Plans, *, season: Season) -> Believed:
    """Learn from earlier plans how far to believe the next: how far they stray, and how far they all lie off.

    On the same day of earlier years it is asked what the plans that were known then said of the days to come, and
    what we then expected of those customers ourselves; those that are over by now are judged. So a plan that only
    repeats what could be seen anyway is not believed for it, and one of half a year ago only for what it is worth
    by then. Own expectations are first moved to how all customers together did in those days: the market is no
    merit of plans. What was bought, y, is gamma around the mix of both (`Compared.expected`) with its mean and
    variance; one in twenty is anything. The stray runs over a grid, half-t of 4 degrees of freedom with mean
    square STRAY^2, and the bias over another, normal around nothing; years differ in their bias, since customers
    err together (TOGETHER). Without earlier plans these beliefs speak. A customer's own bias is left out.
    **Source**: grids as in `shock.draw_shock`; the outliers' share as Box & Tiao (1968).
    """
    by_year: dict[int, Floats] = {}
    judged, planned, bought = 0, 0.0, 0.0
    for window, part in _judged(past.ledger, plans):
        known, log_chance, revenue = _one_round(past, part, window, season=season)
        by_year[window.origin] = by_year.get(window.origin, 0.0) + log_chance.sum(axis=0)
        judged, planned, bought = judged + len(known), planned + float(known.cents.sum()), bought + revenue
    return Believed(_settled(list(by_year.values())), judged, planned, bought)


def _judged(ledger: Ledger, plans: Plans) -> list[tuple[Window, Plans]]:
    """Plans that are over, by the day of an earlier year on which they are asked and the days they had left."""
    found: list[tuple[Window, Plans]] = []
    for origin in range(ledger.as_of - YEAR, ledger.first_day + LEARNED_FROM - 1, -YEAR):
        start = np.maximum(plans.start, origin)
        is_known = (plans.customer >= 0) & (plans.stated < origin)
        is_over = (plans.end <= ledger.as_of) & (plans.end - start >= FEWEST_DAYS)
        chosen = np.flatnonzero(is_known & is_over)[:MOST_JUDGED]
        keys, which = np.unique(np.column_stack([start, plans.end])[chosen], axis=0, return_inverse=True)
        sizes = np.bincount(which.ravel(), minlength=len(keys))
        for k in sorted(range(len(keys)), key=lambda k: (-sizes[k], k))[:MOST_ROUNDS]:
            found.append((Window(origin, *keys[k].tolist()), plans.where(chosen[which.ravel() == k])))
    return found


def _one_round(past: Past, plans: Plans, window: Window, *, season: Season) -> tuple[Plans, Floats, float]:
    """The plans' part that is judged, the log-chance (plans, strays, biases) of what was bought, and its cents."""
    horizon = Horizon(gap=window.start - window.origin, days=window.end - window.start)
    expected = expect(past, origin=window.origin, horizon=horizon, season=season)
    part = plans.within(window.start, window.end, season=season)
    part = part.where(_are_expected(expected, part)).last_word()
    rows = past.ledger.bought.between(window.start, window.end)
    revenue = np.bincount(rows.customer, rows.revenue, minlength=len(past.ledger.customers))[part.customer]
    market, _ = existing_residuals(past, Windows((window,), 1.0), season=season)
    believed = MARKET_SD**2 / (MARKET_SD**2 + float(market.chance_variance[0]))
    lift = float(np.exp(believed * market.residual[0]))
    compared = _compared(expected, part, part=1.0, lift=lift)
    came = revenue / expected.values.mean[part.customer, 0] + HALF
    log_chance = np.stack([_log_chance(came, compared, stray) for stray in STRAYS], axis=1)
    return part, log_chance, float(revenue.sum())


def _log_chance(came: Floats, compared: Compared, stray: float) -> Floats:
    """The log-density of what came, shape (plans, biases): gamma, or in one of twenty anything."""
    mean, share = compared.expected(stray, BIASES)
    variance = np.expm1((1 - share) * compared.unsure[:, None])
    variance += (compared.chance / compared.own)[:, None] / mean
    shape = 1 / np.clip(variance, 1e-4, 1e4)
    y = came[:, None]
    usual = shape * np.log(shape / mean) - gammaln(shape) + (shape - 1) * np.log(y) - shape * y / mean
    off = np.log(y / compared.own[:, None]) / ODD_SD
    odd = -0.5 * off**2 - np.log(ODD_SD * np.sqrt(2 * np.pi)) - np.log(y)
    return np.asarray(np.logaddexp(np.log1p(-ODD) + usual, np.log(ODD) + odd))


def _settled(by_year: list[Floats]) -> Floats:
    """The chance of each stray and bias in a coming year, from the log-chances of earlier years."""
    step = (BIASES[:, None] - BIASES[None, :]) / (np.sqrt(TOGETHER) * STRAYS[:, None, None])
    of_year = -0.5 * step**2
    of_year -= logsumexp(of_year, axis=2, keepdims=True)
    weight = LOG_BELIEF[::2, None] - 0.5 * (BIASES / BIAS_SD) ** 2
    for log_chance in by_year:
        weight = weight + logsumexp(log_chance[:, None, :] + of_year, axis=2)
    settled = np.exp(weight - weight.max())
    coming = np.einsum("tb,tbc->tc", settled / settled.sum(), np.exp(of_year))
    return np.asarray(coming / coming.sum())


@dataclass(frozen=True, eq=False)
class Weighed:
    """What is expected of existing customers with their plans weighed in.

    `has_plan` (n,) says whose plan counted; `log_levels` holds, for each stray and bias, how much more or less all
    of them together bring there than on average; `share` is their share in it by amount planned;
    `not_expected` plans are of customers of whom nothing is expected here.
    """

    expected: Expected
    has_plan: Bools
    log_levels: Floats
    chance: Floats
    share: float
    not_expected: int

    def draw_log_level(self, draws: int, rng: np.random.Generator) -> Floats:
        """What all plans together err in each drawn future, shape (draws,): they are not independent."""
        return np.asarray(rng.choice(self.log_levels.ravel(), size=draws, p=self.chance.ravel()))

    def part(self, chosen: Bools) -> Expected:
        """The expectation of the chosen customers, nothing of the others."""
        counts = self.expected.counts
        columns = (counts.mean, counts.variance, counts.unsure)
        return Expected(Counts(*(np.where(chosen, column, 0.0) for column in columns)), self.expected.values)


@dataclass(frozen=True, eq=False)
class KnownPlans:
    """The plans that are known on a date, and what earlier ones say of them."""

    plans: Plans
    believed: Believed

    def reading(self, weighed: Weighed | None = None, *, moved_cents: int = 0) -> CustomerPlans:
        """What to say of them; `weighed` is what they did in a period, None where nothing of it is open."""
        believed = self.believed
        return CustomerPlans(
            customers=int(weighed.has_plan.sum()) if weighed else 0,
            not_expected=weighed.not_expected if weighed else 0,
            earlier=believed.judged,
            came_true=believed.bought / believed.planned if believed.planned else None,
            share=weighed.share if weighed else 0.0,
            moved_cents=moved_cents,
        )


def know_plans(frame: pl.DataFrame, past: Past, *, season: Season) -> KnownPlans:
    """Read customers' plans and learn from the earlier ones. Raises FrameError as `read_plans` does."""
    plans = read_plans(frame, past.ledger)
    return KnownPlans(plans, weigh_plans(past, plans, season=season))


def weigh_in(
    known: KnownPlans, expected: Expected, *, start: int, end: int, season: Season, lift: float
) -> Weighed:
    """Move what is expected from `start` up to `end` (day numbers) by the plans for those days.

    A plan counts for the share of its days, by season, that is still open, whatever was bought in the others: it
    is read as a level at which a customer buys, not as a sum that must be used up. `lift` is what the market's
    shock adds on average, which the plan already knows of. Only what is not known of a customer's level gets
    narrower, never chance.
    """
    plans = known.plans.within(start, end, season=season)
    counts_here = _are_expected(expected, plans)
    aside = int((~counts_here).sum())
    plans = plans.where(counts_here).last_word()
    days = np.array([start]), np.array([end])
    part = _level(season, plans.start, plans.end) / _level(season, *days)
    compared = _compared(expected, plans, part=part, lift=lift)
    chance, worth = known.believed.chance, expected.values.mean[plans.customer, 0]
    usual = expected.counts.mean[plans.customer] * part
    mean, share = np.zeros((2, len(plans)))
    has_plan = np.bincount(plans.customer, minlength=expected.counts.mean.size) > 0
    levels = np.full(chance.shape, float((expected.counts.mean * expected.values.mean[:, 0])[has_plan].sum()))
    levels -= float(worth @ usual)
    for t, stray in enumerate(STRAYS):
        moved, by_plan = compared.expected(float(stray), BIASES)
        comes = np.maximum(moved - HALF, 0.0) / lift
        mean += comes @ chance[t]
        share += by_plan @ chance[t]
        levels[t] += worth @ comes
    levels = np.maximum(levels, 1e-9)
    more, known_by = (
        np.bincount(plans.customer, column, minlength=has_plan.size).astype(np.float64)
        for column in (mean - usual, part * share)
    )
    return Weighed(
        expected=Expected(_moved(expected.counts, more, np.clip(known_by, 0, 1)), expected.values),
        has_plan=has_plan,
        log_levels=np.log(levels / (levels * chance).sum()),
        chance=chance,
        share=float(share @ plans.cents / max(plans.cents.sum(), 1.0)),
        not_expected=aside,
    )


def _moved(counts: Counts, more: Floats, known_by: Floats) -> Counts:
    """Counts with `more` expected, and `known_by` (0..1) less that is not known of their level."""
    mean = counts.mean + more
    times = np.divide(mean, counts.mean, out=np.ones(mean.size), where=counts.mean > 0)
    unsure = counts.unsure * (1 - known_by) * times**2
    variance = np.where(more == 0, counts.variance, (counts.variance - counts.unsure) * times + unsure)
    return Counts(mean, variance, unsure)
