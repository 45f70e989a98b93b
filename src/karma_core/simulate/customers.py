"""The customers: segment, size, rhythm, how they came and when they would leave."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from karma_core.simulate.market import YEAR, Market
from karma_core.simulate.recipe import Recipe
from karma_core.simulate.trade import SEGMENTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EXISTING, WALK_IN, PROSPECT = 0, 1, 2
KINDS = ("existing", "walk_in", "prospect")
KIND_SHARES = (0.52, 0.14, 0.34)
SIZE_SD, HEAVY_SIZE_SD = 0.55, 1.15
CUSTOMER_BEFORE_YEARS = 6.0
NEVER = 10**6
KNOWN = (("De Vries Installaties", 0), ("Bakker Klimaattechniek", 0), ("Jansen Vastgoedbeheer", 6))
"""Customers that documentation and demo name, with their segment: all existing, Anna's, and with us to stay."""


@dataclass(frozen=True)
class Population:
    """Customers as arrays of one length.

    `kind`: existing at the start, walk-in within the years, or prospect (a customer only once a deal is won).
    `rate`: orders a year while active; `size`: factor on what a line and a project cost, mean 1; `since`: day
    number of the first contact; `lifetime`: days from becoming a customer (existing: from the start) to leaving.
    """

    segment: Ints
    kind: Ints
    rate: Floats
    size: Floats
    since: Ints
    lifetime: Floats

    def column(self, name: str) -> Floats:
        """A number of each customer's segment, one for each customer."""
        return by_segment(name)[self.segment]


def by_segment(name: str) -> Floats:
    """A number of each segment, in the order of SEGMENTS."""
    return np.array([getattr(segment, name) for segment in SEGMENTS], dtype=np.float64)


def lognormal_of_mean_one(z: Floats, *, sd: float) -> Floats:
    """Turn standard normal draws into sizes with mean 1.

    >>> float(lognormal_of_mean_one(np.array([0.0]), sd=0.0)[0])
    1.0
    """
    return np.asarray(np.exp(sd * z - sd * sd / 2))


def draw_population(rng: np.random.Generator, *, recipe: Recipe, market: Market) -> Population:
    """Draw the customers; the first three are those that the demo names."""
    n = recipe.customers
    shares = by_segment("share")
    segment = rng.choice(len(SEGMENTS), size=n, p=shares / shares.sum())
    kind = rng.choice(len(KINDS), size=n, p=np.array(KIND_SHARES))
    segment[: len(KNOWN)] = [place for _, place in KNOWN]
    kind[: len(KNOWN)] = EXISTING
    evenness = by_segment("evenness")[segment]
    rate = by_segment("orders_per_year")[segment] * rng.gamma(evenness) / evenness
    rate[: len(KNOWN)] = (10.0, 8.0, 4.0)
    sd = HEAVY_SIZE_SD if recipe.family == "heavy_tails" else SIZE_SD
    lifetime = rng.exponential(YEAR, n) / by_segment("leaves_per_year")[segment]
    lifetime[: len(KNOWN)] = NEVER
    return Population(
        segment=segment,
        kind=kind,
        rate=rate,
        size=lognormal_of_mean_one(rng.normal(size=n), sd=sd),
        since=_since(rng, kind, market),
        lifetime=lifetime,
    )


def _since(rng: np.random.Generator, kind: Ints, market: Market) -> Ints:
    n = len(kind)
    before = market.first - rng.exponential(CUSTOMER_BEFORE_YEARS * YEAR, n) - 1
    within = market.first + rng.random(n) * (market.ends - market.first)
    known_early = rng.random(n) < 0.4
    early = (kind == EXISTING) | ((kind == PROSPECT) & known_early)
    return np.where(early, np.maximum(before, -3650), within).astype(np.int64)
