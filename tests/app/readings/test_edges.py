"""Few facts, odd facts, and time that goes by."""

from datetime import date, timedelta
from functools import partial

import pytest
from tests.factories.people import NOW, TODAY

from karma.customers.models import Customer, Responsibility
from karma.deals.models import Deal, PurchaseLine
from karma.facts import frames
from karma.facts.gathering import gather
from karma.people.models import Organisation
from karma.readings import asking, operations, queries
from karma.readings.computing import periods_of
from karma.readings.models import CustomerReading, PlanReading
from karma.readings.operations import analyse
from karma_core.frames import CUSTOMER_STATISTICS, DEALS, PURCHASES, STAGE_HISTORY


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(operations, "expect_each", partial(operations.expect_each, draws=40))


def customer(name: str, *, team=None) -> Customer:
    made = Customer.objects.create(name=name, created_at=NOW)
    if team:
        Responsibility.objects.create(customer=made, team=team, from_on=date(2020, 1, 1))
    return made


def buys(who: Customer | None, *days_ago: int, cents: int = 100_00, cost: int | None = 60_00) -> None:
    for days in days_ago:
        on = TODAY - timedelta(days=days)
        PurchaseLine.objects.create(customer=who, on=on, revenue_cents=cents, cost_cents=cost)


def test_no_facts_at_all(house):
    analysis = analyse(TODAY)
    assert (analysis.facts["purchases"], CustomerReading.objects.count()) == (0, 0)
    assert {plan.team for plan in PlanReading.objects.all()} == {None}
    plan = queries.plan_of(None)
    assert plan.mean_cents == 0
    assert "purchases" in plan.missing


def test_only_deals(house):
    asks = customer("De Vries", team=house.north)
    Deal.objects.create(title="Warmtepomp", customer=asks, opened_on=TODAY - timedelta(days=60))
    Deal.objects.create(title="Airco", customer=customer("Jansen"), opened_on=TODAY - timedelta(days=3))
    analyse(TODAY)
    reading = CustomerReading.objects.get()
    assert (reading.customer, reading.customer_state, reading.x) == (asks, "lead_by_hand", 0)
    assert "Warmtepomp" in reading.reason_nl
    assert reading.explanation[0]["fact"] == "open_deal"


def test_one_customer_who_bought_once_and_no_team(house):
    buys(customer("De Vries"), 20)
    analyse(TODAY)
    assert CustomerReading.objects.get().customer_state == "too_little_data"
    assert {plan.team for plan in PlanReading.objects.all()} == {None}


def test_team_without_customers_has_no_plan_and_others_do(house):
    buys(customer("De Vries", team=house.north), *range(10, 400, 30))
    analyse(TODAY)
    assert {plan.team for plan in PlanReading.objects.all()} == {None, house.north}


def test_without_cost_it_speaks_of_revenue_and_says_so(house):
    buys(customer("De Vries", team=house.north), *range(10, 400, 30), cost=None)
    analysis = analyse(TODAY)
    plan = queries.plan_of(house.north)
    assert (plan.measure, "cost" in plan.missing) == ("revenue", True)
    assert any("omzet" in warning["nl"] for warning in analysis.warnings)
    assert CustomerReading.objects.get().expected_margin_cents is None


def test_sales_without_a_customer_count_in_the_total_and_in_no_rhythm(house):
    buys(customer("De Vries", team=house.north), *range(10, 400, 30))
    buys(None, *range(5, 60, 5))
    analysis = analyse(TODAY)
    assert analysis.facts["purchases_without_customer"] == 11
    assert CustomerReading.objects.count() == 1
    assert queries.plan_of(None).realised_cents > queries.plan_of(house.north).realised_cents


def test_company_that_nobody_described_has_no_currency(db):
    Organisation.objects.all().delete()
    buys(customer("De Vries"), 20, 40)
    analyse(TODAY)
    assert queries.plan_of(None).currency == ""


def test_state_holds_since_the_day_that_it_began(house):
    buys(customer("De Vries"), *range(2, 300, 7))
    for days in (0, 1):  # it was there at the first look; since when, nobody saw
        analyse(TODAY + timedelta(days=days))
        assert CustomerReading.objects.get().state_since is None
    for days in (200, 201):
        analyse(TODAY + timedelta(days=days))
        reading = CustomerReading.objects.get()
        assert reading.customer_state != "calm"
        assert reading.state_since == TODAY + timedelta(days=200)


def test_course_of_the_chance_is_kept_and_only_the_latest_has_draws(house):
    buys(customer("De Vries"), *range(2, 500, 7))
    for days in (0, 7):
        analyse(TODAY + timedelta(days=days))
    course = list(queries.course_of(queries.plan_of(None)))
    assert [plan.as_of for plan in course] == [TODAY, TODAY + timedelta(days=7)]
    assert all(len(plan.grid) == 101 for plan in course)
    assert [bool(plan.draws) for plan in course] == [False, True]
    moved = course[1].moved
    assert moved["since"] == f"{TODAY}"
    assert sum(driver["cents"] for driver in moved["drivers"]) == course[1].mean_cents - course[0].mean_cents


def test_periods_are_those_of_the_organisations_own_year(house):
    Organisation.objects.update(fiscal_start_month=2)
    buys(customer("De Vries"), *range(2, 500, 30))
    analyse(TODAY)
    found = {p.period_kind: (f"{p.period_from}", f"{p.period_until}") for p in PlanReading.objects.all()}
    assert found == {
        "quarter": ("2026-02-01", "2026-05-01"),
        "next_quarter": ("2026-05-01", "2026-08-01"),
        "year": ("2026-02-01", "2027-02-01"),
    }
    assert {kind: period.start.month for kind, period in periods_of(TODAY, start_month=1).items()} == {
        "quarter": 1, "next_quarter": 4, "year": 1,
    }  # fmt: skip


def test_facts_that_end_long_ago_are_read_as_of_their_end_and_it_is_said(house, monkeypatch):
    buys(customer("De Vries"), *range(2, 500, 7))
    monkeypatch.setattr(asking, "today", lambda: TODAY + timedelta(days=30))
    assert asking.default_as_of() == TODAY + timedelta(days=30)
    monkeypatch.setattr(asking, "today", lambda: TODAY + timedelta(days=300))
    assert asking.default_as_of() == TODAY - timedelta(days=1)
    analysis = analyse()
    assert analysis.as_of == TODAY - timedelta(days=1)
    assert "houden op" in analysis.warnings[-1]["nl"]


def test_frames_keep_their_contracts_and_know_nothing_of_as_of_and_later(house, dossiers):
    north, south = (dossier.customer for dossier in dossiers)
    buys(north, 0, 1, cents=7_00)
    lines = frames.purchases(TODAY)
    assert PURCHASES.keep(lines).equals(lines)
    assert lines["on"].max() == TODAY - timedelta(days=1)
    assert set(lines["customer"]) == {f"{north.pk}", f"{south.pk}"}
    assert set(lines["segment"]) == {"segment kanarienoord", "segment kanariezuid"}
    own = frames.purchases(TODAY, customers=lines["customer"].filter(lines["customer"] == f"{north.pk}"))
    assert set(own["customer"]) == {f"{north.pk}"}
    for frame, contract in (
        (frames.deals(TODAY), DEALS),
        (frames.stage_history(TODAY), STAGE_HISTORY),
        (frames.customer_statistics(TODAY), CUSTOMER_STATISTICS),
    ):
        assert contract.keep(frame).equals(frame)
        assert frame.height == 2
    assert frames.responsible(TODAY).rows() == [
        (f"{north.pk}", house.north.pk, house.anna.pk),
        (f"{south.pk}", house.south.pk, house.otto.pk),
    ]
    assert frames.responsible(date(2023, 1, 1)).is_empty()


def test_what_happens_today_is_not_known_yet_but_hides_nothing_else(house, dossiers):
    won = Deal.objects.create(
        title="Vandaag", outcome="won", stage="Gewonnen", opened_on=TODAY - timedelta(days=9), closed_on=TODAY
    )
    Deal.objects.create(title="Nieuw", opened_on=TODAY)
    facts = gather(TODAY, today=TODAY)
    shown = facts.deals.join(facts.titles.select("deal", "id"), on="deal").filter(id=won.pk)
    assert shown.select("outcome", "closed_on", "stage").row(0) == ("open", None, None)
    assert facts.deals.height == 3
    assert gather(TODAY - timedelta(days=1), today=TODAY).deals.height == 4
