"""Kills `karma analyse` with SIGKILL at random moments: what is shown must stay, and the end equal a clean run.

python bench/analysis_kills.py --kills 20 --rows 20000 --out bench/results/analysis-kills.json
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from import_kills import ask, environ, files, karma, prepare

AS_OF = "2026-02-15"
PUBLISH = """
import django
django.setup()
from karma.common.models import Job
from karma.common.tasks import run_job
run_job.call(str(Job.objects.get(kind="imports.publish").pk))
"""
READINGS = """SELECT customer_id, x, t_x_days, chance_active, need, customer_state, reason_nl
    FROM readings_customerreading WHERE analysis_id = ? ORDER BY customer_id"""
PLANS = """SELECT team_id, period_kind, mean_cents, grid, draws FROM readings_planreading
    WHERE analysis_id = ? ORDER BY period_kind, team_id"""
NEWEST = """SELECT id FROM readings_analysis WHERE analysis_status = 'complete' AND NOT is_backfill
    ORDER BY ended_at DESC, id DESC LIMIT 1"""


def shown(home: Path) -> tuple[int, list[Any], list[Any]]:
    """The analysis that screens show, with its readings."""
    newest = ask(home, NEWEST)[0][0]
    return newest, ask(home, READINGS, newest), ask(home, PLANS, newest)


def kill_once(home: Path, rng: random.Random, longest: float) -> bool:
    """Start an analysis and kill it at a random moment after it began; False where it was faster."""
    before = ask(home, "SELECT COUNT(*) FROM readings_analysis")[0][0]
    process = subprocess.Popen(
        [sys.executable, "-m", "karma", "analyse", "--as-of", AS_OF], env=environ(home), stdout=subprocess.DEVNULL
    )
    while process.poll() is None and ask(home, "SELECT COUNT(*) FROM readings_analysis")[0][0] == before:
        time.sleep(0.02)
    until = time.monotonic() + rng.uniform(0, longest)
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    was_running = process.poll() is None
    process.kill()
    process.wait()
    return was_running


def study(home: Path, *, kills: int, rows: int, seed: int) -> dict[str, Any]:
    """One analysis in peace, then kills, then one in peace."""
    rng = random.Random(seed)
    prepare(home, files(home.parent, rows))
    karma(home, "worker", "--until-empty")
    subprocess.run([sys.executable, "-c", PUBLISH], env=environ(home), check=True, capture_output=True)
    begun = time.perf_counter()
    karma(home, "analyse", "--as-of", AS_OF)
    longest = time.perf_counter() - begun
    clean, fell, stayed = shown(home), 0, True
    for _ in range(kills):
        newest = shown(home)
        if kill_once(home, rng, longest):
            fell += 1
            stayed &= shown(home) == newest
    karma(home, "analyse", "--as-of", AS_OF)
    end = shown(home)
    left = ask(home, "SELECT COUNT(*) FROM readings_customerreading WHERE analysis_id <> ?", end[0])[0][0]
    return {
        "on": datetime.now(UTC).date().isoformat(), "rows": rows, "seed": seed, "kills": fell,
        "shown_stayed_each_time": stayed, "end_equals_a_clean_run": end[1:] == clean[1:],
        "readings_left_over": left, "customers": len(end[1]), "plans": len(end[2]),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        result = study(home, kills=options.kills, rows=options.rows, seed=options.seed)
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    is_well = result["shown_stayed_each_time"] and result["end_equals_a_clean_run"]
    return 0 if is_well and not result["readings_left_over"] else 1


if __name__ == "__main__":
    sys.exit(main())
