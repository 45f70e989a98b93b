"""How long and in how much memory an analysis of a large company runs, and how large its readings are.

python bench/analysis.py --customers 100000 --lines 1000000 --out bench/results/analysis.json

The data are those of bench/pages.py with lines of sale added. The analysis is `karma analyse --json` in a process
of its own, with one thread for small matrices as the product sets it.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from installation import Installation, filled, found

HERE = Path(__file__).resolve().parent


def prepared(home: Path, *, customers: int, lines: int) -> Installation:
    """An installation with the facts in it; made once in a folder that is kept."""
    installation = found(home)
    done = home / "facts-are-made"
    if not done.exists():
        cookies = filled(installation, HERE / "pages_data.py", str(customers))
        (home / "cookies.json").write_text(json.dumps(cookies))  # for bench/pages.py --readings
        filled(installation, HERE / "analysis_data.py", str(lines))
        done.touch()
    return installation


def analysed(installation: Installation) -> dict[str, Any]:
    """One analysis: seconds of wall and processor, and the most memory that it held."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "karma", "analyse", "--json"], env=installation.environ, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    _pid, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"karma analyse ended with {status}")
    return {
        "wall_s": round(time.perf_counter() - begun, 1),
        "processor_s": round(used.ru_utime + used.ru_stime, 1),
        "most_memory_mb": round(used.ru_maxrss / 1024),
        "inside_s": told["seconds"], "facts": {n: told["facts"][n] for n in ("customers", "purchases", "deals")},
        "customer_states": told["customer_states"], "plans": told["plans"],
    }  # fmt: skip


def stored(home: Path) -> dict[str, int]:
    """Rows and bytes of what an analysis leaves behind."""
    with sqlite3.connect(home / "karma.sqlite3") as database:
        draws, size = database.execute(
            "SELECT COUNT(draws), SUM(LENGTH(draws)) FROM readings_planreading"
        ).fetchone()
        rows = database.execute("SELECT COUNT(*) FROM readings_customerreading").fetchone()[0]
    return {"customer_readings": rows, "plans_with_draws": draws, "bytes_of_draws": size}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000, help="and as many deals")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=2, help="the second replaces the first's readings")
    parser.add_argument("--home", type=Path, help="a folder to make the data in, or to use them again")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        installation = prepared(home, customers=options.customers, lines=options.lines)
        runs = [analysed(installation) for _ in range(options.runs)]
        result = {
            "on": datetime.now(UTC).date().isoformat(), "cores": os.cpu_count(),
            "load_at_end": round(os.getloadavg()[0], 1), "runs": runs, "stored": stored(home),
        }  # fmt: skip
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
