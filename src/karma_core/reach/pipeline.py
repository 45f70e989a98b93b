"""Deals in a plan: what is known of them, how likely each is in a period, and how new ones go."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals import DealsFit, OpenDeals, Rewound, fit_hazards, rewind
from karma_core.deals.risk import DAYS_A_WEEK
from karma_core.frames import DAY_ZERO
from karma_core.reach.deal_values import DealValues
from karma_core.reach.ledger import Ledger
from karma_core.reach.windows import Horizon

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIX_DAYS = 365
"""A deal that was opened this long ago says half as much of how a new one will go."""


SIZE = "revenue_cents"
KNOWN_SIZES = 0.9


def fit_deals(rewound: Rewound) -> DealsFit:
    """Hazards in which a deal's size counts, where nearly all deals have one: large ones may be won less often.

    Were sizes known of deals with one outcome rather than another, to have none would tell the outcome.
    """
    sized = rewound.deals.group_by("outcome").agg((pl.col(SIZE).fill_null(0) > 0).mean())[SIZE]
    factors = (*rewound.factors, SIZE) if len(sized) and min(sized) >= KNOWN_SIZES else rewound.factors
    return fit_hazards(replace(rewound, factors=factors))


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Everything known about deals that a plan needs: on as-of, and on earlier days for every period that asks."""

    deals: pl.DataFrame
    history: pl.DataFrame | None
    rewound: Rewound
    fit: DealsFit
    values: DealValues
    stood: dict[int, tuple[Rewound, DealsFit]] = field(default_factory=dict)

    def at(self, origin: int) -> tuple[Rewound, DealsFit]:
        """Deals as they stood on `origin` (a day number), and the hazards fitted on them."""
        if origin not in self.stood:
            then = rewind(self.deals, as_of=DAY_ZERO + timedelta(days=origin), history=self.history)
            self.stood[origin] = then, fit_deals(then)
        return self.stood[origin]


@dataclass(frozen=True, eq=False)
class DealByDeal:
    """What each deal that may be invoiced is expected to bring, by its position in `rewound.deals`."""

    which: Ints
    segment: Ints
    chance: Floats
    expected: Floats

    @classmethod
    def none(cls) -> "DealByDeal":
        """No deals."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def in_horizon(won: Floats, values: DealValues, horizon: Horizon, *, squared: bool = False) -> Floats:
    """The chance to be won from as-of on and invoiced in the horizon, from cumulative chances (n, weeks + 1).

    Wins lie in the middle of their week; the lag from winning to invoicing is that of earlier deals. `squared`
    gives the mean of the square of what is invoiced of a deal, where a deal comes in `values.parts`.
    """
    steps = np.diff(won, axis=1)
    week = np.arange(steps.shape[1])
    if len(values.lag) == 1:
        edges = (np.clip(edge / DAYS_A_WEEK - week, 0, 1) for edge in (horizon.reach, horizon.gap))
    else:
        middle = week * DAYS_A_WEEK + DAYS_A_WEEK // 2
        edges = (values.invoiced_within(edge - 1 - middle) for edge in (horizon.reach, horizon.gap))
    until, before = edges
    share = until - before
    return np.asarray(steps @ (share**2 + share * (1 - share) / values.parts if squared else share))


def weeks_of(horizon: Horizon) -> int:
    """The weeks that a horizon reaches over, begun ones included."""
    return -(-horizon.reach // DAYS_A_WEEK)


def by_week(deals: OpenDeals) -> tuple[OpenDeals, Ints]:
    """Ages to the nearest whole week: then few cells speak for many deals."""
    whole = (deals.age_days + DAYS_A_WEEK // 2) // DAYS_A_WEEK * DAYS_A_WEEK
    return replace(deals, age_days=whole).folded()


@dataclass(frozen=True, eq=False)
class Waiting:
    """Won deals that are still to be invoiced, wholly or for a part.

    `which` are positions in `rewound.deals`, `left` cents of the agreed amount that are not invoiced yet (NaN
    where it is not known), `age` days since winning, `comes` the chance that what is left comes at all.
    """

    which: Ints
    left: Floats
    age: Ints
    comes: Floats

    def share_in(self, values: DealValues, horizon: Horizon) -> Floats:
        """The share of what is left that is invoiced in the horizon, if it comes: the lag given the lag so far."""
        later = values.invoiced_within(self.age + horizon.reach - 1)
        falls = later - values.invoiced_within(self.age + horizon.gap - 1)
        return np.clip(falls / np.maximum(1 - values.invoiced_within(self.age - 1), 1e-9), 0, 1)


def waiting_deals(pipeline: Pipeline, ledger: Ledger) -> Waiting:
    """Won deals without an invoice, and those whose invoices do not add up to what was agreed.

    A deal without one may never get one: Bayes on the lag so far. What is left of the others comes.
    """
    values, deals = pipeline.values, pipeline.rewound.deals
    if len(values.lag) == 1:
        return Waiting(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    by_deal = ledger.deal_lines.group_by("deal").agg(pl.col("value").sum())
    invoiced = deals.select("deal").join(by_deal, on="deal", how="left", maintain_order="left")["value"].to_numpy()
    age = pipeline.rewound.as_of - deals["closed"].fill_null(0).to_numpy()
    ratio = values.ratio if values.ratio > 0 else 1.0
    left = np.where(np.isnan(invoiced), values.amount, values.amount - invoiced / ratio)
    waits = np.isnan(invoiced) | (left > 0.02 * np.abs(values.amount))
    which = np.flatnonzero((deals["outcome"] == "won").to_numpy() & waits & (age <= len(values.lag)))
    comes = (1 - values.never) * (1 - values.invoiced_within(age[which] - 1))
    sure = ~np.isnan(invoiced[which])
    return Waiting(
        which, left[which], age[which], np.where(sure, 1.0, comes / np.maximum(comes + values.never, 1e-9))
    )


def won_within(won: Floats, horizon: Horizon) -> Floats:
    """The chance to be won before the horizon ends, from cumulative chances (n, weeks + 1)."""
    steps = np.diff(won, axis=1)
    return np.asarray(steps @ np.clip(horizon.reach / DAYS_A_WEEK - np.arange(steps.shape[1]), 0, 1))


def lifted(chance: Floats, times: Floats | float) -> Floats:
    """A chance moved by the shock on its odds, so that it stays a chance."""
    odds = chance / np.maximum(1 - chance, 1e-9) * times
    return np.asarray(odds / (1 + odds))


def won_by_age(rewound: Rewound, *, weeks: int) -> Floats:
    """The chance that a new deal is won within 0, 1, .. weeks of its first day, shape (weeks + 1,), 0 at first.

    Deals that were opened longer ago count less (half after a year, not at all after two); those still open, and
    those that may yet be lost, count as long as they were seen. No deals in two years: zeros.
    **Source**: Aalen & Johansen (1978), the cumulative incidence with competing risks.
    """
    return _incidence(_by_age(rewound, weeks=weeks)[0])


def draw_won_by_age(rewound: Rewound, *, weeks: int, draws: int, rng: np.random.Generator) -> Floats:
    """`won_by_age` with what is not known about it, shape (draws, weeks + 1).

    **Source**: Rubin (1981), the Bayesian bootstrap; deals that ended alike at one age are weighed together, by a
    gamma with the mean and the variance that the sum of their own weights would have.
    """
    total, squares = _by_age(rewound, weeks=weeks)
    shape, scale = (a / np.maximum(b, 1e-300) for a, b in ((total**2, squares), (squares, total)))
    return _incidence(rng.gamma(shape, scale, size=(draws, *total.shape)))


def _by_age(rewound: Rewound, *, weeks: int) -> Floats:
    """The weight of deals by how they ended and in which week of their age, and the sum of squared weights.

    Shape (2, 3, weeks + 1): won, lost, open; the last week stands for all later ones.
    """
    recent = rewound.deals.filter(rewound.as_of - pl.col("opened") <= 2 * MIX_DAYS)
    ended = recent["outcome"].replace_strict({"won": 0, "lost": 1, "open": 2}, return_dtype=pl.Int64).to_numpy()
    opened, closed = recent["opened"].to_numpy(), recent["closed"].fill_null(rewound.as_of).to_numpy()
    counts = np.exp2(-(rewound.as_of - opened) / MIX_DAYS)
    cell = ended * (weeks + 1) + np.clip((closed - opened) // DAYS_A_WEEK, 0, weeks)
    sums = [np.bincount(cell, part, minlength=3 * (weeks + 1)) for part in (counts, counts**2)]
    return np.array(sums, dtype=np.float64).reshape(2, 3, weeks + 1)


def _incidence(weight: Floats) -> Floats:
    """Cumulative incidence of winning from weights by outcome and age, shape (.., 3, weeks + 1)."""
    at_risk = np.maximum(weight.sum(axis=-2)[..., ::-1].cumsum(axis=-1)[..., ::-1], 1e-12)
    won, lost = (weight[..., c, :-1] / at_risk[..., :-1] for c in (0, 1))
    stays = np.cumprod(np.clip(1 - won - lost, 0, 1), axis=-1)
    first = np.ones((*stays.shape[:-1], 1))
    steps = np.concatenate([first, stays[..., :-1]], axis=-1) * np.clip(won, 0, 1)
    return np.concatenate([0 * first, np.cumsum(steps, axis=-1)], axis=-1)


def expected_wins(won_by: Floats, values: DealValues, horizon: Horizon, *, squared: bool = False) -> Floats:
    """Expected wins invoiced in the horizon, or parts of them, if a deal is born on every day from as-of on.

    `won_by` (n, weeks + 1) as `won_by_age`; gives (n,). `squared` as in `in_horizon`.
    """
    total = np.zeros(len(won_by))
    for week in range(weeks_of(horizon)):
        gap = max(horizon.gap - week * DAYS_A_WEEK, 0)
        left = Horizon(gap=gap, days=horizon.reach - week * DAYS_A_WEEK - gap)
        total += in_horizon(won_by, values, left, squared=squared) * min(DAYS_A_WEEK, left.reach)
    return total


def purchases_of(rewound: Rewound) -> pl.DataFrame:
    """Won deals as lines of sale on the day they were won, for a company whose purchases are not given.

    Keeps PURCHASES; deals without an amount are left out.
    """
    cost = pl.when(pl.col("margin_cents").is_not_null()).then(pl.col("revenue_cents") - pl.col("margin_cents"))
    return rewound.won.filter(pl.col("revenue_cents").is_not_null()).select(
        "customer",
        pl.col("closed_on").alias("on"),
        "revenue_cents",
        cost.alias("cost_cents"),
        "deal",
        "segment",
    )
