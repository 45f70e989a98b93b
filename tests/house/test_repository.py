"""What a newcomer relies on: dependencies with a reason, locks without hosts, links that lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def direct_dependencies() -> set[str]:
    lines = (line for path in REQUIREMENTS.glob("*.in") for line in path.read_text().splitlines())
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line and not line.startswith(("#", "-")))
    return {found.group().lower() for found in names if found}


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")]


def test_every_dependency_has_its_licence_and_reason():
    told = (ROOT / "DEPENDENCIES.md").read_text().lower()
    rows = {name.strip() for row in re.findall(r"^\| ([^|]+)\|", told, re.MULTILINE) for name in row.split(",")}
    assert direct_dependencies() - rows == set()


@pytest.mark.parametrize("lock", ["base.txt", "build.txt", "dev.txt", "spark.txt"])
def test_lock_pins_with_hashes_and_names_no_host(lock):
    text = (REQUIREMENTS / lock).read_text()
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_every_decision_stands_in_the_index():
    index = (ROOT / "docs/decisions/README.md").read_text()
    assert [page.name for page in (ROOT / "docs/decisions").glob("0*.md") if page.name not in index] == []


@pytest.mark.parametrize("text", pages(), ids=lambda text: text.relative_to(ROOT).as_posix())
def test_every_link_in_the_documentation_leads_somewhere(text):
    targets = LINK.findall(text.read_text("utf-8"))
    assert [target for target in targets if not (text.parent / target).exists()] == []


def test_glossary_names_each_noun_once():
    rows = re.findall(r"^\| ([^|]+?) \|", (ROOT / "GLOSSARY.md").read_text(), re.MULTILINE)[2:]
    assert [noun for noun in set(rows) if rows.count(noun) > 1] == []
