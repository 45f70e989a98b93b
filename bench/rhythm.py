"""Speed of rhythm beside its peers, in one run on one machine.

    python bench/rhythm.py --customers 1000000 --pareto 100000 --lines 10000000

Simulates customers with CDNOW's BG/NBD parameters on whole days, fits BG/NBD on all and Pareto/NBD on some, ours
beside lifetimes and pymc-marketing (maximum a posteriori with flat priors), and counts purchase lines from Parquet
into statistics, ours beside lifetimes: with gaps and money, days only as lifetimes does, and days only by the
shared group-bys. Every run is a process of its own; seconds leave out imports and reading.
The log-likelihoods are ours, at each one's parameters, so that they can be compared. Peers get an environment of
their own under bench/.venv-*, made at the first run; `--peers lifetimes` takes one, `--peers` none. Ours is
timed three times (the middle one counts), the peers once.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
from environments import python_of

from karma_core.rhythm import chance_active, chance_order, expected_orders, fit, read
from karma_core.rhythm.cells import make_cells
from karma_core.rhythm.families import family

HERE = Path(__file__).parent
WORLD = {"r": 0.243, "alpha": 4.414 * 7, "a": 0.793, "b": 2.426}
LAST_DAY = 19_095
ONE_THREAD = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""As the product runs: a second thread for small matrices only costs, for the peers too."""


def simulate(count: int, *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """x, t_x and T in whole days of customers in a BG/NBD world, seen for 26 to 78 weeks."""
    rate, leave = rng.gamma(WORLD["r"], size=count) / WORLD["alpha"], rng.beta(WORLD["a"], WORLD["b"], size=count)
    T, x = rng.integers(26 * 7, 78 * 7, size=count), np.zeros(count, dtype=np.int64)
    at, t_x, still = np.zeros(count), np.zeros(count, dtype=np.int64), np.arange(count)
    while len(still):
        at[still] += rng.exponential(size=len(still)) / np.maximum(rate[still], 1e-12)
        still = still[at[still] <= T[still]]
        day = np.ceil(at[still]).astype(np.int64)
        x[still] += day > t_x[still]
        t_x[still] = day
        still = still[rng.random(len(still)) >= leave[still]]
    return {"x": x, "t_x": t_x, "T": T}


def write_lines(path: Path, *, count: int, rng: np.random.Generator) -> None:
    """Purchase lines of a tenth as many customers, some of whom buy far more than others, over three years."""
    weights = np.cumsum(rng.gamma(0.6, size=max(count // 10, 1)))
    who = np.searchsorted(weights, rng.random(count) * weights[-1])
    lines = pl.DataFrame(
        {
            "customer": pl.Series(who).cast(pl.String),
            "on": pl.Series(rng.integers(LAST_DAY - 1095, LAST_DAY, count).astype(np.int32)).cast(pl.Date),
            "revenue_cents": rng.integers(100, 100_000, count),
            "cost_cents": rng.integers(50, 90_000, count),
        }
    )
    lines.write_parquet(path)


def run(who: str, what: str, path: Path, *, times: int = 1) -> dict:
    """Run one peer in its own process; the middle one of some runs."""
    python = sys.executable if who == "ours" else python_of(who)
    runs = []
    for _ in range(times):
        done = subprocess.run(
            [python, HERE / "rhythm_peer.py", who, what, path], capture_output=True, text=True, env=ONE_THREAD
        )
        if done.returncode:
            return {"failed": done.stderr.strip().splitlines()[-1:]}
        runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return sorted(runs, key=lambda one: one["seconds"])[len(runs) // 2]


def compare(what: str, path: Path, *, peers: list[str]) -> dict[str, dict]:
    """Ours and the peers on the same file, with how many times longer each peer takes."""
    found = {"ours": run("ours", what, path, times=3)} | {peer: run(peer, what, path) for peer in peers}
    for peer in peers:
        if "seconds" in found[peer]:
            for measure, name in (("seconds", "times_ours"), ("processor_seconds", "times_our_processor")):
                found[peer][name] = round(found[peer][measure] / found["ours"][measure], 1)
    return found


def with_likelihoods(found: dict[str, dict], model: str, data: dict[str, np.ndarray]) -> dict[str, dict]:
    """Our log-likelihood, in days, at each one's parameters."""
    score = family(model).score(make_cells(pl.DataFrame(data), unit="day"))
    for one in found.values():
        if "result" in one:
            logs = np.log([one["result"][name] for name in family(model).names])
            one["log_likelihood"] = round(score(logs)[0], 4)
    return found


def scoring(data: dict[str, np.ndarray]) -> dict[str, float]:
    """Seconds of each question about all customers at once, on a fitted BG/NBD."""
    days = data["x"] + 1
    statistics = pl.DataFrame(data).with_columns(
        pl.Series("customer", np.arange(len(days)).astype(str)),
        pl.Series("revenue_cents", days * 10_000),
        pl.Series("cost_cents", days * 7_000),
        pl.Series("costed_revenue_cents", days * 10_000),
    )
    fitted, rng = fit(statistics, model="bg_nbd"), np.random.default_rng(1)
    questions = {
        "chance_active": lambda: chance_active(fitted, statistics),
        "chance_order": lambda: chance_order(fitted, statistics, days=28),
        "expected_orders": lambda: expected_orders(fitted, statistics, days=28),
        "read": lambda: read(statistics, fitted, as_of=date(2026, 1, 1), horizon_days=28, rng=rng),
    }
    return {name: min(_seconds(question) for _ in range(2)) for name, question in questions.items()}


def _seconds(question) -> float:
    start = time.perf_counter()
    question()
    return round(time.perf_counter() - start, 3)


def main() -> None:
    """Run it, print the ratios, write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--pareto", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=20_261_122)
    parser.add_argument("--peers", nargs="*", default=["lifetimes", "pymc"])
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    peers = asked.peers
    document: dict = {"on": datetime.now(UTC).date().isoformat(), "processors": os.cpu_count(), **vars(asked)}
    document.pop("out")
    with tempfile.TemporaryDirectory() as folder:
        for model, count in (("bg_nbd", asked.customers), ("pareto_nbd", asked.pareto)):
            data = simulate(count, rng=rng)
            np.savez(path := Path(folder) / f"{model}.npz", **data)
            document[model] = with_likelihoods(compare(model, path, peers=peers), model, data)
            print(json.dumps({model: document[model]}, indent=1), file=sys.stderr)
            if model == "bg_nbd":
                document["scoring_seconds"] = scoring(data)
        write_lines(path := Path(folder) / "lines.parquet", count=asked.lines, rng=rng)
        for what in ("count", "days", "shared_days"):
            document[what] = compare(what, path, peers=[peer for peer in peers if peer == "lifetimes"])
    out = asked.out or HERE / "results" / f"rhythm-{document['on']}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
