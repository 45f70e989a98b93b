"""A stored reading says the same when it comes back, and takes little room."""

import json

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import company, said, with_deals
from tests.core.reach.test_forecast import ODD

from karma_core.reach import PlanReading, StoredError, from_stored, to_stored


def through(reading: PlanReading) -> PlanReading:
    document, block = to_stored(reading)
    return from_stored(json.loads(json.dumps(document)), block)


def says_the_same(reading: PlanReading) -> None:
    back = through(reading)
    assert back.quantiles_cents == reading.quantiles_cents
    assert (back.sources, back.mean_cents, back.fan) == (reading.sources, reading.mean_cents, reading.fan)
    assert (back.draws.total == reading.draws.total).all()
    for amount in reading.draws.total[:50].tolist():
        assert back.chance_of(amount) == reading.chance_of(amount)
    fields = ("period", "as_of", "measure", "realised_cents", "last_year_cents", "missing", "warnings")
    assert [getattr(back, name) for name in fields] == [getattr(reading, name) for name in fields]


def test_a_reading_comes_back() -> None:
    reading = said(company())
    says_the_same(reading)
    assert through(reading).customers.equals(reading.customers)


def test_a_reading_with_deals_comes_back() -> None:
    reading, _ = with_deals()
    says_the_same(reading)
    assert through(reading).deals.equals(reading.deals)


def test_segments_come_back_nearly() -> None:
    reading = said(company())
    back = through(reading)
    for i in range(len(reading.draws.sources)):
        off = np.abs(back.draws.cents[i] - reading.draws.cents[i]).max()
        spread = max(reading.draws.of_source(reading.draws.sources[i]).std(), 1.0)
        assert off <= spread / 32


def test_many_segments_take_a_few_hundred_kilobytes() -> None:
    purchases = company(customers=400).with_columns(segment=pl.format("s{}", pl.col("customer").hash() % 40))
    document, block = to_stored(said(purchases, draws=2000))
    assert len(document["sources"]) > 60
    assert len(block) + len(json.dumps(document)) < 400_000


def test_another_form_is_refused() -> None:
    document, block = to_stored(said(ODD["one customer"], draws=10))
    with pytest.raises(StoredError):
        from_stored(document | {"form": 0}, block)
