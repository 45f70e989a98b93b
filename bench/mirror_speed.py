"""How fast the mirror's solver is, beside its peer mixedlm on the same machine in the same run.

    python -m venv bench/.venv-mixed && bench/.venv-mixed/bin/pip install mixedlm polars
    python bench/mirror_speed.py reference ../shared/data/mirror_reference/re_100k.parquet
    python bench/mirror_speed.py million
    python bench/mirror_speed.py large --family gaussian
    python bench/mirror_speed.py large --family binomial

`reference` fits the 100,000 reference deals (489 persons, 200 segments, 20 sources), logistic and linear, and lets
mixedlm fit the same. `million` is a linear fit of 1,000,000 rows. `large` has 1,000,000 deals, 5,000 persons,
50,000 customers in 200 segments. Seconds are wall-clock and processor time, beside the machine's load of that
minute; peak memory is of the whole process.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from karma_core.effects import Fit, design, fit_binomial, fit_linear

PEER = Path(__file__).parent / ".venv-mixed" / "bin" / "python"
RESULTS = Path(__file__).parent / "results" / "mirror_speed.json"
PEER_CODE = """
import json, sys, time
import mixedlm, pandas, polars as pl
frame = pandas.DataFrame({column.name: column.to_numpy() for column in pl.read_parquet(sys.argv[1])})
for column in ("rep", "seg", "src"):
    frame[column] = frame[column].astype(str)
began, worked = time.perf_counter(), time.process_time()
if sys.argv[2] == "binomial":
    family = mixedlm.families.Binomial()
    fit = mixedlm.glmer("y ~ size + new + (1 | rep) + (1 | seg) + (1 | src)", frame, family=family)
else:
    fit = mixedlm.lmer("m ~ size + new + (1 | rep) + (1 | seg) + (1 | src)", frame, REML=False)
wall, processor = time.perf_counter() - began, time.process_time() - worked
spent = {"seconds": round(wall, 3), "processor_seconds": round(processor, 3)}
value = fit.logLik()
print(json.dumps({**spent, "log_likelihood": float(getattr(value, "value", value))}))
"""


def timed(
    frame: pl.DataFrame, *, family: str, response: str, random: list[str], fixed: list[str]
) -> dict[str, object]:
    wall, processor = time.perf_counter(), time.process_time()
    made = design(frame, response=response, random=random, fixed=fixed)
    fit: Fit = fit_binomial(made) if family == "binomial" else fit_linear(made)
    return {
        "rows": frame.height,
        "family": family,
        "seconds": round(time.perf_counter() - wall, 3),
        "processor_seconds": round(time.process_time() - processor, 3),
        "load": round(os.getloadavg()[0], 1),
        "log_likelihood": round(fit.log_likelihood, 4),
        "sd": {name: round(value, 4) for name, value in fit.sd.items()},
        "evaluations": fit.evaluations,
        "converged": fit.converged,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def reference(path: Path) -> list[dict[str, object]]:
    frame, rows = pl.read_parquet(path), []
    for family, response in (("binomial", "y"), ("gaussian", "m")):
        fitted = [
            timed(frame, family=family, response=response, random=["rep", "seg", "src"], fixed=["size", "new"])
            for _ in range(3)
        ]
        ours = min(fitted, key=lambda row: row["seconds"])
        peer = beside(path, family)
        key = "processor_seconds"
        ratio = round(peer[key] / min(row[key] for row in fitted), 1) if key in peer else None
        rows.append({"case": f"re_100k {family}", **ours, "mixedlm": peer, "times_faster_on_the_processor": ratio})
    return rows


def beside(path: Path, family: str) -> dict[str, object]:
    if not PEER.exists():
        return {"skipped": "bench/.venv-mixed is not there"}
    ran = subprocess.run(
        [str(PEER), "-c", PEER_CODE, str(path), family], capture_output=True, text=True, check=False
    )
    return json.loads(ran.stdout.splitlines()[-1]) if ran.returncode == 0 else {"failed": ran.stderr[-300:]}


def company(rows: int, *, people: int, customers: int, segments: int, sources: int) -> pl.DataFrame:
    """Deals whose customer has a segment and a handful of persons who serve it."""
    rng = np.random.default_rng(8)
    customer = rng.integers(0, customers, rows)
    segment = rng.integers(0, segments, customers)[customer]
    person = rng.integers(0, people, rows)
    source, size = rng.integers(0, sources, rows), rng.normal(size=rows)
    parts = ((person, people, 0.3), (customer, customers, 0.5), (segment, segments, 0.4), (source, sources, 0.3))
    eta = -0.8 - 0.2 * size + sum(rng.normal(scale=sd, size=n)[codes] for codes, n, sd in parts)
    return pl.DataFrame(
        {"person": person, "customer": customer, "segment": segment, "source": source, "size": size}
        | {"won": (rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(float), "margin": eta + rng.normal(size=rows)}
    )


def million() -> list[dict[str, object]]:
    frame = company(1_000_000, people=500, customers=200, segments=50, sources=20)
    asked = {
        "family": "gaussian",
        "response": "margin",
        "random": ["person", "customer", "source"],
        "fixed": ["size"],
    }
    fitted = [timed(frame, **asked) for _ in range(3)]
    return [{"case": "1M rows, 720 effects", **min(fitted, key=lambda row: row["seconds"])}]


def large(family: str) -> list[dict[str, object]]:
    frame = company(1_000_000, people=5_000, customers=50_000, segments=200, sources=20)
    response = "won" if family == "binomial" else "margin"
    asked = {
        "family": family,
        "response": response,
        "random": ["person", "customer", "segment"],
        "fixed": ["size"],
    }
    return [{"case": f"1M deals x 5,000 x 50,000 x 200 {family}", **timed(frame, **asked)}]


def keep(rows: list[dict[str, object]]) -> None:
    held = json.loads(RESULTS.read_text())
    new = {row["case"]: {"made_on": f"{datetime.now(UTC):%Y-%m-%d}", **row} for row in rows}
    cases = [new.pop(row["case"], row) for row in held["cases"]]
    RESULTS.write_text(json.dumps({**held, "cases": [*cases, *new.values()]}, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=["reference", "million", "large"])
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--family", choices=["gaussian", "binomial"], default="gaussian")
    parser.add_argument("--keep", action="store_true", help="write what was measured to bench/results")
    asked = parser.parse_args()
    if asked.case == "reference" and asked.path is None:
        sys.exit("reference needs the path of re_100k.parquet")
    rows = {"reference": lambda: reference(asked.path), "million": million, "large": lambda: large(asked.family)}[
        asked.case
    ]()
    print(json.dumps(rows, indent=2))
    if asked.keep:
        keep(rows)


if __name__ == "__main__":
    main()
