"""karma import and karma imports, as one types them, on an installation of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.factories.imports import COMPANIES, LINES

pytestmark = pytest.mark.slow


class Installation:
    """A folder with an installation; `karma` runs a command in it."""

    def __init__(self, home: Path, database: str) -> None:
        self.home, self.database = home, database

    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        own = {"KARMA_HOME": str(self.home), "KARMA_MODE": "test", "KARMA_LANGUAGE": "en"}
        return {**kept, **own, **({"DATABASE_URL": self.database} if self.database else {})}

    def start(self, *words: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "karma", *map(str, words)]
        return subprocess.Popen(
            command, env=self.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def karma(self, *words: object, status: int = 0) -> str:
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, err
        return out if status == 0 else err


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    given = os.environ.get("DATABASE_URL", "")
    name = f"karma_{uuid4().hex[:12]}"
    if given:
        _postgres(given, f"CREATE DATABASE {name}")
    made = Installation(tmp_path / "home", f"{given.rpartition('/')[0]}/{name}" if given else "")
    made.karma("init", "--email", "bea@noorderlicht.example", "--name", "Bea")
    yield made
    if given:
        _postgres(given, f"DROP DATABASE {name} WITH (FORCE)")


def _postgres(address: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(address.rpartition("/")[0] + "/postgres", autocommit=True) as server:
        server.execute(statement)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"companies": COMPANIES, "lines": LINES + "K1;X;F9;31-02-2026;A;1;1,00;1,00;EUR;\n"}
    for name, text in made.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return {name: tmp_path / f"{name}.csv" for name in made}


def test_import_says_exactly_what_became_of_every_row(installation, files):
    said = json.loads(installation.karma("import", *files.values(), "--source", "ERP", "--json"))
    assert said == {
        "run": 1,
        "files": [
            {"file": "companies.csv", "kind": "customers", "rows": 3, "created": 3, "updated": 0, "skipped": 0,
             "rejected": 0, "ignored": {}},
            {"file": "lines.csv", "kind": "purchases", "rows": 6, "created": 5, "updated": 0, "skipped": 0,
             "rejected": 1, "ignored": {}},
        ],
        "rejections": [
            {"file": "lines.csv", "line": 7, "column": "Factuurdatum", "value": "31-02-2026",
             "reason": "no_such_day"},
        ],
    }  # fmt: skip
    again = json.loads(installation.karma("import", *files.values(), "--source", "ERP", "--json"))
    assert [(each["created"], each["updated"], each["skipped"]) for each in again["files"]] == [
        (0, 0, 3),
        (0, 0, 5),
    ]
    installation.karma("imports", "undo", 1)
    runs = json.loads(installation.karma("imports", "list", "--json"))["runs"]
    assert [(each["run"], each["status"]) for each in runs] == [(2, "done"), (1, "undone")]


def test_rehearsal_writes_nothing(installation, files):
    said = json.loads(installation.karma("import", files["companies"], "--dry-run", "--json"))
    assert (said["run"], said["files"][0]["created"]) == (None, 3)
    assert json.loads(installation.karma("imports", "list", "--json")) == {"runs": []}


def test_file_that_is_not_recognised_stops_all_and_says_what_to_do(installation, files, tmp_path):
    odd = tmp_path / "odd.csv"
    odd.write_text("kleur;maat\nrood;3\n")
    assert "odd.csv is not recognised" in installation.karma("import", files["companies"], odd, status=2)
    assert json.loads(installation.karma("imports", "list", "--json")) == {"runs": []}


def test_run_that_does_not_exist_is_refused(installation):
    assert "no import 7" in installation.karma("imports", "undo", 7, status=2)


def test_two_imports_at_once_lose_and_double_nothing(installation, tmp_path):
    """Both know the same thousand customers by other ids, and each other's owners by name."""
    made = [(source, *_thousand_customers(tmp_path, source)) for source in ("A", "B")]
    running = [installation.start("import", *paths, "--source", source, "--json") for source, *paths in made]
    ended = [process.communicate(timeout=180) for process in running]
    assert [process.returncode for process in running] == [0, 0], [err for _, err in ended]
    counted = [json.loads(out)["files"] for out, _ in ended]
    assert [each["created"] for files in counted for each in files if each["kind"] == "purchases"] == [6000, 6000]
    customers = [each for files in counted for each in files if each["kind"] == "customers"]
    assert sum(each["created"] for each in customers) == 1000
    assert sum(each["created"] + each["updated"] for each in customers) == 2000


def _thousand_customers(folder: Path, source: str) -> tuple[Path, Path]:
    customers = ["Klantnummer;Klantnaam;Accountmanager;Plaats"]
    customers += [f"{source}{n};Klant {n};Verkoper {n % 9};Plaats" for n in range(1000)]
    lines = ["Klantnummer;Klantnaam;Factuurnummer;Factuurdatum;Artikelnummer;Aantal;Bedrag"]
    for n in range(6000):
        lines.append(f"{source}{n % 1000};Klant {n % 1000};F{n};2026-01-{1 + n % 28:02};P{n % 9};1;{n}.00")
    paths = folder / f"{source}-klanten.csv", folder / f"{source}-regels.csv"
    for path, text in zip(paths, (customers, lines), strict=True):
        path.write_text("\n".join(text) + "\n")
    return paths
