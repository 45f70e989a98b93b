"""The reference names every command, option and setting, also in Dutch; the glossary nothing that is gone."""

import importlib
import inspect
import re
from pathlib import Path
from typing import get_args

import pytest
from typer.models import OptionInfo

from karma.cli import COMMANDS
from karma.configuration import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ENGLISH = "reference/command-line.md"
DUTCH = "nl/reference/opdrachtregel.md"


def sections(page: str) -> dict[str, str]:
    """The parts of a page by the command that they are about; what stands above the first is about all."""
    above, *parts = re.split(r"^## karma ", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    return {"": above} | {re.split(r"[^a-z]", part)[0]: part for part in parts}


def options_of(command: str) -> list[str]:
    function = getattr(
        importlib.import_module(COMMANDS[command][0]), "import_" if command == "import" else command
    )
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        for info in (meta for meta in get_args(parameter.annotation) if isinstance(meta, OptionInfo)):
            written = [d for d in (info.default, *(info.param_decls or ())) if str(d).startswith("--")]
            found += written or [f"--{name.replace('_', '-')}"]
    return found


def code_in(text: str) -> set[str]:
    return {" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)}


@pytest.mark.parametrize("path", [ENGLISH, DUTCH])
@pytest.mark.parametrize("command", COMMANDS)
def test_reference_names_every_option(command, path):
    told = sections(path)
    assert command in told, f"docs/{path} has no section about karma {command}"
    named = set(re.findall(r"--[a-z-]+", told[""] + told[command]))
    assert set(options_of(command)) - named == set()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_dutch_reference_has_the_same_options_and_keys(command):
    assert code_in(sections(ENGLISH)[command]) ^ code_in(sections(DUTCH)[command]) == set()


@pytest.mark.parametrize("path", ["reference/settings.md", "nl/reference/instellingen.md"])
def test_settings_are_documented(path):
    text = (DOCS / path).read_text("utf-8")
    assert [setting.name for setting in SETTINGS if f"`{setting.name}`" not in text] == []


def test_names_of_the_glossary_stand_in_the_code():
    columns = re.findall(
        r"^\| [^|]+ \| [^|]+ \| ([^|]+) \|", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE
    )
    named = {word for cell in columns for code in code_in(cell) for word in re.findall(r"[A-Za-z_]+", code)}
    written = {
        word
        for path in (ROOT / "src").rglob("*.py")
        for word in re.findall(r"[A-Za-z_]+", f"{path.stem} {path.parent.name} {path.read_text('utf-8')}")
    }
    assert named - written == set()
