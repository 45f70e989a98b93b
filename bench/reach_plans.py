"""What do customers' own plans add to the expectation? Invented companies, without and with what customers stated.

    PYTHONPATH=bench python bench/reach_plans.py --companies 60 --first-seed 50000

Every company (bench/reach_companies.py, and the installer of `karma simulate` with the plans that its own
customers state there) is forecast from the same facts without plans and with plans of each kind. Prints a table
by kind and writes bench/results/reach-plans.json.
"""

import argparse
import json
from datetime import UTC, date, datetime, timedelta
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from reach_companies import DAYS, FAMILIES, FIRST, company

from karma_core.frames import CUSTOMER_PLANS
from karma_core.periods import Period
from karma_core.reach import Ahead, PlanReading, forecast
from karma_core.reach.record import actual_cents
from karma_core.scores import crps, pit
from karma_core.simulate import FAMILIES as INSTALLERS
from karma_core.simulate import Recipe
from karma_core.simulate import company_of as installer

RESULTS = Path(__file__).parent / "results"
KINDS = {
    "good": {"bias": 0.0, "noise": 0.15},
    "rough": {"bias": 0.0, "noise": 0.5},
    "30% too high": {"bias": float(np.log(1.3)), "noise": 0.2},
    "twice too high": {"bias": float(np.log(2.0)), "noise": 0.3},
    "useless": {"bias": 0.0, "noise": None},
    "last year again": {"bias": 0.0, "noise": 0.1, "knows": False},
}
"""How plans lie beside what the customer buys in that year; `useless` are another customer's, `last year again`
what they bought in the 365 days before they spoke."""

PLANNERS, EACH_YEAR = 0.5, 0.85
LAST = FIRST + timedelta(days=DAYS)
HORIZONS = {"quarter": (0, 91), "half year": (0, 182), "next quarter": (45, 91)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=60, help="with plans of each kind")
    parser.add_argument("--first-seed", type=int, default=50000, help="below 50000 were looked at while building")
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    seeds = range(args.first_seed, args.first_seed + args.companies)
    with Pool(args.processes) as pool:
        rows = pool.imap(_one_company, seeds)
        table = pl.DataFrame([row for found in rows for row in found], infer_schema_length=None)
    summary = _summary(table)
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=200):
        print(summary)
    RESULTS.mkdir(exist_ok=True)
    found = {"made_on": datetime.now(tz=UTC).date().isoformat(), "companies": args.companies}
    out = RESULTS / "reach-plans.json"
    out.write_text(
        json.dumps({**found, "first_seed": args.first_seed, "by_kind": summary.to_dicts()}, indent=1) + "\n"
    )
    print(f"Written to {out}")


def year_plans(lines: pl.DataFrame, kind: str, *, rng: np.random.Generator) -> pl.DataFrame:
    """Plans for each calendar year, stated in the ten weeks before it or the five after its first day.

    Who bought in the two years before may speak, whatever they buy afterwards: who will buy nothing says so.
    """
    said = KINDS[kind]
    bought = lines.filter(pl.col("revenue_cents") > 0).with_columns(
        day=(pl.col("on") - FIRST).dt.total_days().cast(pl.Int64)
    )
    customers = bought["customer"].unique().sort()
    code = bought.join(pl.DataFrame({"customer": customers}).with_row_index("code"), on="customer")
    matrix = np.zeros((len(customers), DAYS))
    np.add.at(
        matrix,
        (code["code"].to_numpy(), np.minimum(code["day"].to_numpy(), DAYS - 1)),
        code["revenue_cents"].to_numpy(),
    )
    plans = rng.random(len(customers)) < PLANNERS
    parts = []
    for year in range(2023, 2026):
        first = (date(year, 1, 1) - FIRST).days
        stated = first + rng.integers(-70, 35, len(customers))
        intended = _intended(matrix, first, stated, said, rng)
        noise = (said["noise"] or 0.3) * rng.normal(size=len(customers))
        cents = np.rint(intended * np.exp(float(said["bias"] or 0.0) + noise)).astype(np.int64)
        is_known = np.array([row[max(0, day - 730) : day].any() for row, day in zip(matrix, stated, strict=True)])
        speaks = plans & is_known & (rng.random(len(customers)) < EACH_YEAR)
        parts.append(_frame(customers, speaks, year, stated, cents))
    return pl.concat(parts)


def _intended(
    matrix: NDArray[np.float64],
    first: int,
    stated: NDArray[np.int64],
    said: dict[str, object],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    last = min(first + 365, DAYS)
    if not said.get("knows", True):
        come = np.concatenate([np.zeros((len(matrix), 1)), np.cumsum(matrix, axis=1)], axis=1)
        rows = np.arange(len(matrix))
        return np.asarray(come[rows, np.clip(stated, 0, DAYS)] - come[rows, np.clip(stated - 365, 0, DAYS)])
    year = matrix[:, first:last].sum(axis=1) * 365 / max(last - first, 1)
    if said["noise"] is None:
        return rng.permutation(year)
    return year


def _frame(
    customers: pl.Series, speaks: NDArray[np.bool_], year: int, stated: NDArray[np.int64], cents: NDArray[np.int64]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer": customers.filter(pl.Series(speaks, dtype=pl.Boolean)),
            "from_on": date(year, 1, 1),
            "until_on": date(year + 1, 1, 1),
            "revenue_cents": cents[speaks],
            "stated_on": [FIRST + timedelta(days=int(day)) for day in stated[speaks]],
        },
        schema=CUSTOMER_PLANS.schema,
    )


def _one_company(seed: int) -> list[dict[str, object]]:
    """One company with plans of each kind, and an invented installer with what its own customers stated."""
    lines = company(FAMILIES[seed % len(FAMILIES)], seed=seed)
    stated = {
        kind: year_plans(lines, kind, rng=np.random.default_rng([14, seed, i])) for i, kind in enumerate(KINDS)
    }
    recipe = Recipe(
        ends_on=LAST, customers=300, years=4, seed=seed, family=list(INSTALLERS)[seed % len(INSTALLERS)]
    )
    made = installer(recipe)
    own = made.purchases.filter(pl.col("kind").is_in(["sale", "credit"]))
    said = made.year_plans.select(
        "customer",
        from_on=pl.date("year", 1, 1),
        until_on=pl.date(pl.col("year") + 1, 1, 1),
        revenue_cents="stated_cents",
        stated_on="stated_on",
    )
    return [*_judged(lines, stated, seed=seed), *_judged(own, {"installer": said}, seed=seed)]


def _judged(lines: pl.DataFrame, stated: dict[str, pl.DataFrame], *, seed: int) -> list[dict[str, object]]:
    """One company without its customers' plans and with them, on one day, beside what happened."""
    rng = np.random.default_rng([13, seed])
    name = list(HORIZONS)[int(rng.integers(len(HORIZONS)))]
    gap, days = HORIZONS[name]
    as_of = FIRST + timedelta(days=int(rng.integers(1100, DAYS - gap - days)))
    period = Period(as_of + timedelta(days=gap), as_of + timedelta(days=gap + days))
    actual = actual_cents(lines, deals=None, period=period, measure="margin")
    said = {
        kind: forecast(
            lines,
            deals=None,
            history=None,
            period=period,
            as_of=as_of,
            rng=np.random.default_rng(1),
            ahead=Ahead(plans),
        )
        for kind, plans in {"": None, **stated}.items()
    }
    without = _score("without", said.pop(""), actual)
    return [
        {
            "kind": kind,
            "seed": seed,
            "horizon": name,
            **without,
            **_score("with", reading, actual),
            **_learned(reading),
        }
        for kind, reading in said.items()
    ]


def _score(label: str, said: PlanReading, actual: int) -> dict[str, object]:
    q, total = said.quantiles_cents, said.draws.total
    return {
        f"{label}_crps": crps(total, actual),
        f"{label}_in_80": q["p10"] <= actual <= q["p90"],
        f"{label}_in_90": q["p05"] <= actual <= q["p95"],
        f"{label}_pit": pit(total, actual),
        f"{label}_width": float(q["p90"] - q["p10"]),
    }


def _learned(said: PlanReading) -> dict[str, object]:
    of = said.customer_plans
    return {"judged": of.earlier, "came_true": of.came_true, "share": of.share} if of else {}


def _summary(table: pl.DataFrame) -> pl.DataFrame:
    """By kind of plan; the gain is of the CRPS, each company's scaled by what it was without plans."""
    ratio = pl.col("with_crps") / pl.col("without_crps")
    log = ratio.log()
    return table.group_by("kind", maintain_order=True).agg(
        pl.len().alias("n"),
        pl.col("judged").median(),
        pl.col("came_true").median().round(2),
        pl.col("share").median().round(2),
        (pl.col("with_crps").sum() / pl.col("without_crps").sum()).round(3).alias("crps_ratio"),
        log.mean().exp().round(3).alias("typical_ratio"),
        (log.std() / pl.len().sqrt()).round(3).alias("se"),
        *(
            pl.col(f"{each}_{what}").mean().round(3)
            for what in ("in_80", "in_90", "pit")
            for each in ("without", "with")
        ),
        (pl.col("with_width") / pl.col("without_width")).median().round(3).alias("width_ratio"),
    )


if __name__ == "__main__":
    main()
