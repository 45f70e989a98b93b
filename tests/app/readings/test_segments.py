"""Segments that have a rhythm of their own are read apart in the analysis too."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from karma.facts.gathering import Facts
from karma.readings.computing import read_customers
from karma_core.frames import DEALS, PURCHASES, STAGE_HISTORY

AS_OF = date(2026, 1, 1)


def facts(*, gaps: tuple[int, ...]) -> Facts:
    """A year and a half of 450 customers per segment, who order about every so many days and may leave."""
    rng = np.random.default_rng(5)
    rows, customers = [], []
    for number, gap in enumerate(gaps):
        for _ in range(450):
            key = f"{len(customers):05}"
            customers.append((key, len(customers), f"Klant {key}", f"segment {number}", None, None))
            at = rng.uniform(0, 300)
            while at < 540:
                rows.append((key, AS_OF - timedelta(days=540 - int(at))))
                at += rng.exponential(gap) if rng.random() > 0.08 else 9999
    lines = pl.DataFrame(rows, schema=["customer", "on"], orient="row")
    lines = lines.with_columns(revenue_cents=pl.lit(10_000, pl.Int64), cost_cents=pl.lit(6_000, pl.Int64))
    names = ["customer", "id", "name", "segment", "team", "person"]
    titles = pl.DataFrame(schema={"deal": pl.String, "id": pl.Int64, "title": pl.String, "person": pl.Int64})
    return Facts(
        as_of=AS_OF,
        lines=PURCHASES.keep(lines),
        deals=DEALS.empty(),
        history=STAGE_HISTORY.empty(),
        customers=pl.DataFrame(customers, schema=names, orient="row"),
        titles=titles,
    )


def own_rhythms(read) -> list[str]:
    return [said.en for said in read.warnings if "rhythm of their own" in said.en]


def test_segments_that_differ_are_read_apart():
    read = read_customers(facts(gaps=(12, 90)))
    assert own_rhythms(read) == ["2 segments have a rhythm of their own; each was looked at apart."]
    assert read.fit.customers == read.rows.height == 900


def test_segments_that_are_alike_are_read_together():
    assert own_rhythms(read_customers(facts(gaps=(30, 30)))) == []
