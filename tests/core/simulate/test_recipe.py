from datetime import date

import pytest

from karma_core.simulate import Recipe, SimulateError


@pytest.mark.parametrize(
    "wrong",
    [
        {"family": "sunny"},
        {"assignment": "odd"},
        {"customers": 9},
        {"people": 8},
        {"years": 0},
        {"years": 21},
        {"skill_sd": -0.1},
        {"seed": -1},
        {"ends_on": date(1900, 1, 1)},
    ],
)
def test_recipe_refuses_what_makes_no_company(wrong):
    with pytest.raises(SimulateError) as refused:
        Recipe(**{"ends_on": date(2026, 1, 1), **wrong})
    assert refused.value.nl is not None


def test_recipe_with_two_faults_names_both():
    with pytest.raises(SimulateError, match=r"family.*customers"):
        Recipe(ends_on=date(2026, 1, 1), family="x", customers=1)


def test_people_left_out_fit_the_customers():
    assert [Recipe(ends_on=date(2026, 1, 1), customers=n).head_count for n in (10, 1500, 100_000)] == [9, 24, 1009]
