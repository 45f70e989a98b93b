"""Lets people and imports write at once on SQLite, and counts whether everything that was acknowledged is there.

    python bench/writers.py --seconds 60 --out bench/results/writers.json

Four web processes and two workers of a real installation in production mode, on loopback. Eight people note
contact and move customers between teams by HTTP POST, while somebody has import runs of five thousand customers
written, for the whole time: each second it is counted whether a worker is writing one. An answer that says "kept"
counts as acknowledged; each note must be found in the database, each row of an import too, and no answer may be an
error. A move to where a customer already is adds nothing to the audit list, so that list is the shorter.
"""

import argparse
import http.client
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from installation import Installation, filled, found, served

HERE = Path(__file__).resolve().parent
WAITING = 3
FORM = "application/x-www-form-urlencoded"


@dataclass
class Told:
    """What one person was told."""

    kept: list[str] = field(default_factory=list)
    moved: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)


class Browser:
    """One person's open connection, with the cookies and the token that a form needs."""

    def __init__(self, installation: Installation, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
        token = "a" * 32
        self.headers = {"Cookie": f"{cookie}; karma_csrf={token}", "X-CSRFToken": token, "Content-Type": FORM}

    def post(self, address: str, form: dict[str, object]) -> int:
        self.connection.request("POST", address, body=urlencode(form), headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


def write(
    installation: Installation, cookie: str, who: int, told: Told, *, until: float, given: dict[str, str]
) -> None:
    """Note contact, and every fifth time move a customer, until the moment comes."""
    browser, number = Browser(installation, cookie), 0
    keys, teams = json.loads(given["customers"]), json.loads(given["teams"])
    while time.monotonic() < until:
        number += 1
        customer, begun = keys[(who * 31 + number) % len(keys)], time.monotonic()
        if number % 5:
            words = f"writer {who} note {number}"
            status = browser.post(f"/customers/{customer}/contact/", {"kind": "call", "summary": words})
            told.kept += [words] if status == 302 else []
        else:
            form = {"team": teams[number // 5 % 2], "from_on": datetime.now(UTC).date().isoformat()}
            status = browser.post(f"/customers/{customer}/assign/", form)
            told.moved += status == 302
        told.slowest = max(told.slowest, time.monotonic() - begun)
        told.faults += [str(status)] if status != 302 else []


@dataclass
class Fed:
    """How the imports went: how many were asked, and in how many of the seconds one was being written."""

    asked: int = 0
    seconds: int = 0
    busy: int = 0
    refused: list[str] = field(default_factory=list)


def feed(installation: Installation, cookie: str, fed: Fed, *, until: float, runs: list[int]) -> None:
    """Have the next run written whenever fewer than three wait or are being written, until the moment comes."""
    following = time.monotonic()
    while time.monotonic() < until:
        queued, running = (_jobs(installation, status) for status in ("queued", "running"))
        if time.monotonic() >= following:
            fed.seconds, fed.busy, following = fed.seconds + 1, fed.busy + bool(running), following + 1
        if queued + running < WAITING and fed.asked < len(runs):
            status = Browser(installation, cookie).post(f"/imports/{runs[fed.asked]}/preview/", {})
            fed.asked += 1
            fed.refused += [str(status)] if status != 302 else []
        time.sleep(0.1)


def _warm_up(installation: Installation, cookie: str, fed: Fed, *, runs: list[int]) -> None:
    """Have one run written for each worker, so that both are there when the counting begins."""
    browser = Browser(installation, cookie)
    for run in runs[:2]:
        status = browser.post(f"/imports/{run}/preview/", {})
        fed.asked += 1
        fed.refused += [str(status)] if status != 302 else []
    _let_jobs_end(installation)


def _jobs(installation: Installation, status: str) -> int:
    asked = f"SELECT COUNT(*) FROM common_job WHERE kind = 'imports.publish' AND job_status = '{status}'"
    return int(_ask(installation, asked)[0][0])


def study(installation: Installation, *, seconds: float, people: int, imports: int) -> dict[str, object]:
    """Write for so long; returns what was acknowledged beside what is there."""
    given = filled(installation, HERE / "writers_data.py", str(imports))
    told, fed, cookies = [Told() for _ in range(people)], Fed(), json.loads(given["cookies"])
    with served(installation, workers=1):
        _warm_up(installation, cookies[-1], fed, runs=json.loads(given["runs"]))
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(
                target=write,
                args=(installation, cookies[who % len(cookies)], who, each),
                kwargs={"until": until, "given": given},
            )
            for who, each in enumerate(told)
        ]
        threads.append(
            threading.Thread(
                target=feed,
                args=(installation, cookies[-1], fed),
                kwargs={"until": until, "runs": json.loads(given["runs"])},
            )
        )
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _let_jobs_end(installation)
    return _compare(installation, told, fed, seconds=seconds, rows=int(given["rows"]))


def _ask(installation: Installation, statement: str) -> list[tuple]:
    with sqlite3.connect(installation.home / "karma.sqlite3", timeout=30) as database:
        return database.execute(statement).fetchall()


def _let_jobs_end(installation: Installation) -> None:
    deadline = time.monotonic() + 120
    open_jobs = "SELECT COUNT(*) FROM common_job WHERE job_status IN ('queued', 'running')"
    while time.monotonic() < deadline and _ask(installation, open_jobs)[0][0]:
        time.sleep(0.3)


def _compare(
    installation: Installation, told: list[Told], fed: Fed, *, seconds: float, rows: int
) -> dict[str, object]:
    kept = {words for each in told for words in each.kept}
    there = {
        row[0]
        for row in _ask(installation, "SELECT summary FROM customers_contactmoment WHERE summary LIKE 'writer%'")
    }
    moved = _ask(installation, "SELECT COUNT(*) FROM common_auditevent WHERE action = 'customers.assigned'")[0][0]
    jobs = dict(_ask(installation, "SELECT job_status, COUNT(*) FROM common_job GROUP BY job_status"))
    failures = [row[0] for row in _ask(installation, "SELECT failure FROM common_job WHERE failure != ''")]
    imported = _ask(installation, "SELECT COUNT(*) FROM customers_customersource")[0][0]
    return {
        "on": datetime.now(UTC).date().isoformat(), "seconds": seconds, "people": len(told),
        "web_processes": int(installation.environ["KARMA_WEB_PROCESSES"]), "workers": 2,
        "notes_acknowledged": len(kept), "notes_there": len(there), "notes_lost": len(kept - there),
        "moves_acknowledged": sum(each.moved for each in told), "moves_in_the_audit_list": moved,
        "imports_asked": fed.asked, "jobs": jobs, "job_failures": failures,
        "rows_of_imports_asked": fed.asked * rows, "customers_imported": imported,
        "seconds_counted": fed.seconds, "seconds_in_which_an_import_was_written": fed.busy,
        "answers_that_were_no": dict(Counter([*fed.refused, *(fault for each in told for fault in each.faults)])),
        "load_at_the_end": round(os.getloadavg()[0], 1),
        "slowest_answer_ms": round(1000 * max(each.slowest for each in told)),
        "integrity": _ask(installation, "PRAGMA integrity_check")[0][0],
    }  # fmt: skip


def is_whole(result: dict[str, object]) -> bool:
    """Nothing refused, nothing lost, every import done; between two imports workers also analyse what came in."""
    return (
        result["notes_lost"] == 0 and result["answers_that_were_no"] == {} and result["integrity"] == "ok"
        and set(result["jobs"]) == {"done"}
        and result["customers_imported"] == result["rows_of_imports_asked"] != 0
        and result["notes_acknowledged"] == result["notes_there"] != 0
        and result["seconds_in_which_an_import_was_written"] > 0
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--imports", type=int, default=60)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    os.environ.setdefault("KARMA_WEB_PROCESSES", "4")
    with tempfile.TemporaryDirectory() as folder:
        installation = found(Path(folder))
        result = study(installation, seconds=options.seconds, people=options.people, imports=options.imports)
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0 if is_whole(result) else 1


if __name__ == "__main__":
    sys.exit(main())
