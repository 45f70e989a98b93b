"""Customers, responsibilities, contact moments and year plans as frames."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.frames import DAY_ZERO, day_number
from karma_core.simulate.columns import MOMENT_NUMBERS, days, ids, labels
from karma_core.simulate.customers import NEVER, by_segment
from karma_core.simulate.moments import KINDS
from karma_core.simulate.orders import MORE_LINES_MEAN
from karma_core.simulate.people import person_ids
from karma_core.simulate.trade import SEGMENTS
from karma_core.simulate.world import World

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PLANNERS_SHARE, PLAN_EACH_YEAR = 0.22, 0.85
PLAN_BIAS_SD, PLAN_NOISE_SD = 0.18, 0.20
STATED_FROM_DAYS_BEFORE, STATED_WITHIN_DAYS = 60, 110


def customers_frame(world: World) -> pl.DataFrame:
    """`customer, name, city, domain, segment, since_on`."""
    segment = labels([each.nl for each in SEGMENTS], world.population.segment)
    return world.customers.with_columns(segment.alias("segment"), days(world.population.since).alias("since_on"))


def responsibilities_frame(world: World) -> pl.DataFrame:
    """`customer, person, team, from_on, until_on`, in order of customer and day."""
    rows = world.responsible
    same = np.r_[rows.customer[1:] == rows.customer[:-1], False]
    until = np.where(same, np.r_[rows.start[1:], 0], NEVER)
    return pl.DataFrame(
        {
            "customer": world.customers["customer"].gather(rows.customer),
            "person": labels(person_ids(world.staff), rows.seller),
            "team": labels(world.staff.teams, rows.team),
            "from_on": days(rows.start),
            "until_on": days(until),
        }
    )


def moments_frame(world: World) -> pl.DataFrame:
    """`moment, customer, contact, person, kind, at, minutes, topic`, in order of time."""
    drawn = world.moments
    frame = pl.DataFrame(
        {
            "moment": ids(np.arange(len(drawn["day"])), above=MOMENT_NUMBERS),
            "customer": world.customers["customer"].gather(drawn["customer"]),
            "contact": world.contacts["contact"].gather(drawn["contact"]),
            "person": labels(person_ids(world.staff), drawn["seller"]),
            "kind": labels(KINDS, drawn["kind"]),
            "at": (drawn["day"] * 1440 + drawn["minute"]) * 60_000_000,
            "minutes": drawn["minutes"],
            "topic": drawn["topic"],
        }
    )
    return frame.with_columns(pl.col("at").cast(pl.Datetime("us")))


def year_plans_frames(
    rng: np.random.Generator, world: World, purchases: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What customers said that they would order in a year, and what they did (null: the year is not over).

    Both amounts are orders of their own accord less credits, not projects. The first frame is known, the second
    true: `customer, year, stated_on, stated_cents, person` and `customer, year, actual_cents`.
    """
    n = len(world.population.segment)
    plans = rng.random(n) < PLANNERS_SHARE
    bias = PLAN_BIAS_SD * rng.normal(size=n)
    years = [
        _plans_of_year(rng, world, year, plans=plans, bias=bias)
        for year in range(_year(world.market.starts), _year(world.market.ends) + 2)
    ]
    stated = pl.concat(years).sort("stated_on", "customer")
    stated = stated.filter(pl.col("stated_on") >= DAY_ZERO + timedelta(days=world.market.starts))
    return stated, _actual(world, stated, purchases)


def _year(day: int) -> int:
    return (DAY_ZERO + timedelta(days=day)).year


def _plans_of_year(
    rng: np.random.Generator, world: World, year: int, *, plans: npt.NDArray[np.bool_], bias: Floats
) -> pl.DataFrame:
    n, population = len(plans), world.population
    first = day_number(date(year, 1, 1))
    on = first - STATED_FROM_DAYS_BEFORE + rng.integers(0, STATED_WITHIN_DAYS, n)
    says, noise = rng.random(n) < PLAN_EACH_YEAR, PLAN_NOISE_SD * rng.normal(size=n)
    there = (world.became < on) & (world.left > on)
    row = np.flatnonzero(plans & says & there)
    a_year = population.rate * (1 + MORE_LINES_MEAN) * by_segment("line_eur")[population.segment] * population.size
    stated = np.round(a_year * world.market.price_on(on) * np.exp(bias + noise) / 100) * 100
    seller = world.responsible.seller[world.responsible.rows_on(row, on[row])]
    return pl.DataFrame(
        {
            "customer": world.customers["customer"].gather(row),
            "year": np.full(len(row), year),
            "stated_on": days(on[row]),
            "stated_cents": (stated[row] * 100).astype(np.int64),
            "person": labels(person_ids(world.staff), seller),
        }
    )


def _actual(world: World, stated: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    own = purchases.filter(pl.col("kind").is_in(["sale", "credit"]))
    sums = own.group_by("customer", pl.col("on").dt.year().cast(pl.Int64).alias("year")).agg(
        pl.col("revenue_cents").sum().alias("actual_cents")
    )
    over = pl.col("year") < _year(world.market.ends)
    joined = stated.select("customer", "year").join(
        sums, on=["customer", "year"], how="left", maintain_order="left"
    )
    return joined.with_columns(pl.when(over).then(pl.col("actual_cents").fill_null(0)).alias("actual_cents"))
