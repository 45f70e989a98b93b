"""Nothing counts, orders or compares people: no query, no page, no export.

The code is read for what could do so, and every page of the product is opened as those who see most, after Anna
was given far more customers, deals, contact and rests than others: no row that names a person holds a number.
"""

import ast
import copy
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from tests.factories.customers import make_dossier
from tests.factories.people import TODAY
from tests.factories.plans import customer_reading, make_readings
from tests.factories.who_may import address_of, make_objects, read_table

from karma.customers.models import ContactMoment, Rest

PRODUCT = Path(__file__).resolve().parents[2] / "src" / "karma"
APART = ("migrations", "demo")
AGGREGATES = {"Count", "Sum", "Avg", "Max", "Min", "StdDev", "Rank", "DenseRank", "RowNumber", "Window", "Counter"}
OF_PEOPLE = re.compile(
    r"\b(person|people|owner|actor|colleagues?|seller|set_by|given_by|given_to|Person|Membership)\b"
)
HARMLESS = {"name", "pk", "id", "-is_lead", "person__name", "from_on", "-from_on", "until_on", "team"}
KNOWN = {
    "people/queries.py": "how many people work here, for the guide's first steps",
    "imports/preview.py": "how many rows of a file name a person of ours",
}
OF_ONE_ALONE = ("account_", "mfa_", "my-export")
"""Pages on one's own signing in, and the export, which is looked at apart."""
PLANTED = 7
WHEN = re.compile(r"\d{1,2} \w+\.? \d{4}|\d{1,2} \w+\.?(?= |$)|\d{4}-\d\d-\d\d|\d{1,2}:\d\d|[\w.]+@[\w.]+")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PRODUCT.rglob("*.py")):
        if not set(path.parts) & set(APART) and "mirror" not in path.name and "simulate" not in path.name:
            yield str(path.relative_to(PRODUCT)), ast.parse(path.read_text("utf-8"))


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def _aggregates(call: ast.Call) -> bool:
    inside = (node for argument in [*call.args, *call.keywords] for node in ast.walk(argument))
    return any(isinstance(node, ast.Name) and node.id in AGGREGATES for node in inside)


def test_no_query_counts_or_sums_per_person():
    found = {
        f"{name}: {ast.unparse(call)[:120]}"
        for name, tree in modules()
        for call in calls(tree, "annotate", "aggregate", "alias")
        if _aggregates(call) and OF_PEOPLE.search(ast.unparse(call)) and name not in KNOWN
    }
    assert found == set()


def test_no_frame_is_grouped_or_ordered_by_person():
    found = {
        f"{name}: {ast.unparse(call)[:120]}"
        for name, tree in modules()
        for call in calls(tree, "group_by", "rank", "value_counts", "top_k")
        if OF_PEOPLE.search(ast.unparse(call))
    }
    assert found == set()


def test_people_are_ordered_by_name_and_day_only():
    found = {
        f"{name}: order_by({written})"
        for name, tree in modules()
        for call in calls(tree, "order_by")
        if re.search(r"\b(Person|Membership|colleagues|people|memberships)\b", ast.unparse(call.func))
        for written in (ast.unparse(argument).strip("'") for argument in call.args)
        if written not in HARMLESS
    }
    assert found == set()


@pytest.mark.parametrize("app", ["readings", "plans", "team"])
def test_no_reading_is_about_a_person(app):
    about = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.related_model is get_user_model()
    }
    assert about == set()


class Rows(HTMLParser):
    """The text of each row of a page: list items, table rows, options, and what stands in a definition list."""

    KINDS = ("li", "tr", "option", "dd", "p")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[list[str]] = []
        self.rows: list[str] = []

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in self.KINDS:
            self.open.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.KINDS and self.open:
            self.rows.append(" ".join(" ".join(self.open.pop()).split()))

    def handle_data(self, data: str) -> None:
        for row in self.open:
            row.append(data)


def rows_of(page: str) -> list[str]:
    reader = Rows()
    reader.feed(page)
    return reader.rows


@pytest.fixture
def busy_anna(house, dossiers):
    """Anna with far more of everything than anybody else."""
    objects = make_objects(house, dossiers)
    readings = make_readings(house, dossiers)
    for number in range(PLANTED):
        letter = "abcdefghij"[number]
        dossier = make_dossier(f"Klant {letter}", team=house.north, person=house.anna, canary=f"druk{letter}")
        customer_reading(readings.analysis, dossier)
        ContactMoment.objects.filter(pk=dossier.moment.pk).update(kind="call", summary="gesproken")
        if number % 2:
            Rest.objects.create(
                customer=dossier.customer, until_on=TODAY, set_by=house.anna, set_at=readings.analysis.started_at
            )
    return objects


NAMES = ("Anna de Boer", "Marijke Smit", "Otto Visser", "Joost Mulder")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["anna", "marijke", "joost", "bea"])
def test_no_row_of_any_page_holds_a_number_beside_a_name(who, house, busy_anna, sign_in):
    browser = sign_in(getattr(house, who))
    found, named = {}, 0
    for line in read_table():
        if "GET" not in line.methods or line.name.startswith(OF_ONE_ALONE):
            continue
        for row in rows_of(_page(browser, address_of(line, busy_anna, reverse))):
            if any(name in row for name in NAMES):
                named += 1
                if re.search(r"\d", WHEN.sub("", row)):
                    found.setdefault(line.name, []).append(row[:200])
    assert found == {}
    assert named > 10, "the walk saw nobody"


def _page(browser, address: str) -> str:
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        answer = browser.get(address)
        transaction.set_rollback(True)
    browser.cookies = cookies
    is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
    return answer.content.decode() if is_page and not answer.streaming else ""


@pytest.mark.django_db
def test_export_holds_nothing_of_others(house, busy_anna, sign_in):
    body = b"".join(sign_in(house.marijke).get("/me/export/")).decode()
    assert json.loads(body)
    assert [name for name in NAMES if name in body] == ["Marijke Smit"]


def test_reader_of_rows_sees_a_number_beside_a_name():
    rows = rows_of(
        "<table><tr><th>Anna de Boer</th><td>7</td></tr></table><ul><li>Anna <b>sinds 3 mei 2026</b></li></ul>"
    )
    assert [bool(re.search(r"\d", WHEN.sub("", row))) for row in rows] == [True, False]
