"""Two people change the same thing: who comes second is told, and loses nothing that they typed."""

import re

import pytest
from tests.factories.people import NOW

from karma.customers import operations
from karma.customers.models import ContactMoment
from karma.people.operations import describe_person, rename_team

pytestmark = pytest.mark.django_db


def _seen(page) -> str:
    return re.search(r'name="as_seen" value="(\w+)"', page.content.decode())[1]


def test_second_of_two_changes_is_told_and_may_then_go_on(house, sign_in):
    bea, address = sign_in(house.bea), f"/people/{house.anna.pk}/change/"
    form = {
        "name": "Anna Bakker",
        "function": "account_manager",
        "role": "member",
        "as_seen": _seen(bea.get(address)),
    }
    describe_person(house.anna, changes={"function": "coach"}, by=house.bea, at=NOW)
    told = bea.post(address, form)
    body = told.content.decode()
    assert (told.status_code, "Functie is nu: Coach" in body, 'value="Anna Bakker"' in body) == (422, True, True)
    house.anna.refresh_from_db()
    assert (house.anna.name, house.anna.function) == ("Anna de Boer", "coach")
    assert bea.post(address, {**form, "as_seen": _seen(told)}).status_code == 302
    house.anna.refresh_from_db()
    assert (house.anna.name, house.anna.function) == ("Anna Bakker", "account_manager")


def test_change_that_nobody_came_before_goes_through_at_once(house, sign_in):
    bea, address = sign_in(house.bea), f"/teams/{house.north.pk}/change/"
    assert bea.post(address, {"name": "Noordoost", "as_seen": _seen(bea.get(address))}).status_code == 302


def test_team_that_was_renamed_meanwhile_says_its_name(house, sign_in):
    bea, address = sign_in(house.bea), f"/teams/{house.north.pk}/change/"
    seen = _seen(bea.get(address))
    rename_team(house.north, name="Drenthe", by=house.bea, at=NOW)
    body = bea.post(address, {"name": "Noordoost", "as_seen": seen}).content.decode()
    assert "Drenthe" in body


def test_customer_who_was_given_to_another_meanwhile_stays_there(house, dossiers, sign_in):
    customer, marijke = dossiers[0].customer, sign_in(house.marijke)
    address = f"/customers/{customer.pk}/assign/"
    page = marijke.get(address)
    operations.assign(customer, team=house.south, person=None, on=NOW.date(), by=house.bea, at=NOW)
    operations.assign(customer, team=house.north, person=None, on=NOW.date(), by=house.bea, at=NOW)
    form = {"team": house.north.pk, "person": house.anna.pk, "from_on": "2026-03-10", "as_seen": _seen(page)}
    told = marijke.post(address, form)
    assert (told.status_code, "iemand anders" in told.content.decode().lower()) == (422, True)


def test_button_pressed_twice_keeps_one_moment(house, dossiers, sign_in):
    customer, anna = dossiers[0].customer, sign_in(house.anna)
    form = {"kind": "call", "summary": "twee keer geklikt"}
    answers = [anna.post(f"/customers/{customer.pk}/contact/", form).status_code for _ in range(2)]
    assert (answers, ContactMoment.objects.filter(summary="twee keer geklikt").count()) == ([302, 302], 1)
    anna.post(f"/customers/{customer.pk}/contact/", {**form, "kind": "visit"})
    assert ContactMoment.objects.filter(summary="twee keer geklikt").count() == 2


def test_responsibility_asked_twice_is_one_row_and_one_event(house, dossiers, sign_in):
    customer, marijke = dossiers[0].customer, sign_in(house.marijke)
    form = {"team": house.north.pk, "person": house.marijke.pk, "from_on": "2026-03-10"}
    for _ in range(2):
        marijke.post(f"/customers/{customer.pk}/assign/", form)
    assert customer.responsibilities.filter(until_on=None).count() == 1
