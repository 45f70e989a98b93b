"""Every draw of a company, as arrays, before it becomes frames."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.simulate.customers import EXISTING, KNOWN, NEVER, WALK_IN, Population, draw_population
from karma_core.simulate.deals import Deals, after_event, draw_deals
from karma_core.simulate.deliveries import Deliveries, Promises, draw_deliveries, draw_promises
from karma_core.simulate.history import History, as_it_went, draw_history
from karma_core.simulate.market import Market, draw_market
from karma_core.simulate.moments import draw_contacts, draw_moments
from karma_core.simulate.names import draw_company_names
from karma_core.simulate.orders import Lines, draw_counter_sales, draw_credits, draw_orders
from karma_core.simulate.people import Staff, draw_staff
from karma_core.simulate.recipe import Recipe, streams
from karma_core.simulate.responsibility import NOBODY, Responsibilities, draw_responsibilities

Ints = npt.NDArray[np.int64]

LIFETIME_LEFT = 1 / 3


@dataclass(frozen=True)
class World:
    """All that was drawn. `became` and `left` are day numbers, far ahead for never."""

    recipe: Recipe
    market: Market
    staff: Staff
    population: Population
    responsible: Responsibilities
    deals: Deals
    history: History
    promises: Promises
    deliveries: Deliveries
    became: Ints
    left: Ints
    orders: Lines
    credits: Lines
    counter: Lines
    customers: pl.DataFrame
    contacts: pl.DataFrame
    moments: dict[str, Ints]


def draw_world(recipe: Recipe) -> World:
    """Draw a whole company, part by part, each from its own stream of chance."""
    rng = streams(recipe.seed)
    market = draw_market(rng["market"], recipe=recipe)
    staff = draw_staff(rng["people"], recipe=recipe, market=market)
    population = draw_population(rng["customers"], recipe=recipe, market=market)
    responsible = draw_responsibilities(
        rng["responsibility"], recipe=recipe, population=population, staff=staff, market=market
    )
    stay = _leaving_of_their_own(recipe, population, responsible, market)
    asked = draw_deals(
        rng["deals"], recipe=recipe, population=population, staff=staff, responsible=responsible, market=market
    )
    deals = after_event(
        rng["family"], asked, market=market, leaver=responsible.leaver, day=recipe.event_day, left=stay
    )
    history = as_it_went(draw_history(rng["history"], deals=asked, staff=staff), deals=deals)
    promises = draw_promises(rng["promises"], deals=asked, quoted_on=history.quoted_on)
    deliveries = draw_deliveries(rng["deliveries"], deals=deals, promises=promises, market=market)
    became, left = _lifetimes(recipe, population, responsible, deals, deliveries, market)
    orders, candidates = draw_orders(
        rng["orders"], recipe=recipe, population=population, start=became, left=left, market=market
    )
    customers = _named(rng["names"], population)
    contacts = draw_contacts(rng["contacts"], customers=customers)
    return World(
        recipe=recipe,
        market=market,
        staff=staff,
        population=population,
        responsible=responsible,
        deals=deals,
        history=history,
        promises=promises,
        deliveries=deliveries,
        became=became,
        left=left,
        orders=orders,
        credits=draw_credits(rng["credits"], lines=orders, candidates=candidates),
        counter=draw_counter_sales(rng["counter"], market=market),
        customers=customers,
        contacts=contacts,
        moments=draw_moments(
            rng["moments"],
            population=population,
            responsible=responsible,
            contacts=contact_places(contacts),
            left=left,
            market=market,
        ),
    )


def contact_places(contacts: pl.DataFrame) -> tuple[Ints, Ints]:
    """Where each customer's contacts begin, and how many there are."""
    at = contacts["customer"].rle_id().to_numpy()
    count = np.bincount(at)
    return np.cumsum(count) - count, count


def _named(rng: np.random.Generator, population: Population) -> pl.DataFrame:
    n = len(population.segment)
    names = draw_company_names(rng, population.segment, known=tuple(name for name, _ in KNOWN))
    return names.insert_column(0, pl.Series("customer", np.arange(n) + 10_001).cast(pl.String))


def _leaving_of_their_own(
    recipe: Recipe, population: Population, responsible: Responsibilities, market: Market
) -> Ints | None:
    """When customers leave whose seller left; None in every other family."""
    if responsible.leaver == NOBODY:
        return None
    start = np.where(population.kind == EXISTING, market.first, np.maximum(population.since, market.first))
    known = np.isin(population.kind, (EXISTING, WALK_IN))
    left = np.where(known, np.minimum(start + population.lifetime, NEVER), NEVER)
    return _cut_short(recipe, responsible, left.astype(np.int64))


def _cut_short(recipe: Recipe, responsible: Responsibilities, left: Ints) -> Ints:
    day = recipe.event_day
    everyone = np.arange(len(left))
    held = responsible.seller[responsible.rows_on(everyone, np.full(len(left), day - 1))] == responsible.leaver
    sooner = day + ((left - day) * LIFETIME_LEFT).astype(np.int64)
    return np.where(held & (left > day) & (left < NEVER), sooner, left)


def _lifetimes(
    recipe: Recipe,
    population: Population,
    responsible: Responsibilities,
    deals: Deals,
    deliveries: Deliveries,
    market: Market,
) -> tuple[Ints, Ints]:
    """When each became a customer and left; a project under way keeps a customer until it is done."""
    n = len(population.segment)
    signed = deals.won & deals.exists
    first_win, last_delivery = np.full(n, NEVER), np.full(n, -NEVER)
    np.minimum.at(first_win, deals.customer[signed], deals.closed[signed])
    np.maximum.at(last_delivery, deals.customer[signed], deliveries.settled[signed])
    started = np.where(population.kind == EXISTING, market.first, np.maximum(population.since, market.first))
    became = np.where(np.isin(population.kind, (EXISTING, WALK_IN)), started, first_win)
    left = np.minimum(became + population.lifetime, NEVER).astype(np.int64)
    if responsible.leaver != NOBODY:
        left = _cut_short(recipe, responsible, left)
    return became, np.maximum(left, last_delivery + 1)
