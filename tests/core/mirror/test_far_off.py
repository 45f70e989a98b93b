"""Amounts far from the rest: they move a mean, and no verdict may rest on a few of them."""

import numpy as np
import polars as pl
import pytest

from karma_core.mirror.far_off import FAR, drawn_in, fitted, steady
from karma_core.mirror.material import read_material
from karma_core.mirror.model import fit_model


def frame(seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    person, segment = rng.integers(0, 8, 400), rng.integers(0, 5, 400)
    margin = 1000 + 30.0 * segment + rng.normal(scale=100, size=400)
    return pl.DataFrame(
        {"person": [f"p{i}" for i in person], "segment": [f"s{i}" for i in segment], "margin": margin}
    )


def material_of(deals: pl.DataFrame):
    margin = deals["margin"].to_numpy()
    return read_material(deals, margin, is_amount=True, person="person", mix=["segment"], numeric=[]).material


def with_large(deals: pl.DataFrame, *, number: int) -> pl.DataFrame:
    rank = (pl.col("person") == "p3").cum_sum()
    is_large = (pl.col("person") == "p3") & (rank <= number)
    return deals.with_columns(
        pl.when(is_large).then(pl.col("margin") + 20_000).otherwise("margin").alias("margin")
    )


def test_fitted_is_what_effects_and_fixed_columns_add_up_to():
    model = fit_model(material_of(frame()))
    expected = fitted(model.material.design(), model.plain)
    left = model.material.outcome / model.unit - expected
    assert left.std() == pytest.approx(model.plain.sd["residual"], rel=0.02)
    assert abs(left.mean()) < 1e-6


def test_only_far_off_amounts_are_drawn_in():
    deals = with_large(frame(), number=2)
    model = fit_model(material_of(deals))
    bounded = drawn_in(model).outcome
    moved = bounded != model.material.outcome
    assert (model.material.outcome[moved] > 15_000).all()
    assert moved.sum() == 2
    assert (bounded[moved] < 1000 + 2000 + FAR * 1000).all()


def test_far_off_begins_three_robust_deviations_from_the_middle():
    deals = frame().with_columns(margin=(pl.col("margin") / 150).exp())
    model = fit_model(material_of(deals))
    expected = model.unit * fitted(model.material.design(), model.plain)
    left = model.material.outcome - expected
    middle = np.median(left)
    robust = 1.4826 * np.median(np.abs(left - middle))
    assert robust > left.std() / 4
    assert (drawn_in(model).outcome - expected).max() == pytest.approx(middle + 3 * robust)


def test_far_below_is_drawn_in_as_well():
    deals = with_large(frame(), number=2).with_columns(margin=2000 - pl.col("margin"))
    model = fit_model(material_of(deals))
    bounded = drawn_in(model).outcome
    moved = bounded != model.material.outcome
    assert (model.material.outcome[moved] < -15_000).all()
    assert bounded.min() > -5000


def test_where_most_amounts_are_the_same_the_others_still_count():
    deals = frame().with_columns(pl.when(pl.int_range(400) % 5 == 0).then(10.0).otherwise(0.0).alias("margin"))
    bounded = drawn_in(fit_model(material_of(deals))).outcome
    assert bounded.max() > 2


@pytest.mark.parametrize(("number", "kept"), [(2, "cannot_tell"), (60, "above")])
def test_a_verdict_that_rests_on_two_orders_falls_and_one_on_many_stands(number, kept):
    model = fit_model(material_of(with_large(frame(), number=number)))
    at = model.material.person.levels.index("p3")
    said = ["above" if i == at else "cannot_tell" for i in range(8)]
    assert steady(model, said) == [kept if i == at else "cannot_tell" for i in range(8)]


def test_where_everybody_was_told_apart_each_is_looked_at_again():
    model = fit_model(material_of(with_large(frame(), number=2)))
    assert steady(model, ["above"] * 8) == ["cannot_tell"] * 8


def test_won_or_lost_has_nothing_far_off(team):
    deals = team()
    won = (deals["status"] == "won").to_numpy().astype(float)
    read = read_material(deals, won, is_amount=False, person="person", mix=["segment"], numeric=[])
    said = ["above"] * 6
    assert steady(fit_model(read.material), said) == said


def test_the_mirror_says_that_it_rests_on_a_few(look):
    deals = with_large(frame(), number=3).with_columns(status=pl.lit("won"))
    lost = frame(2).with_columns(status=pl.lit("lost"), margin=pl.lit(None, dtype=pl.Float64))
    mirror = look(pl.concat([deals, lost.select(deals.columns)]), mix=("segment",), margin="margin")
    said = next(person for person in mirror.margin.people if person.person == "p3")
    assert said.verdict == "cannot_tell"
    assert said.more_needed is None
