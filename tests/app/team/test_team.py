"""Team: what is expected together, why it moved, which customers ask for attention; never anything per person."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.app.plans.test_plan import text
from tests.factories.customers import make_dossier
from tests.factories.plans import EARLIER, begun_analysis, customer_reading, plan_reading

from karma.common.clock import today
from karma.customers.models import ContactMoment, Guest, Rest
from karma.people.models import Team
from karma.readings.amounts import Scale
from karma.readings.enums import CustomerState, PeriodKind
from karma.readings.models import PlanReading
from karma.team.phrases import driver_sentence
from karma.team.queries import chance_in_grid, course
from karma_core.reach import SOURCES

pytestmark = pytest.mark.django_db
ASKS = "De Vries kanarienoord bestelt ongeveer elke vijf weken en is nu acht weken stil."


def test_customers_in_need_stand_there_with_their_reason(house, readings, sign_in):
    seen = text(sign_in(house.anna).get("/team/"))
    assert "De Vries kanarienoord  bestelt ongeveer elke vijf weken".replace("  ", " ") in seen
    assert "kanariezuid" not in seen


def test_customer_whom_somebody_leaves_in_peace_asks_for_nothing(house, readings, dossiers, sign_in):
    until = today() + timedelta(days=20)
    Rest.objects.create(
        customer=dossiers[0].customer, until_on=until, why="Verbouwing", set_by=house.anna, set_at=timezone.now()
    )
    context = sign_in(house.marijke).get("/team/").context
    rest = [(need.name, need.reason, need.until) for need in context["rest"].needs]
    assert (context["call"].needs, rest) == ((), [("De Vries kanarienoord", "Verbouwing", until)])


def test_customer_who_was_just_spoken_to_asks_for_nothing(house, readings, dossiers, sign_in):
    moment = dossiers[0].moment
    ContactMoment.objects.filter(pk=moment.pk).update(kind="call", at=timezone.now() - timedelta(days=3))
    assert sign_in(house.anna).get("/team/").context["call"].needs == ()
    ContactMoment.objects.filter(pk=moment.pk).update(at=timezone.now() - timedelta(days=15))
    assert len(sign_in(house.anna).get("/team/").context["call"].needs) == 1


def test_most_in_need_stand_first_and_it_says_when_there_are_more(house, readings, sign_in):
    for number in range(8):
        dossier = make_dossier(f"Klant {number}", team=house.north, person=house.anna, canary=f"x{number}")
        customer_reading(readings.analysis, dossier, need=number / 10)
    call = sign_in(house.anna).get("/team/").context["call"]
    assert [need.name.split()[1] for need in call.needs] == ["Vries", "7", "6", "5", "4", "3"]
    assert call.is_cut


def test_guest_team_is_not_asked_for_attention(house, readings, dossiers, sign_in):
    Guest.objects.create(customer=dossiers[0].customer, team=house.south, from_on=date(2024, 1, 1))
    names = [need.name for need in sign_in(house.otto).get("/team/").context["call"].needs]
    assert names == ["Jansen kanariezuid"]


def test_course_follows_the_chance_of_last_year_over_the_days_it_was_worked_out(house, readings):
    moments = course(readings.north, readings.north.last_year_cents)
    assert [moment.as_of for moment in moments] == [*EARLIER, readings.analysis.as_of]
    assert moments[-1].chance == pytest.approx(
        chance_in_grid(readings.north.grid, readings.north.last_year_cents), abs=1e-9
    )


def test_course_leaves_out_other_teams_periods_and_measures(house, readings):
    elsewhere = begun_analysis(as_of=EARLIER[0] - timedelta(days=7))
    plan_reading(elsewhere, house.south, kind=PeriodKind.QUARTER, seed=1)
    plan_reading(elsewhere, house.north, kind=PeriodKind.NEXT_QUARTER, seed=1)
    later = begun_analysis(as_of=EARLIER[0] - timedelta(days=8))
    plan_reading(later, house.north, kind=PeriodKind.QUARTER, seed=1, measure="revenue")
    assert len(course(readings.north, 1)) == 3


def test_one_day_alone_has_no_course(house, readings, sign_in):
    seen = sign_in(house.otto).get("/team/")
    assert seen.context["together"].course is None
    assert seen.context["together"].course_sentence == ""


def test_grid_gives_the_chance_that_the_draws_gave(readings):
    from karma.readings.packing import core_reading

    said = core_reading(readings.north)
    for amount in (20_000_000, 26_000_000, 29_000_000, 34_000_000, 60_000_000):
        assert chance_in_grid(readings.north.grid, amount) == pytest.approx(said.chance_of(amount), abs=0.011)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    "code", ["realised", "deals_won", "deals_lost", "deals_closed", "deals_new", "deals_changed", "outlook"]
)
def test_every_cause_has_a_sentence(code, count, sign):
    for source in SOURCES:
        driver = {"code": code, "cents": sign * 12_000_00, "source": source, "count": count}
        sentence = driver_sentence(driver, Scale(100_000_00, "EUR"))
        assert "12" in sentence
        assert sentence.endswith(".")


def test_why_it_moved_stands_in_sentences(house, readings, sign_in):
    together = sign_in(house.anna).get("/team/").context["together"]
    assert 0 < len(together.causes) <= 4
    assert all(
        cause in text(sign_in(house.anna).get("/team/")).replace("\u00a0", " ")
        for cause in map(_plain, together.causes)
    )


def _plain(sentence: str) -> str:
    return sentence.replace("\u00a0", " ")


def test_person_without_a_team_sees_which_teams_there_are(house, readings, sign_in):
    house.otto.memberships.all().delete()
    assert sign_in(house.otto).get("/team/").url == "/teams/"


def test_team_without_plan_shows_its_people_and_no_amount(house, readings, sign_in):
    PlanReading.objects.filter(team=house.south).delete()
    seen = text(sign_in(house.otto).get("/team/"))
    assert ("Otto Visser" in seen, "€" in seen) == (True, False)


def test_before_the_first_analysis_it_says_what_will_stand_here(house, dossiers, sign_in):
    assert "Hier zie je straks waar het team samen op rekent" in text(sign_in(house.anna).get("/team/"))


def test_director_sees_the_company_and_each_team(house, readings, sign_in):
    joost = sign_in(house.joost)
    assert joost.get("/team/").context["scope"].team is None
    assert joost.get("/team/", {"team": house.south.pk}).url == f"/team/{house.south.pk}/"
    assert len(joost.get("/team/company/").context["call"].needs) == 2


def test_page_asks_the_same_queries_for_few_and_for_many(house, readings, sign_in):
    joost = sign_in(house.joost)
    joost.get("/team/")
    with CaptureQueriesContext(connection) as few:
        joost.get("/team/")
    for number in range(3):
        dossier = make_dossier(f"Klant {number}", team=house.north, person=house.anna, canary=f"x{number}")
        customer_reading(readings.analysis, dossier)
        team = Team.objects.create(name=f"Team {number}")
        plan_reading(readings.analysis, team, kind=PeriodKind.QUARTER, seed=1)
    with CaptureQueriesContext(connection) as many:
        answer = joost.get("/team/")
    assert (len(many), len(answer.context["call"].needs)) == (len(few), 5)


def test_large_team_sees_the_same_as_by_ids(house, readings, sign_in, monkeypatch):
    by_id = sign_in(house.anna).get("/team/").context["call"]
    monkeypatch.setattr("karma.customers.queries.FEW", 0)
    assert sign_in(house.anna).get("/team/").context["call"] == by_id
    assert len(by_id.needs) == 1


def test_states_of_no_concern_are_left_out(house, readings, dossiers, sign_in):
    from karma.readings.models import CustomerReading

    for state in (CustomerState.CALM, CustomerState.ASLEEP, CustomerState.TOO_LITTLE_DATA):
        CustomerReading.objects.update(customer_state=state)
        assert ASKS not in text(sign_in(house.anna).get("/team/")).replace("kanarienoord  ", "kanarienoord ")
