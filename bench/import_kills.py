"""Kills the worker with SIGKILL at random moments while it writes an import; the end must equal one clean run.

    python bench/import_kills.py --kills 50 --rows 60000 --out bench/results/import-kills.json
    . tools/postgres.sh; start_postgres
    python bench/import_kills.py --kills 50 --rows 60000 --server "$POSTGRES_URL"; stop_postgres

With --server both installations get a database of their own there. PostgreSQL hands out numbers that a killed
transaction does not give back, so that there rows are compared by what they hold, in their order.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

PREPARE = """
import sys, django
django.setup()
from datetime import UTC, datetime
from karma.imports import operations
at = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
uploads = [operations.Upload(name, [open(name, "rb").read()]) for name in sys.argv[1:]]
run = operations.begin(operations.Source("ERP", currency="EUR"), uploads, by=None, at=at)
operations.look(run)
operations.read(run)
operations.ask_publishing(run, by=None)
from karma.imports.publishing import CHUNK
print(CHUNK)
"""
TABLES = (
    "customers_customer", "customers_customersource", "customers_customersegment", "customers_responsibility",
    "deals_purchaseline", "imports_runchange",
)  # fmt: skip

_WHOSE = "(SELECT name FROM customers_customer c WHERE c.id = customer_id)"
BY_ORDER = {
    "customers": "SELECT name, number, industry, city, last_run FROM customers_customer ORDER BY id",
    "ids": f"SELECT source, source_key, last_run, {_WHOSE} FROM customers_customersource ORDER BY id",
    "segments": f"SELECT segment, from_on, until_on, {_WHOSE} FROM customers_customersegment ORDER BY id",
    "responsibility": f"SELECT from_on, until_on, {_WHOSE}, "
    "(SELECT name FROM people_person p WHERE p.id = person_id) FROM customers_responsibility ORDER BY id",
    "lines": 'SELECT source_key, last_run, "on", invoice, product, quantity, revenue_cents, cost_cents, '
    f"{_WHOSE} FROM deals_purchaseline ORDER BY id",
    "changes": 'SELECT run_id, "table", jsonb_array_length(created), jsonb_array_length(before),'
    " jsonb_array_length(removed) FROM imports_runchange ORDER BY id",
    "people": "SELECT name, email, source, source_key FROM people_person ORDER BY id",
}
"""What an import writes, without the numbers of rows and the hashes of them: what they point at by name."""


def files(folder: Path, rows: int) -> list[Path]:
    """Customers with owners and segments, and lines of sale of them and of some who are in no file."""
    customers = ["Klantnummer;Klantnaam;Segment;Accountmanager;Plaats"]
    customers += [f"K{n};Klant {n};Segment {n % 7};Verkoper {n % 9};Plaats {n % 50}" for n in range(rows // 20)]
    lines = ["Klantnummer;Klantnaam;Factuurnummer;Factuurdatum;Artikelnummer;Aantal;Netto bedrag;Kostprijs"]
    for n in range(rows):
        day = date(2022, 1, 1) + timedelta(days=n % 1500)
        who = n % (rows // 18)
        lines.append(f"K{who};Klant {who};F{n // 4};{day};A{n % 70};{1 + n % 9};{n % 997}.50;{n % 661}.25")
    made = [folder / "klanten.csv", folder / "verkoopregels.csv"]
    for path, text in zip(made, (customers, lines), strict=True):
        path.write_text("\n".join(text) + "\n")
    return made


def url_of(home: Path) -> str:
    """The installation's database on the server; nothing where it is SQLite."""
    kept = home / "database_url"
    return kept.read_text() if kept.exists() else ""


def make_database(home: Path, server: str) -> None:
    import psycopg

    name = f"kills_{home.name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    home.mkdir()
    (home / "database_url").write_text(f"{server.rpartition('/')[0]}/{name}")


def environ(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept, "KARMA_HOME": str(home), "KARMA_MODE": "test", "DJANGO_SETTINGS_MODULE": "karma.settings",
        "KARMA_LANGUAGE": "en", "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1", "DATABASE_URL": url_of(home),
    }  # fmt: skip


def karma(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "karma", *words]
    return subprocess.run(command, env=environ(home), capture_output=True, text=True, check=True)


def prepare(home: Path, given: list[Path]) -> int:
    """An installation in which an import waits to be written; returns in how many rows at a time."""
    karma(home, "init", "--email", "bea@noorderlicht.example", "--name", "Bea")
    command = [sys.executable, "-c", PREPARE, *(str(path) for path in given)]
    return int(subprocess.run(command, env=environ(home), check=True, capture_output=True).stdout)


def worker(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "karma", "worker", "--until-empty"]
    return subprocess.Popen(command, env=environ(home), stderr=subprocess.DEVNULL)


def ask(home: Path, statement: str, *values: object) -> list[Any]:
    if url := url_of(home):
        return _ask_server(url, statement.replace("?", "%s"), values)
    with sqlite3.connect(home / "karma.sqlite3", timeout=10) as database:
        return database.execute(statement, values).fetchall()


def _ask_server(url: str, statement: str, values: tuple[object, ...]) -> list[Any]:
    import psycopg

    with psycopg.connect(url) as database:
        cursor = database.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def written(home: Path) -> int:
    return int(ask(home, "SELECT SUM(cursor) FROM imports_importfile")[0][0])


def kill_once(home: Path, rng: random.Random, *, chunk: int) -> str:
    """Start a worker, kill it a chunk or so after it took the job; "ended" where it was faster."""
    process = worker(home)
    target = written(home) + rng.choice((0, 1, 1)) * chunk
    while process.poll() is None and ask(home, "SELECT job_status FROM common_job") != [("running",)]:
        time.sleep(0.01)
    while process.poll() is None and written(home) < target:
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.12))
    process.kill()
    process.wait()
    if ask(home, "SELECT job_status FROM common_job") == [("done",)]:
        return "ended"
    past = datetime.now(UTC) - timedelta(minutes=1)
    past = past if url_of(home) else past.strftime("%Y-%m-%d %H:%M:%S")
    ask(home, "UPDATE common_job SET lease_until = ?, attempt = 1 WHERE job_status = 'running'", past)
    return "killed"


def state(home: Path) -> dict[str, Any]:
    """Everything that an import writes, and how the run and its job ended."""
    if url_of(home):
        tables = {name: ask(home, statement) for name, statement in BY_ORDER.items()}
    else:
        tables = {table: ask(home, f"SELECT * FROM {table} ORDER BY id") for table in TABLES}
        tables["people"] = ask(home, "SELECT id, name, email, source, source_key FROM people_person ORDER BY id")
    tables["files"] = ask(
        home, "SELECT name, cursor, created, updated, skipped FROM imports_importfile ORDER BY id"
    )
    tables["run"] = ask(home, "SELECT run_status FROM imports_importrun")
    tables["job"] = ask(home, "SELECT job_status FROM common_job")
    tables["audit"] = ask(home, "SELECT action FROM common_auditevent WHERE action LIKE 'imports.%' ORDER BY id")
    return tables


def study(folder: Path, *, kills: int, rows: int, seed: int, server: str = "") -> dict[str, Any]:
    """Write once in peace and once under kills; returns how many kills fell, and whether the ends are equal."""
    rng = random.Random(seed)
    clean, killed = folder / "clean", folder / "killed"
    given = files(folder, rows)
    for home in (clean, killed) if server else ():
        make_database(home, server)
    prepare(clean, given)
    chunk = prepare(killed, given)
    worker(clean).wait()
    fell, cursors = 0, []
    while fell < kills and kill_once(killed, rng, chunk=chunk) == "killed":
        fell += 1
        cursors.append(written(killed))
    worker(killed).wait()
    first, second = state(clean), state(killed)
    differing = [name for name in first if first[name] != second[name]]
    return {
        "on": datetime.now(UTC).date().isoformat(), "database": "postgresql" if server else "sqlite",
        "rows": rows, "chunk": chunk, "kills": fell, "seed": seed,
        "stopped_at_distinct_cursors": len(set(cursors)), "equal_to_a_clean_run": not differing,
        "differing": differing, "load_at_end": round(os.getloadavg()[0], 1),
        "job": second["job"], "run": second["run"],
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="", help="a PostgreSQL server, as postgres://user@host:port/name")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = study(
            Path(folder), kills=options.kills, rows=options.rows, seed=options.seed, server=options.server
        )
    print(json.dumps(result, indent=2))
    if options.out:
        options.out.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if result["equal_to_a_clean_run"] else 1


if __name__ == "__main__":
    sys.exit(main())
