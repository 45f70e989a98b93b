"""On a Spark the shared group-bys give what they give here. Sail, a Spark without Java, runs beside the test."""

import warnings

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.core.rhythm.test_season import WINTER, company
from tests.core.test_frames import AS_OF, CLOCK, random_lines

from karma_core.frames import (
    CUSTOMER_STATISTICS,
    MARKET_STATISTICS,
    Ticks,
    collect_statistics,
    day_number,
    days_of,
    shared_statistics,
    with_day_numbers,
)
from karma_core.rhythm import observe, observe_shared

ROUNDED = ("log_gaps", "market_log_gaps")
"""Sums of logarithms, which engines add up in another order."""


@pytest.fixture
def spark(spark_address):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, as the product leaves it out
        from pyspark.sql import SparkSession

        session = SparkSession.builder.remote(spark_address).create()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A Parquet folder of four files."""
    place = tmp_path_factory.mktemp("lines")
    for number in range(4):
        random_lines(number, rows=900).write_parquet(place / f"{number}.parquet")
    return place


@pytest.fixture
def on_spark(spark, folder):
    """The same folder as a frame of the Spark session."""
    lines = spark.read.parquet(f"{folder}")
    return lines.selectExpr("*", "cast(unix_date(`on`) as bigint) as day")


@pytest.fixture
def here(folder) -> pl.LazyFrame:
    return pl.scan_parquet(folder / "*.parquet")


@pytest.mark.parametrize("ticks", [None, CLOCK])
def test_statistics_from_spark_are_those_from_polars(on_spark, here, ticks: Ticks | None):
    far, near = (
        shared_statistics(lines, as_of=AS_OF, ticks=ticks) for lines in (on_spark, with_day_numbers(here))
    )
    contract = CUSTOMER_STATISTICS if ticks is None else MARKET_STATISTICS
    assert far.schema == contract.empty().schema
    assert far.drop(ROUNDED, strict=False).equals(near.drop(ROUNDED, strict=False))
    for name in set(ROUNDED) & set(far.columns):
        assert far[name].to_list() == pytest.approx(near[name].to_list(), rel=1e-12)
    assert far["customer"].to_list() == collect_statistics(here, as_of=AS_OF)["customer"].to_list()


def test_the_clock_from_spark_is_the_one_from_polars(spark, tmp_path):
    company("spring").write_parquet(tmp_path / "lines.parquet")
    there = spark.read.parquet(f"{tmp_path}").selectExpr("*", "cast(unix_date(`on`) as bigint) as day")
    far, clock = observe_shared(there, as_of=WINTER)
    near, other = observe(pl.scan_parquet(tmp_path / "lines.parquet"), as_of=WINTER)
    assert clock.has_season
    assert clock.pace.tolist() == pytest.approx(other.pace.tolist())
    assert_frame_equal(far, near, rel_tol=1e-9, abs_tol=0.02)


def test_days_of_some_customers_come_here(on_spark, here):
    some = pl.Series(["customer 2", "customer 7", "nobody"])
    far, near = (days_of(lines, some, before=day_number(AS_OF)) for lines in (on_spark, with_day_numbers(here)))
    assert far.equals(near)
    assert set(far["customer"]) == {"customer 2", "customer 7"}
    assert np.all(far["day"].to_numpy() < day_number(AS_OF))
