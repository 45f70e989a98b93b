"""Orders that customers place of their own accord, their lines, and the credits that follow."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from karma_core.simulate.customers import EXISTING, NEVER, Population, by_segment, lognormal_of_mean_one
from karma_core.simulate.market import YEAR, Market, next_workday
from karma_core.simulate.recipe import Recipe
from karma_core.simulate.trade import PRODUCTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MORE_LINES_MEAN = 0.7
LINE_SD, HEAVY_LINE_SD = 0.75, 1.35
LINE_MARGIN_SD = 0.04
CREDIT_CHANCE, CREDIT_PART, CREDIT_COST_PART = 0.02, (0.2, 1.0), 0.8
COUNTER_A_DAY, COUNTER_EUR, COUNTER_MARGIN = 0.6, 85.0, 0.32


@dataclass(frozen=True)
class Lines:
    """Lines of sale as arrays: customer (or -1), day, order, product, quantity, euros of revenue and of cost."""

    customer: Ints
    day: Ints
    order: Ints
    product: Ints
    quantity: Ints
    revenue: Floats
    cost: Floats

    def where(self, keep: npt.NDArray[np.bool_]) -> "Lines":
        """The lines for which `keep` is true."""
        return Lines(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def draw_orders(
    rng: np.random.Generator,
    *,
    recipe: Recipe,
    population: Population,
    start: Ints,
    left: Ints,
    market: Market,
) -> tuple[Lines, int]:
    """Draw each customer's orders from `start` until they have `left`, both day numbers; also how many could be.

    Times between orders are gamma of shape k, in the trade's own time (season, market and working days). As many
    are drawn as the usual world could need, so that a family's event takes orders away and moves no others.
    """
    customer, waited = _candidates(rng, population, market)
    lines = 1 + rng.poisson(MORE_LINES_MEAN, len(customer))
    order = np.repeat(np.arange(len(customer)), lines)
    n = len(order)
    product, z_line, z_margin = _products(rng, n), rng.normal(size=n), rng.normal(size=n)
    segment = population.segment[customer]
    at = market.elapsed(segment, start[customer]) + waited
    day = market.day_at(segment, at)
    happens = (start[customer] < NEVER) & (day < np.minimum(left[customer], market.ends)) & (day >= market.first)
    priced = _priced(recipe, population, customer[order], day[order], (product, z_line, z_margin), market)
    return priced_lines(customer[order], day[order], order, product, priced).where(happens[order]), len(customer)


def _candidates(rng: np.random.Generator, population: Population, market: Market) -> tuple[Ints, Floats]:
    """Customers and the trade's time waited since their start, for every order that could come before the end."""
    segment, n = population.segment, len(population.segment)
    begin = np.where(population.kind == EXISTING, market.first, np.maximum(population.since, market.first))
    room = market.elapsed(segment, np.full(n, market.ends), usual=True) - market.elapsed(
        segment, begin, usual=True
    )
    shape = by_segment("k")[segment]
    mean_wait = YEAR / np.maximum(population.rate, 1e-3)
    expected = room / mean_wait
    count = np.ceil(expected + 6 * np.sqrt(expected / shape) + 6).astype(np.int64)
    customer = np.repeat(np.arange(n), count)
    waits = rng.gamma(shape[customer]) * (mean_wait / shape)[customer]
    first = np.cumsum(count) - count
    waits[first] = _first_waits(rng, population, shape, mean_wait)
    total = np.cumsum(waits)
    waited = total - (total[first] - waits[first])[customer]
    possible = waited <= room[customer]
    return customer[possible], waited[possible]


def _first_waits(rng: np.random.Generator, population: Population, shape: Floats, mean_wait: Floats) -> Floats:
    """Existing customers are met somewhere within a wait (longer ones more often); others start with an order."""
    n = len(shape)
    met = rng.random(n) * rng.gamma(shape + 1) * mean_wait / shape
    return np.where(population.kind == EXISTING, met, 0.0)


def _products(rng: np.random.Generator, n: int) -> Ints:
    weights = np.array([product.weight for product in PRODUCTS])
    return np.searchsorted(weights.cumsum() / weights.sum(), rng.random(n), side="right").clip(
        0, len(PRODUCTS) - 1
    )


def _priced(
    recipe: Recipe,
    population: Population,
    customer: Ints,
    day: Ints,
    draws: tuple[Ints, Floats, Floats],
    market: Market,
) -> tuple[Floats, Floats]:
    product, z_line, z_margin = draws
    sd = HEAVY_LINE_SD if recipe.family == "heavy_tails" else LINE_SD
    plain = by_segment("line_eur")[population.segment[customer]] * population.size[customer]
    plain = plain * lognormal_of_mean_one(z_line, sd=sd)
    share = margin_shares()[population.segment[customer], product] + LINE_MARGIN_SD * z_margin
    return np.maximum(plain * market.price_on(day), 1.0), plain * (1 - share) * market.cost_on(day)


def margin_shares() -> Floats:
    """Mean margin share by segment and product; weighted over products it is the segment's own."""
    weights = np.array([product.weight for product in PRODUCTS])
    offsets = np.array([product.margin_offset for product in PRODUCTS])
    centred = offsets - np.average(offsets, weights=weights)
    return np.asarray(by_segment("margin_share")[:, None] + centred[None, :])


def priced_lines(customer: Ints, day: Ints, order: Ints, product: Ints, priced: tuple[Floats, Floats]) -> Lines:
    """Lines with a quantity that fits their amount and the product's price."""
    price = np.array([each.price_eur for each in PRODUCTS])[product]
    quantity = np.maximum(1, np.round(priced[0] / price)).astype(np.int64)
    return Lines(customer, day, order, product, quantity, np.round(priced[0], 2), np.round(priced[1], 2))


def draw_credits(rng: np.random.Generator, *, lines: Lines, candidates: int) -> Lines:
    """Draw what comes back: part of a line's revenue, and most of that part's cost, some weeks later.

    One draw for each of `candidates` orders, so that a family's event moves no other credit.
    """
    happens, part = rng.random(candidates) < CREDIT_CHANCE, rng.uniform(*CREDIT_PART, candidates)
    later = rng.integers(5, 31, candidates)
    is_first = np.r_[True, lines.order[1:] != lines.order[:-1]] if len(lines.order) else np.zeros(0, dtype=bool)
    kept = lines.where(is_first & happens[lines.order])
    back = part[kept.order]
    return Lines(
        customer=kept.customer,
        day=next_workday(kept.day + later[kept.order]),
        order=kept.order,
        product=kept.product,
        quantity=-np.maximum(1, np.round(kept.quantity * back)).astype(np.int64),
        revenue=-np.round(kept.revenue * back, 2),
        cost=-np.round(kept.cost * back * CREDIT_COST_PART, 2),
    )


def draw_counter_sales(rng: np.random.Generator, *, market: Market) -> Lines:
    """Draw what is sold at the counter to nobody in particular, on working days."""
    usual = np.diff(market.usual[0])[: market.ends - market.first]
    days = market.first + np.flatnonzero(usual > 0)
    day = np.repeat(days, rng.poisson(COUNTER_A_DAY, len(days)))
    n = len(day)
    revenue = COUNTER_EUR * lognormal_of_mean_one(rng.normal(size=n), sd=0.7) * market.price_on(day)
    share = COUNTER_MARGIN + 0.05 * rng.normal(size=n)
    keep = rng.random(n) < market.event_on(day)
    zero = np.zeros(n, dtype=np.int64)
    cost = revenue / market.price_on(day) * market.cost_on(day) * (1 - share)
    lines = Lines(zero - 1, day, np.arange(n), zero, zero + 1, np.round(revenue, 2), np.round(cost, 2))
    return lines.where(keep)
