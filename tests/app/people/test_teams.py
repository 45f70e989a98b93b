"""Teams and memberships: dated, never restating the past."""

from datetime import date

import pytest
from tests.factories.people import NOW, TODAY

from karma.people import operations
from karma.people.models import Team
from karma.people.operations import Refused
from karma.people.queries import team_lines

pytestmark = pytest.mark.django_db


def test_move_ends_one_row_and_begins_another(house):
    operations.leave_team(house.anna.memberships.get(), on=TODAY, by=house.bea, at=NOW)
    operations.join_team(house.anna, team=house.south, is_lead=False, on=TODAY, by=house.bea, at=NOW)
    rows = list(house.anna.memberships.order_by("from_on").values_list("team__name", "from_on", "until_on"))
    assert rows == [("Noord", date(2024, 1, 1), TODAY), ("Zuid", TODAY, None)]


def test_joining_twice_is_refused(house):
    with pytest.raises(Refused):
        operations.join_team(house.anna, team=house.north, is_lead=True, on=TODAY, by=house.bea, at=NOW)
    assert house.anna.memberships.count() == 1


def test_membership_that_had_yet_to_begin_is_taken_away(house):
    future = operations.join_team(
        house.anna, team=house.south, is_lead=False, on=date(2026, 6, 1), by=house.bea, at=NOW
    )
    operations.leave_team(future, on=TODAY, by=house.bea, at=NOW)
    assert house.anna.memberships.count() == 1


def test_team_of_the_same_name_is_refused(house):
    with pytest.raises(Refused):
        operations.found_team("NOORD", by=house.bea, at=NOW)


def test_team_with_people_does_not_end(house):
    with pytest.raises(Refused):
        operations.retire_team(house.north, on=TODAY, by=house.bea, at=NOW)
    house.north.refresh_from_db()
    assert house.north.retired_on is None


def test_last_administrator_stays(house):
    for change in (
        lambda: operations.describe_person(house.bea, changes={"role": "member"}, by=house.bea, at=NOW),
        lambda: operations.let_go(house.bea, on=TODAY, by=house.bea, at=NOW),
    ):
        with pytest.raises(Refused):
            change()
    house.bea.refresh_from_db()
    assert house.bea.is_administrator


def test_own_team_stands_first(house):
    assert [line.team.name for line in team_lines(house.otto, on=TODAY)] == ["Zuid", "Noord"]


@pytest.mark.parametrize("page", ["/teams/", "/people/"])
def test_list_asks_the_same_queries_for_one_and_for_many(page, house, sign_in, django_assert_num_queries):
    browser = sign_in(house.anna)
    browser.get(page)
    with django_assert_num_queries(9, exact=False) as first:
        browser.get(page)
    for number in range(5):
        team = Team.objects.create(name=f"Team {number}")
        person = type(house.anna).objects.create(name=f"Collega {number}", email=f"c{number}@example.nl")
        operations.join_team(person, team=team, is_lead=False, on=TODAY, by=house.bea, at=NOW)
    with django_assert_num_queries(len(first.captured_queries)):
        browser.get(page)
