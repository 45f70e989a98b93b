"""The scores agree with their closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from karma_core.scores import (
    ScoreError,
    area_under_curve,
    brier,
    calibration_error,
    coverage,
    covers,
    crps,
    log_loss,
    pit,
    precision_at_top,
)


def normal_crps(y: float) -> float:
    """Gneiting & Raftery (2007), eq. 21 for the standard normal."""
    return float(y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi))


@pytest.mark.parametrize("outcome", [-1.5, 0.0, 0.7, 3.0])
def test_crps_of_normal_draws_is_the_closed_form(outcome: float) -> None:
    draws = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert crps(draws, outcome) == pytest.approx(normal_crps(outcome), abs=2e-4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(-1e6, 1e6))
def test_crps_is_its_slow_twin(draws: list[float], outcome: float) -> None:
    x = np.array(draws)
    slow = np.abs(x - outcome).mean() - np.abs(x[:, None] - x[None, :]).mean() / 2
    assert crps(draws, outcome) == pytest.approx(slow, abs=1e-6 * (1 + abs(slow)))


def test_brier_of_the_base_rate_is_its_variance() -> None:
    assert brier([0.3] * 10, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) == pytest.approx(0.21)


def test_log_loss_of_a_sure_miss_is_finite() -> None:
    assert log_loss([0.0], [1]) == pytest.approx(-np.log(1e-12))


def test_calibration_error_of_chances_ten_points_too_high_is_a_tenth() -> None:
    outcomes = [1] * 40 + [0] * 60
    assert calibration_error([0.5] * 100, outcomes, bins=1) == pytest.approx(0.1)


def test_calibration_error_of_true_chances_is_small() -> None:
    rng = np.random.default_rng(1)
    chances = rng.beta(2, 3, 60_000)
    assert calibration_error(chances, rng.random(60_000) < chances) < 0.01


def test_pit_of_honest_draws_is_uniform() -> None:
    rng = np.random.default_rng(2)
    values = [pit(rng.normal(size=500), float(rng.normal())) for _ in range(2_000)]
    assert np.allclose(np.quantile(values, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.03)


def test_coverage_counts_the_rows_that_hold_their_outcome() -> None:
    draws = np.tile(np.arange(101.0), (3, 1))
    assert coverage(draws, [50.0, 95.0, 100.0], share=0.9) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("chances", "outcomes"), [([], []), ([0.5], [0, 1]), ([1.2], [1]), ([float("nan")], [1]), ([0.5], [2])]
)
def test_brier_refuses_what_is_no_chance(chances: list[float], outcomes: list[float]) -> None:
    with pytest.raises(ScoreError):
        brier(chances, outcomes)


@pytest.mark.parametrize("draws", [[], [float("inf")]])
def test_crps_refuses_draws_it_cannot_score(draws: list[float]) -> None:
    with pytest.raises(ScoreError):
        crps(draws, 0.0)


def test_covers_refuses_a_share_of_one() -> None:
    with pytest.raises(ScoreError):
        covers([1.0], 1.0, share=1.0)


@pytest.mark.parametrize("seed", range(4))
def test_area_under_curve_counts_pairs(seed):
    rng = np.random.default_rng(seed)
    s, y = rng.integers(0, 6, 40) / 5, rng.integers(0, 2, 40)
    pairs = [(a > b) + 0.5 * (a == b) for a in s[y == 1] for b in s[y == 0]]
    assert area_under_curve(s, y) == pytest.approx(np.mean(pairs))


def test_area_of_outcomes_all_alike_is_a_half():
    assert area_under_curve([0.1, 0.9], [1, 1]) == 0.5


def test_precision_at_top_shares_a_tie_over_the_edge():
    s, y = np.array([0.9] * 3 + [0.5] * 17), np.array([1, 1, 0] + [1] * 5 + [0] * 12)
    drawn = []
    for seed in range(2000):
        order = np.random.default_rng(seed).permutation(20)
        first = order[np.argsort(-s[order], kind="stable")[:10]]
        drawn.append(y[first].mean())
    assert precision_at_top(s, y, share=0.5) == pytest.approx(np.mean(drawn), abs=0.01)


@pytest.mark.parametrize("score", [area_under_curve, precision_at_top])
@pytest.mark.parametrize(("s", "y"), [([], []), ([0.5], [1, 0]), ([np.nan], [1])])
def test_an_order_of_nothing_is_refused(score, s, y):
    with pytest.raises(ScoreError, match="equal length"):
        score(s, y)
