"""Customers: who sees whom, dated responsibility, the list and the page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.customers import make_dossier
from tests.factories.people import NOW, TODAY, make_person

from karma.customers import operations
from karma.customers.models import ContactMoment, Customer, Guest, Responsibility
from karma.deals.models import Deal
from karma.people import operations as people

pytestmark = pytest.mark.django_db


def _seen(person, on=TODAY):
    return sorted(Customer.objects.visible_to(person, on=on).values_list("number", flat=True))


def test_each_sees_the_customers_of_their_own_teams(house, dossiers):
    both = ["kanarienoord", "kanariezuid"]
    seen = {name: _seen(getattr(house, name)) for name in ("anna", "marijke", "otto", "joost", "bea")}
    assert seen == {"anna": both[:1], "marijke": both[:1], "otto": both[1:], "joost": both, "bea": both}


def test_customer_nobody_answers_for_is_seen_by_who_sees_everything(house):
    make_dossier("Wees", team=None, person=None, canary="wees")
    assert [_seen(house.anna), _seen(house.joost)] == [[], ["wees"]]


def test_guest_team_looks_in_for_its_days_only(house, dossiers):
    Guest.objects.create(
        customer=dossiers[0].customer, team=house.south, from_on=date(2026, 1, 1), until_on=date(2026, 2, 1)
    )
    assert [_seen(house.otto, on=day) for day in (date(2026, 1, 31), date(2026, 2, 1))] == [
        ["kanarienoord", "kanariezuid"],
        ["kanariezuid"],
    ]


def test_person_who_moves_sees_the_new_team_only(house, dossiers):
    people.leave_team(house.anna.memberships.get(), on=TODAY, by=house.bea, at=NOW)
    people.join_team(house.anna, team=house.south, is_lead=False, on=TODAY, by=house.bea, at=NOW)
    Responsibility.objects.filter(person=house.anna).update(person=None)
    assert _seen(house.anna) == ["kanariezuid"]


def test_person_let_go_sees_nobody(house, dossiers):
    people.let_go(house.anna, on=TODAY, by=house.bea, at=NOW)
    house.anna.refresh_from_db()
    assert _seen(house.anna) == []


def test_assigning_ends_one_row_and_begins_another(house, dossiers):
    customer = dossiers[0].customer
    operations.assign(customer, team=house.south, person=house.otto, on=TODAY, by=house.bea, at=NOW)
    rows = list(customer.responsibilities.order_by("from_on").values_list("team__name", "from_on", "until_on"))
    assert rows == [("Noord", date(2024, 1, 1), TODAY), ("Zuid", TODAY, None)]


def test_assigning_twice_on_a_day_leaves_one_row_for_it(house, dossiers):
    customer = dossiers[0].customer
    for team in (house.south, house.north):
        operations.assign(customer, team=team, person=None, on=TODAY, by=house.bea, at=NOW)
    assert list(customer.responsibilities.filter(from_on=TODAY).values_list("team__name", flat=True)) == ["Noord"]


def test_assigning_as_it_already_is_changes_nothing(house, dossiers):
    operations.assign(dossiers[0].customer, team=house.north, person=house.anna, on=TODAY, by=house.bea, at=NOW)
    assert dossiers[0].customer.responsibilities.count() == 1


def test_contact_noted_stands_on_the_page(house, dossiers, sign_in):
    browser, address = sign_in(house.anna), f"/customers/{dossiers[0].customer.pk}/"
    answer = browser.post(f"{address}contact/", {"kind": "call", "summary": "Belt dinsdag terug"})
    assert answer.url == address
    assert "Belt dinsdag terug" in browser.get(address).content.decode()
    assert ContactMoment.objects.get(summary="Belt dinsdag terug").person == house.anna


def test_contact_with_a_person_of_another_customer_is_refused_as_absent(house, dossiers, sign_in):
    address = f"/customers/{dossiers[0].customer.pk}/contact/"
    form = {"kind": "call", "summary": "x"}
    answers = [
        sign_in(house.anna).post(address, {**form, "contact_person": key}).context["form"].errors
        for key in (dossiers[1].contact_person.pk, 999_999)
    ]
    assert answers[0] == answers[1] != {}


def test_no_amount_is_in_sight_on_the_customer_page(house, dossiers, sign_in):
    page = sign_in(house.anna).get(f"/customers/{dossiers[0].customer.pk}/").content.decode()
    assert "€" not in page
    purchases = sign_in(house.anna).get(f"/customers/{dossiers[0].customer.pk}/purchases/").content.decode()
    assert "€\u00a012.345" in purchases


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["kanarienoord", "kanariezuid"]),
        ("?q=vries", ["kanarienoord"]),
        ("?segment=segment+kanariezuid", ["kanariezuid"]),
        ("?q=%25", []),
        ("?order=-name", ["kanariezuid", "kanarienoord"]),
        ("?order=responsibilities__person__password", ["kanarienoord", "kanariezuid"]),
        ("?team=1%27+OR+1=1&person=x", ["kanarienoord", "kanariezuid"]),
    ],
)
def test_list_narrows_and_orders_by_known_names_only(query, numbers, house, dossiers, sign_in):
    page = sign_in(house.joost).get(f"/customers/{query}").context["page"]
    assert [customer.number for customer in page] == numbers


@pytest.mark.parametrize(
    ("function", "is_shown"), [("account_manager", True), ("delivery", False), ("service", False)]
)
def test_whoever_delivers_sees_the_work_and_no_amounts(function, is_shown, house, dossiers, sign_in):
    dossier, _other = dossiers
    Deal.objects.filter(pk=dossier.deal.pk).update(revenue_cents=76_543_00)
    fenna = make_person("Fenna Dijkstra", function=function)
    people.join_team(fenna, team=house.north, is_lead=False, on=TODAY, by=house.bea, at=NOW)
    browser = sign_in(fenna)
    bought = f"/customers/{dossier.customer.pk}/purchases/"
    for page, amount in (("/deals/", "76.543"), (f"/deals/{dossier.deal.pk}/", "76.543"), (bought, "12.345")):
        seen = browser.get(page).content.decode()
        assert ("kanarienoord" in seen, amount in seen) == (True, is_shown), page


@pytest.mark.parametrize("page", ["/customers/", "/deals/?outcome=all"])
def test_list_asks_the_same_queries_for_few_and_for_many(page, house, dossiers, sign_in):
    browser = sign_in(house.joost)
    browser.get(page)
    with CaptureQueriesContext(connection) as few:
        browser.get(page)
    for number in range(5):
        make_dossier(f"Nog een {number}", team=house.north, person=house.anna, canary=f"extra{number}")
    with CaptureQueriesContext(connection) as many:
        browser.get(page)
    assert len(few) == len(many)


def test_kept_view_comes_back_and_is_shared_by_choice(house, sign_in):
    anna, otto = sign_in(house.anna), sign_in(house.otto)
    anna.post("/views/", {"page": "customers", "name": "Bakkers", "query": "q=bakker&page=3"})
    anna.post("/views/", {"page": "customers", "name": "Samen", "query": "q=jan", "is_shared": "on"})
    assert "?q=bakker" in anna.get("/customers/").content.decode()
    seen = otto.get("/customers/").content.decode()
    assert ("Bakkers" in seen, "Samen" in seen) == (False, True)


@pytest.fixture
def crowd(house):
    made = Customer.objects.bulk_create(
        Customer(name=f"Klant {number:04d}", created_at=NOW) for number in range(1002)
    )
    start = date(2024, 1, 1)
    Responsibility.objects.bulk_create(
        Responsibility(customer=customer, team=house.north, from_on=start) for customer in made[:600]
    )


@pytest.mark.parametrize("page", ["1000000000", "26", "99999999999999999999", "-1"])
def test_page_beyond_the_first_thousand_is_the_last_there_is(page, crowd, house, sign_in):
    answer = sign_in(house.joost).get(f"/customers/?page={page}&per_page=1000000").context["page"]
    assert (len(answer), answer.number, answer[-1].name) == (40, 25, "Klant 0999")


def test_list_that_is_cut_says_so(crowd, house, sign_in):
    body = sign_in(house.joost).get("/customers/").content.decode()
    assert "Meer dan 1.000 klanten" in body


def test_whoever_answers_for_many_sees_the_same_as_by_their_ids(crowd, dossiers, house, monkeypatch):
    by_row = set(Customer.objects.visible_to(house.anna, on=TODAY))
    monkeypatch.setattr("karma.customers.models.FEW", 10_000)
    assert by_row == set(Customer.objects.visible_to(house.anna, on=TODAY))
    assert len(by_row) == 601
