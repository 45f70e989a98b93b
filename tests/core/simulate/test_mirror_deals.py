import numpy as np
import polars as pl
import pytest

from karma_core.simulate import SimulateError, mirror_deals


def test_the_same_seed_gives_the_same_deals():
    assert mirror_deals(seed=3).deals.equals(mirror_deals(seed=3).deals)


def test_wins_are_as_frequent_as_their_true_chances_say():
    world = mirror_deals(seed=1, deals=50_000)
    won = (world.deals["outcome"] == "won").to_numpy()
    z = (won - world.chances).sum() / np.sqrt((world.chances * (1 - world.chances)).sum())
    assert abs(z) < 4


def test_spread_of_nought_leaves_people_alike():
    people = mirror_deals(seed=1, skill_sd=0.0).people
    assert people.select(pl.col("win_effect", "margin_effect", "loss_effect").abs().max()).row(0) == (0, 0, 0)


@pytest.mark.parametrize("skill_sd", [0.2, 0.8])
def test_the_spread_of_people_is_the_one_asked_for(skill_sd):
    assert mirror_deals(seed=1, people=4000, skill_sd=skill_sd).people["win_effect"].std() == pytest.approx(
        skill_sd, rel=0.05
    )


@pytest.mark.parametrize(("assignment", "low", "high"), [("even", -0.35, 0.35), ("confounded", 0.15, 1.0)])
def test_good_sources_go_to_good_people_only_when_confounded(assignment, low, high):
    world = mirror_deals(seed=2, deals=20_000, people=200, assignment=assignment)
    joined = world.deals.join(world.people, on="person").join(world.sources, on="source", suffix="_source")
    assert low < joined.select(pl.corr("win_effect", "win_effect_source")).item() < high


def test_people_are_unequally_mixed_over_segments():
    counts = mirror_deals(seed=1).deals.group_by("person", "segment").len()
    assert counts["len"].max() > 4 * counts["len"].median()


def test_margin_is_known_of_wins_only():
    deals = mirror_deals(seed=1, leave_open=True).deals
    assert set(deals["outcome"]) == {"won", "lost", "open"}
    known = deals["margin_cents"].is_not_null()
    assert (known == (deals["outcome"] == "won")).all()
    won = deals.filter(known)
    assert (won["realised_margin_cents"] < won["margin_cents"]).all()
    assert deals.filter(pl.col("outcome") == "open")["closed_on"].null_count() > 0


@pytest.mark.parametrize("wrong", [{"assignment": "odd"}, {"people": 0}, {"deals": 0}, {"skill_sd": -1.0}])
def test_what_makes_no_deals_is_refused(wrong):
    with pytest.raises(SimulateError):
        mirror_deals(seed=1, **wrong)
