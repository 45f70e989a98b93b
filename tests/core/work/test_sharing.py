"""Customers without a person: one at a time, evenly by chance, and few move when the team changes."""

from collections import Counter
from datetime import date, timedelta

from karma_core.work import whose_turn

TEAM = ["1", "2", "3", "4"]
MONDAY = date(2026, 3, 9)
CUSTOMERS = [str(n) for n in range(2000)]


def test_turn_is_the_same_all_week_and_differs_over_weeks():
    week = [
        {whose_turn(each, TEAM, on=MONDAY + timedelta(days=day)) for day in range(7)} for each in CUSTOMERS[:50]
    ]
    assert all(len(turns) == 1 for turns in week)
    weeks = {whose_turn("7", TEAM, on=MONDAY + timedelta(weeks=n)) for n in range(40)}
    assert weeks == set(TEAM)


def test_turns_are_spread_evenly():
    turns = Counter(whose_turn(each, TEAM, on=MONDAY) for each in CUSTOMERS)
    assert all(abs(count - 500) < 4 * (2000 * 0.25 * 0.75) ** 0.5 for count in turns.values())


def test_who_leaves_hands_on_only_their_own():
    before = {each: whose_turn(each, TEAM, on=MONDAY) for each in CUSTOMERS}
    after = {each: whose_turn(each, TEAM[1:], on=MONDAY) for each in CUSTOMERS}
    assert all(after[each] == before[each] for each in CUSTOMERS if before[each] != "1")
