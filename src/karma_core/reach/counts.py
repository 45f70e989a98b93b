"""How many purchase days each customer will have: from the rhythm model, or a plain rate where that cannot be."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core import rhythm
from karma_core.reach.ledger import Ledger, Rows
from karma_core.reach.windows import Horizon
from karma_core.rhythm.chances import histories, if_active

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

KNOWN_DAYS = 730
"""A customer without a purchase for this long before as-of is new business when they return."""

RECENT_DAYS = 365


@dataclass(frozen=True)
class Counts:
    """Per customer of the ledger: mean and variance of the purchase days in the horizon; zero for new business.

    `unsure` is the part of the variance that comes from not knowing the customer's own mean.
    """

    mean: Floats
    variance: Floats
    unsure: Floats


Counting = Callable[[Horizon], Counts]
"""Counts the purchase days that come after the day on which it was made."""


def existing_customers(ledger: Ledger, *, origin: int) -> Bools:
    """Which customers bought in the 24 months before `origin`, through a deal or not; shape (n,)."""
    known = np.zeros(len(ledger.customers), dtype=bool)
    for rows in (ledger.bought, ledger.from_deals):
        recent = rows.between(origin - KNOWN_DAYS, origin).customer
        known[recent[recent >= 0]] = True
    return known


def first_days(rows: Rows, *, customers: int, otherwise: int) -> Ints:
    """The day of each customer's first row; `otherwise` for those without one."""
    first = np.full(customers, otherwise, dtype=np.int64)
    first[rows.customer[::-1]] = rows.day[::-1]
    return first


def plain_counts(rows: Rows, known: Bools, *, first_day: int, origin: int) -> Counting:
    """A gamma-Poisson rate per customer over the last year, without a notion of leaving.

    `rows` are the purchases before `origin`. The rate's gamma is fitted by moments over the customers and kept
    weak; what customers who left have in common is corrected by the past windows.
    """
    start = max(origin - RECENT_DAYS, first_day)
    x = np.bincount(rows.between(start, origin).customer, minlength=known.size).astype(float)
    first = first_days(rows, customers=known.size, otherwise=origin)
    exposure = np.clip(origin - np.maximum(first, start), 1, None).astype(float)
    x -= (first >= start) & (x > 0)
    shape, rate = _gamma(x[known], exposure[known])

    def ahead(horizon: Horizon) -> Counts:
        mean = np.where(known, (x + shape) / (exposure + rate) * horizon.days, 0.0)
        unsure = mean**2 / (x + shape)
        return Counts(mean, mean + unsure, unsure)

    return ahead


def _gamma(x: Floats, exposure: Floats) -> tuple[float, float]:
    """The gamma of the rates by moments, each customer counted by exposure; shape within 0.2 and 5."""
    if x.sum() == 0:
        return 0.5, 365.0
    rate = float(x.sum() / exposure.sum())
    expected = rate * exposure
    excess = float(((x - expected) ** 2 - expected).sum() / (expected**2).sum())
    shape = float(np.clip(1 / excess if excess > 0 else 5.0, 0.2, 5.0))
    return shape, shape / rate


def statistics_of(rows: Rows, *, customers: int, origin: int) -> tuple[pl.DataFrame, Ints]:
    """The columns x, t_x, T of CUSTOMER_STATISTICS at `origin`, and the customers' positions, row by row."""
    count = np.bincount(rows.customer, minlength=customers)
    first, last = first_days(rows, customers=customers, otherwise=origin), np.zeros(customers, dtype=np.int64)
    last[rows.customer] = rows.day
    codes = np.flatnonzero(count)
    frame = pl.DataFrame({"x": count - 1, "t_x": last - first, "T": origin - 1 - first})
    return frame[codes].cast(pl.Int64), codes


def rhythm_counts(fitted: rhythm.RhythmFit, rows: Rows, known: Bools, *, origin: int) -> Counting:
    """By the model: the mean, and a variance as of a gamma rate, regular by k, of somebody who may have left."""
    statistics, codes = statistics_of(rows, customers=known.size, origin=origin)
    of = histories(statistics, unit=fitted.unit)
    active = np.clip(rhythm.chance_active(fitted, statistics), 1e-6, 1.0)
    shape = float(fitted.parameters.get("r", 1.0)) / fitted.k + of.x
    counts = known[codes]

    def ahead(horizon: Horizon) -> Counts:
        orders = if_active(fitted, of, days=horizon.days, gap=horizon.gap, what="orders")
        given = orders / fitted.k + orders**2 / shape
        leaving = active * (1 - active) * orders**2
        mean, variance, unsure = np.zeros((3, known.size))
        mean[codes] = np.where(counts, active * orders, 0.0)
        variance[codes] = np.where(counts, active * given + leaving, 0.0)
        unsure[codes] = np.where(counts, active * orders**2 / shape + leaving, 0.0)
        return Counts(mean, variance, unsure)

    return ahead
