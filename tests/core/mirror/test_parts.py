"""The split of a difference against a slow twin that follows the formulas deal by deal."""

import math

import numpy as np
import polars as pl
import pytest

from karma_core.effects.posterior import level_effects
from karma_core.mirror.material import Material, read_material
from karma_core.mirror.model import Model, fit_model
from karma_core.mirror.parts import calibrated, contributions, parts_of, secants

SEGMENTS = ["s1", "s2", "s3"]


def material(*, is_amount: bool, mix: list[str], numeric: list[str]) -> Material:
    """Five persons who win about three in ten, far from a half, where signs could hide."""
    rng = np.random.default_rng(3)
    person, segment, size = rng.integers(0, 5, 500), rng.integers(0, 3, 500), rng.normal(size=500)
    eta = -1.2 + np.array([-0.8, 0.0, 0.9])[segment] + 0.4 * size + np.linspace(-0.7, 0.7, 5)[person]
    outcome = eta * 50 + rng.normal(scale=30, size=500) if is_amount else (rng.random(500) < expit(eta))
    frame = pl.DataFrame({"p": person.astype(str), "segment": np.array(SEGMENTS)[segment], "size": size})
    return read_material(
        frame, outcome.astype(float), is_amount=is_amount, person="p", mix=mix, numeric=numeric
    ).material


def expit(value):
    return 1 / (1 + np.exp(-value))


@pytest.fixture(scope="module")
def won() -> Model:
    return fit_model(material(is_amount=False, mix=["segment"], numeric=["size"]))


@pytest.fixture(scope="module")
def amounts() -> Model:
    return fit_model(material(is_amount=True, mix=["segment"], numeric=["size"]))


def slow_contributions(model: Model) -> list[list[float]]:
    """Deal by deal the posterior mean of what its segment and its size add."""
    grid, rows = model.posterior.grids["p"], []
    for deal in range(model.material.deals):
        level = model.material.mix[0].codes[deal]
        pairs = list(zip(grid.weights, grid.nodes, strict=True))
        segment = sum(w * level_effects(model.posterior.layout, n, "segment")[level] for w, n in pairs)
        slope = sum(w * n.rest[-1] for w, n in pairs)
        rows.append([segment, slope * model.material.numeric[deal, 0]])
    return rows


def test_contributions_are_posterior_means(won):
    np.testing.assert_allclose(contributions(won), slow_contributions(won), atol=1e-12)


def test_parts_follow_their_formulas_deal_by_deal(won):
    parts, held = parts_of(won), won.material
    rows = np.array(slow_contributions(won))
    team = held.outcome.mean()
    linear = calibrated(rows.sum(axis=1), team)
    chances = [1 / (1 + math.exp(-e)) for e in linear]
    slopes = [(p - team) / (e - math.log(team / (1 - team))) for p, e in zip(chances, linear, strict=True)]
    centre = [sum(s * c for s, c in zip(slopes, column, strict=True)) / sum(slopes) for column in rows.T]
    for person in range(held.person.size):
        own = [deal for deal in range(held.deals) if held.person.codes[deal] == person]
        expected = sum(chances[d] for d in own) / len(own)
        assert parts.expected[person] == pytest.approx(expected)
        deviation = math.sqrt(sum(chances[d] * (1 - chances[d]) for d in own)) / len(own)
        assert parts.chance_sd[person] == pytest.approx(deviation)
        for column in range(2):
            wanted = sum(slopes[d] * (rows[d, column] - centre[column]) for d in own) / len(own)
            assert parts.from_mix[person, column] == pytest.approx(wanted, abs=1e-9)


def test_a_person_s_own_part_moves_each_of_their_deals(won):
    parts, held = parts_of(won), won.material
    effects = np.linspace(-1, 1, held.person.size)
    for person, found in enumerate(parts.from_person(effects)):
        own = held.person.codes == person
        moved = expit(parts.linear[own] + effects[person]) - expit(parts.linear[own])
        assert found == pytest.approx(moved.mean())


def test_amounts_split_on_a_straight_line(amounts):
    parts, held = parts_of(amounts), amounts.material
    rows = np.array(slow_contributions(amounts)) * amounts.unit
    for person in range(held.person.size):
        own = held.person.codes == person
        np.testing.assert_allclose(parts.from_mix[person], rows[own].mean(axis=0) - rows.mean(axis=0), atol=1e-9)
        assert parts.expected[person] == pytest.approx(parts.team + parts.from_mix[person].sum())
        residual = amounts.posterior.mode.unit * amounts.unit
        assert parts.chance_sd[person] == pytest.approx(residual / math.sqrt(own.sum()))
    np.testing.assert_array_equal(parts.from_person(np.arange(5.0)), np.arange(5.0))


def test_residual_deviation_of_amounts_is_near_the_true_one(amounts):
    assert amounts.posterior.mode.unit * amounts.unit == pytest.approx(30, rel=0.1)


@pytest.mark.parametrize("is_amount", [False, True])
def test_without_a_mix_everybody_is_expected_at_the_team_s_rate(is_amount):
    model = fit_model(material(is_amount=is_amount, mix=[], numeric=[]))
    parts = parts_of(model)
    assert parts.from_mix.shape == (5, 0)
    np.testing.assert_allclose(parts.expected, parts.team)


@pytest.mark.parametrize("team", [0.02, 0.3, 0.9])
def test_calibrated_log_odds_average_to_the_team_exactly(team):
    linear = np.random.default_rng(1).normal(scale=3, size=200)
    assert expit(calibrated(linear, team)).mean() == pytest.approx(team, abs=1e-10)


def test_secants_meet_the_chance_at_the_deal_and_the_slope_at_the_team():
    team = 0.3
    linear = np.array([-4.0, math.log(team / (1 - team)), 2.0])
    slopes = secants(linear, team)
    reached = team + slopes * (linear - math.log(team / (1 - team)))
    np.testing.assert_allclose(reached, expit(linear))
    assert slopes[1] == pytest.approx(team * (1 - team))


def test_a_secant_at_the_team_itself_is_the_slope_there():
    assert secants(np.array([0.0]), 0.5).tolist() == [0.25]
