"""The same facts give the same numbers: from files, from the database, and on the screen."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from tests.factories.imports import imported

from karma import cli
from karma.customers.models import Customer
from karma.readings import queries
from karma.readings.models import Analysis
from karma.readings.operations import analyse

AS_OF = date(2026, 3, 9)
BRANCHES = ("Industrie", "Zorg", "Bouw")
QUARTER = ("--from", "2026-01-01", "--until", "2026-04-01", "--as-of", f"{AS_OF}")


def exports() -> dict[str, str]:
    """Two years of thirty customers and forty deals. Ids sort otherwise than the rows stand, on purpose."""
    rng = np.random.default_rng(7)
    who = ["Record ID,Company name,Industry"]
    who += [f"{n},Klant {n} BV,{BRANCHES[n % 3]}" for n in range(30, 0, -1)]
    lines = [
        "Klantnummer;Klantnaam;Factuurnummer;Factuurdatum;Artikelnummer;Aantal;Netto bedrag;Kostprijs;Branche"
    ]
    for n in range(30):
        day = date(2024, 1, 1) + timedelta(days=int(rng.integers(1, 60)))
        while day < date(2026, 3, 20):
            amount = int(rng.integers(20_000, 90_000))
            lines.append(
                f"{n + 1};Klant {n + 1} BV;F{len(lines)};{day};A1;1;{amount / 100:.2f};{amount / 150:.2f};"
                f"{BRANCHES[(n + 1) % 3]}"
            )
            day += timedelta(days=int(rng.gamma(4, 8 + n % 7)))
    deals = [
        "Record ID,Deal Name,Deal Stage,Close Date,Amount,Currency,Create Date,Associated Company IDs,Segment"
    ]
    for n in range(40):
        begun = date(2025, 1, 1) + timedelta(days=n * 10)
        stage = ("Gewonnen", "Verloren")[n % 2] if n < 34 else "Offerte"
        ended = begun + timedelta(days=20 + n % 15)
        who_asks = n % 30 + 1
        told = (900 - n, f"Aanvraag {n}", stage, ended, f"{n * 110 + 1000}.00", "EUR", begun, who_asks)
        deals.append(",".join(map(str, (*told, BRANCHES[who_asks % 3]))))
    return {"companies.csv": "\n".join(who), "lines.csv": "\n".join(lines), "deals.csv": "\n".join(deals)}


@pytest.fixture
def company(house, tmp_path):
    """The company in the database; returns the paths of the same files."""
    files = exports()
    imported(files)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return {name: str(tmp_path / name) for name in files}


@pytest.fixture
def said(capsys, monkeypatch):
    """What a command prints as JSON; it finds Django set up and the tables made."""
    monkeypatch.setattr("karma.cli.plan._set_up", lambda: None)

    def run(*words: str) -> dict:
        assert cli.run([*words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


FROM_WHERE = ("columns", "rows", "warnings", "currency", "missing")


def without_files(document: dict) -> dict:
    return {name: value for name, value in document.items() if name not in FROM_WHERE}


def test_plan_from_files_from_the_database_and_on_the_screen_is_one(company, said):
    from_files = said("plan", "--purchases", company["lines.csv"], "--deals", company["deals.csv"], *QUARTER)
    from_tables = said("plan", "--organisation", *QUARTER)
    assert from_files["mean_cents"] > 0
    assert without_files(from_tables) == without_files(from_files)
    analyse(AS_OF)
    shown = queries.draws_of(queries.plan_of(None))
    assert shown.quantiles_cents == from_files["quantiles_cents"]
    asked = said("plan", "--organisation", *QUARTER, "--amount", "20000")["chance_of"][-1]
    assert shown.chance_of(2_000_000) == asked["chance"]


def test_rhythm_from_files_and_from_the_database_is_one(company, said):
    analyse(AS_OF)
    shown = Analysis.objects.latest().facts["rhythm"]
    from_files = said("rhythm", company["lines.csv"], "--horizon", "30", "--as-of", f"{AS_OF}")
    assert {name: from_files[name] for name in ("model", "k", "parameters", "expected_purchases")} == {
        name: shown[name] for name in ("model", "k", "parameters", "expected_purchases")
    }
    assert from_files["expected_margin_cents"] == shown["expected_margin_cents"]


def test_order_of_customers_in_the_table_does_not_matter(company):
    """Their numbers in the table run against the order of their ids in the files."""
    ids = list(Customer.objects.order_by("sources__source_key").values_list("pk", flat=True).distinct())
    assert ids != sorted(ids)
