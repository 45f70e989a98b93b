"""Who answers for which customer from when on, and people with their teams, as an ERP exports them."""

from datetime import date

import pytest
from tests.factories.imports import COMPANIES, counts, imported, ready
from tests.factories.people import NOW
from tests.factories.tables import everything

from karma.common.columns import BEGINNING
from karma.customers.models import Customer, Responsibility
from karma.customers.operations import assign
from karma.imports.undoing import undo
from karma.people.models import Membership, Person, WorkingWeek

pytestmark = pytest.mark.django_db

HEADER = "Klantnummer;Klantnaam;Accountmanager;Team;Van;Tot\n"
FILE = HEADER + (
    "10001;De Vries Installaties;Anna de Boer;Noord;2024-02-01;2026-02-01\n"
    "10001;De Vries Installaties;Otto Visser;Zuid;2026-02-01;\n"
    "10002;Bakker Klimaattechniek;Anna de Boer;Noord;2023-03-09;\n"
)
PEOPLE = """Personeelsnummer;Naam;E-mail;Functie;Team;Uren per week;Van;Tot
P1;Ruben Kok;ruben@noorderlicht.example;Accountmanager;Noord;32;2024-01-01;2026-01-01
P1;Ruben Kok;ruben@noorderlicht.example;Accountmanager;Oost;32;2026-01-01;
P2;Saskia de Graaf;saskia@noorderlicht.example;Verkoopmanager;Oost;40;;
P3;Wim Vos;wim@noorderlicht.example;Monteur;;40;;2026-02-01
"""


def _rows(name: str) -> list[tuple[str, str, str, str]]:
    rows = Responsibility.objects.filter(customer__name=name).order_by("from_on").select_related("team", "person")
    return [(str(row.person), str(row.team), str(row.from_on), str(row.until_on)) for row in rows]


def test_file_says_who_answered_from_when_until_when(house):
    assert counts(imported({"verantwoordelijken.csv": FILE}, source="ERP")) == {
        "verantwoordelijken.csv": (3, 0, 0)
    }
    assert _rows("De Vries Installaties") == [
        ("Anna de Boer", "Noord", "2024-02-01", "2026-02-01"), ("Otto Visser", "Zuid", "2026-02-01", "None"),
    ]  # fmt: skip


def test_anna_sees_her_customers_after_the_import_and_otto_his(house):
    imported({"verantwoordelijken.csv": FILE}, source="ERP")
    seen = {
        person.name: list(Customer.objects.visible_to(person, on=date(2026, 3, 9)).values_list("name", flat=True))
        for person in (house.anna, house.otto)
    }
    assert seen == {"Anna de Boer": ["Bakker Klimaattechniek"], "Otto Visser": ["De Vries Installaties"]}


def test_first_day_replaces_a_beginning_that_nobody_knew(house):
    imported({"companies.csv": COMPANIES})
    imported({"verantwoordelijken.csv": FILE}, source="HubSpot")
    assert _rows("Bakker Klimaattechniek") == [("Anna de Boer", "Noord", "2023-03-09", "None")]
    assert not Responsibility.objects.filter(customer__name="De Vries Installaties", from_on=BEGINNING).exists()


def test_owner_beside_a_customer_no_longer_overrules_what_is_dated(house):
    imported({"companies.csv": COMPANIES, "verantwoordelijken.csv": FILE})
    imported({"companies.csv": COMPANIES.replace("Lindehorst", "Ede")})
    assert [row[0] for row in _rows("De Vries Installaties")] == ["Anna de Boer", "Otto Visser"]


def test_what_a_person_decided_on_the_screen_stays(house):
    imported({"verantwoordelijken.csv": FILE}, source="ERP")
    customer = Customer.objects.get(name="Bakker Klimaattechniek")
    assign(customer, team=house.south, person=house.otto, on=date(2026, 3, 1), by=house.bea, at=NOW)
    again = imported({"verantwoordelijken.csv": FILE}, source="ERP")
    assert counts(again) == {"verantwoordelijken.csv": (0, 0, 3)}
    assert _rows(customer.name)[1] == ("Otto Visser", "Zuid", "2026-03-01", "None")


def test_later_export_ends_a_row_and_begins_another(house):
    imported({"verantwoordelijken.csv": FILE}, source="ERP")
    longer = FILE.replace("2023-03-09;\n", "2023-03-09;2026-03-05\n")
    longer += "10002;Bakker Klimaattechniek;Otto Visser;Zuid;2026-03-05;\n"
    assert counts(imported({"verantwoordelijken.csv": longer}, source="ERP")) == {
        "verantwoordelijken.csv": (1, 1, 2)
    }
    assert _rows("Bakker Klimaattechniek")[0][3] == "2026-03-05"


@pytest.mark.parametrize("first", [{}, {"companies.csv": COMPANIES}])
def test_undo_restores_exactly_what_was_before_the_dates(house, first):
    if first:
        imported(first)
    before = everything()
    run = imported({"verantwoordelijken.csv": FILE, "medewerkers.csv": PEOPLE})
    assert everything() != before
    run.run_status = "undoing"
    run.save()
    undo(run)
    assert everything() == before


def test_person_without_a_team_in_the_file_brings_the_team_of_the_first_day(house):
    text = "Klantnummer;Accountmanager;Van;Tot\n7;Ruben Kok;2025-06-01;\n8;Ruben Kok;2026-02-01;\n"
    imported({"medewerkers.csv": PEOPLE, "verantwoordelijken.csv": text}, source="ERP")
    assert [_rows(name)[0][1] for name in ("7", "8")] == ["Noord", "Oost"]


def test_row_that_ends_before_it_begins_or_comes_twice_is_set_aside(house):
    text = FILE + "10003;X;Anna de Boer;Noord;2024-02-01;2024-01-01\n" + FILE.splitlines()[3] + "\n"
    file = ready({"verantwoordelijken.csv": text}, source="ERP").files.get()
    assert (file.rows, file.rejected, file.planned["created"]) == (5, 2, 3)


def test_who_changed_team_is_in_one_after_the_other(house):
    imported({"medewerkers.csv": PEOPLE}, source="ERP")
    ruben = Person.objects.get(name="Ruben Kok")
    rows = (
        Membership.objects.filter(person=ruben)
        .order_by("from_on")
        .values_list("team__name", "from_on", "until_on", "is_lead")
    )
    assert list(rows) == [
        ("Noord", date(2024, 1, 1), date(2026, 1, 1), False), ("Oost", date(2026, 1, 1), None, False),
    ]  # fmt: skip
    assert ruben.is_active


def test_file_of_people_says_functions_hours_and_who_has_left(house):
    imported({"companies.csv": COMPANIES})
    run = imported({"medewerkers.csv": PEOPLE}, source="ERP")
    assert counts(run) == {"medewerkers.csv": (2, 2, 0)}
    found = {name: (function, active) for name, function, active in Person.objects.filter(
        joined_at__isnull=True).values_list("name", "function", "is_active")}  # fmt: skip
    assert found == {
        "Ruben Kok": ("account_manager", True),
        "Saskia de Graaf": ("manager", True),
        "Wim Vos": ("service", False),
    }
    assert Membership.objects.get(person__name="Saskia de Graaf").is_lead
    assert WorkingWeek.objects.get(person__name="Ruben Kok").monday == 384
    assert counts(imported({"medewerkers.csv": PEOPLE}, source="ERP")) == {"medewerkers.csv": (0, 0, 4)}


def test_person_who_stands_in_another_team_now_has_moved(house):
    text = "Personeelsnummer;Naam;Team\nP9;Ruben Kok;Noord\nP8;Anna de Boer;Oost\n"
    imported({"medewerkers.csv": text}, source="ERP")
    Membership.objects.filter(person__name="Ruben Kok").update(from_on=date(2025, 1, 1))
    imported({"medewerkers.csv": text.replace("Noord", "Zuid")}, source="ERP")
    rows = Membership.objects.filter(person__name="Ruben Kok").order_by("from_on")
    assert [(row.team.name, str(row.until_on)) for row in rows] == [("Noord", "2026-03-09"), ("Zuid", "None")]
    annas = Membership.objects.filter(person=house.anna, until_on=None).order_by("team__name")
    assert [row.team.name for row in annas] == ["Noord", "Oost"]
