"""A day: what people asked comes first, need decides, margin only tilts a near-tie, and everything fits."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karma_core.work import DEFAULT_MINUTES, Kind, Origin, Room, WorkLine, compose, is_proposal

CALL, HELP, VISIT = Kind.CALL, Kind.HELP, Kind.VISIT
LONG = Room(minutes=480)


def line(customer, origin=Origin.NEED, kind=CALL, *, need=0.5, worth=None, due_on=None):
    return WorkLine(customer, origin, kind, DEFAULT_MINUTES[kind], need, worth, due_on)


def names(lines):
    return [each.customer for each in lines]


def test_what_people_asked_stands_in_order_of_origin_and_day():
    given_lines = [
        line("need", need=1.0),
        line("deal", Origin.DEAL_DUE, HELP, due_on=date(2026, 1, 1)),
        line("later", Origin.AGREED, due_on=date(2026, 3, 9)),
        line("earlier", Origin.AGREED, due_on=date(2026, 3, 2)),
        line("own", Origin.BY_HAND),
        line("colleague", Origin.HANDED_OVER, due_on=date(2026, 3, 9)),
    ]
    assert names(compose(given_lines, room=LONG, seed="x").lines) == [
        "colleague", "earlier", "later", "own", "deal", "need",
    ]  # fmt: skip


def test_more_need_comes_first_whatever_it_is_worth():
    lines = [line("rich", need=0.5, worth=10**9), line("in need", need=0.9, worth=0)]
    assert names(compose(lines, room=LONG, seed="x").lines) == ["in need", "rich"]


def test_customer_stands_once_with_the_first_reason():
    lines = [line("Bakker", need=0.9), line("Bakker", Origin.AGREED, VISIT)]
    assert [(each.customer, each.kind) for each in compose(lines, room=LONG, seed="x").lines] == [
        ("Bakker", VISIT)
    ]


def test_agreed_work_that_does_not_fit_waits_and_is_not_lost():
    lines = [line(f"visit {n}", Origin.AGREED, VISIT, due_on=date(2026, 3, n + 1)) for n in range(3)]
    day = compose(lines, room=Room(minutes=180), seed="x")
    assert (names(day.lines), names(day.waiting)) == (["visit 0", "visit 1"], ["visit 2"])


def test_proposals_stop_at_seven_and_what_was_asked_at_nine():
    many = [line(f"n{n}", need=n / 30) for n in range(30)]
    asked = [line(f"a{n}", Origin.AGREED) for n in range(12)]
    assert [len(compose(each, room=LONG, seed="x").lines) for each in (many, asked, many + asked)] == [7, 9, 9]


def test_nobody_with_less_need_passes_a_near_tie_that_does_not_fit():
    lines = [*(line(f"tied {n}", kind=HELP, need=0.9) for n in range(3)), line("small", need=0.1)]
    day = compose(lines, room=Room(minutes=80), seed="x")
    assert len(day.lines) == 2
    assert "small" not in names(day.lines)


def test_one_of_three_proposals_is_for_who_is_led_by_hand():
    led = [line(f"led {n}", Origin.LED_BY_HAND, HELP, need=0.1) for n in range(9)]
    needed = [line(f"need {n}", need=0.9) for n in range(9)]
    counts = [
        sum(each.origin == Origin.LED_BY_HAND for each in compose(lines, room=LONG, seed="x").lines)
        for lines in (led + needed, led, needed, led + needed[:1])
    ]
    assert counts == [2, 7, 0, 6]


def test_same_seed_gives_the_same_day_and_another_day_another():
    lines = [line(f"c{n}", need=0.5) for n in range(40)]
    drawn = [names(compose(lines, room=LONG, seed=seed).lines) for seed in ("a", "a", "b")]
    assert drawn[0] == drawn[1] != drawn[2]


def test_order_of_the_input_plays_no_part():
    lines = [line(f"c{n}", need=0.5, worth=n) for n in range(20)]
    assert compose(lines, room=LONG, seed="a").lines == compose(lines[::-1], room=LONG, seed="a").lines


def test_whoever_leaves_the_list_moves_nobody_else():
    lines = [line(f"c{n}", need=0.5) for n in range(20)]
    before = names(compose(lines, room=LONG, seed="a").lines)
    after = names(compose([each for each in lines if each.customer != before[3]], room=LONG, seed="a").lines)
    assert after[:6] == before[:3] + before[4:]


def test_draws_are_told_where_chance_decided_and_nowhere_else():
    tied, alone = [line(f"c{n}", need=0.5) for n in range(10)], [line("alone", need=0.9)]
    draws = compose(tied + alone, room=LONG, seed="a").draws
    assert {each.customer for each in draws} == {f"c{n}" for n in range(10)}
    assert sum(each.propensity for each in draws) == pytest.approx(6) == sum(each.is_drawn for each in draws)


def test_worth_tilts_a_near_tie_and_never_decides_it():
    lines = [line(f"c{n}", need=0.5, worth=10**n) for n in range(14)]
    chances = {each.customer: each.propensity for each in compose(lines, room=LONG, seed="a").draws}
    assert 0.3 < chances["c0"] < chances["c13"] < 0.7
    assert len({round(chance, 9) for chance in chances.values()}) == 2


KINDS = st.sampled_from(list(Kind))
LINES = st.lists(
    st.builds(
        line,
        st.sampled_from([f"c{n}" for n in range(30)]),
        st.sampled_from(list(Origin)),
        KINDS,
        need=st.floats(0, 1),
        worth=st.none() | st.integers(-(10**9), 10**9),
        due_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ),
    max_size=60,
)


@given(LINES, st.integers(0, 600))
def test_every_day_fits_and_loses_nothing_that_people_asked(lines, minutes):
    day = compose(lines, room=Room(minutes), seed="x")
    assert day.minutes <= minutes
    assert len(day.lines) <= 9
    assert len({each.customer for each in day.lines}) == len(day.lines)
    kept = {each.customer for each in (*day.lines, *day.waiting)}
    assert {each.customer for each in lines if not is_proposal(each)} <= kept
    assert all(0 < each.propensity < 1 for each in day.draws)
