"""A reading opened: which facts, how much each weighs, since when, by which version."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.factories.people import TODAY
from tests.factories.readings import make_analysis, make_customer_reading, make_plan_reading

from karma.common.models import AuditEvent, Job
from karma.people.models import Person
from karma.readings.asking import KIND

FACTS = [
    {"fact": "silence", "days": 57, "usual_days": 35.0, "effect": 0.6},
    {"fact": "still_customer", "effect": -0.15},
    {"fact": "longest", "days": 49, "effect": 0.0},
    {"fact": "purchases", "times": 10, "days": 372, "effect": 0.0},
    {"fact": "open_deal", "since": "2026-01-05", "subject": "Warmtepomp", "effect": 0.0},
]


@pytest.fixture
def analysis(house, dossiers):
    made = make_analysis()
    since = TODAY - timedelta(days=7)
    make_customer_reading(made, dossiers[0].customer, explanation=FACTS, state_since=since)
    return made


def page(browser, address: str, language: str = "nl") -> str:
    Person.objects.update(language=language)
    answer = browser.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_customer_says_which_facts_and_how_much_each_weighs(house, dossiers, analysis, sign_in):
    anna = sign_in(house.anna)
    said = page(anna, reverse("readings-customer", args=[dossiers[0].customer.pk]), "en")
    assert "It has been silent for 57 days. Usually there are about 35 days between purchases." in said
    assert said.index("weighs heaviest") < said.index("takes a little away") < said.index("hardly changes it")
    assert "Warmtepomp" in said
    assert "2 March 2026" in said
    assert "rhythm 1, reach 1" in said


def test_customer_page_shows_no_amount_and_no_chance_of_ours(house, dossiers, analysis, sign_in):
    said = page(sign_in(house.anna), reverse("readings-customer", args=[dossiers[0].customer.pk]))
    assert not re.search(r"€|%|\d op \d|0[.,]\d", said)


def test_plan_says_where_it_comes_from_no_more_precisely_than_its_range(house, analysis, sign_in):
    plan = make_plan_reading(analysis, house.north)
    plan.moved = {"since": "2026-03-02", "drivers": [{"code": "deals_won", "cents": 1_234_567, "count": 2}]}
    plan.save()
    said = page(sign_in(house.anna), reverse("readings-plan", args=[plan.pk]), "en")
    assert "existing customers" in said
    assert "2 deals won" in said
    assert "12,345" not in said
    assert "12,000" in said


def test_analysis_is_asked_by_who_runs_it_and_stands_in_the_audit_list(house, analysis, sign_in):
    bea = sign_in(house.bea)
    assert bea.post(reverse("readings")).status_code == 302
    assert bea.post(reverse("readings")).status_code == 302
    assert Job.objects.filter(kind=KIND).count() == 1
    assert AuditEvent.objects.filter(action="readings.asked", actor=house.bea).count() == 2
    assert sign_in(house.anna).post(reverse("readings")).status_code == 404


def test_lead_may_ask_too(house, sign_in):
    assert sign_in(house.marijke).get(reverse("readings")).status_code == 200


def test_failed_analysis_says_so_and_shows_the_one_before(house, analysis, sign_in):
    make_analysis(status="failed")
    said = page(sign_in(house.bea), reverse("readings"), "en")
    assert "stopped" in said
    assert "9 March 2026" in said


@pytest.mark.parametrize("number", [1, 3])
def test_opening_a_reading_asks_the_same_queries(
    house, dossiers, analysis, sign_in, number, django_assert_max_num_queries
):
    reading = analysis.customer_readings.get()
    reading.explanation = FACTS[:number]
    reading.save()
    browser = sign_in(house.anna)
    with django_assert_max_num_queries(14):
        browser.get(reverse("readings-customer", args=[dossiers[0].customer.pk]))
