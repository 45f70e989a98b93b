"""Invented companies for the study of ranges: families that keep the model's assumptions, and that break them.

Frozen before the model was judged on them: change a family only together with a note in bench/README.md.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

FIRST = date(2022, 1, 1)
DAYS = 1461
FAMILIES = (
    "steady",
    "market",
    "season",
    "trend_break",
    "heavy_tails",
    "price_rise",
    "seller_leaves",
    "waves",
    "short",
)


def company(family: str, *, seed: int) -> pl.DataFrame:
    """One company of PURCHASES over four years from 2022-01-01, `family` deciding what its world does."""
    rng = np.random.default_rng([FAMILIES.index(family), seed])
    customers = int(rng.integers(80, 500))
    level = _market(family, rng)
    arrived, left, gone = _lives(family, customers, rng)
    customer, day = _orders(customers, arrived, left, level, rng)
    kept = day < gone[customer]
    return _lines(customer[kept], day[kept], customers, family, rng)


def _market(family: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """The market's level per day."""
    t = np.arange(DAYS)
    month = t // 30
    drift = rng.normal(0, 0.01, month.max() + 1).cumsum()
    if family == "market":
        drift = np.zeros(month.max() + 1)
        for m in range(1, drift.size):
            drift[m] = 0.85 * drift[m - 1] + rng.normal(0, 0.07)
    level = np.exp(drift[month])
    if family == "season":
        level = level * np.exp(0.35 * np.sin(2 * np.pi * (t / 365.25 + rng.random())))
    if family == "trend_break":
        level = np.where(t >= rng.integers(700, 1300), level * np.exp(rng.normal(0, 0.3)), level)
    return level


def _lives(
    family: str, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """When customers arrive and leave; half are there from the start. `gone` is when their seller leaves."""
    arrived = np.where(rng.random(n) < 0.5, -rng.integers(0, 900, n), rng.integers(0, DAYS, n))
    if family == "waves":
        wave = rng.integers(0, 4, n) * 365 + 180 + rng.integers(0, 30, n)
        arrived = np.where((arrived > 0) & (rng.random(n) < 0.7), wave, arrived)
    left = arrived + rng.exponential(1500, n).astype(np.int64)
    gone = np.full(n, DAYS)
    if family == "seller_leaves":
        gone = np.where(rng.random(n) < 0.2, rng.integers(600, 1350), DAYS)
    return arrived, left, gone


def _orders(
    n: int,
    arrived: NDArray[np.int64],
    left: NDArray[np.int64],
    level: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Who orders on which day: a gamma of rates, thinned by the market's level."""
    rate = rng.gamma(1.2, 1 / (1.2 * 45), n)
    highest = level.max()
    count = rng.poisson(rate * DAYS * highest)
    customer = np.repeat(np.arange(n), count)
    day = rng.integers(0, DAYS, customer.size)
    alive = (day >= arrived[customer]) & (day < left[customer])
    kept = alive & (rng.random(customer.size) < level[day] / highest)
    return customer[kept], day[kept]


def _lines(
    customer: NDArray[np.int64], day: NDArray[np.int64], n: int, family: str, rng: np.random.Generator
) -> pl.DataFrame:
    tail = 1.6 if family == "heavy_tails" else 0.8
    size = rng.lognormal(7, tail, n)[customer] * rng.lognormal(
        0, 0.9 if family == "heavy_tails" else 0.5, day.size
    )
    if family == "price_rise":
        size = size * np.where(day >= rng.integers(500, 1300), 1.12, 1.0)
    share = np.clip(rng.normal(0.3, 0.06, n)[customer] + _margin_drift(rng)[day // 30], -0.5, 0.9)
    revenue = np.maximum(np.rint(100 * size), 1).astype(np.int64)
    bought = _frame(customer, day, revenue, np.rint(revenue * (1 - share)).astype(np.int64))
    back = rng.random(day.size) < 0.03
    late = day[back] + rng.integers(3, 40, int(back.sum()))
    credit = -np.rint(revenue[back] * rng.uniform(0.1, 1.0, int(back.sum()))).astype(np.int64)
    lines = pl.concat([bought, _frame(customer[back], late, credit, np.zeros_like(credit))])
    lines = lines.with_columns(segment=pl.format("s{}", pl.col("customer").str.slice(1).cast(pl.Int64) % 4))
    start = FIRST + timedelta(days=900 if family == "short" else 0)
    return lines.filter(pl.col("on") >= start).sort("on", "customer", "revenue_cents")


def _margin_drift(rng: np.random.Generator) -> NDArray[np.float64]:
    drift = np.zeros(60)
    for m in range(1, drift.size):
        drift[m] = 0.8 * drift[m - 1] + rng.normal(0, 0.008)
    return drift


def _frame(
    customer: NDArray[np.int64], day: NDArray[np.int64], revenue: NDArray[np.int64], cost: NDArray[np.int64]
) -> pl.DataFrame:
    dates = np.datetime64(FIRST) + day.astype("timedelta64[D]")
    return pl.DataFrame(
        {
            "customer": np.char.add("c", customer.astype(str)) if customer.size else [],
            "on": dates,
            "revenue_cents": revenue,
            "cost_cents": cost,
        },
        schema_overrides={"customer": pl.String},
    ).with_columns(pl.col("on").cast(pl.Date))
