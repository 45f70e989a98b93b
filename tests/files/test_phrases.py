"""Every sentence has both languages, the same places to fill in, and is used."""

import re
from pathlib import Path
from string import Formatter

import pytest

import karma_files
from karma_files import FileError, Notice, ignored_text, reason_text
from karma_files.sentences import ERRORS, IGNORED, NOTICES, REASONS

SOURCE = Path(karma_files.__file__).parent
CODE = "\n".join(path.read_text() for path in SOURCE.glob("*.py") if path.name != "sentences.py")
ALL = [(code, said) for table in (ERRORS, REASONS, IGNORED, NOTICES) for code, said in table.items()]


def places(text: str) -> set[str]:
    named = {name for _, name, _, _ in Formatter().parse(text) if name}
    return {re.sub(r"_(en|nl)$", "", name) for name in named}


@pytest.mark.parametrize(("code", "said"), ALL, ids=[code for code, _ in ALL])
def test_a_sentence_is_whole_in_both_languages(code: str, said: tuple[str, str]) -> None:
    assert places(said[0]) == places(said[1])
    assert said[0] != said[1]


@pytest.mark.parametrize("said", [said for table in (ERRORS, NOTICES) for said in table.values()])
def test_a_sentence_ends_and_does_not_shout(said: tuple[str, str]) -> None:
    for text in said:
        assert text.endswith((".", "_en}", "_nl}"))
        assert "!" not in text
        assert "helaas" not in text.lower()


@pytest.mark.parametrize("code", [code for code, _ in ALL])
def test_a_sentence_is_used(code: str) -> None:
    assert f'"{code}"' in CODE


@pytest.mark.parametrize("code", sorted(set(re.findall(r'FileError\(\s*"(\w+)"', CODE))))
def test_an_error_has_its_sentence(code: str) -> None:
    assert code in ERRORS


@pytest.mark.parametrize("code", sorted(set(re.findall(r'Notice\(\s*"(\w+)"', CODE))))
def test_a_notice_has_its_sentence(code: str) -> None:
    assert code in NOTICES


def test_an_error_speaks_dutch_and_english() -> None:
    error = FileError("empty", name="a.csv")
    assert str(error) == '"a.csv" is empty. Export it again with the rows in it.'
    assert error.say("nl") == '"a.csv" is leeg. Exporteer het opnieuw, met de regels erin.'


def test_a_notice_speaks_dutch_and_english() -> None:
    notice = Notice("no_cost")
    assert str(notice) == "There is no cost in it, so we speak of revenue."
    assert notice.say("nl") == "Er zit geen kostprijs bij, dus we spreken over omzet."


def test_reasons_and_ignored_rows_speak_dutch() -> None:
    assert (reason_text("no_such_day", "nl"), ignored_text("group", "nl")) == (
        "Die dag bestaat niet.",
        "groepsregels",
    )


def test_an_error_with_braces_in_the_file_says_them_as_they_are() -> None:
    assert "{0.__class__}" in str(FileError("empty", name="{0.__class__}"))


def test_thousands_stand_apart_as_each_reader_writes_them() -> None:
    notice = Notice("cost_missing", {"count": 76, "rows": 57851})
    assert ("57.851" in notice.say("nl"), "57,851" in notice.say("en")) == (True, True)
