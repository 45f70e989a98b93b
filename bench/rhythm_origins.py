"""Who orders within two weeks? The model beside the hiatus rule and the personal rate, on rolling origins.

    python bench/rhythm_origins.py ../shared/data/online_retail/online_retail_2010-12-01_2011-08-31.csv.gz

At each origin the model is fitted anew on what was known then, on customers with at least one purchase.
Printed per rule: the area under the curve, the Brier score where the rule gives a chance, and how many of
the tenth of customers that it puts first did order. Also printed: expected against actual orders, and whether
they fell within the range, with and without the market's swing as measured before each origin.
"""

import argparse
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from karma_core.frames import collect_statistics
from karma_core.rhythm import chance_order, fit, market_swing, personal_rate, read, silent_days


def lines_of(path: Path) -> pl.DataFrame:
    """The invoice lines of the online shop that have a customer, as PURCHASES."""
    lines = pl.read_csv(path, infer_schema=False).filter(pl.col("CustomerID") != "NA")
    amount = (pl.col("Quantity").cast(pl.Float64) * pl.col("UnitPrice").cast(pl.Float64) * 100).round()
    return lines.select(
        pl.col("CustomerID").alias("customer"),
        pl.col("InvoiceDate").str.slice(0, 10).str.to_date().alias("on"),
        amount.cast(pl.Int64).alias("revenue_cents"),
        pl.lit(None, pl.Int64).alias("cost_cents"),
    )


def area(scores: np.ndarray, came: np.ndarray) -> float:
    """The chance that somebody who came stood above somebody who did not; ties count half."""
    ranks = pl.Series(scores).rank("average").to_numpy()
    return float((ranks[came].mean() - (came.sum() + 1) / 2) / (~came).sum())


def top_tenth(scores: np.ndarray, came: np.ndarray) -> float:
    """How many of the tenth that is put first came."""
    return float(came[np.argsort(-scores, kind="stable")[: max(len(scores) // 10, 1)]].mean())


def origin(lines: pl.DataFrame, *, as_of: date, days: int, model: str) -> dict:
    """All figures at one origin."""
    statistics = collect_statistics(lines.lazy(), as_of=as_of)
    fitted = fit(statistics, model=model)
    until = as_of + timedelta(days=days)
    later = lines.filter(pl.col("on").is_between(as_of, until, closed="left"), pl.col("revenue_cents") >= 0)
    came = statistics["customer"].is_in(later["customer"].implode()).to_numpy()
    orders = later.unique(["customer", "on"]).filter(pl.col("customer").is_in(statistics["customer"].implode()))
    chance, rate = chance_order(fitted, statistics, days=days), personal_rate(statistics, days=days)
    swing = market_swing(lines.lazy(), fitted, as_of=as_of, horizon_days=days)
    total, narrow = (
        read(statistics, fitted, as_of=as_of, horizon_days=days, rng=np.random.default_rng(1), swing=share)
        for share in (swing, 0.0)
    )
    total, narrow = total.expected_purchases, narrow.expected_purchases
    rules = {"model": chance, "hiatus": -silent_days(statistics), "personal_rate": rate}
    return {
        "as_of": as_of.isoformat(),
        "model": f"{fitted.model} k={fitted.k}",
        "customers": len(came),
        "came": float(came.mean()),
        "auc": {name: round(area(scores, came), 4) for name, scores in rules.items()},
        "top10": {name: round(top_tenth(scores, came), 4) for name, scores in rules.items()},
        "brier": {
            name: round(float(((rules[name] - came) ** 2).mean()), 5) for name in ("model", "personal_rate")
        },
        "orders": {"actual": len(orders), "mean": round(total.mean, 1), "p05": total.p05, "p95": total.p95},
        "swing": round(swing, 4),
        "within": bool(total.p05 <= len(orders) <= total.p95),
        "within_without_swing": bool(narrow.p05 <= len(orders) <= narrow.p95),
    }


def main() -> None:
    """Walk through the origins, print each and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2011, 4, 1))
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--model", default="auto")
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    lines = lines_of(asked.file)
    origins = [asked.first + timedelta(days=asked.days * i) for i in range(asked.count)]
    found = [origin(lines, as_of=as_of, days=asked.days, model=asked.model) for as_of in origins]
    means = {
        measure: {
            name: round(float(np.mean([one[measure][name] for one in found])), 4) for name in found[0][measure]
        }
        for measure in ("auc", "top10", "brier")
    }
    document = {"means": means, "origins": found}
    document |= {name: sum(one[name] for one in found) for name in ("within", "within_without_swing")}
    if asked.out:
        asked.out.write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps(document if not asked.out else {**document, "origins": len(found)}, indent=1))


if __name__ == "__main__":
    main()
