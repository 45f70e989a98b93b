"""All models and baselines side by side on three real or published files: who orders within 1, 2 and 4 weeks?

    python bench/rhythm_compare.py ../shared/data --out bench/results/rhythm-compare.json

Reads a gift wholesaler's lines (online_retail), a bicycle maker's (adventureworks, invented by its maker), both in
the folder of sample data, and the CDNOW sample inside the package lifetimes. What is printed is what `karma rhythm
--compare` says on them.
"""

import argparse
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import polars as pl
from rhythm_origins import lines_of

from karma_core.rhythm.contest import contest


def bicycles(folder: Path) -> pl.DataFrame:
    """The resellers' lines as PURCHASES."""
    lines = pl.read_csv(folder / "adventureworks" / "FactResellerSales.csv", infer_schema=False)
    cents = (pl.col("SalesAmount").cast(pl.Float64) * 100).round().cast(pl.Int64)
    return lines.select(
        pl.col("ResellerKey").alias("customer"),
        pl.col("OrderDate").str.to_date().alias("on"),
        cents.alias("revenue_cents"),
    )


def cdnow() -> pl.DataFrame:
    """The published sample as PURCHASES."""
    place = Path(importlib.util.find_spec("lifetimes").submodule_search_locations[0])
    rows = [line.split() for line in (place / "datasets" / "CDNOW_sample.txt").read_text().splitlines()]
    return pl.DataFrame(
        {
            "customer": [row[1] for row in rows],
            "on": [date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])) for row in rows],
            "revenue_cents": [round(float(row[4]) * 100) for row in rows],
        }
    )


def files(folder: Path) -> Iterator[tuple[str, pl.DataFrame, date]]:
    """Each file's name, lines and the day after its last."""
    shop = folder / "online_retail" / "online_retail_2010-12-01_2011-08-31.csv.gz"
    yield "online_retail", lines_of(shop), date(2011, 9, 1)
    yield "adventureworks", bicycles(folder), date(2020, 6, 1)
    yield "cdnow", cdnow(), date(1998, 7, 1)


def main() -> None:
    """Compare on each file, print it, write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default=None)
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    document = {}
    for name, lines, as_of in files(asked.folder):
        if asked.only in (None, name):
            told = asdict(contest(lines.lazy(), as_of=as_of))
            told.pop("lessons")
            document[name] = told
    text = json.dumps(document, indent=1, default=str)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
