"""Nothing in the package sorts, ranks or compares persons by result."""

import ast
from pathlib import Path

import pytest

import karma_core.mirror
from karma_core.mirror import Mirror

SOURCES = sorted(Path(karma_core.mirror.__file__).parent.glob("*.py"))
ORDERING = {
    "sort",
    "sorted",
    "sort_by",
    "argsort",
    "rank",
    "rankdata",
    "top_k",
    "nlargest",
    "nsmallest",
    "argpartition",
}
CODES_ONLY = {("looking.py", "rank"), ("lookahead.py", "rank")}
"""Dense codes of labels in order of the alphabet, for counting; results have no part in them."""


def calls(source: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            named = node.func
            found.add(named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", ""))
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_nothing_orders_anything_by_result(source):
    assert {(source.name, name) for name in calls(source) & ORDERING} <= CODES_ONLY


@pytest.mark.parametrize("turned", [False, True])
def test_persons_come_in_order_of_the_input(team, look, turned):
    frame = team(skill={"a": -1.0, "f": 1.0})
    frame = frame.reverse() if turned else frame
    mirror = look(frame, margin="margin")
    wanted = frame["person"].unique(maintain_order=True).to_list()
    assert [p.person for p in mirror.won.people] == wanted
    won = frame.filter(frame["status"] == "won")["person"].unique(maintain_order=True).to_list()
    assert [p.person for p in mirror.margin.people] == won


def test_the_order_does_not_move_with_the_result(team, look):
    frame = team()
    turned = frame.with_columns(status=frame["status"].replace({"won": "lost", "lost": "won"}))
    assert [p.person for p in look(frame).won.people] == [p.person for p in look(turned).won.people]


def test_no_mirror_speaks_of_somebody_else(team, look):
    frame = team().with_columns(person="person " + team()["person"])
    for person in look(frame).won.people:
        others = set(frame["person"]) - {person.person}
        said = person.sentence.nl + person.sentence.en
        assert not [name for name in others if name in said]


def test_the_answer_has_no_place_for_a_rank():
    fields = {
        name
        for cls in (Mirror, karma_core.mirror.Block, karma_core.mirror.PersonMirror)
        for name in cls.__annotations__
    }
    assert not {
        name for name in fields if any(word in name for word in ("rank", "percentile", "position", "score"))
    }
