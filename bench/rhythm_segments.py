"""Does the trial of segments, which begins each search at everybody's fit, decide as one that begins anew?

    python bench/rhythm_segments.py --companies 25 --out bench/results/rhythm-segments.json

Simulated companies whose segments are alike, or differ in pace, in leaving or in regularity. Per family: how often
each trial gives segments a fit of their own (false where they are alike, power elsewhere), on how many companies
both decide alike, how far the gain and the kept parameters lie apart at most, and the processor's seconds of both.
"""

import argparse
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from karma_core.rhythm import SegmentFits, fitting, segments

WORLD = {"r": 1.2, "alpha": 40.0, "a": 0.5, "b": 4.0, "k": 1}
BOUNDARY = {"r": 0.8, "alpha": 60.0, "a": 1.0, "b": 1e9, "k": 1, "stop": 0.33}
"""Nobody leaves at a purchase; a third stop on some day or other, which no gamma rate of leaving tells well."""

DAYS = 900


def simulate(count: int, world: dict[str, float], *, rng: np.random.Generator) -> pl.DataFrame:
    """x, t_x, T and the logarithms of gaps of customers who leave at purchases, in whole days."""
    rate, leave = rng.gamma(world["r"], size=count) / world["alpha"], rng.beta(world["a"], world["b"], size=count)
    T, x, t_x = rng.integers(DAYS // 3, DAYS, size=count), *np.zeros((2, count), dtype=np.int64)
    stops = np.where(rng.random(count) < world.get("stop", 0.0), T * rng.random(count), T)
    at, log_gaps, still = np.zeros(count), np.zeros(count), np.arange(count)
    while len(still := still[rng.random(len(still)) >= leave[still]]):
        at[still] += rng.gamma(world["k"], size=len(still)) / np.maximum(rate[still], 1e-9)
        still = still[at[still] <= stops[still]]
        day = np.floor(at[still]).astype(np.int64)
        later, gap = day > t_x[still], day - t_x[still]
        x[still] += later
        log_gaps[still] += np.log(np.maximum(gap, 1))
        t_x[still] = np.maximum(day, t_x[still])
    return pl.DataFrame({"x": x, "t_x": t_x, "T": T, "log_gaps": log_gaps})


def worlds(family: str, rng: np.random.Generator) -> list[dict[str, float]]:
    """The world of each segment."""
    many = {"alike": 6, "alike, 25 segments": 25, "regular": 4}.get(family, 6)
    found = [dict(BOUNDARY if "boundary" in family else WORLD) for _ in range(many)]
    for number, world in enumerate(found):
        if family.startswith("pace"):
            world["alpha"] *= float(np.exp(rng.normal() * float(family.split()[1].strip(","))))
        if family == "one in six half as fast" and number == 0:
            world["alpha"] *= 2
        if family == "leaving":
            world["a"] *= float(np.exp(rng.normal() * 0.4))
        if family == "regular" and number % 2:
            world["k"], world["alpha"] = 3, world["alpha"] / 3
    return found


FAMILIES = (
    "alike", "alike, 25 segments", "alike, at a boundary", "pace .1", "pace .2", "pace .4",
    "one in six half as fast", "leaving", "regular", "pace .2, at a boundary", "pace .4, at a boundary",
)  # fmt: skip


def company(family: str, *, seed: int) -> pl.DataFrame:
    """Customers of every segment, between 450 and 1,500 in each."""
    rng = np.random.default_rng(seed)
    parts = [
        simulate(int(rng.integers(450, 1500)), world, rng=rng).with_columns(segment=pl.lit(f"{number:02}"))
        for number, world in enumerate(worlds(family, rng))
    ]
    return pl.concat(parts)


def _logs_anew(cells, *, near):
    found = fitting._best_of(near.model, cells)
    return found.family, found.optimum.logs


def _fit_anew(statistics: pl.DataFrame, *, near):
    return fitting.fit(statistics, model=near.model, unit=near.unit)


def timed(statistics: pl.DataFrame, *, anew: bool) -> tuple[SegmentFits, float]:
    """The decision and the processor's seconds, everybody's own fit taken off."""
    kept = segments.logs_near, segments.fit_near
    if anew:
        segments.logs_near, segments.fit_near = _logs_anew, _fit_anew
    try:
        begun = time.process_time()
        fitting.fit(statistics)
        pooled = time.process_time() - begun
        begun = time.process_time()
        fits = segments.fit_segments(statistics)
        return fits, time.process_time() - begun - pooled
    finally:
        segments.logs_near, segments.fit_near = kept


def apart(one: SegmentFits, other: SegmentFits) -> float:
    """The largest relative distance between parameters that both kept."""
    both = one.by_segment.keys() & other.by_segment.keys()
    pairs = [(one.by_segment[name].logs, other.by_segment[name].logs) for name in both]
    same = all(one.by_segment[name].k == other.by_segment[name].k for name in both)
    return max((float(np.abs(a - b).max()) for a, b in pairs), default=0.0) if same else float("inf")


def judged(family: str, *, companies: int, first_seed: int) -> dict[str, object]:
    rows = []
    for seed in range(first_seed, first_seed + companies):
        statistics = company(family, seed=seed)
        (near, quick), (anew, slow) = (timed(statistics, anew=each) for each in (False, True))
        off = abs(near.gain - anew.gain) / max(anew.gain_se, 1e-9)
        rows.append((bool(near.by_segment), bool(anew.by_segment), off, apart(near, anew), quick, slow))
    near, anew, off, far, quick, slow = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return {
        "family": family, "companies": companies,
        "own_fits": float(near.mean()), "own_fits_anew": float(anew.mean()),
        "decided_alike": int((near == anew).sum()),
        "gain_apart_in_se": float(off.max()),
        "parameters_apart": float(far.max()), "processor_s": round(float(quick.mean()), 3),
        "processor_s_anew": round(float(slow.mean()), 3),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=25, help="of each family")
    parser.add_argument("--first-seed", type=int, default=5000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    families = []
    for family in FAMILIES:
        families.append(judged(family, companies=asked.companies, first_seed=asked.first_seed))
        print(json.dumps(families[-1]), flush=True)
    result = {
        "on": datetime.now(UTC).date().isoformat(), "first_seed": asked.first_seed,
        "load_at_end": round(os.getloadavg()[0], 1), "families": families,
    }  # fmt: skip
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
