"""The reference names every command and every option."""

import importlib
import inspect
import re
from pathlib import Path
from typing import get_args

import pytest
from typer.models import OptionInfo

from karma.cli import COMMANDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/command-line.md").read_text("utf-8")


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


@pytest.mark.parametrize("command", COMMANDS)
def test_reference_names_every_option(command):
    section = re.search(rf"^## karma {command}\b.*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, f"docs/reference/command-line.md has no section about karma {command}"
    shared = PAGE.split("\n## ")[0]
    assert [option for option in options_of(command) if f"{option}" not in section.group() + shared] == []
