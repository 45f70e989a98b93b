"""Where an expectation comes from: existing customers one by one, and open deals one by one."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.reach.compound import Volume
from karma_core.reach.existing import Expected, chance_of_any
from karma_core.reach.ledger import Ledger
from karma_core.reach.pipeline import DealByDeal, Pipeline
from karma_core.reach.reading import BY_CUSTOMER, BY_DEAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def by_customer(
    ledger: Ledger, expected: Expected, *, drawn: Volume, nobody: Volume, start: int, end: int
) -> pl.DataFrame:
    """Split what existing customers bring by customer, columns BY_CUSTOMER, most first.

    `drawn` and `nobody` are the source's two parts as they were drawn, so the common shock is in: each segment's
    difference is shared out in proportion. What was booked from `start` up to `end` is included, and a customer
    who bought then has chance 1. Adds up to the source's mean but for the rounding of each row.
    """
    booked = ledger.bought.between(start, end)
    n = len(ledger.customers)
    realised = np.bincount(booked.customer, booked.value, minlength=n)
    comes = _shared_out(
        expected.counts.mean * expected.values.mean[:, 1], ledger.customer_segment, drawn.value.mean(axis=1)
    )
    has_bought = np.bincount(booked.customer, minlength=n) > 0
    chance = np.where(has_bought, 1.0, chance_of_any(expected.counts.mean, expected.counts.variance))
    rows = pl.DataFrame(
        {
            "customer": pl.Series(ledger.customers, dtype=pl.String),
            "segment": _names(ledger, ledger.customer_segment),
            "expected_cents": np.rint(comes + realised).astype(np.int64),
            "realised_cents": np.rint(realised).astype(np.int64),
            "chance_to_buy": chance,
        },
        schema=BY_CUSTOMER,
    ).filter((expected.counts.mean > 0) | has_bought)
    rest = _on_nobody(ledger, nobody, start, end)
    return pl.concat([rows, rest]).sort("expected_cents", "customer", descending=[True, False])


def _on_nobody(ledger: Ledger, nobody: Volume, start: int, end: int) -> pl.DataFrame:
    """One row for what stands on no customer, or none."""
    if not len(ledger.nobody):
        return pl.DataFrame(schema=BY_CUSTOMER)
    realised = float(ledger.nobody.between(start, end).value.sum())
    comes = float(nobody.value.sum(axis=0).mean())
    row = (None, None, round(comes + realised), round(realised), None)
    return pl.DataFrame([row], schema=BY_CUSTOMER, orient="row")


def by_deal(ledger: Ledger, pipeline: Pipeline, deals: DealByDeal, *, drawn: Volume) -> pl.DataFrame:
    """Split what open deals still bring by deal, columns BY_DEAL, most first; adds up to their drawn mean."""
    known = pipeline.rewound.deals[deals.which]
    comes = _shared_out(deals.expected, deals.segment, drawn.value.mean(axis=1))
    return pl.DataFrame(
        {
            "deal": known["deal"],
            "customer": known["customer"],
            "segment": _names(ledger, deals.segment),
            "outcome": known["outcome"],
            "expected_cents": np.rint(comes).astype(np.int64),
            "chance_in_period": deals.chance,
        },
        schema=BY_DEAL,
    ).sort("expected_cents", "deal", descending=[True, False])


def _shared_out(expected: Floats, segment: Ints, drawn: Floats) -> Floats:
    """`expected` moved so that each segment adds up to what was drawn there, in proportion to its size."""
    size = np.bincount(segment, np.abs(expected), minlength=drawn.size)
    off = drawn - np.bincount(segment, expected, minlength=drawn.size)
    share = np.divide(off, size, out=np.zeros(drawn.size), where=size > 0)
    return np.asarray(expected + np.abs(expected) * share[segment])


def _names(ledger: Ledger, segment: Ints) -> pl.Series:
    return pl.Series(ledger.segments, dtype=pl.String)[segment]
