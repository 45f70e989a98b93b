"""What stands on Today: what people asked first, then need; nobody at rest, nobody of another team."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.people import NOW, TODAY
from tests.factories.today import make_analysis, make_customer, read

from karma.customers import operations as customers
from karma.customers.models import ContactMoment, Customer, Responsibility
from karma.customers.queries import asked_of_held
from karma.deals.models import Deal
from karma.people import operations as people
from karma.people.models import WEEKDAYS
from karma.readings.enums import CustomerState
from karma.readings.models import CustomerReading
from karma.today import operations, queries
from karma.today.models import DayDraw, Handover, Placement
from karma.today.morning import morning_of
from karma.today.queries import day_of, today_of
from karma_core.work import Origin

pytestmark = pytest.mark.django_db
LAST_WEEK = NOW - timedelta(days=7)


def names(person, on=TODAY):
    return [line.customer.name.split()[0] for line in day_of(person, on=on).lines]


def origins(person, on=TODAY):
    return {line.customer.name.split()[0]: line.entry.origin for line in day_of(person, on=on).lines}


def spoke(customer, by, *, at=LAST_WEEK, **given):
    return ContactMoment.objects.create(customer=customer, person=by, kind="call", at=at, **given)


def test_own_customers_and_the_teams_by_need(house, day):
    assert names(house.anna) == ["De", "Mulder", "Bakker"]


def test_each_line_says_its_reason_in_the_readers_language(house, day):
    line = day_of(house.anna, on=TODAY).lines[0]
    assert (line.reason, line.does) == (
        "De Vries Installaties bestelt ongeveer elke vijf weken en is nu acht weken stil.", "Bel",
    )  # fmt: skip


def test_customer_of_nobody_goes_to_one_of_the_team_only(house, day):
    saskia = people_join(house, "Saskia de Graaf")
    assert sorted("Mulder" in names(person) for person in (house.anna, saskia)) == [False, True]
    assert "Mulder" not in names(house.marijke), "whoever leads takes no turns while there are sellers"


def people_join(house, name):
    from tests.factories.people import make_person

    person = make_person(name)
    people.join_team(person, team=house.north, is_lead=False, on=TODAY - timedelta(days=90), by=house.bea, at=NOW)
    return person


def test_nobody_is_proposed_a_customer_of_another_team(house, day):
    assert names(house.otto) == ["Otto's"]


def test_person_who_moves_takes_only_own_customers_along(house, day):
    people.leave_team(house.anna.memberships.get(), on=TODAY, by=house.bea, at=NOW)
    Responsibility.objects.filter(customer=day["De"]).update(person=house.marijke)
    assert names(house.anna) == ["Bakker"]


def test_many_customers_are_looked_up_row_by_row_with_the_same_answer(house, day):
    own = Responsibility.objects.filter(person=house.anna)
    at_once, row_by_row = (asked_of_held(own, few=few) for few in (10, 0))
    assert str(at_once("pk")) != str(row_by_row("pk"))
    found = [
        set(Customer.objects.filter(ask("pk")).values_list("name", flat=True)) for ask in (at_once, row_by_row)
    ]
    assert found[0] == found[1] == {day[name].name for name in ("De", "Bakker", "Smit", "Jansen")}


def test_customer_at_rest_is_proposed_to_nobody(house, day):
    customers.leave_in_peace(day["De"], until_on=TODAY + timedelta(days=9), why="", by=house.marijke, at=NOW)
    assert "De" not in names(house.anna)
    customers.lift_rest(day["De"], by=house.anna, at=NOW)
    assert "De" in names(house.anna)


def test_own_rest_takes_the_place_of_a_promise_made_before_it(house, day):
    spoke(day["Smit"], house.anna, again_on=TODAY)
    rest_until(day["Smit"], by=house.anna)
    assert "Smit" not in names(house.anna)
    spoke(day["Smit"], house.anna, at=NOW - timedelta(days=2), again_on=TODAY)
    assert "Smit" in names(house.anna)


def test_rest_that_a_colleague_asks_never_loses_a_promise(house, day):
    spoke(day["Smit"], house.anna, again_on=TODAY)
    rest_until(day["Smit"], by=house.marijke)
    line = day_of(house.anna, on=TODAY).lines[0]
    assert (line.customer, line.asked) == (
        day["Smit"], "Marijke Smit vroeg om deze klant met rust te laten tot 18 maart.",
    )  # fmt: skip


def test_rest_silences_what_was_put_on_the_list_before_it(house, day):
    operations.put_on_list(day["Smit"], kind="call", words="", by=house.anna, at=LAST_WEEK)
    rest_until(day["Smit"], by=house.marijke)
    assert "Smit" not in names(house.anna)
    operations.put_on_list(day["Smit"], kind="call", words="", by=house.anna, at=NOW)
    assert "Smit" in names(house.anna)


def rest_until(customer, *, by):
    set_at = NOW - timedelta(days=3)
    customers.leave_in_peace(customer, until_on=TODAY + timedelta(days=9), why="", by=by, at=set_at)


def test_whoever_was_just_spoken_to_is_not_proposed_again(house, day):
    spoke(day["De"], house.marijke, at=NOW - timedelta(days=3))
    assert "De" not in names(house.anna)
    ContactMoment.objects.update(at=NOW - timedelta(days=20))
    assert "De" in names(house.anna)


def test_agreed_follow_up_comes_before_need(house, day):
    spoke(day["Smit"], house.anna, again_on=TODAY, summary="Belt terug over de koeling")
    first = day_of(house.anna, on=TODAY).lines[0]
    assert (first.customer, first.entry.origin) == (day["Smit"], Origin.AGREED)
    assert (
        first.reason == "Op 2 maart sprak je af om op 9 maart weer contact te hebben. Belt terug over de koeling"
    )


@pytest.mark.parametrize(
    ("days_later", "again_on", "is_due"),
    [
        (1, None, True),  # a call before the day does not keep the promise
        (6, None, False),  # one on the day does
        (1, TODAY + timedelta(days=30), False),  # a new promise takes its place
    ],
)
def test_promise_holds_until_it_is_kept_or_replaced(days_later, again_on, is_due, house, day):
    promised_on = TODAY - timedelta(days=1)
    spoke(day["Smit"], house.anna, again_on=promised_on)
    spoke(day["Smit"], house.anna, at=LAST_WEEK + timedelta(days=days_later), again_on=again_on)
    assert ("Smit" in names(house.anna)) is is_due


def test_promise_of_who_left_falls_to_who_answers(house, day):
    spoke(day["Smit"], house.marijke, again_on=TODAY)
    assert "Smit" not in names(house.anna)
    house.marijke.is_active = False
    house.marijke.save()
    assert "Smit" in names(house.anna)


def test_promise_in_the_future_waits(house, day):
    spoke(day["Smit"], house.anna, again_on=TODAY + timedelta(days=1))
    assert "Smit" not in names(house.anna)


def test_decision_that_came_asks_for_help_until_somebody_spoke(house, day):
    Deal.objects.create(
        title="Warmtepomp", customer=day["Smit"], owner=house.anna, expected_close_on=TODAY - timedelta(days=5)
    )
    line = next(each for each in day_of(house.anna, on=TODAY).lines if each.customer == day["Smit"])
    assert line.reason == (
        "Smit Techniek zou rond 4 maart over ‘Warmtepomp’ beslissen. Vraag wat er nog nodig is om te kiezen."
    )
    spoke(day["Smit"], house.marijke, at=NOW - timedelta(days=2))
    assert "Smit" not in names(house.anna)


@pytest.mark.parametrize("days", [-1, 40])
def test_decision_still_to_come_or_long_past_is_no_next_step(days, house, day):
    Deal.objects.create(
        title="Koeling", customer=day["Smit"], owner=house.anna, expected_close_on=TODAY - timedelta(days=days)
    )
    assert "Smit" not in names(house.anna)


def test_colleague_sees_first_what_was_given_and_by_whom(house, day):
    operations.give(day["Smit"], to=house.marijke, words="Jij kent ze", by=house.anna, on=TODAY, at=NOW)
    first = day_of(house.marijke, on=TODAY).lines[0]
    assert (first.customer, first.asked, first.words) == (
        day["Smit"], "Anna de Boer vraagt of jij dit wilt oppakken.", "Jij kent ze",
    )  # fmt: skip


def test_what_is_with_a_colleague_is_proposed_to_nobody_else(house, day):
    operations.give(day["De"], to=house.marijke, words="", by=house.anna, on=TODAY, at=NOW)
    assert "De" not in names(house.anna)
    operations.take_back(day["De"], by=house.anna, at=NOW)
    assert ["De" in names(person) for person in (house.anna, house.marijke)] == [True, False]


def test_giving_on_takes_the_place_of_the_first(house, day):
    saskia = people_join(house, "Saskia de Graaf")
    operations.give(day["De"], to=house.marijke, words="", by=house.anna, on=TODAY, at=NOW)
    operations.give(day["De"], to=saskia, words="", by=house.marijke, on=TODAY, at=NOW)
    assert ["De" in names(person) for person in (house.marijke, saskia)] == [False, True]
    assert Handover.objects.open().count() == 1


def test_customer_goes_to_no_colleague_who_may_not_see_it(house, day):
    with pytest.raises(people.Refused):
        operations.give(day["De"], to=house.otto, words="", by=house.anna, on=TODAY, at=NOW)
    assert not Handover.objects.exists()


def test_intuition_moves_up_down_and_back_without_proof(house, day):
    morning = morning_of(house.anna, on=TODAY)
    operations.put_on_list(day["Smit"], kind="visit", words="", by=house.anna, at=NOW)
    operations.lower(day["De"], morning=morning, at=NOW)
    assert names(house.anna) == ["Smit", "Mulder", "De", "Bakker"]
    for name in ("Smit", "De"):
        operations.put_back(day[name], by=house.anna)
    assert names(house.anna) == ["De", "Mulder", "Bakker"]


def test_what_is_set_aside_comes_back_in_a_week_and_leaves_no_trace(house, day):
    from karma.common.models import AuditEvent

    before = AuditEvent.objects.count()
    operations.set_aside(day["De"], is_proposal=True, morning=morning_of(house.anna, on=TODAY), at=NOW)
    assert ["De" in names(house.anna, TODAY + timedelta(days=days)) for days in (0, 4, 7)] == [False, False, True]
    assert AuditEvent.objects.count() == before
    operations.set_aside(day["De"], is_proposal=True, morning=morning_of(house.anna, on=TODAY), at=NOW)
    assert Placement.objects.count() == 1


def test_done_line_keeps_its_place_today_and_is_gone_tomorrow(house, day):
    before = names(house.anna)
    morning = morning_of(house.anna, on=TODAY)
    operations.do(day["De"], kind="call", morning=morning, at=NOW)
    page = day_of(house.anna, on=TODAY)
    assert names(house.anna) == before
    assert [bool(line.moment) for line in page.lines] == [True, False, False]
    assert "De" not in names(house.anna, TODAY + timedelta(days=1))


def test_done_twice_is_one_contact_and_undone_none(house, day):
    morning = morning_of(house.anna, on=TODAY)
    for _twice in range(2):
        operations.do(day["De"], kind="call", morning=morning, at=NOW)
    assert ContactMoment.objects.count() == 1
    for _twice in range(2):
        operations.undo(day["De"], morning=morning, at=NOW)
    assert ContactMoment.objects.count() == 0


@pytest.mark.parametrize("how", ["by_hand", "handed_over"])
def test_done_and_undone_is_as_before(how, house, day):
    if how == "by_hand":
        operations.put_on_list(day["Smit"], kind="call", words="", by=house.anna, at=NOW)
    else:
        operations.give(day["Smit"], to=house.anna, words="", by=house.marijke, on=TODAY, at=NOW)
    before, morning = origins(house.anna), morning_of(house.anna, on=TODAY)
    operations.do(day["Smit"], kind="call", morning=morning, at=NOW)
    assert origins(house.anna) == before
    assert "Smit" not in names(house.anna, TODAY + timedelta(days=1))
    operations.undo(day["Smit"], morning=morning, at=NOW)
    assert origins(house.anna) == before
    assert "Smit" in names(house.anna, TODAY + timedelta(days=1))


def test_list_fits_in_the_hours_of_the_day(house, day):
    week = {**dict.fromkeys(WEEKDAYS, 0), "monday": 30}
    people.set_working_week(house.anna, minutes=week, on=TODAY, by=house.anna, at=NOW)
    page = day_of(house.anna, on=TODAY)
    assert (names(house.anna), page.minutes) == (["De", "Mulder"], 30)


def test_day_off_looks_ahead_to_the_next_working_day(house, day):
    saturday = TODAY + timedelta(days=5)
    spoke(day["Smit"], house.anna, again_on=saturday + timedelta(days=2))
    page = day_of(house.anna, on=saturday)
    assert (page.morning.work_on, page.morning.is_day_off) == (saturday + timedelta(days=2), True)
    assert names(house.anna, saturday)[0] == "Smit"


def test_own_minutes_count(house, day):
    operations.choose_minutes(house.anna, minutes={"call": 200, "help": 30, "visit": 90}, at=NOW)
    assert names(house.anna) == ["De", "Mulder", "Bakker"]
    operations.choose_minutes(house.anna, minutes={"call": 300, "help": 30, "visit": 90}, at=NOW)
    assert names(house.anna) == ["De", "Bakker"]


@pytest.fixture
def crowd(house):
    """Twenty customers of Anna's with as much need."""
    analysis = make_analysis(TODAY)
    crowd = [make_customer(f"Klant {n:02d}", team=house.north, person=house.anna) for n in range(20)]
    for customer in crowd:
        read(analysis, customer, need=0.8)
    return crowd


def test_lots_are_kept_once_with_their_chance_and_only_for_the_person(house, crowd):
    page = day_of(house.anna, on=TODAY)
    for _twice in range(2):
        operations.keep_draws(page.draws, morning=page.morning)
    kept = DayDraw.objects.visible_to(house.anna)
    assert sum(each.propensity for each in kept) == pytest.approx(7) == kept.filter(is_drawn=True).count()
    assert {str(each.customer_id) for each in kept if each.is_drawn} == {
        str(line.customer.pk) for line in page.lines
    }
    for person in (house.marijke, house.joost, house.bea):
        assert not DayDraw.objects.visible_to(person).exists()


def test_lots_older_than_a_year_are_let_go(house, crowd):
    page = day_of(house.anna, on=TODAY)
    old = TODAY - timedelta(days=366)
    DayDraw.objects.create(person=house.anna, customer=crowd[0], on=old, propensity=0.5, is_drawn=True)
    operations.keep_draws(page.draws, morning=page.morning)
    assert not DayDraw.objects.filter(on=old).exists()


def test_reload_does_not_reshuffle_and_the_next_day_does(house, crowd):
    assert names_of(house.anna, TODAY) == names_of(house.anna, TODAY) != names_of(house.anna, TODAY + timedelta(1))


def names_of(person, on):
    return [line.customer.name for line in day_of(person, on=on).lines]


def test_margin_decides_nothing_but_a_tie(house, crowd):
    poor, rich = crowd[0], crowd[1]
    CustomerReading.objects.filter(customer=rich).update(expected_margin_cents=10**9, need=0.7)
    CustomerReading.objects.filter(customer=poor).update(expected_margin_cents=0, need=0.99)
    assert names_of(house.anna, TODAY)[0] == poor.name
    assert rich.name not in names_of(house.anna, TODAY)


def test_beneath_stand_the_calm_and_those_at_rest(house, day):
    customers.leave_in_peace(day["De"], until_on=TODAY + timedelta(days=9), why="Jaarplan", by=house.anna, at=NOW)
    beneath = today_of(house.anna, on=TODAY).beneath
    assert list(beneath.calm) == [day["Smit"]]
    assert [(each.customer, bool(each.rest)) for each in beneath.resting] == [
        (day["De"], True),
        (day["Jansen"], False),
    ]


def test_who_answers_for_many_sees_the_same_beneath_as_who_answers_for_few(house, day, monkeypatch):
    customers.leave_in_peace(day["De"], until_on=TODAY + timedelta(days=9), why="Jaarplan", by=house.anna, at=NOW)
    by_id = today_of(house.anna, on=TODAY).beneath
    monkeypatch.setattr("karma.customers.queries.FEW", 0)
    assert today_of(house.anna, on=TODAY).beneath == by_id


def test_asleep_and_too_little_known_are_not_proposed(house):
    analysis = make_analysis(TODAY)
    for state in (CustomerState.ASLEEP, CustomerState.TOO_LITTLE_DATA, CustomerState.CALM):
        read(analysis, make_customer(state, team=house.north, person=house.anna), state, need=1.0)
    assert names(house.anna) == []


def test_only_the_newest_complete_analysis_counts(house, day):
    newer = make_analysis(TODAY)
    newer.ended_at = datetime(2026, 3, 9, 10, tzinfo=UTC)
    newer.save()
    assert names(house.anna) == []


def test_of_much_that_waits_the_first_are_named_and_the_others_said_to_come(house, day, monkeypatch):
    for each in Customer.objects.visible_to(house.anna, on=TODAY):
        spoke(each, house.anna, again_on=TODAY)
    people.set_working_week(house.anna, minutes=dict.fromkeys(WEEKDAYS, 15), on=TODAY, by=house.bea, at=NOW)
    page = day_of(house.anna, on=TODAY)
    assert (len(page.waiting) > 1, page.waits_more) == (True, False)
    monkeypatch.setattr(queries, "WAITING", 1)
    cut = day_of(house.anna, on=TODAY)
    assert ([line.customer for line in cut.waiting], cut.waits_more) == ([page.waiting[0].customer], True)
    assert (cut.lines, cut.draws) == (page.lines, page.draws)
