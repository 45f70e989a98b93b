"""Leaving a customer in peace until a day: set, replaced, lifted, and respected."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.factories.people import NOW, TODAY

from karma.common.clock import today
from karma.common.models import AuditEvent
from karma.customers import operations
from karma.customers.models import Customer, Rest
from karma.customers.resting import rest_suggestions

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 4, 1)


def _rest(house, dossiers, until_on=UNTIL, why="jaarplan"):
    return operations.leave_in_peace(dossiers[0].customer, until_on=until_on, why=why, by=house.anna, at=NOW)


def test_rest_holds_up_to_its_day(house, dossiers):
    rest = _rest(house, dossiers)
    held = [list(Rest.objects.held(on=day)) for day in (UNTIL - timedelta(days=1), UNTIL)]
    assert held == [[rest], []]


def test_customer_at_rest_is_left_out_until_the_rest_is_lifted(house, dossiers):
    _rest(house, dossiers)
    assert set(Customer.objects.not_at_rest(on=TODAY)) == {dossiers[1].customer}
    operations.lift_rest(dossiers[0].customer, by=house.marijke, at=NOW)
    assert set(Customer.objects.not_at_rest(on=TODAY)) == {dossiers[0].customer, dossiers[1].customer}


def test_new_rest_takes_the_place_of_the_old_one(house, dossiers):
    _rest(house, dossiers)
    new = _rest(house, dossiers, until_on=date(2026, 6, 1))
    assert list(Rest.objects.held(on=TODAY)) == [new]


def test_same_rest_twice_is_one_rest_and_one_event(house, dossiers):
    assert _rest(house, dossiers) == _rest(house, dossiers)
    assert AuditEvent.objects.filter(action="customers.left_in_peace").count() == 1


def test_lifting_where_nobody_asked_for_rest_records_nothing(house, dossiers):
    operations.lift_rest(dossiers[0].customer, by=house.anna, at=NOW)
    assert not AuditEvent.objects.filter(action="customers.rest_lifted").exists()


def test_database_keeps_one_rest_for_a_customer(house, dossiers):
    _rest(house, dossiers)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rest.objects.create(customer=dossiers[0].customer, until_on=UNTIL, set_by=house.anna, set_at=NOW)


def test_otto_sees_no_rest_of_another_team(house, dossiers):
    rest = _rest(house, dossiers)
    assert [list(Rest.objects.visible_to(person, on=TODAY)) for person in (house.anna, house.otto)] == [[rest], []]


def test_rest_is_set_and_lifted_on_the_customer_page(house, dossiers, sign_in):
    browser, address = sign_in(house.anna), f"/customers/{dossiers[0].customer.pk}/"
    until_on = today() + timedelta(days=30)
    answer = browser.post(f"{address}rest/", {"until_on": until_on.isoformat(), "why": "eerst hun jaarplan"})
    assert (answer.status_code, answer.url) == (302, address)
    assert "eerst hun jaarplan" in browser.get(address).content.decode()
    browser.post(f"{address}rest/lift/")
    assert "eerst hun jaarplan" not in browser.get(address).content.decode()


@pytest.mark.parametrize("days", [0, -1, 800])
def test_rest_on_a_day_that_makes_no_sense_is_refused(days, house, dossiers, sign_in):
    day = (today() + timedelta(days=days)).isoformat()
    answer = sign_in(house.anna).post(f"/customers/{dossiers[0].customer.pk}/rest/", {"until_on": day})
    assert (answer.status_code, Rest.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2026, 11, 22), [date(2026, 12, 7), date(2026, 12, 22), date(2027, 1, 4)]),
        (date(2026, 12, 28), [date(2027, 1, 11), date(2027, 1, 27), date(2027, 9, 6)]),
        (date(2026, 7, 1), [date(2026, 7, 15), date(2026, 7, 31), date(2026, 9, 7)]),
    ],
)
def test_suggested_days_are_working_days_ahead(on, days):
    assert [each.until_on for each in rest_suggestions(on)] == days
