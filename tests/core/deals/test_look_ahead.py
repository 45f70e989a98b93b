"""A planted column that looks ahead is found; an honest one is not."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.deals import look_ahead_columns

RNG = np.random.default_rng(1)
N = 400
OUTCOME = np.array(["won", "lost", "open"])[RNG.integers(0, 3, N)]
DAYS = RNG.integers(5, 300, N)
IS_OPEN = OUTCOME == "open"
DEALS = pl.DataFrame(
    {
        "outcome": OUTCOME,
        "opened_on": [date(2024, 1, 1)] * N,
        "closed_on": [
            None if o else date(2024, 1, 1) + timedelta(days=int(d)) for o, d in zip(IS_OPEN, DAYS, strict=True)
        ],
        "leak": np.where(OUTCOME == "won", 1.0, 0.0) + RNG.normal(0, 0.2, N),
        "leaking_label": np.where(OUTCOME == "won", "ja", "nee"),
        "weken": DAYS // 7,
        "afsluitcode": [None if o else "x" for o in IS_OPEN],
        "dagen_te_gaan": np.where(IS_OPEN, RNG.integers(1, 90, N), 0),
        "Probability": RNG.random(N),
        "region": np.array(["n", "s", "w"])[RNG.integers(0, 3, N)],
        "staff": RNG.integers(1, 9, N),
        "package": RNG.integers(1, 9, N),
    }
)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("leak", "separates"),
        ("leaking_label", "separates"),
        ("weken", "duration"),
        ("afsluitcode", "only_closed"),
        ("dagen_te_gaan", "only_closed"),
        ("Probability", "changes"),
    ],
)
def test_a_column_that_looks_ahead_is_found_with_its_reason(column: str, reason: str) -> None:
    assert [(c.column, c.reason) for c in look_ahead_columns(DEALS, columns=[column])] == [(column, reason)]


def test_honest_columns_are_let_through() -> None:
    assert look_ahead_columns(DEALS, columns=["region", "staff", "package"]) == ()


def test_an_allowed_column_is_let_through() -> None:
    assert look_ahead_columns(DEALS, columns=["leak"], allow=["leak"]) == ()


def test_the_quarter_of_closing_looks_ahead_and_that_of_opening_does_not() -> None:
    opened = pl.Series("opened_on", [date(2022, 1, 1) + timedelta(days=int(d)) for d in RNG.integers(0, 900, N)])
    closed = (opened + pl.Series(DAYS // 5).cast(pl.Int64) * timedelta(days=1)).set(pl.Series(IS_OPEN), None)
    hoped = closed.fill_null(date(2025, 2, 1))
    quarter = pl.col("day").dt.year() * 10 + pl.col("day").dt.quarter()
    frame = DEALS.with_columns(
        opened_on=opened,
        closed_on=closed,
        period=pl.DataFrame({"day": hoped}).select(quarter.cast(pl.String)).to_series(),
        came_in=pl.DataFrame({"day": opened}).select(quarter.cast(pl.String)).to_series(),
    )
    found = look_ahead_columns(frame, columns=["period", "came_in", "region"])
    assert [(one.column, one.reason) for one in found] == [("period", "closing")]


@pytest.mark.data
def test_the_columns_that_look_ahead_in_regional_sales_are_found(sample_data) -> None:  # type: ignore[no-untyped-def]
    path = sample_data("crm_regional_sales") / "Opportunities.csv"
    rows = pl.read_csv(path, try_parse_dates=True, infer_schema_length=None)
    deals = rows.with_columns(
        outcome=pl.col("Status").str.to_lowercase(),
        opened_on=pl.col("Opportunity Created On").cast(pl.Date),
        closed_on=pl.col("CloseDate").cast(pl.Date),
    )
    judged = [
        "Rating",
        "Sales Stage",
        "Probability",
        "Probability (raw)",
        "Weeks Open",
        "DaysToClose",
        "Value",
        "Discount",
        "Days Remaining In Pipeline",
    ]
    found = {column.column for column in look_ahead_columns(deals, columns=judged)}
    assert found == set(judged) - {"Value", "Discount"}
