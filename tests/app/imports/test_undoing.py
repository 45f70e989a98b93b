"""Taking a run back: exactly, or not at all and with names."""

import pytest
from tests.factories.imports import COMPANIES, DEALS, HUBSPOT, LINES, imported
from tests.factories.people import TODAY
from tests.factories.tables import everything

from karma.common.audit import record
from karma.common.clock import now
from karma.customers.models import Customer, Guest
from karma.imports.enums import RunStatus
from karma.imports.operations import ask_undoing
from karma.imports.phrases import obstacle_words
from karma.imports.undoing import obstacles, undo
from karma.people.operations import Refused

pytestmark = pytest.mark.django_db


def _undone(run):
    assert obstacles(run) == []
    run.run_status = RunStatus.UNDOING
    run.save()
    undo(run)
    assert run.run_status == RunStatus.UNDONE


@pytest.mark.parametrize("first", [{}, {"companies.csv": COMPANIES}, HUBSPOT])
def test_undo_restores_exactly_what_was(house, first):
    if first:
        imported(first)
    before = everything()
    changed = {name: text.replace("Gewonnen", "Verloren").replace("Saskia", "Sanne").replace("Lindehorst", "Ede")
               for name, text in HUBSPOT.items()}  # fmt: skip
    run = imported(changed)
    assert everything() != before
    _undone(run)
    assert everything() == before


def test_undo_of_a_complete_export_brings_back_what_it_took_away(house):
    imported({"lines.csv": LINES}, source="ERP")
    before = everything()
    _undone(imported({"lines.csv": "\n".join(LINES.splitlines()[:2])}, source="ERP", is_complete=True))
    assert everything() == before


def test_runs_are_taken_back_latest_first(house):
    before = everything()
    first = imported({"companies.csv": COMPANIES})
    second = imported({"deals.csv": DEALS})
    assert {each.by_run for each in obstacles(first)} == {second.pk}
    _undone(second)
    _undone(first)
    assert everything() == before


def test_undo_is_refused_by_name_where_a_person_changed_the_row(house):
    run = imported({"companies.csv": COMPANIES})
    customer = Customer.objects.get(name="Jansen Zuivel")
    Customer.objects.filter(pk=customer.pk).update(city="Utrecht", last_run=None)
    record("customers.changed", by=house.anna, at=now(), of=customer)
    before = everything()
    with pytest.raises(Refused):
        ask_undoing(run, by=house.bea)
    said = [str(obstacle_words(each)) for each in obstacles(run)]
    assert len(said) == 1
    assert "Anna de Boer" in said[0]
    assert "Jansen Zuivel" in said[0]
    assert everything() == before


def test_undo_is_refused_where_somebody_hung_something_on_a_new_row(house):
    run = imported({"companies.csv": COMPANIES})
    Guest.objects.create(customer=Customer.objects.get(name="Jansen Zuivel"), person=house.otto, from_on=TODAY)
    assert [each.name for each in obstacles(run)] == ["Jansen Zuivel"]


def test_undo_of_an_import_twice_is_refused(house):
    run = imported({"companies.csv": COMPANIES})
    _undone(run)
    with pytest.raises(Refused):
        ask_undoing(run, by=house.bea)


def test_row_changed_while_the_undo_runs_stays_as_it_was_left(house):
    run = imported({"companies.csv": COMPANIES})
    run.run_status = RunStatus.UNDOING
    run.save()
    Customer.objects.filter(name="Jansen Zuivel").update(city="Utrecht", last_run=None)
    undo(run)
    assert list(Customer.objects.values_list("name", "city")) == [("Jansen Zuivel", "Utrecht")]
