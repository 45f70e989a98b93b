"""Customers of somebody who moves or leaves go to others: all that were chosen or none, and only one's own."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.customers import make_dossier
from tests.factories.people import NOW

from karma.common.clock import today
from karma.customers.models import Responsibility
from karma.people import operations as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(house):
    return f"/customers/hand-over/{house.anna.pk}/"


def _form(house, *customers):
    return {
        "team": house.north.pk, "person": house.marijke.pk, "from_on": str(today()),
        "customers": [customer.pk for customer in customers],
    }  # fmt: skip


def _present(customer):
    row = Responsibility.objects.get(customer=customer, until_on=None)
    return str(row.team), str(row.person), row.from_on


def test_chosen_customers_go_to_a_colleague_and_the_past_stays(house, dossiers, sign_in, address):
    second = make_dossier("Bakker", team=house.north, person=house.anna, canary="bakker").customer
    answer = sign_in(house.marijke).post(address, _form(house, dossiers[0].customer))
    assert (answer.status_code, answer.url) == (302, f"/people/{house.anna.pk}/")
    assert _present(dossiers[0].customer) == ("Noord", "Marijke Smit", today())
    assert _present(second) == ("Noord", "Anna de Boer", date(2024, 1, 1))
    before = dossiers[0].customer.responsibilities.get(from_on=date(2024, 1, 1))
    assert (before.person, before.until_on) == (house.anna, today())


def test_one_foreign_customer_among_ones_own_refuses_all(house, dossiers, sign_in, address):
    ours, theirs = dossiers[0].customer, dossiers[1].customer
    rows = list(Responsibility.objects.order_by("pk").values())
    foreign = sign_in(house.marijke).post(address, _form(house, ours, theirs))
    assert foreign.status_code == 422
    assert list(Responsibility.objects.order_by("pk").values()) == rows
    absent = sign_in(house.marijke).post(address, {**_form(house, ours), "customers": [ours.pk, 999_999]})
    assert (absent.status_code, "kanariezuid" in foreign.content.decode()) == (422, False)


def test_customers_of_another_person_of_ours_cannot_be_slipped_in(house, dossiers, sign_in, address):
    other = make_dossier("Bakker", team=house.north, person=house.marijke, canary="bakker").customer
    assert sign_in(house.marijke).post(address, _form(house, other)).status_code == 422


def test_page_of_somebody_without_customers_says_so(house, sign_in):
    body = sign_in(house.marijke).get(f"/customers/hand-over/{house.joost.pk}/").content.decode()
    assert "Geen klanten om over te dragen" in body


def test_who_leads_no_team_does_not_hand_over(house, dossiers, sign_in, address):
    assert sign_in(house.anna).post(address, _form(house, dossiers[0].customer)).status_code == 404


def test_customers_stay_when_somebody_is_let_go_and_can_then_be_handed_over(house, dossiers, sign_in, address):
    people.let_go(house.anna, on=today(), by=house.bea, at=NOW)
    assert _present(dossiers[0].customer)[:2] == ("Noord", "Anna de Boer")
    sign_in(house.marijke).post(address, _form(house, dossiers[0].customer))
    assert _present(dossiers[0].customer)[1] == "Marijke Smit"


def test_page_asks_the_same_queries_for_one_and_for_three(house, dossiers, sign_in, address):
    browser = sign_in(house.marijke)
    browser.get(address)
    with CaptureQueriesContext(connection) as one:
        browser.get(address)
    for extra in range(2):
        make_dossier(f"Bakker {extra}", team=house.north, person=house.anna, canary=f"bakker{extra}")
    with CaptureQueriesContext(connection) as three:
        browser.get(address)
    assert len(one) == len(three) <= 16
