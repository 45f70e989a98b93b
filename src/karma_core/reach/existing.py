"""Existing customers: how often each will buy, times what a purchase day of theirs is worth, under a shock."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karma_core.reach.compound import Volume
from karma_core.reach.counts import Counts
from karma_core.reach.ledger import Ledger, Rows
from karma_core.reach.past import Past
from karma_core.reach.season import Season
from karma_core.reach.shock import Residuals
from karma_core.reach.values import Values
from karma_core.reach.windows import Horizon, Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ONE_BY_ONE = 300
"""So many customers, those that stray most, are drawn one by one; the others add up to a normal."""

NO_EVIDENCE = 1e6
SHOCK_BOUNDS = (-4.0, 2.5)


@dataclass(frozen=True)
class Expected:
    """What existing customers are expected to bring, per customer, before any shock."""

    counts: Counts
    values: Values

    @property
    def totals(self) -> Floats:
        """Expected revenue and value over all customers, cents."""
        return np.asarray(self.counts.mean @ self.values.mean)

    def variance_along(self, direction: Floats) -> Floats:
        """Per customer, the variance of direction . (revenue, value), the mean's own uncertainty in it."""
        n, v = self.counts.mean, self.counts.variance
        mean = self.values.mean @ direction
        within = np.einsum("i,nij,j->n", direction, self.values.covariance, direction)
        unsure = within / (self.values.own + self.values.pool)
        return np.asarray(n * within + v * mean**2 + (n**2 + v) * unsure)


def expect(past: Past, *, origin: int, horizon: Horizon, season: Season) -> Expected:
    """Expect each existing customer's purchases in the horizon from facts dated before `origin` only."""
    stood = past.at(origin)
    counts, start = stood.counts(horizon), origin + horizon.gap
    usual = season.factor(max(origin - 365, past.ledger.first_day), origin)
    lift = season.factor(start, start + horizon.days) / usual
    variance = counts.variance * lift**2 + counts.mean * lift * max(1 - lift, 0.0)
    return Expected(Counts(counts.mean * lift, variance, counts.unsure * lift**2), stood.values)


def existing_residuals(past: Past, windows: Windows, *, season: Season) -> tuple[Residuals, Residuals]:
    """How past windows differed from what was expected: log-volume, and value per revenue (the margin's share)."""
    volume, share = [], []
    for window in windows.windows:
        horizon = Horizon(gap=window.start - window.origin, days=window.end - window.start)
        expected = expect(past, origin=window.origin, horizon=horizon, season=season)
        rows = past.ledger.bought.between(window.start, window.end)
        rows = rows.where(past.at(window.origin).known[rows.customer])
        volume.append(_volume_residual(rows, expected))
        share.append(_share_residual(rows, expected))
    return _as_residuals(volume, windows), _as_residuals(share, windows)


def _volume_residual(rows: Rows, expected: Expected) -> tuple[float, float]:
    """log(actual / expected revenue) and its variance by chance; half a purchase is added to both."""
    mean = float(expected.totals[0])
    per_purchase = mean / max(float(expected.counts.mean.sum()), 1e-9)
    if mean <= 0:
        return 0.0, NO_EVIDENCE
    half = 0.5 * per_purchase
    variance = float(expected.variance_along(np.array([1.0, 0.0])).sum()) / (mean + half) ** 2
    ratio = (float(rows.revenue.sum()) + half) / (mean + half)
    return float(np.log(ratio)) + min(variance, 1.0) / 2, variance


def _share_residual(rows: Rows, expected: Expected) -> tuple[float, float]:
    """The value's share of revenue less the expected share, and its variance by chance."""
    revenue, value = expected.totals
    actual = float(rows.revenue.sum())
    if revenue <= 0 or actual <= 0:
        return 0.0, NO_EVIDENCE
    share = value / revenue
    variance = float(expected.variance_along(np.array([-share, 1.0])).sum()) / revenue**2
    return float(rows.value.sum()) / actual - share, variance


def _as_residuals(pairs: list[tuple[float, float]], windows: Windows) -> Residuals:
    return Residuals.of([r for r, _ in pairs], [v for _, v in pairs], windows.weights)


def draw_existing(
    ledger: Ledger, expected: Expected, *, log_shock: Floats, share_shift: Floats, rng: np.random.Generator
) -> Volume:
    """Draw what existing customers bring per segment: chance per customer, then the common shock over all.

    `log_shock` (draws,) multiplies all volume, `share_shift` (draws,) is added to the value's share of revenue.
    The customers that stray most are drawn one by one from their own past days, mixed with those of their
    segment; the sum over the others is normal by their means and variances.
    """
    draws = log_shock.size
    revenue, value = np.zeros((2, len(ledger.segments), draws))
    stray = expected.variance_along(np.array([1.0, 0.0])) + expected.variance_along(np.array([0.0, 1.0]))
    alone = np.argsort(-stray, kind="stable")[:ONE_BY_ONE]
    alone = alone[expected.counts.mean[alone] > 0]
    days = _DaysOf(ledger)
    for customer in alone:
        one = _draw_customer(days, expected, int(customer), draws, rng)
        segment = ledger.customer_segment[customer]
        revenue[segment] += one[0]
        value[segment] += one[1]
    rest = np.ones(len(ledger.customers), dtype=bool)
    rest[alone] = False
    _add_rest(ledger, expected, rest, revenue, value, rng)
    drawn = Volume(np.maximum(revenue, 0), value)
    return drawn.moved(log_shock=np.clip(log_shock, *SHOCK_BOUNDS), share_shift=share_shift)


class _DaysOf:
    """Past purchase days by customer and by segment, found by position."""

    def __init__(self, ledger: Ledger) -> None:
        order = np.argsort(ledger.bought.customer, kind="stable")
        self.both = np.column_stack([ledger.bought.revenue, ledger.bought.value])[order]
        self.day = ledger.bought.day[order]
        self.edges = np.searchsorted(ledger.bought.customer[order], np.arange(len(ledger.customers) + 1))
        self.as_of = ledger.as_of

    def own(self, customer: int) -> tuple[Floats, Floats]:
        """A customer's past days and their weights, which halve each year and add up to 1."""
        part = slice(self.edges[customer], self.edges[customer + 1])
        weight = np.exp2(-(self.as_of - self.day[part]) / 365.0)
        return self.both[part], weight / max(weight.sum(), 1e-300)


def _draw_customer(
    days: _DaysOf, expected: Expected, customer: int, draws: int, rng: np.random.Generator
) -> Floats:
    """Revenue and value of one customer, shape (2, draws): own days drawn again around the pooled mean."""
    count = draw_counts(expected.counts.mean[customer], expected.counts.variance[customer], draws, rng)
    own, weight = days.own(customer)
    mean = expected.values.mean[customer]
    covariance = expected.values.covariance[customer]
    known = expected.values.own[customer] + expected.values.pool
    unsure = rng.multivariate_normal(np.zeros(2), covariance / known, size=draws, method="eigh")
    total = count[:, None] * (mean + unsure)
    if len(own) > 1:
        total += _strayed(own, weight, covariance, count, rng)
    else:
        total += np.sqrt(count)[:, None] * rng.multivariate_normal(
            np.zeros(2), covariance, size=draws, method="eigh"
        )
    return np.asarray(total.T)


def _strayed(own: Floats, weight: Floats, covariance: Floats, count: Ints, rng: np.random.Generator) -> Floats:
    """Sums of `count` days' deviations, drawn from own days and stretched to the pooled variance."""
    centred = own - weight @ own
    scale = np.sqrt(np.diag(covariance) / np.maximum(weight @ centred**2, 1.0))
    picked = rng.choice(len(own), size=int(count.sum()), p=weight)
    of_draw = np.repeat(np.arange(count.size), count)
    deviation = centred * np.minimum(scale, 3.0)
    sums = [np.bincount(of_draw, deviation[picked, c], minlength=count.size) for c in (0, 1)]
    return np.column_stack(sums)


def draw_counts(mean: float, variance: float, draws: int, rng: np.random.Generator) -> Ints:
    """Whole counts with a mean and variance: negative binomial where wider than Poisson, binomial where narrower.

    >>> draw_counts(0.0, 0.0, 3, np.random.default_rng(0))
    array([0, 0, 0])
    """
    if mean <= 0:
        return np.zeros(draws, dtype=np.int64)
    if variance > mean * 1.001:
        shape = mean**2 / (variance - mean)
        return np.asarray(rng.poisson(rng.gamma(shape, mean / shape, size=draws)), dtype=np.int64)
    if variance < mean * 0.999:
        trials = max(int(np.ceil(mean**2 / (mean - variance))), int(np.ceil(mean)), 1)
        return np.asarray(rng.binomial(trials, min(mean / trials, 1.0), size=draws), dtype=np.int64)
    return np.asarray(rng.poisson(mean, size=draws), dtype=np.int64)


def chance_of_any(mean: Floats, variance: Floats) -> Floats:
    """The chance of at least one, under the law that `draw_counts` draws from; shape as `mean`.

    >>> chance_of_any(np.array([0.0, 1.0]), np.array([0.0, 1.0])).round(3)
    array([0.   , 0.632])
    """
    mean, variance = np.maximum(mean, 0.0), np.maximum(variance, 0.0)
    wide, narrow = variance > mean * 1.001, variance < mean * 0.999
    excess = np.where(wide, variance - mean, 1.0)
    shape = np.where(wide, mean**2 / excess, 1.0)
    lack = np.where(narrow, mean - variance, 1.0)
    trials = np.maximum(np.maximum(np.ceil(np.where(narrow, mean**2 / lack, 1.0)), np.ceil(mean)), 1.0)
    none = np.select(
        [wide, narrow],
        [(1 + excess / np.maximum(mean, 1e-300)) ** -shape, (1 - np.minimum(mean / trials, 1.0)) ** trials],
        default=np.exp(-mean),
    )
    return np.asarray(np.where(mean > 0, 1 - none, 0.0))


def _add_rest(
    ledger: Ledger,
    expected: Expected,
    rest: NDArray[np.bool_],
    revenue: Floats,
    value: Floats,
    rng: np.random.Generator,
) -> None:
    """Add the customers who are not drawn one by one, as one two-dimensional normal per segment."""
    segment, size = ledger.customer_segment[rest], len(ledger.segments)
    bring = expected.counts.mean[rest, None] * expected.values.mean[rest]
    along = [expected.variance_along(np.array(d))[rest] for d in ([1.0, 0.0], [0.0, 1.0], [1.0, 1.0])]
    by = [np.bincount(segment, column, minlength=size) for column in (*bring.T, *along)]
    for s in np.flatnonzero(np.bincount(segment, minlength=size)):
        mean_r, mean_v, var_r, var_v, var_sum = (float(column[s]) for column in by)
        shared = (var_sum - var_r - var_v) / 2
        slope = shared / max(var_r, 1e-12)
        first, second = rng.normal(size=(2, revenue.shape[1]))
        revenue[s] += mean_r + np.sqrt(var_r) * first
        value[s] += mean_v + slope * np.sqrt(var_r) * first
        value[s] += np.sqrt(max(var_v - slope * shared, 0.0)) * second
