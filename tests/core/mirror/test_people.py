"""Ranges, verdicts and how many more deals would tell."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from karma_core.effects.posterior import columns_of
from karma_core.mirror.material import read_material
from karma_core.mirror.model import fit_model
from karma_core.mirror.overlap import Overlap
from karma_core.mirror.people import (
    AGREES,
    SURE,
    TOLD,
    Differences,
    deals_needed,
    differences,
    mix_is_in_the_way,
    more_needed,
    rounded_up,
    verdicts,
    wanted_variance,
)
from karma_core.simulate.mirror import mirror_deals

MIXED = Differences(np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([[1.0, 0.5], [0.5, 0.5]]), np.array([0.25, 0.75]))


@pytest.mark.parametrize("wide", [1, 20])
def test_a_quantile_of_the_mixture_has_its_chance_below_it(wide):
    mixed = replace(MIXED, deviations=wide * MIXED.deviations)
    for level in (0.05, 0.5, 0.95):
        at = mixed.quantile(level)
        below = mixed.weights @ norm.cdf((at - mixed.means) / mixed.deviations)
        np.testing.assert_allclose(below, level, atol=1e-9)


def test_a_call_is_judged_at_the_spread_above_a_tenth_of_the_posterior():
    three = Differences(np.array([[1.0], [2.0], [4.0]]), np.full((3, 1), 0.5), np.array([0.05, 0.15, 0.8]))
    # the middles of the weights stand at 0.025, 0.125 and 0.6: a tenth is three quarters on the way to the second
    assert three.cautious[0] == pytest.approx(2 * 1.75)
    alone = Differences(np.array([[2.0]]), np.array([[0.5]]), np.ones(1))
    assert alone.cautious[0] == 4


@pytest.mark.parametrize(
    ("z", "free", "hidden", "said"),
    [
        (2.6, 1.7, None, "above"),
        (-2.6, -1.7, None, "below"),
        (2.55, 3.0, None, "cannot_tell"),
        (-2.55, -3.0, None, "cannot_tell"),
        (2.6, 1.6, None, "cannot_tell"),
        (-2.6, -1.6, None, "cannot_tell"),
        (-2.6, 1.7, None, "cannot_tell"),
        (2.6, 1.7, "segment", "cannot_tell"),
    ],
)
def test_a_verdict_needs_chance_and_mix_ruled_out(model, z, free, hidden, said):
    people = model.material.person.size
    found = Differences(np.full((1, people), z), np.ones((1, people)), np.ones(1))
    overlap = Overlap(np.ones(people), np.full(people, free), np.ones(people), (hidden,) * people)
    assert set(verdicts(model, found, overlap)) == {said}
    assert set(mix_is_in_the_way(found, overlap)) == {abs(z) > TOLD and free * np.sign(z) < AGREES}


def called(model, material) -> list[str]:
    people = material.person.size
    found = Differences(np.full((1, people), 9.0), np.ones((1, people)), np.ones(1))
    overlap = Overlap(np.ones(people), np.full(people, 9.0), np.ones(people), (None,) * people)
    return verdicts(replace(model, material=material), found, overlap)


@pytest.mark.parametrize(("number", "said"), [(9, "cannot_tell"), (10, "above")])
def test_fewer_than_ten_won_deals_in_all_tell_nothing(model, number, said):
    won = np.arange(model.material.deals) < number
    for outcome in (won.astype(float), 1.0 - won):
        assert set(called(model, replace(model.material, outcome=outcome))) == {said}


@pytest.mark.parametrize(("number", "said"), [(9, "cannot_tell"), (10, "above")])
def test_fewer_than_ten_deals_of_their_own_tell_nothing(model, number, said):
    person = model.material.person
    codes = np.where(person.codes == 0, 1, person.codes)
    codes[:number] = 0
    words = called(model, replace(model.material, person=replace(person, codes=codes)))
    assert (words[0], words[1]) == (said, "above")


def test_the_chance_above_zero_is_that_of_the_mixture():
    assert MIXED.above[0] == pytest.approx(0.25 * 0.5 + 0.75 * norm.cdf(4))
    assert MIXED.mean.tolist() == [1.5, 1.0]


@pytest.mark.parametrize(("difference", "prior"), [(0.3, 0.04), (-0.5, 0.16), (1.0, 1.0)])
def test_at_the_wanted_variance_the_shrunk_estimate_is_just_told(difference, prior):
    v = float(wanted_variance(np.array([difference]), prior)[0])
    shrunk, deviation = abs(difference) * prior / (prior + v), np.sqrt(prior * v / (prior + v))
    assert shrunk / deviation == pytest.approx(TOLD)


def test_told_is_the_z_value_of_being_sure():
    assert pytest.approx(norm.ppf(SURE), abs=1e-3) == TOLD


def test_no_spread_among_persons_is_never_told():
    assert wanted_variance(np.array([0.3]), 0.0)[0] == 0


@pytest.mark.parametrize(
    ("number", "said"), [(0.2, 10), (10, 10), (10.1, 20), (99, 100), (100.5, 150), (333, 350), (1000.5, 1500)]
)
def test_numbers_of_deals_do_not_pretend(number, said):
    assert rounded_up(number) == said


@pytest.mark.parametrize(
    ("needed", "hidden_by", "said"),
    [(33.2, "segment", None), (0.0, None, None), (-5.0, None, None), (10_000, None, 10_000), (10_001, None, None),
     (float("inf"), None, None), (0.1, None, 10)],
)  # fmt: skip
def test_more_deals_are_asked_for_only_where_they_would_tell(needed, hidden_by, said):
    assert more_needed(needed, verdict="cannot_tell", hidden_by=hidden_by) == said
    assert more_needed(needed, verdict="below", hidden_by=hidden_by) is None


def test_twice_the_deals_halve_what_is_still_needed(team, look):
    import polars as pl

    frame = team(deals=900, skill={"c": 0.45})
    once = {p.person: p for p in look(frame).won.people}["c"]
    twice = {p.person: p for p in look(pl.concat([frame, frame])).won.people}["c"]
    assert twice.high - twice.low < once.high - once.low


@pytest.fixture(scope="module")
def model():
    """Persons with unequal numbers of deals and unequal mixes, so that group means take part."""
    deals = mirror_deals(seed=5, people=7, segments=5, deals=500, skill_sd=0.5, assignment="confounded").deals
    won = (deals["outcome"] == "won").to_numpy().astype(float)
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size"]}
    return fit_model(read_material(deals, won, is_amount=False, **columns).material)


def test_differences_are_those_of_the_whole_covariance(model):
    layout, material = model.posterior.layout, model.material
    grid = model.posterior.grids["person"]
    found, people, parts = differences(model), material.person.size, model.means.shape[1]
    assert parts > 1
    own = columns_of(layout, "person")
    pick = np.zeros((people, len(grid.nodes[0].rest)))
    pick[np.arange(people), own] = 1
    pick[:, layout.random_width - parts : layout.random_width] = model.means
    contrast = (np.eye(people) - material.deals_each / material.deals) @ pick
    for i, node in enumerate(grid.nodes):
        np.testing.assert_allclose(found.means[i], contrast @ node.rest, atol=1e-10)
        wanted = np.sqrt(np.diag(contrast @ node.covariance @ contrast.T))
        np.testing.assert_allclose(found.deviations[i], wanted, rtol=1e-8)


@pytest.mark.parametrize("unit", [1.0, 2.0])
def test_with_the_deals_that_are_needed_a_difference_is_just_told(model, unit):
    posterior, people = model.posterior, model.material.person.size
    grid = posterior.grids["person"]
    grid = replace(grid, nodes=tuple(replace(node, unit=unit) for node in grid.nodes))
    asked = replace(model, posterior=replace(posterior, grids={**posterior.grids, "person": grid}))
    place = posterior.layout.parameter_names.index("person")
    prior = sum(w * (unit * node.theta[place]) ** 2 for w, node in zip(grid.weights, grid.nodes, strict=True))
    found, variance = differences(model), np.linspace(0.1, 0.4, people)
    needed = deals_needed(asked, found, Overlap(np.ones(people), np.ones(people), variance, (None,) * people))
    deals = model.material.deals_each
    then = variance * deals / (deals + needed)
    shrunk, deviation = abs(found.mean) * prior / (prior + then), np.sqrt(prior * then / (prior + then))
    np.testing.assert_allclose(shrunk / deviation, TOLD)


def test_differences_average_to_zero_over_the_deals(model):
    found = differences(model)
    np.testing.assert_allclose(found.means @ model.material.deals_each, 0, atol=1e-9)


def test_group_means_are_standard_deviations_about_the_deals_mean(model):
    np.testing.assert_allclose(model.means.std(axis=0), 1)
