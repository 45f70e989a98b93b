"""Fifty million lines of sale in a folder of Parquet, counted into statistics: how long, in how much memory?

    python bench/rhythm_many.py make /tmp/lines && python bench/rhythm_many.py count /tmp/lines

Two commands, since making the lines takes more memory than counting them. `count` prints one JSON document:
seconds, processor seconds, customers, lines, and the peak of resident memory in megabytes.
"""

import json
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from karma_core.frames import collect_statistics

FILES, LINES, CUSTOMERS = 10, 5_000_000, 500_000


def make(folder: Path) -> None:
    """Write ten files of five million lines of half a million customers over three years."""
    rng = np.random.default_rng(5)
    folder.mkdir(exist_ok=True)
    weights = np.cumsum(rng.gamma(0.6, size=CUSTOMERS))
    for number in range(FILES):
        who = np.searchsorted(weights, rng.random(LINES) * weights[-1])
        day = pl.Series(rng.integers(18_000, 19_095, LINES).astype(np.int32)).cast(pl.Date)
        money = {"revenue_cents": rng.integers(100, 100_000, LINES), "cost_cents": rng.integers(50, 90_000, LINES)}
        lines = pl.DataFrame({"customer": pl.Series(who).cast(pl.String), "on": day, **money})
        lines.write_parquet(folder / f"{number}.parquet")


def count(folder: Path) -> None:
    """Count them, and say what it took."""
    start, processor = time.perf_counter(), time.process_time()
    statistics = collect_statistics(pl.scan_parquet(folder / "*.parquet"), as_of=date(2022, 4, 18))
    status = Path("/proc/self/status").read_text().splitlines()
    told = {
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(time.process_time() - processor, 1),
        "customers": len(statistics),
        "lines": int(statistics["lines"].sum()),
        "peak_mb": next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    {"make": make, "count": count}[sys.argv[1]](Path(sys.argv[2]))
