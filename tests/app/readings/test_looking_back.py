"""The course of the chance before an installation began, and the record of plans it never made."""

from datetime import date, timedelta
from functools import partial

import pytest
from tests.factories.people import NOW, TODAY

from karma.customers.models import Customer, Responsibility
from karma.deals.models import PurchaseLine
from karma.facts.gathering import gather
from karma.readings import looking_back, operations, queries, recording
from karma.readings.computing import expect
from karma.readings.looking_back import look_back, mondays
from karma.readings.models import Analysis
from karma.readings.operations import analyse
from karma.readings.recording import earlier_quarters
from karma_core.periods import Period

QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(operations, "expect_each", partial(operations.expect_each, draws=40))
    monkeypatch.setattr(looking_back, "DRAWS", 40)
    monkeypatch.setattr(looking_back, "MONDAYS", 2)
    monkeypatch.setattr(recording, "QUARTERS", 2)


@pytest.fixture
def bought(house):
    """Two and a half years of one customer of team Noord."""
    customer = Customer.objects.create(name="De Vries", created_at=NOW)
    Responsibility.objects.create(customer=customer, team=house.north, from_on=date(2020, 1, 1))
    for days in range(2, 900, 11):
        on = TODAY - timedelta(days=days)
        PurchaseLine.objects.create(customer=customer, on=on, revenue_cents=100_00 + days, cost_cents=60_00)
    return customer


def test_mondays_are_those_of_the_period_before_the_day(monkeypatch):
    monkeypatch.setattr(looking_back, "MONDAYS", 6)
    assert mondays(QUARTER, until=date(2026, 1, 20)) == [date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19)]
    assert mondays(QUARTER, until=date(2026, 1, 5)) == []
    assert len(mondays(QUARTER, until=date(2026, 3, 30))) == 6


def test_course_and_record_are_filled_once(bought, house):
    analyse(TODAY)
    shown = Analysis.objects.latest()
    assert look_back() == 6
    plan = queries.plan_of(house.north)
    assert plan.analysis == shown
    course = list(queries.course_of(plan))
    assert [row.as_of for row in course] == [date(2026, 2, 23), date(2026, 3, 2), TODAY]
    assert all(len(row.grid) == 101 for row in course)
    assert (plan.record["plans"], plan.record["draws"]) == (2, 40)
    assert look_back() == 0
    analyse(TODAY)
    assert queries.plan_of(house.north).record == plan.record
    assert look_back() == 0


def test_what_is_said_of_a_past_monday_knows_nothing_of_later(bought, house):
    analyse(TODAY)
    look_back()
    then = next(iter(queries.course_of(queries.plan_of(None))))
    PurchaseLine.objects.filter(on__gte=then.as_of).delete()
    again = expect(gather(then.as_of, today=TODAY), QUARTER, draws=40)
    assert (then.mean_cents, then.realised_cents) == (again.mean_cents, again.realised_cents)


def test_killed_halfway_it_goes_on_with_what_lacks(bought):
    analyse(TODAY)

    def kill(done: int, _total: int, _phase: str) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look_back(progress=kill)
    assert look_back() == 2
    assert Analysis.objects.filter(is_backfill=True).count() == 4


def test_short_history_has_no_earlier_quarters(bought):
    PurchaseLine.objects.filter(on__lt=date(2025, 6, 1)).delete()
    assert earlier_quarters(gather(TODAY, today=TODAY), QUARTER) == []
