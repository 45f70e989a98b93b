"""Do the plan's ranges hold what happens? Invented companies with a known truth, and real ones without peeking.

    python bench/reach.py simulated --companies 500
    python bench/reach.py real ../shared/data

Prints tables and writes bench/results/reach-<study>.json. The time of a plan is printed beside it.
"""

import argparse
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import polars as pl
from reach_companies import FAMILIES, company

from karma_core.frames import PURCHASES
from karma_core.periods import Period
from karma_core.reach import PlanReading, forecast
from karma_core.reach.record import actual_cents
from karma_core.scores import crps, pit

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    study = parser.add_subparsers(dest="study", required=True)
    simulated = study.add_parser("simulated")
    simulated.add_argument("--companies", type=int, default=500)
    simulated.add_argument("--processes", type=int, default=1)
    simulated.add_argument("--first-seed", type=int, default=1000, help="below 1000 were looked at while building")
    study.add_parser("real").add_argument("folder", type=Path)
    args = parser.parse_args()
    found = study_simulated(args) if args.study == "simulated" else study_real(args.folder)
    RESULTS.mkdir(exist_ok=True)
    out = RESULTS / f"reach-{args.study}.json"
    out.write_text(
        json.dumps({"made_on": datetime.now(tz=UTC).date().isoformat(), **found}, indent=1, default=str) + "\n"
    )
    print(f"Written to {out}")


def judged(
    purchases: pl.DataFrame, period: Period, as_of: date, deals: pl.DataFrame | None = None
) -> dict[str, object]:
    """One forecast without peeking, beside what happened."""
    started = time.perf_counter()
    reading = forecast(
        purchases, deals=deals, history=None, period=period, as_of=as_of, rng=np.random.default_rng(1)
    )
    seconds = time.perf_counter() - started
    return {
        "from": period.start,
        "until": period.end,
        "as_of": as_of,
        "measure": reading.measure,
        **_beside(reading, actual_cents(purchases, deals=deals, period=period, measure=reading.measure)),
        "missing": reading.missing,
        "warnings": reading.warnings,
        "seconds": round(seconds, 2),
    }


def _beside(reading: PlanReading, actual: int) -> dict[str, object]:
    q = reading.quantiles_cents
    return {
        "actual": actual,
        **q,
        "in_80": q["p10"] <= actual <= q["p90"],
        "in_90": q["p05"] <= actual <= q["p95"],
        "pit": round(pit(reading.draws.total, actual), 3),
        "crps": round(crps(reading.draws.total, actual)),
        "error_last_year": None if reading.last_year_cents is None else abs(reading.last_year_cents - actual),
        "sources": {s.source: s.mean_cents for s in reading.sources},
    }


def study_simulated(args: argparse.Namespace) -> dict[str, object]:
    """Coverage and PIT by family, over horizons that begin now or later, of a month up to a year."""
    seeds = range(args.first_seed, args.first_seed + args.companies)
    with Pool(args.processes) as pool:
        rows = pool.map(_one_company, [(FAMILIES[i % len(FAMILIES)], i) for i in seeds], chunksize=4)
    table = pl.DataFrame(rows)
    by_family = pl.concat(
        [_summary(table, "family"), _summary(table.with_columns(family=pl.lit("all")), "family")]
    )
    by_horizon = _summary(table, "horizon")
    with pl.Config(tbl_cols=-1, tbl_width_chars=160):
        print(by_family, by_horizon)
    return {
        "companies": args.companies,
        "first_seed": args.first_seed,
        "by_family": by_family.to_dicts(),
        "by_horizon": by_horizon.to_dicts(),
    }


HORIZONS = {"quarter": (0, 91), "month": (0, 30), "next quarter": (45, 91), "half year": (0, 182)}


def _one_company(task: tuple[str, int]) -> dict[str, object]:
    family, seed = task
    rng = np.random.default_rng([9, seed])
    name = list(HORIZONS)[int(rng.integers(len(HORIZONS)))]
    gap, days = HORIZONS[name]
    as_of = date(2022, 1, 1) + timedelta(days=int(rng.integers(1080, 1461 - gap - days)))
    start = as_of + timedelta(days=gap)
    found = judged(company(family, seed=seed), Period(start, start + timedelta(days=days)), as_of)
    kept = (
        "actual",
        "p05",
        "p10",
        "p50",
        "p90",
        "p95",
        "in_80",
        "in_90",
        "pit",
        "crps",
        "error_last_year",
        "seconds",
    )
    return {"family": family, "horizon": name, **{key: found[key] for key in kept}}


def _summary(table: pl.DataFrame, by: str) -> pl.DataFrame:
    p, has_last_year = pl.col("pit"), pl.col("error_last_year").is_not_null()
    return table.group_by(by, maintain_order=True).agg(
        pl.len().alias("n"),
        pl.col("in_80").mean().round(3),
        pl.col("in_90").mean().round(3),
        (p < 0.1).mean().round(3).alias("below_p10"),
        (p > 0.9).mean().round(3).alias("above_p90"),
        p.mean().round(3).alias("pit_mean"),
        ((pl.col("p90") - pl.col("p10")) / pl.col("p50").abs()).median().round(3).alias("width_80"),
        (pl.col("crps").filter(has_last_year).sum() / pl.col("error_last_year").sum())
        .round(3)
        .alias("crps_to_last_year"),
        has_last_year.sum().alias("with_last_year"),
        pl.col("seconds").median().alias("seconds"),
    )


def study_real(folder: Path) -> dict[str, object]:
    """Each company as of dates at which the answer was not yet known."""
    found = {name: list(rows) for name, rows in _real(folder)}
    for name, rows in found.items():
        print(name)
        for row in rows:
            q = {key: round(int(str(row[key])) / 100_000) for key in ("p05", "p10", "p50", "p90", "p95", "actual")}
            print(
                f"  {row['from']}  {q}  pit {row['pit']}  {row['seconds']} s  {row['missing']} {row['warnings']}"
            )
        inside = [sum(bool(row[key]) for row in rows) for key in ("in_80", "in_90")]
        print(f"  inside 80%: {inside[0]} of {len(rows)}, inside 90%: {inside[1]} of {len(rows)} (thousands)")
    return found


def _real(folder: Path) -> Iterator[tuple[str, Iterator[dict[str, object]]]]:
    retail, bikes, deals = online_retail(folder), adventureworks(folder), crm_regional_sales(folder)
    june = date(2011, 6, 1)
    yield "online_retail", iter([judged(retail, Period(june, date(2011, 9, 1)), june)])
    quarters = [date(y, m, 1) for y in (2019, 2020) for m in (1, 4, 7, 10)]
    yield (
        "adventureworks",
        (judged(bikes, Period(a, b), a) for a, b in pairwise(quarters[:6])),
    )
    months = [date(2019 + m // 12, m % 12 + 1, 1) for m in range(17)]
    yield (
        "adventureworks, months",
        (judged(bikes, Period(a, b), a) for a, b in pairwise(months)),
    )
    quarters = [date(y, m, 1) for y in (2020, 2021) for m in (1, 4, 7, 10)]
    yield (
        "crm_regional_sales",
        (judged(PURCHASES.empty(), Period(a, b), a, deals) for a, b in pairwise(quarters[2:])),
    )


def online_retail(folder: Path) -> pl.DataFrame:
    path = folder / "online_retail" / "online_retail_2010-12-01_2011-08-31.csv.gz"
    rows = pl.read_csv(path, infer_schema_length=0)
    amount = pl.col("Quantity").cast(pl.Float64) * pl.col("UnitPrice").cast(pl.Float64) * 100
    return rows.select(
        customer=pl.when(pl.col("CustomerID") != "").then("CustomerID"),
        on=pl.col("InvoiceDate").str.slice(0, 10).str.to_date(),
        revenue_cents=amount.round().cast(pl.Int64),
        segment="Country",
    )


def adventureworks(folder: Path) -> pl.DataFrame:
    rows = pl.read_csv(
        folder / "adventureworks" / "FactResellerSales.csv", null_values=["NULL"], try_parse_dates=True
    )
    return rows.select(
        customer=pl.col("ResellerKey").cast(pl.String),
        on="OrderDate",
        revenue_cents=(pl.col("SalesAmount") * 100).round().cast(pl.Int64),
        cost_cents=(pl.col("TotalProductCost") * 100).round().cast(pl.Int64),
        segment=pl.col("SalesTerritoryKey").cast(pl.String),
    )


def crm_regional_sales(folder: Path) -> pl.DataFrame:
    """The deals without the columns that look ahead: stage, probability, rating, weeks open, days to close."""
    rows = pl.read_csv(
        folder / "crm_regional_sales" / "Opportunities.csv", try_parse_dates=True, infer_schema_length=None
    )
    products = pl.read_csv(folder / "crm_regional_sales" / "Products.csv")
    return rows.join(products, on="ProductSeq", how="left").select(
        deal=pl.col("OpportunitySeq").cast(pl.String),
        customer=pl.col("AccountSeq").cast(pl.String),
        outcome=pl.col("Status").str.to_lowercase(),
        opened_on=pl.col("Opportunity Created On").cast(pl.Date),
        closed_on=pl.col("CloseDate").cast(pl.Date),
        revenue_cents=(pl.col("Value") * 100).cast(pl.Int64),
        segment="Product Category",
        source=pl.col("CampaignSeq").cast(pl.String),
    )


if __name__ == "__main__":
    main()
