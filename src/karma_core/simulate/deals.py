"""Deals: when they open, what they are worth, whether and when they are won or lost."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

from karma_core.simulate.customers import (
    EXISTING,
    PROSPECT,
    Population,
    by_segment,
    lognormal_of_mean_one,
)
from karma_core.simulate.market import YEAR, Market, next_workday
from karma_core.simulate.mirror import pick_by_row
from karma_core.simulate.people import Staff
from karma_core.simulate.recipe import Recipe
from karma_core.simulate.responsibility import NOBODY, Responsibilities
from karma_core.simulate.trade import LOST, PROJECTS, SOURCES, WON

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

INTERCEPT, KNOWS_US, PER_LOG_SIZE = -0.65, 0.35, -0.15
WIN_SHAPE, WIN_MEAN_DAYS = 3.0, 82.0
LOSS_SHAPE, LOSS_MEAN_DAYS = 1.6, 66.0
AMOUNT_SD, HEAVY_AMOUNT_SD = 0.85, 1.4
MARGIN_SHARE_SD = 0.05
PROSPECT_DEALS_MEAN = 1.25
CONFOUNDING = 1.0
OWN_LEADS = 0
LOST_AFTER_LEAVING, LOST_AFTER_LEAVING_DAYS = 0.4, 45
REACHED_BY_LOST = (0.2, 0.3, 0.3, 0.2)


@dataclass(frozen=True)
class Deals:
    """Deals as arrays of one length, in order of opening.

    `opened`, `closed`: day numbers, also beyond the end. `linear`: true log-odds of winning when it opens.
    `reached`: the last stage before it closes. `amount`: euros as signed; `margin_share`: quoted margin of it.
    `exists`: false for what the family's event took away.
    """

    customer: Ints
    opened: Ints
    closed: Ints
    won: Bools
    linear: Floats
    source: Ints
    project: Ints
    seller: Ints
    team: Ints
    amount: Floats
    margin_share: Floats
    reached: Ints
    exists: Bools

    @property
    def final(self) -> Ints:
        """The stage in which each ends."""
        return np.where(self.won, WON, LOST)


def draw_deals(
    rng: np.random.Generator,
    *,
    recipe: Recipe,
    population: Population,
    staff: Staff,
    responsible: Responsibilities,
    market: Market,
) -> Deals:
    """Draw every deal that opens before the end, as if no event of the family took any away.

    The outcome is logistic in seller + source + segment + log size + whether the customer knows us, exactly; the
    time to close is gamma with another shape and mean for wins than for losses.
    """
    customer, opened = _openings(rng, population, market)
    order = np.lexsort((customer, opened))
    customer, opened = customer[order], opened[order]
    n = len(customer)
    row = responsible.rows_on(customer, opened)
    seller, team = responsible.seller[row], responsible.team[row]
    knows_us = population.kind[customer] != PROSPECT
    source = _sources(rng, recipe, staff, seller, knows_us)
    z = rng.normal(size=n)
    relative = _relative_amounts(z, recipe)
    linear = _log_odds(population, staff, (customer, seller, source), knows_us) + PER_LOG_SIZE * AMOUNT_SD * z
    won = rng.random(n) < 1 / (1 + np.exp(-linear))
    days = np.where(
        won,
        rng.gamma(WIN_SHAPE, WIN_MEAN_DAYS / WIN_SHAPE, n),
        rng.gamma(LOSS_SHAPE, LOSS_MEAN_DAYS / LOSS_SHAPE, n),
    )
    shares = np.array([project.share for project in PROJECTS])
    reached = np.where(won, 3, rng.choice(4, size=n, p=REACHED_BY_LOST))
    base = by_segment("project_eur")[population.segment[customer]]
    return Deals(
        customer=customer,
        opened=opened,
        closed=next_workday(opened + 1 + days.astype(np.int64)),
        won=won,
        linear=linear,
        source=source,
        project=rng.choice(len(PROJECTS), size=n, p=shares / shares.sum()),
        seller=seller,
        team=team,
        amount=np.maximum(250.0, np.round(base * relative * market.price_on(opened) / 10) * 10),
        margin_share=population.column("margin_share")[customer] + 0.01 + rng.normal(0, MARGIN_SHARE_SD, n),
        reached=reached,
        exists=np.ones(n, dtype=np.bool_),
    )


def after_event(
    rng: np.random.Generator, deals: Deals, *, market: Market, leaver: int, day: int, left: Ints | None
) -> Deals:
    """Take away what the family's event took: requests that a smaller market, or a lost customer, did not make.

    In `seller_leaves` some wins under way of the seller who leaves are lost instead.
    """
    chance, wait = rng.random(len(deals.won)), rng.integers(1, LOST_AFTER_LEAVING_DAYS, len(deals.won))
    exists = rng.random(len(deals.won)) < market.event_on(deals.opened)
    if left is not None:
        exists &= deals.opened < left[deals.customer]
    under_way = (deals.seller == leaver) & (deals.opened < day) & (deals.closed >= day) & deals.won
    lost = under_way & (chance < LOST_AFTER_LEAVING) & (leaver != NOBODY)
    closed = np.where(lost, np.minimum(deals.closed, next_workday(day + wait)), deals.closed)
    return replace(deals, won=deals.won & ~lost, closed=closed, exists=exists)


def _openings(rng: np.random.Generator, population: Population, market: Market) -> tuple[Ints, Ints]:
    """Customers and days of opening by the usual clock; what a family takes away is taken away later."""
    segment, kind = population.segment, population.kind
    start = np.where(kind == EXISTING, market.first, np.maximum(population.since, market.first))
    stays = np.minimum(start + population.lifetime, market.ends).astype(np.int64)
    stop = np.where(kind == PROSPECT, market.ends, stays)
    begin, end = (market.elapsed(segment, day, usual=True) for day in (start, stop))
    whole = (market.ends - start) / (market.ends - market.first)
    of_customer = by_segment("deals_per_year")[segment] * (end - begin) / YEAR
    of_prospect = PROSPECT_DEALS_MEAN * np.sqrt(np.clip(whole, 0, 1))
    count = rng.poisson(np.where(kind == PROSPECT, of_prospect, of_customer))
    customer = np.repeat(np.arange(len(segment)), count)
    at = begin[customer] + rng.random(len(customer)) * (end - begin)[customer]
    return customer, market.day_at(segment[customer], at, usual=True)


def _sources(rng: np.random.Generator, recipe: Recipe, staff: Staff, seller: Ints, knows_us: Bools) -> Ints:
    """Where each lead came from; a prospect is never an existing customer."""
    shares = np.array([source.share for source in SOURCES])
    quality = np.array([source.win_effect for source in SOURCES])
    quality = (quality - quality.mean()) / quality.std()
    tilt = CONFOUNDING if recipe.assignment == "confounded" else 0.0
    tilted = shares * np.exp(tilt * np.outer(np.r_[staff.standing, 0.0], quality))
    new = tilted.copy()
    new[:, OWN_LEADS] = 0
    return pick_by_row(
        rng, np.vstack([tilted, new]), seller % (staff.sellers + 1) + ~knows_us * (staff.sellers + 1)
    )


def _relative_amounts(z: Floats, recipe: Recipe) -> Floats:
    """Amounts over the segment's median; heavy tails keep the mean."""
    sd = HEAVY_AMOUNT_SD if recipe.family == "heavy_tails" else AMOUNT_SD
    return np.asarray(lognormal_of_mean_one(z, sd=sd) * np.exp(AMOUNT_SD**2 / 2))


def _log_odds(population: Population, staff: Staff, picks: tuple[Ints, Ints, Ints], knows_us: Bools) -> Floats:
    customer, seller, source = picks
    quality = np.array([each.win_effect for each in SOURCES])
    skill = np.r_[staff.skill, 0.0]
    return np.asarray(
        INTERCEPT
        + skill[seller]
        + quality[source]
        + population.column("win_effect")[customer]
        + KNOWS_US * knows_us
    )


def won_by(days: Floats) -> Floats:
    """The chance that a deal which will be won is won within so many days."""
    return np.asarray(gammainc(WIN_SHAPE, np.maximum(days, 0) * WIN_SHAPE / WIN_MEAN_DAYS))


def lost_by(days: Floats) -> Floats:
    """The chance that a deal which will be lost is lost within so many days."""
    return np.asarray(gammainc(LOSS_SHAPE, np.maximum(days, 0) * LOSS_SHAPE / LOSS_MEAN_DAYS))


def true_chance(deals: Deals, *, on: int) -> Floats:
    """The chance, from the true process and its age alone, that each deal open on a day will be won."""
    age = (on - deals.opened).astype(np.float64)
    odds = np.exp(deals.linear)
    still_win, still_lose = odds * (1 - won_by(age - 1)), 1 - lost_by(age - 1)
    return np.asarray(still_win / np.maximum(still_win + still_lose, 1e-300))
