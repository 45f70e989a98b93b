"""The reference of map.toml names every key, field and choice, in both languages."""

from pathlib import Path

import pytest

from karma_files.mapping import KIND_KEYS, TOP
from karma_files.schema import CHOICES, KINDS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ["reference/mapping.md", "nl/reference/mapping.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_names_every_key_and_field(page: str) -> None:
    text = (DOCS / page).read_text()
    assert [key for key in TOP if f"\n{key} = " not in text] == []
    assert [key for key in KIND_KEYS if key not in text] == []
    fields = [(kind.name, field.name) for kind in KINDS.values() for field in kind.fields]
    parts = {name: text.split(f"### `[{name}]`")[1].split("\n### ")[0] for name in KINDS}
    assert [field for kind, field in fields if f"| `{field}` |" not in parts[kind]] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_names_every_choice_that_has_words(page: str) -> None:
    text = (DOCS / page).read_text()
    wanted = [choice for choices in CHOICES.values() for choice in choices if choice != "kept"]
    assert [choice for choice in wanted if f"| `{choice}` |" not in text] == []
