"""Chances to be drawn agree with counting every order, and with what the lots really do."""

from itertools import permutations

import numpy as np
import pytest

from karma_core.work import chance_to_be_drawn, lot
from karma_core.work.lots import place


def by_counting(weights, drawn):
    """The obvious way: the chance of each order, one after the other, is its weight among those left."""
    chances = np.zeros(len(weights))
    for order in permutations(range(len(weights))):
        chance, left = 1.0, float(sum(weights))
        for each in order:
            chance *= weights[each] / left
            left -= weights[each]
        chances[list(order[:drawn])] += chance
    return chances


@pytest.mark.parametrize("weights", [[1, 1, 1], [1, 2], [2, 2, 1, 1, 1], [1, 2, 2, 2, 2, 1], [2]])
def test_chances_agree_with_counting_every_order(weights):
    for drawn in range(1, len(weights) + 1):
        assert chance_to_be_drawn(weights, drawn=drawn) == pytest.approx(by_counting(weights, drawn), abs=1e-12)


@pytest.mark.parametrize(("size", "drawn"), [(300, 7), (40, 39), (1000, 1)])
def test_chances_add_up_to_the_number_drawn(size, drawn):
    weights = [1 + (n % 2) for n in range(size)]
    assert chance_to_be_drawn(weights, drawn=drawn).sum() == pytest.approx(drawn, abs=1e-9)


def test_lots_come_out_as_often_as_their_chance_says():
    weights, drawn, days = [1, 1, 1, 2, 2], 2, 4000
    hits = np.zeros(len(weights))
    for day in range(days):
        moments = [place(lot(f"day {day}", f"c{n}"), weight=weight) for n, weight in enumerate(weights)]
        hits[np.argsort(moments)[:drawn]] += 1
    expected = chance_to_be_drawn(weights, drawn=drawn)
    noise = np.sqrt(expected * (1 - expected) / days)
    assert (np.abs(hits / days - expected) < 4 * noise).all()


def test_another_weight_is_refused():
    with pytest.raises(ValueError, match="weights are 1 or 2"):
        chance_to_be_drawn([1, 3], drawn=1)
