"""karma today says the same as the screen."""

import json

import pytest
from tests.factories.people import NOW, TODAY

from karma.cli import run
from karma.today import operations
from karma.today.queries import day_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_test(monkeypatch):
    monkeypatch.setenv("KARMA_LANGUAGE", "nl")
    for step in ("_set_up", "_refuse_missing_tables"):
        monkeypatch.setattr(f"karma.cli.today.{step}", lambda: None)


def test_document_has_the_lines_of_the_screen(house, day, capsys):
    operations.give(day["Smit"], to=house.anna, words="graag", by=house.marijke, on=TODAY, at=NOW)
    assert run(["today", "--person", "Anna@noorderlicht.example", "--on", "2026-03-09", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    lines = day_of(house.anna, on=TODAY).lines
    assert [line["customer"] for line in document["lines"]] == [str(line.customer.pk) for line in lines]
    assert document["lines"][0]["reason_en"].startswith("Marijke Smit asks you to take this up. graag")
    assert document["lines"][1]["reason_nl"] == lines[1].reason
    assert (document["on"], document["as_of"], document["minutes"]) == ("2026-03-09", "2026-03-09", 75)


def test_words_without_json(house, day, capsys):
    assert run(["today", "--person", "anna@noorderlicht.example", "--on", "2026-03-09"]) == 0
    assert "De Vries Installaties bestelt ongeveer elke vijf weken" in capsys.readouterr().out


def test_unknown_person_is_refused(house, capsys):
    assert run(["today", "--person", "niemand@noorderlicht.example", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "niemand@noorderlicht.example" in captured.err
