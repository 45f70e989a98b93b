"""A seeded fraction of bench/mirror_calibration.py: what the mirror says, against a truth that is known.

Tolerances: with 180 persons whose calls and ranges hang together within six companies, a share of persons has
about twice the variance of independent ones, so three deviations are 3 sqrt(2 p (1 - p) / 180).
"""

import numpy as np
import pytest
from bench.mirror_calibration import Tally, look

COMPANIES = 6


def tallied(skill_sd: float, assignment: str) -> Tally:
    tally = Tally()
    for seed in range(COMPANIES):
        look(tally, seed=seed, skill_sd=skill_sd, assignment=assignment)
    return tally


def slack(share: float) -> float:
    return 3 * float(np.sqrt(2 * share * (1 - share) / (30 * COMPANIES)))


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ["even", "confounded"])
def test_nobody_differs_and_hardly_anybody_is_called(assignment):
    tally = tallied(0.0, assignment)
    assert tally.called / tally.persons <= 0.01 + slack(0.01)
    assert tally.covered / tally.persons >= 0.9
    assert tally.shares["person"] >= 4


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ["even", "confounded"])
def test_ranges_hold_the_truth_and_calls_have_its_sign(assignment):
    tally = tallied(0.4, assignment)
    covered = tally.covered / tally.persons
    assert 0.85 - slack(0.85) <= covered <= 0.95 + slack(0.95)
    assert tally.called > 0
    assert tally.wrong <= 0.01 * tally.called + 1
