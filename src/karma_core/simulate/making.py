"""Making the company: draw a world, write it down in frames, and cut it at its as-of date."""

from datetime import date

import numpy as np
import polars as pl

from karma_core.periods import Period
from karma_core.simulate.columns import DEAL_NUMBERS, cents, days, ids, labels
from karma_core.simulate.contents import Company, Truth
from karma_core.simulate.customers import KINDS, by_segment
from karma_core.simulate.directory import (
    customers_frame,
    moments_frame,
    responsibilities_frame,
    year_plans_frames,
)
from karma_core.simulate.ledger import purchases_frame, quoted_margins
from karma_core.simulate.people import memberships_frame, people_frame, person_ids
from karma_core.simulate.pipeline import (
    deals_frame,
    margin_losses_frame,
    promises_frame,
    quotes_frame,
    stage_history_frame,
)
from karma_core.simulate.recipe import Recipe, streams
from karma_core.simulate.responsibility import NOBODY
from karma_core.simulate.rewind import known_before
from karma_core.simulate.trade import SEGMENTS, SOURCES
from karma_core.simulate.world import World, draw_world


def company(
    *,
    ends_on: date,
    customers: int = 1500,
    people: int | None = None,
    years: int = 3,
    seed: int = 1,
    family: str = "plain",
    skill_sd: float = 0.3,
    assignment: str = "even",
) -> Company:
    """Simulate Noorderlicht Techniek as of `ends_on`; see Recipe for the arguments and FAMILIES for the families.

    Purchases begin `years` earlier, deals 240 days before that. The same arguments give the same company. To
    judge forecasts, simulate past the day of the forecast and cut with `known_before`. Raises SimulateError for
    arguments that make no company.

    Source: our own; customers order by a gamma renewal process of integer shape in the trade's own time and leave
    after an exponential time (Schmittlein, Morrison and Colombo 1987 where k is 1 and there is no season), deals
    are won by a logistic chance with crossed effects of person, source and segment.

    >>> world = company(ends_on=date(2026, 7, 1), customers=50, years=1)
    >>> world.customers["name"][0], world.people["name"][0]
    ('De Vries Installaties', 'Anna de Boer')
    """
    recipe = Recipe(
        ends_on=ends_on,
        customers=customers,
        people=people,
        years=years,
        seed=seed,
        family=family,
        skill_sd=skill_sd,
        assignment=assignment,
    )
    return company_of(recipe)


def company_of(recipe: Recipe) -> Company:
    """Simulate the company of a recipe; like `company`, with the day of the family's event to choose."""
    world = draw_world(recipe)
    purchases = purchases_frame(world)
    stated, actual = year_plans_frames(streams(recipe.seed)["plans"], world, purchases)
    left = {world.responsible.leaver: recipe.event_day} if world.responsible.leaver != NOBODY else {}
    promises = promises_frame(world)
    everything = Company(
        period=Period(recipe.starts_on, recipe.ends_on),
        people=people_frame(world.staff, left=left),
        teams=pl.DataFrame({"team": world.staff.teams}),
        memberships=memberships_frame(world.staff, left=left),
        customers=customers_frame(world),
        responsibilities=responsibilities_frame(world),
        contacts=world.contacts,
        purchases=purchases,
        deals=deals_frame(world),
        stage_history=stage_history_frame(world),
        quotes=quotes_frame(world),
        margin_losses=margin_losses_frame(world),
        promises=promises,
        contact_moments=moments_frame(world),
        year_plans=stated,
        truth=_truth(world, actual, promises),
    )
    return known_before(everything, on=recipe.ends_on)


def _truth(world: World, actual: pl.DataFrame, promises: pl.DataFrame) -> Truth:
    staff, persons = world.staff, person_ids(world.staff)
    return Truth(
        people=pl.DataFrame(
            {
                "person": persons[: staff.sellers],
                "win_effect": staff.skill,
                "stated_bias": staff.bias,
                "stated_slope": staff.slope,
            }
        ),
        segments=_segments(),
        sources=pl.DataFrame([{"source": source.nl, "win_effect": source.win_effect} for source in SOURCES]),
        customers=_customers(world),
        deals=_deals(world),
        market=_market(world),
        days=_days(world),
        year_plans=actual,
        promises=promises.select("promise", (pl.col("outcome") == "kept").alias("will_be_kept")),
        leaver=None if world.responsible.leaver == NOBODY else persons[world.responsible.leaver],
    )


def _segments() -> pl.DataFrame:
    numbers = ("win_effect", "k", "orders_per_year", "evenness", "leaves_per_year", "line_eur", "margin_share")
    names = pl.DataFrame({"segment": [segment.nl for segment in SEGMENTS]})
    return names.with_columns(pl.Series(name, by_segment(name)) for name in numbers)


def _customers(world: World) -> pl.DataFrame:
    population = world.population
    gone = np.where(world.left < world.market.ends, world.left, 10**6)
    return pl.DataFrame(
        {
            "customer": world.customers["customer"],
            "segment": labels([each.nl for each in SEGMENTS], population.segment),
            "kind": labels(KINDS, population.kind),
            "became_on": days(np.where(world.became < world.market.ends, world.became, 10**6)),
            "left_on": days(gone),
            "orders_per_year": population.rate,
            "k": by_segment("k")[population.segment].astype(np.int64),
            "size": population.size,
        }
    )


def _deals(world: World) -> pl.DataFrame:
    deals = world.deals
    frame = pl.DataFrame(
        {
            "deal": ids(np.arange(len(deals.won)), above=DEAL_NUMBERS),
            "opened_on": days(deals.opened),
            "log_odds": deals.linear,
            "outcome": labels(["lost", "won"], deals.won.astype(np.int64)),
            "closed_on": days(deals.closed),
            "revenue_cents": cents(deals.amount),
            "margin_cents": cents(quoted_margins(world)),
        }
    )
    return frame.filter(pl.Series(deals.exists))


def _market(world: World) -> pl.DataFrame:
    market = world.market
    on = days(np.arange(market.first, market.first + len(market.path)))
    daily = pl.DataFrame({"month": on.dt.truncate("1mo"), "factor": market.path})
    return daily.group_by("month", maintain_order=True).mean()


def _days(world: World) -> pl.DataFrame:
    market = world.market
    count = len(market.path)
    on = days(np.tile(np.arange(market.first, market.first + count), len(SEGMENTS)))
    segment = labels([each.nl for each in SEGMENTS], np.repeat(np.arange(len(SEGMENTS)), count))
    frame = pl.DataFrame({"segment": segment, "on": on, "intensity": np.diff(market.cumulative).ravel()})
    return frame.with_columns(
        pl.Series("price", np.tile(market.price, len(SEGMENTS))),
        pl.Series("cost", np.tile(market.cost, len(SEGMENTS))),
    )
