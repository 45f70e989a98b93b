"""Do the ranges hold source by source, deals included? The invented company, cut at as-of, against what came.

    python bench/reach_sources.py --companies 500 --minutes 20

Companies of karma_core.simulate (frozen there by a digest), one family of worlds after the other, a year and a
half to four years long, forecast for a quarter that starts on as-of or five weeks later. Prints and writes, per
source and, for the whole, per family: how often the 80% and 90% ranges held, the PIT in tenths with its test by
Kolmogorov and Smirnov, and what came, and the CRPS, as shares of the expected mean. Stops after `--minutes`, and
says how many companies it did.
"""

import argparse
import json
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl
from scipy.stats import kstest

from karma_core import reach, simulate
from karma_core.frames import DEALS, PURCHASES, STAGE_HISTORY
from karma_core.periods import Period
from karma_core.scores import crps, pit

RESULT = Path(__file__).parent / "results" / "reach-sources.json"
AS_OF = date(2026, 11, 22)
ENDS_ON = date(2027, 4, 1)
PERIODS = (Period(date(2027, 1, 1), ENDS_ON), Period(AS_OF, date(2027, 2, 22)))
TWO_YEARS_BEFORE = date(2024, 11, 22)
WHOLE = "together"


def by_source(whole: simulate.Company, now: simulate.Company, period: Period) -> dict[str, int]:
    """What came in the period, by the source that it belongs to, in cents of margin."""
    recent = now.purchases.filter(pl.col("on") >= TWO_YEARS_BEFORE)["customer"].drop_nulls().unique()
    lines = whole.purchases.filter(pl.col("on") >= period.start, pl.col("on") < period.end)
    source = (
        pl.when(pl.col("revenue_cents") < 0)
        .then(pl.lit("margin_loss"))
        .when(pl.col("deal").is_in(now.deals["deal"].implode()))
        .then(pl.lit("open_deals"))
        .when(pl.col("deal").is_not_null())
        .then(pl.lit("new_business"))
        .when(pl.col("customer").is_null() | pl.col("customer").is_in(recent.implode()))
        .then(pl.lit("existing_customers"))
        .otherwise(pl.lit("new_business"))
    )
    margin = (pl.col("revenue_cents") - pl.col("cost_cents").fill_null(0)).sum()
    came = dict(lines.group_by(source.alias("source")).agg(margin).iter_rows())
    return {**came, WHOLE: sum(came.values())}


def event_on(rng: np.random.Generator) -> date:
    """The day of the family's change: from a year and a half before as-of up to the period's end."""
    return date.fromordinal(int(rng.integers(date(2025, 6, 1).toordinal(), ENDS_ON.toordinal())))


def rows_of(seed: int, family: str) -> list[dict[str, object]]:
    rng = np.random.default_rng([3, seed])
    years, period = int(rng.integers(2, 5)), PERIODS[int(rng.integers(2))]
    customers = int(rng.integers(150, 1500))
    recipe = simulate.Recipe(
        ends_on=ENDS_ON, years=years, customers=customers, seed=seed, family=family, event_on=event_on(rng)
    )
    whole = simulate.company_of(recipe)
    now = simulate.known_before(whole, on=AS_OF)
    said = reach.forecast(
        PURCHASES.keep(now.purchases),
        deals=DEALS.keep(now.deals),
        history=STAGE_HISTORY.keep(now.stage_history),
        period=period,
        as_of=AS_OF,
        rng=np.random.default_rng(seed),
    )
    came = by_source(whole, now, period)
    drawn = {part.source: said.draws.of_source(part.source) for part in said.sources} | {WHOLE: said.draws.total}
    return [
        {
            "family": family,
            "years": years,
            "source": source,
            "pit": float(pit(draws, float(came.get(source, 0)))),
            "came": came.get(source, 0),
            "mean": float(draws.mean()),
            "crps": float(crps(draws, float(came.get(source, 0)))),
        }
        for source, draws in drawn.items()
    ]


def summary(rows: pl.DataFrame, by: list[str]) -> list[dict[str, object]]:
    p = pl.col("pit")
    return (
        rows.group_by(by, maintain_order=True)
        .agg(
            pl.len().alias("n"),
            p.is_between(0.1, 0.9).mean().round(3).alias("in_80"),
            p.is_between(0.05, 0.95).mean().round(3).alias("in_90"),
            p.mean().round(3).alias("pit_mean"),
            (pl.col("came").sum() / pl.col("mean").sum()).round(3).alias("came_to_expected"),
            (pl.col("crps").sum() / pl.col("mean").abs().sum()).round(4).alias("crps_to_expected"),
        )
        .to_dicts()
    )


def shape_of_pit(values: np.ndarray) -> dict[str, object]:
    """The PIT in tenths, and the chance of a larger distance from the uniform."""
    tenths = np.histogram(values, bins=10, range=(0, 1))[0].tolist()
    return {"tenths": tenths, "ks_p": round(float(kstest(values, "uniform").pvalue), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=500)
    parser.add_argument("--first-seed", type=int, default=2001, help="below 2001 were looked at while building")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--families", nargs="*", default=list(simulate.FAMILIES))
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args()
    rows: list[dict[str, object]] = []
    started = time.monotonic()
    for i in range(args.companies):
        if time.monotonic() - started > 60 * args.minutes:
            break
        rows += rows_of(args.first_seed + i, args.families[i % len(args.families)])
        table = pl.DataFrame(rows)
        whole = table.filter(pl.col("source") == WHOLE)
        document = {
            "made_on": f"{datetime.now(UTC):%Y-%m-%d}",
            "asked": {key: str(value) for key, value in vars(args).items()},
            "companies": len(whole),
            "by_source": summary(table, ["source"]),
            "by_family": summary(whole, ["family"]),
            "by_years": summary(whole, ["years"]),
            "pit": shape_of_pit(whole["pit"].to_numpy()),
        }
        args.out.write_text(json.dumps(document, indent=1) + "\n")
    for key in ("by_source", "by_family", "by_years"):
        print(pl.DataFrame(document[key]))
    print(document["companies"], document["pit"])


if __name__ == "__main__":
    main()
