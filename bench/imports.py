"""How fast a bulk import writes lines of sale, beside a bare executemany of the same rows in the same run.

    KARMA_HOME=$(mktemp -d) python bench/imports.py --rows 200000 --out bench/results/imports.json

Both write in transactions of as many rows to the same kind of table on the same disk, and are repeated; the ratio
of the medians counts. What is timed of the import is its publishing: from the staged file to the last cursor.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karma.settings")
os.environ.setdefault("KARMA_MODE", "test")


def lines(rows: int) -> str:
    """Invoice lines of a thousand customers, ten a day each."""
    start, made = (
        date(2022, 1, 1),
        ["Klantnummer;Klantnaam;Factuurnummer;Factuurdatum;Artikelnummer;Aantal;Netto bedrag;Kostprijs"],
    )
    for number in range(rows):
        customer, day = number % 1000, start + timedelta(days=number % 1500)
        amounts = f"{1 + number % 9};{number % 997}.50;{number % 661}.25"
        made.append(f"K{customer};Klant {customer};F{number // 4};{day};A{number % 700};{amounts}")
    return "\n".join(made) + "\n"


def published(text: str, source: str):
    """A run that is staged and ready; what follows is timed."""
    from karma.imports import operations
    from karma.imports.enums import RunStatus

    given = operations.Source(source, currency="EUR")
    run = operations.begin(given, [operations.Upload("lines.csv", [text.encode()])], by=None, at=datetime.now(UTC))
    operations.look(run)
    file = run.files.get()
    operations._read(run, file)
    assert not file.fault, file.fault
    run.run_status = RunStatus.PUBLISHING
    run.save()
    return run


def time_import(text: str, source: str) -> tuple[float, float]:
    """Wall and processor seconds."""
    from karma.imports.publishing import publish

    run = published(text, source)
    begun, spent = time.perf_counter(), time.process_time()
    publish(run)
    return time.perf_counter() - begun, time.process_time() - spent


def time_bare(rows: int, chunk: int) -> tuple[float, float]:
    """The rows that the import left, written again under another source by nothing but executemany; as above."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM deals_purchaseline ORDER BY id DESC LIMIT %s", [rows])
        names = [each[0] for each in cursor.description]
        found = cursor.fetchall()
    key = names.index("source_key")
    again = [tuple(f"bare {value}" if place == key else value for place, value in enumerate(row)) for row in found]
    columns = [name for name in names if name != "id"]
    keep = [place for place, name in enumerate(names) if name != "id"]
    again = [tuple(row[place] for place in keep) for row in again]
    quoted = ", ".join(connection.ops.quote_name(name) for name in columns)
    statement = f"INSERT INTO deals_purchaseline ({quoted}) VALUES ({', '.join(['%s'] * len(columns))})"
    begun, spent = time.perf_counter(), time.process_time()
    for first in range(0, len(again), chunk):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, again[first : first + chunk])
    return time.perf_counter() - begun, time.process_time() - spent


def ratio(bare: list[tuple[float, float]], imports: list[tuple[float, float]], which: int) -> float:
    """How the medians compare. Processor time leaves out what a PostgreSQL server does."""
    medians = [statistics.median(each[which] for each in runs) for runs in (bare, imports)]
    return round(medians[0] / medians[1], 3)


def clear() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM deals_purchaseline")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from karma.imports.publishing import CHUNK

    call_command("migrate", verbosity=0)
    text = lines(options.rows)
    imports, bare = [], []
    for repeat in range(options.repeats):
        imports.append(time_import(text, f"bench {repeat}"))
        bare.append(time_bare(options.rows, CHUNK))
        clear()
    result = {
        "on": datetime.now(UTC).date().isoformat(),
        "database": connection.vendor,
        "python": platform.python_version(),
        "rows": options.rows,
        "chunk": CHUNK,
        "load_at_end": round(os.getloadavg()[0], 1),
        "import_seconds": [round(wall, 3) for wall, _ in imports],
        "executemany_seconds": [round(wall, 3) for wall, _ in bare],
        "ratio_of_speeds": ratio(bare, imports, 0),
        "ratio_in_processor_time": ratio(bare, imports, 1),
        "goal": 0.5,
    }
    print(json.dumps(result, indent=2))
    if options.out:
        options.out.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if result["ratio_of_speeds"] >= result["goal"] else 1


if __name__ == "__main__":
    sys.exit(main())
