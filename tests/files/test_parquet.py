"""Parquet: typed columns mean what text means, and nothing is held that need not be."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from karma_files import Parsed, open_table, parse


def read(folder: Path, frame: pl.DataFrame, kind: str = "purchases") -> Parsed:
    path = folder / "f.parquet"
    frame.write_parquet(path)
    return parse(open_table(path), kind)


DAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("sales", "cents"),
    [
        (pl.Series([12.345, -0.005, 7.0]), [1235, -1, 700]),
        (pl.Series([12, -1, 7]), [1200, -100, 700]),
        (pl.Series([Decimal("12.34"), Decimal("-0.50"), Decimal("7.00")]), [1234, -50, 700]),
        (pl.Series(["12.34", "-0.5", "7"]), [1234, -50, 700]),
    ],
)
def test_parse_reads_amounts_of_every_type(tmp_path: Path, sales: pl.Series, cents: list[int]) -> None:
    frame = pl.DataFrame({"customer": ["a", "b", "c"], "date": [DAY] * 3, "sales": sales})
    assert read(tmp_path, frame).collect().sort("customer")["revenue_cents"].to_list() == cents


@pytest.mark.parametrize(
    "moment",
    [
        DAY,
        datetime.fromisoformat("2026-01-05 23:59"),
        datetime(2026, 1, 4, 23, 30, tzinfo=UTC),
        "2026-01-05",
        "2026-01-04T23:30:00Z",
        20260105,
        46027,
    ],
)
def test_parse_reads_days_of_every_type(tmp_path: Path, moment: object) -> None:
    frame = pl.DataFrame({"customer": ["a"], "date": [moment], "sales": [1.5]})
    assert read(tmp_path, frame).collect()["on"].to_list() == [DAY]


@pytest.mark.parametrize("ids", [pl.Series([7, None]), pl.Series([7.0, None]), pl.Series(["7", "NULL"])])
def test_parse_reads_ids_of_every_type(tmp_path: Path, ids: pl.Series) -> None:
    frame = pl.DataFrame({"customer": ids, "date": [DAY] * 2, "sales": [1.5, 2.5]})
    assert set(read(tmp_path, frame).collect()["customer"].to_list()) == {"7", None}


def test_parse_sets_rows_without_a_number_aside(tmp_path: Path) -> None:
    sales = [1.5, float("nan"), float("inf"), None]
    parsed = read(tmp_path, pl.DataFrame({"customer": list("abcd"), "date": [DAY] * 4, "sales": sales}))
    assert (parsed.rows, parsed.kept, parsed.rejections["line"].to_list()) == (4, 1, [2, 3, 4])


def test_parse_leaves_parquet_on_disk(tmp_path: Path) -> None:
    parsed = read(tmp_path, pl.DataFrame({"customer": ["a"], "date": [DAY], "sales": [1.5], "unused": ["x"]}))
    plan = parsed.frame.explain()
    assert "Parquet SCAN" in plan
    assert "PROJECT 3/4" in plan or "PROJECT */3" in plan or "unused" not in plan.split("PROJECT")[1]


def test_parse_reads_a_column_of_cents(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer": ["a"], "on": [DAY], "revenue_cents": [150], "cost_cents": [100]})
    assert read(tmp_path, frame).collect().select("revenue_cents", "cost_cents").row(0) == (150, 100)


def test_parse_reads_typed_deals(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"deal id": [1, 2], "is won": [True, False], "is closed": [True, False], "probability": [100.0, 40.0]}
    )
    found = read(tmp_path, frame, "deals").collect().sort("deal").select("deal", "outcome", "stated_chance").rows()
    assert found == [("1", "won", 1.0), ("2", "open", 0.4)]


def test_parse_agrees_between_parquet_and_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "customer": [f"k{n % 7}" for n in range(100)],
            "date": [date(2026, 1, 1 + n % 28) for n in range(100)],
            "sales": [round(n * 1.37 - 20, 2) for n in range(100)],
        }
    )
    text = parse(open_table(frame.write_csv().encode(), name="f.csv"), "purchases")
    assert text.collect().sort(pl.all()).equals(read(tmp_path, frame).collect().sort(pl.all()))
