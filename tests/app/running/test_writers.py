"""Four web processes and two workers write at once on SQLite: the short form of bench/writers.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[3] / "bench" / "writers.py"


@pytest.mark.slow
def test_nothing_is_lost_or_refused_while_people_and_imports_write(tmp_path):
    out = tmp_path / "writers.json"
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    command = [sys.executable, str(BENCH), "--seconds", "5", "--imports", "10", "--out", str(out)]
    done = subprocess.run(command, env=kept, capture_output=True, check=False, timeout=180)
    result = json.loads(out.read_text())
    assert (done.returncode, result["notes_lost"], result["answers_that_were_no"]) == (0, 0, {})
