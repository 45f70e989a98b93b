"""Chances and amounts are never said more precisely than they deserve."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karma_core.words import chance_in_words, round_to_range


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.0, "hardly any chance"),
        (0.049, "less than 1 in 20"),
        (0.05, "about 1 in 10"),
        (0.149, "about 1 in 10"),
        (0.15, "about 2 in 10"),
        (0.949, "about 9 in 10"),
        (0.951, "more than 19 in 20"),
        (1.0, "more than 19 in 20"),
    ],
)
def test_chance_is_said_in_tenths(chance, said):
    assert chance_in_words(chance, language="en") == said


@given(st.floats(0, 1))
def test_chance_never_shows_a_decimal_or_a_percentage(chance):
    assert not re.search(r"[.,%]", chance_in_words(chance, language="nl"))


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**11))
def test_rounding_moves_an_amount_by_less_than_its_range_can_carry(cents, width):
    assert abs(round_to_range(cents, width_cents=width) - cents) <= max(50, width / 40)
