import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from karma.cli.simulate_answer import next_quarter

SMALL = ("--customers", "60", "--years", "1", "--ends-on", "2026-11-22")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_simulate_writes_what_it_says(karma, tmp_path):
    ran = karma("simulate", tmp_path / "demo", *SMALL, "--json")
    assert ran.status == 0
    written = tree(tmp_path / "demo")
    assert {each["file"] for each in ran.document["files"]} | {"README.txt", "truth/recipe.json"} == set(written)
    assert (ran.document["as_of"], ran.document["customers"]) == ("2026-11-22", 60)
    assert ran.document["period"] == {"from": "2027-01-01", "until": "2027-04-01"}


def test_simulate_totals_are_those_of_the_file(karma, tmp_path):
    ran = karma("simulate", tmp_path / "demo", *SMALL, "--json")
    file = tmp_path / "demo/erp/verkoopregels.csv"
    lines = pl.read_csv(file, separator=";", decimal_comma=True, infer_schema_length=None)
    rows = {each["file"]: each["rows"] for each in ran.document["files"]}
    assert rows["erp/verkoopregels.csv"] == lines.height
    assert ran.document["totals_cents"]["revenue"] == round(lines["Netto bedrag"].sum() * 100)
    assert ran.document["totals_cents"]["cost"] == round(lines["Kostprijs"].sum() * 100)


def test_simulate_writes_a_dutch_file(karma, tmp_path):
    karma("simulate", tmp_path / "demo", *SMALL)
    raw = (tmp_path / "demo/erp/verkoopregels.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfKlantnummer;")
    day, amount = raw.decode("utf-8-sig").splitlines()[1].split(";")[3:8:4]
    assert (day[2], day[5], "," in amount) == ("-", "-", True)
    (tmp_path / "demo/erp/klanten.csv").read_bytes().decode("cp1252")


def test_simulate_twice_writes_the_same(karma, tmp_path):
    for name in ("one", "two"):
        karma("simulate", tmp_path / name, *SMALL)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_simulate_replaces_a_company_of_before(karma, tmp_path):
    karma("simulate", tmp_path / "demo", *SMALL)
    ran = karma("simulate", tmp_path / "demo", *SMALL, "--seed", "2", "--json")
    assert ran.status == 0
    assert json.loads((tmp_path / "demo/truth/recipe.json").read_text())["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize("speaks", ["nl", "en"])
def test_simulate_leaves_a_folder_of_others_alone(karma, speak, tmp_path, speaks):
    speak(speaks)
    (tmp_path / "mine.txt").write_text("mine")
    ran = karma("simulate", tmp_path, *SMALL)
    assert ran.status == 2
    assert {"nl": "iets anders", "en": "something else"}[speaks] in ran.err
    assert tree(tmp_path) == {"mine.txt": b"mine"}


def test_simulate_leaves_what_people_put_beside_its_files_alone(karma, tmp_path):
    karma("simulate", tmp_path / "demo", *SMALL)
    (tmp_path / "demo/erp/notes.txt").write_text("mine")
    before = tree(tmp_path / "demo")
    assert karma("simulate", tmp_path / "demo", *SMALL, "--seed", "2").status == 2
    assert tree(tmp_path / "demo") == before


def test_simulate_refuses_a_file_or_a_link(karma, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        ran = karma("simulate", tmp_path / name, *SMALL)
        assert (ran.status, ran.out) == (2, "")


def test_simulate_into_an_empty_folder_fills_it(karma, tmp_path):
    (tmp_path / "demo").mkdir()
    assert karma("simulate", tmp_path / "demo", *SMALL).status == 0
    assert (tmp_path / "demo/README.txt").exists()


@pytest.mark.parametrize(
    "wrong",
    [("--customers", "3"), ("--family", "x"), ("--ends-on", "morgen"), ("--years", "0"), ("--people", "2")],
)
def test_simulate_refuses_what_makes_no_company_and_writes_nothing(karma, tmp_path, wrong):
    ran = karma("simulate", tmp_path / "demo", *wrong)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.strip().endswith(".")
    assert list(tmp_path.iterdir()) == []


def test_simulate_stopped_halfway_leaves_nothing(karma, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("karma.cli.simulate_files._write_truth", stop)
    ran = karma("simulate", tmp_path / "demo", *SMALL)
    assert ran.status != 0
    assert list(tmp_path.iterdir()) == []


def test_simulate_on_a_full_disk_says_so_and_leaves_nothing(karma, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("karma.cli.simulate_files._write_erp", full)
    ran = karma("simulate", tmp_path / "demo", *SMALL)
    assert ran.status == 2
    assert "No space left on device" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_next_quarter_on_its_first_day_is_that_quarter():
    assert next_quarter(date(2026, 10, 1)).start == date(2026, 10, 1)
