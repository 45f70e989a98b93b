"""Are the chances of deals true? Invented pipelines (bench/deals_worlds.py) and real ones without peeking.

    PYTHONPATH=bench python bench/deals.py simulated --deals 5000 20000 --repeats 3
    PYTHONPATH=bench python bench/deals.py believed --deals 20000 --repeats 2
    PYTHONPATH=bench python bench/deals.py speed --deals 100000 --peer
    PYTHONPATH=bench python bench/deals.py real ../shared/data/crm_regional_sales
    PYTHONPATH=bench python bench/deals.py company --companies 5

Prints tables and writes bench/results/deals-<study>.json.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import deals_worlds as worlds
import numpy as np
import polars as pl
from environments import python_of

from karma_core import simulate
from karma_core.deals import OpenDeals, at_day, cumulative_chances, fit_hazards, read_deals, rewind, trees
from karma_core.deals.calendar import CALENDARS, PLAIN
from karma_core.deals.judge import Series, candidates, decide, record_of
from karma_core.deals.landmarks import Past, look_back
from karma_core.deals.risk import opening_codes
from karma_core.frames import DAY_ZERO, DEALS, STAGE_HISTORY, day_number
from karma_core.scores import brier, calibration_error, log_loss

RESULTS = Path(__file__).parent / "results"
AS_OF = day_number(worlds.AS_OF)
SCORED_WEEKS = 52
NEW_DEALS, LIVING = 4000, 40_000
HORIZON_DAYS = 91


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    study = parser.add_subparsers(dest="study", required=True)
    simulated = study.add_parser("simulated")
    simulated.add_argument("--deals", type=int, nargs="+", default=[5000, 20_000])
    simulated.add_argument("--repeats", type=int, default=3)
    simulated.add_argument("--first-seed", type=int, default=1)
    simulated.add_argument("--families", nargs="+", default=list(worlds.FAMILIES))
    believed = study.add_parser("believed")
    believed.add_argument("--deals", type=int, default=20_000)
    believed.add_argument("--repeats", type=int, default=2)
    believed.add_argument("--first-seed", type=int, default=1)
    believed.add_argument("--families", nargs="+", default=list(worlds.FAMILIES))
    speed = study.add_parser("speed")
    speed.add_argument("--deals", type=int, default=100_000)
    speed.add_argument("--peer", action="store_true", help="hazardous too, in an environment of its own")
    real = study.add_parser("real")
    real.add_argument("folder", type=Path)
    real.add_argument("--horizon", type=int, default=HORIZON_DAYS)
    company = study.add_parser("company")
    company.add_argument("--companies", type=int, default=5)
    args = parser.parse_args()
    studies = {
        "simulated": study_simulated, "believed": study_believed, "speed": study_speed, "real": study_real,
        "company": study_company,
    }  # fmt: skip
    found = studies[args.study](args)
    RESULTS.mkdir(exist_ok=True)
    out = RESULTS / f"deals-{args.study}.json"
    document = {"made_on": datetime.now(tz=UTC).date().isoformat(), **found}
    out.write_text(json.dumps(document, indent=1, default=str) + "\n")
    print(f"Written to {out}")


def pipeline(family: str, n: int, seed: int) -> tuple[worlds.World, pl.DataFrame]:
    world, rng = worlds.World.of(family, seed), np.random.default_rng([7, seed])
    traits = worlds.traits(n, rng)
    return world, worlds.frame(traits, *worlds.ends(world.hazards(traits), rng), rng)


def study_simulated(args: argparse.Namespace) -> dict[str, object]:
    rows = [
        {"family": family, "deals": n, "seed": seed, **judged(family, n, seed, calendar)}
        for family in args.families
        for n in args.deals
        for calendar in ("plain", "calendar")
        for seed in range(args.first_seed, args.first_seed + args.repeats)
    ]
    table = pl.DataFrame(rows)
    means = table.group_by("family", "deals", "model", maintain_order=True).agg(pl.exclude("seed").mean())
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=180):
        print(means)
    return {**vars(args), "digest": "c1504819a540ce7f", "mean": means.to_dicts()}


def judged(family: str, n: int, seed: int, calendar: str) -> dict[str, object]:
    world, deals = pipeline(family, n, seed)
    rewound = rewind(deals, as_of=worlds.AS_OF, features=("seller", "size"))
    started, began = time.perf_counter(), time.process_time()
    fit = fit_hazards(rewound, calendar=PLAIN if calendar == "plain" else CALENDARS[-1])
    seconds, processor = time.perf_counter() - started, time.process_time() - began
    rng = np.random.default_rng([8, seed])
    return {
        "model": calendar,
        "seconds": seconds,
        "processor": processor,
        **of_new_deals(world, fit, rng),
        **of_open_deals(world, fit, rng),
    }


def codes(fit, traits: worlds.Traits, rng: np.random.Generator) -> np.ndarray:
    frame = worlds.frame(traits, np.zeros(traits.size.size, dtype=int), np.zeros(traits.size.size, bool), rng)
    opened = traits.opened + day_number(worlds.FIRST)
    opening = opening_codes(opened, AS_OF) * np.array([fit.calendar.trend, fit.calendar.season])
    return np.column_stack([fit.kinds.codes(frame), opening])


def of_new_deals(world: worlds.World, fit, rng: np.random.Generator) -> dict[str, float]:
    """Distance to the true incidence from the first day, and the integrated Brier score beside the oracle's."""
    traits = worlds.traits(NEW_DEALS, rng)
    hazards = world.hazards(traits)
    truth = worlds.incidence(hazards)[:, :SCORED_WEEKS]
    week, won = worlds.ends(hazards, rng)
    happened = (week[:, None] <= np.arange(SCORED_WEEKS)) & won[:, None]
    kind = codes(fit, traits, rng)
    said = np.zeros_like(truth)
    for day in np.unique(traits.opened // 28):
        here = traits.opened // 28 == day
        none = np.zeros(here.sum(), dtype=np.int64)
        opened = int(day_number(worlds.FIRST) + day * 28 + 14)
        open_deals = OpenDeals(kind[here], none, none, opened)
        said[here] = cumulative_chances(fit, open_deals, weeks=SCORED_WEEKS)[0][:, 1:]
    ours, oracle = (float(((p - happened) ** 2).mean()) for p in (said, truth))
    return {"L1": float(np.abs(said - truth).mean()), "IBS": ours, "oracle": oracle, "IBS_over": ours / oracle - 1}


def of_open_deals(world: worlds.World, fit, rng: np.random.Generator) -> dict[str, float]:
    """Deals open on as-of: won within 13 weeks, as said and as it happened."""
    traits = worlds.traits(LIVING, rng, days=(worlds.DAYS - 420, worlds.DAYS))
    week, won = worlds.ends(world.hazards(traits), rng)
    closed = traits.opened + 7 * week + rng.integers(0, 7, week.size)
    alive = closed >= worlds.DAYS
    happened = (won & (closed < worlds.DAYS + HORIZON_DAYS))[alive]
    of = traits.where(alive)
    kind = codes(fit, of, rng)
    none = np.zeros(len(kind), dtype=np.int64)
    chances = cumulative_chances(fit, OpenDeals(kind, none, worlds.DAYS - of.opened, AS_OF), weeks=13)[0]
    p = np.clip(at_day(chances, HORIZON_DAYS), 0, 1)
    return {
        "open": int(alive.sum()),
        "ECE": calibration_error(p, happened),
        "said_to_came": float(p.sum() / happened.sum()),
        "brier": brier(p, happened),
        "log_loss": log_loss(p, happened),
    }


def study_believed(args: argparse.Namespace) -> dict[str, object]:
    """What a user gets: the whole question asked, and its 13-week chances beside the true ones of those deals."""
    rows = []
    for family in args.families:
        for seed in range(args.first_seed, args.first_seed + args.repeats):
            rows.append({"family": family, "deals": args.deals, "seed": seed, **asked(family, args.deals, seed)})
            print(rows[-1], flush=True)
    table = pl.DataFrame(rows)
    numbers = pl.selectors.numeric().exclude("seed")
    means = table.group_by("family", maintain_order=True).agg("model", "corrected_by", numbers.mean())
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=180, fmt_table_cell_list_len=9):
        print(means)
    return {**vars(args), "rows": rows}


def asked(family: str, n: int, seed: int) -> dict[str, object]:
    """Truth against what was said of the pipeline's own open deals: nothing here is left to the toss of a coin.

    The Brier scores are those expected of the true chances; ECE holds the mean of what was said in each tenth
    beside the mean of the truth.
    """
    world, rng = worlds.World.of(family, seed), np.random.default_rng([7, seed])
    traits = worlds.traits(n, rng)
    hazards = world.hazards(traits)
    deals = worlds.frame(traits, *worlds.ends(hazards, rng), rng)
    started = time.perf_counter()
    said = read_deals(
        deals,
        as_of=worlds.AS_OF,
        until=worlds.AS_OF + timedelta(days=HORIZON_DAYS),
        rng=np.random.default_rng(seed),
        features=("seller", "size"),
    )
    seconds = time.perf_counter() - started
    truth = pl.DataFrame({"deal": deals["deal"], "truth": true_within(hazards, worlds.DAYS - traits.opened)})
    both = said.open_deals.join(truth, on="deal", how="left", maintain_order="left")
    p, true = (both[name].to_numpy() for name in ("chance_win_by_until", "truth"))
    noise = float((true * (1 - true)).mean())
    wins, came = said.expected_wins, float(true.sum())
    return {
        "model": said.model,
        "corrected_by": said.corrected_by,
        "open": p.size,
        "brier_over": float(((p - true) ** 2).mean()) / noise,
        "ECE": error_in_tenths(p, true),
        "said_to_true": float(p.sum()) / came,
        "low_to_true": wins.p05 / came,
        "high_to_true": wins.p95 / came,
        "record_brier": said.record.brier,
        "seconds": seconds,
    }


def error_in_tenths(said: np.ndarray, true: np.ndarray) -> float:
    """The calibration error in ten bins of equal width, held against true chances instead of outcomes."""
    tenth = np.minimum((said * 10).astype(int), 9)
    return float(np.abs(np.bincount(tenth, said - true, minlength=10)).sum() / said.size)


def true_within(hazards: np.ndarray, age: np.ndarray) -> np.ndarray:
    """The true chance of deals of this age (days) to be won in the next 13 weeks, given that they are open.

    A deal that ends in a week of its age ends on any of its days alike, as `worlds.frame` has it.
    """
    weeks, (n, most) = HORIZON_DAYS // 7, hazards.shape[1:]
    left = np.cumprod(1 - hazards.sum(axis=0), axis=1)
    before = np.concatenate([np.ones((n, 1)), left], axis=1)
    mass = np.concatenate([before[:, :-1] * hazards[0], np.zeros((n, weeks + 1))], axis=1)
    week, into = np.minimum(age // 7, most), age % 7
    rows = np.arange(n)
    parts = np.ones((n, weeks + 1))
    parts[:, 0], parts[:, -1] = 1 - into / 7, into / 7
    won = sum(parts[:, k] * mass[rows, week + k] for k in range(weeks + 1))
    ends = np.append(hazards.sum(axis=0), np.ones((n, 1)), axis=1)[rows, week]
    open_still = before[rows, week] * (1 - ends * into / 7)
    return np.asarray(won / open_still)


def study_speed(args: argparse.Namespace) -> dict[str, object]:
    """One fit of many deals, with seller, segment, source and size; processor seconds beside the wall's."""
    world, deals = pipeline("additive", args.deals, 1)
    rewound = rewind(deals, as_of=worlds.AS_OF, features=("seller", "size"))
    rows = []
    for calendar in (False, True):
        started, began = time.perf_counter(), time.process_time()
        fit = fit_hazards(rewound, calendar=CALENDARS[-1] if calendar else PLAIN)
        rows.append(
            {
                "deals": args.deals,
                "calendar": calendar,
                "parameters": int(fit.theta.size),
                "seconds": round(time.perf_counter() - started, 2),
                "processor": round(time.process_time() - began, 2),
            }
        )
        rows[-1] |= of_new_deals(world, fit, np.random.default_rng([8, 1]))
        print(rows[-1])
    found: dict[str, object] = {"load": os.getloadavg()[0], "fits": rows}
    if args.peer:
        found["hazardous"] = peer = of_peer(world, deals)
        print({"hazardous": peer, "times_ours": round(peer["seconds"] / rows[0]["seconds"], 1)})
    return found


def of_peer(world: worlds.World, deals: pl.DataFrame) -> dict[str, float]:
    """The same fit and the same new deals by hazardous: weeks to the end or to as-of; 1 is won, 2 lost."""
    rng = np.random.default_rng([8, 1])
    traits = worlds.traits(NEW_DEALS, rng)
    hazards = world.hazards(traits)
    truth = worlds.incidence(hazards)[:, :SCORED_WEEKS]
    week, won = worlds.ends(hazards, rng)
    happened = (week[:, None] <= np.arange(SCORED_WEEKS)) & won[:, None]
    new = worlds.frame(traits, np.zeros(NEW_DEALS, dtype=int), np.zeros(NEW_DEALS, bool), rng)
    last = pl.col("closed_on").fill_null(pl.lit(worlds.AS_OF))
    days = deals.select((last - pl.col("opened_on")).dt.total_days()).to_series().to_numpy()
    event = deals["outcome"].replace_strict({"open": 0, "won": 1, "lost": 2}).to_numpy()
    both = pl.concat([part.select("seller", "segment", "source", "size") for part in (deals, new)])
    codes = [both[name].cast(pl.Categorical).to_physical().to_numpy() for name in ("seller", "segment", "source")]
    table = np.column_stack([*codes, both["size"].to_numpy()]).astype(float)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.npz"
        np.savez(
            path, known=table[: len(deals)], new=table[len(deals) :], truth=truth, happened=happened,
            event=event, duration=np.maximum(days / 7, 0.1),
        )  # fmt: skip
        done = subprocess.run(
            [python_of("hazardous"), Path(__file__).parent / "deals_peer.py", path],
            env={**os.environ, "OMP_NUM_THREADS": "1"}, check=True, capture_output=True, text=True,
        )  # fmt: skip
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def study_real(args: argparse.Namespace) -> dict[str, object]:
    """The CRM export without peeking: every model at each past day, beside the stage's base rate."""
    from datetime import date

    deals = crm(args.folder)
    found = {}
    for name, features in (
        ("without sellers", ("product", "decides")),
        ("with sellers", ("product", "decides", "seller")),
    ):
        now = rewind(deals, as_of=date(2021, 11, 9), features=features)
        found[name] = beside(Past(now, None, ()), args.horizon)
    return {"horizon": args.horizon, **found}


def crm(folder: Path) -> pl.DataFrame:
    """The opportunities with what was known when they came in; an open one's close date is only hope."""
    rows = pl.read_csv(folder / "Opportunities.csv", try_parse_dates=True, infer_schema_length=20_000)
    accounts = pl.read_csv(folder / "Accounts.csv").join(
        pl.read_csv(folder / "Industries.csv"), on="IndustrySeq", how="left"
    )
    return rows.join(accounts, on="AccountSeq", how="left").select(
        pl.col("OpportunitySeq").cast(pl.String).alias("deal"),
        pl.col("Account Name").alias("customer"),
        pl.col("Status").str.to_lowercase().alias("outcome"),
        pl.col("Opportunity Created On").alias("opened_on"),
        pl.when(pl.col("Status") != "Open").then("CloseDate").alias("closed_on"),
        (pl.col("Value") * 100).alias("revenue_cents"),
        pl.col("Industry").alias("segment"),
        pl.col("CampaignSeq").cast(pl.String).alias("source"),
        pl.col("ProductSeq").cast(pl.String).alias("product"),
        pl.col("Decision Maker Identified").cast(pl.String).alias("decides"),
        pl.col("SystemUserSeq").cast(pl.String).alias("seller"),
    )


def beside(past: Past, horizon: int) -> list[dict[str, object]]:
    """Scores of every model over all landmarks, then of what is believed landmark by landmark."""
    landmarks = look_back(past, horizon=horizon)
    said = [candidates(landmark.chance) for landmark in landmarks]
    rows = [{"model": name, **vars(record_of([each[name] for each in said], landmarks))} for name in said[0]]
    grown = trees.would_have_said(landmarks)
    if any(each is not None for each in grown):
        rows.append({"model": "trees", **vars(record_of(grown, landmarks))})
    verdict = decide(landmarks, horizon=horizon, others=[Series("trees", grown)])
    rows.append({"model": f"believed: {verdict.model} {verdict.corrected_by or ''}", **vars(verdict.record)})
    for chance, landmark in zip(verdict.said, landmarks, strict=True):
        day = DAY_ZERO + timedelta(days=landmark.then.as_of)
        rows.append({"model": f"{day}", **vars(record_of([chance], [landmark]))})
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_width_chars=180):
        print(pl.DataFrame(rows, infer_schema_length=None))
    return rows


def study_company(args: argparse.Namespace) -> dict[str, object]:
    """The invented company with its stage history and sellers' own chances."""
    from datetime import date

    found = []
    for seed in range(2001, 2001 + args.companies):
        as_of = date(2026, 11, 22)
        until = as_of + timedelta(days=HORIZON_DAYS)
        whole = simulate.company(ends_on=until, years=4, seed=seed)
        now = simulate.known_before(whole, on=as_of)
        said = read_deals(
            DEALS.keep(now.deals),
            as_of=as_of,
            until=until,
            history=STAGE_HISTORY.keep(now.stage_history),
            rng=np.random.default_rng(seed),
        )
        came = whole.deals.filter(pl.col("outcome") == "won", pl.col("closed_on") < until)["deal"]
        happened = said.open_deals["deal"].is_in(came.implode()).to_numpy()
        chance = said.open_deals["chance_win_by_until"].to_numpy()
        found.append(
            {
                "seed": seed,
                "model": said.model,
                "pooled": said.is_pooled,
                "open": happened.size,
                "came": int(happened.sum()),
                **vars(said.expected_wins),
                "brier_now": brier(chance, happened),
                **vars(said.record),
            }
        )
        print(found[-1], flush=True)
    return {"companies": args.companies, "rows": found}


if __name__ == "__main__":
    main()
