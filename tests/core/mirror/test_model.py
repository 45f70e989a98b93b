"""The model behind the mirror: the priors, the units, and the group means against confounding."""

import numpy as np
import pytest

from karma_core.effects.posterior import level_effects
from karma_core.mirror import model as module
from karma_core.mirror.material import Material, read_material
from karma_core.mirror.model import WIDE, Model, fit_model, group_means
from karma_core.simulate.mirror import mirror_deals


def material(*, is_amount: bool = False, people: int = 9, number: int = 500) -> Material:
    world = mirror_deals(seed=8, people=people, segments=5, deals=number, skill_sd=0.5, assignment="confounded")
    deals = world.deals
    won = (deals["outcome"] == "won").to_numpy().astype(float)
    amount = 5000 + 800 * won + 300 * deals["size"].to_numpy()
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size", "new"]}
    return read_material(deals, amount if is_amount else won, is_amount=is_amount, **columns).material


@pytest.fixture(scope="module", params=["won", "amounts"])
def fitted(request) -> Model:
    return fit_model(material(is_amount=request.param == "amounts"))


def test_amounts_are_fitted_in_their_deviations_and_reported_in_their_unit(fitted):
    held = fitted.material
    assert fitted.unit == (pytest.approx(held.outcome.std()) if held.is_amount else 1.0)
    assert (fitted.plain.family, held.is_amount) in {("gaussian", True), ("binomial", False)}
    assert set(fitted.plain.sd) - {"residual"} == {"segment", "source", "person"}


def test_fixed_columns_are_held_weakly_and_group_means_like_the_persons(fitted):
    layout, parts = fitted.posterior.layout, fitted.means.shape[1]
    assert parts >= 2
    held = [1e-6] * 3 if fitted.material.is_amount else [0.01, 0.16, 0.16]
    assert layout.loadings.precision[-3:] == pytest.approx(held)
    person = layout.parameter_names.index("person")
    tied = slice(-3 - parts, -3)
    assert layout.loadings.parameters[tied].tolist() == [person] * parts
    assert layout.loadings.scales[tied] == pytest.approx([1 / np.sqrt(parts)] * parts)
    columns = fitted.posterior.layout.crossing.numeric[:, :parts]
    assert {tuple(row) for row in columns.round(9)} == {tuple(row) for row in fitted.means.round(9)}


def test_with_the_mix_free_every_spread_is_wide_and_no_group_means_are_there(fitted):
    assert fitted.apart.theta.tolist() == [WIDE] * 3
    assert fitted.apart_layout.random_width == fitted.posterior.layout.random_width - fitted.means.shape[1]


def test_what_is_seen_of_the_mix_is_seen_within_persons(monkeypatch, fitted):
    seen = []

    def taken(held, layout, within):
        seen.append(dict(zip(layout.parameter_names, within.theta.tolist(), strict=True)))
        return group_means(held, layout, within)

    monkeypatch.setattr(module, "group_means", taken)
    again = fit_model(fitted.material)
    unit = again.plain.sd["residual"] if fitted.material.is_amount else 1.0
    wanted = {name: pytest.approx(again.plain.sd[name] / unit) for name in ("segment", "source")}
    assert seen == [{**wanted, "person": WIDE}]


def test_at_a_large_size_the_plain_fit_s_spreads_are_plugged_in(monkeypatch, fitted):
    columns = fitted.posterior.layout.crossing.rest_size
    monkeypatch.setattr(module, "MOST_FOR_GRID", columns)
    assert not fit_model(fitted.material).posterior.is_plugged_in
    monkeypatch.setattr(module, "MOST_FOR_GRID", columns - 1)
    held = fit_model(fitted.material).posterior
    assert held.is_plugged_in
    unit = fitted.plain.sd["residual"] if fitted.material.is_amount else 1.0
    spreads = [fitted.plain.sd[name] / unit for name in held.layout.parameter_names]
    np.testing.assert_allclose(held.mode.theta, spreads, rtol=1e-6)


def test_group_means_are_each_person_s_mean_of_every_part_in_deviations():
    held = material()
    model = fit_model(held)
    node, layout = model.apart, model.apart_layout
    found, codes = group_means(held, layout, node), held.person.codes
    wanted = []
    values = [level_effects(layout, node, factor.name)[factor.codes] for factor in held.mix]
    for value in [*values, *held.numeric.T]:
        each = np.array([value[codes == person].mean() for person in range(held.person.size)])
        away = each - value.mean()
        if away.std() > 0.02:
            wanted.append(away / away.std())
    assert len(wanted) >= 2
    np.testing.assert_allclose(found, np.column_stack(wanted))


def test_a_part_in_which_persons_hardly_differ_has_no_group_mean():
    held = material()
    flat = np.array([1.0, -1.0] * 250)
    ranked = np.zeros(500)
    for person in range(held.person.size):
        own = np.flatnonzero(held.person.codes == person)
        ranked[own] = flat[: len(own)]
    model = fit_model(held)
    same = Material(**{**vars(held), "numeric": np.column_stack([ranked, held.numeric[:, 1]])})
    assert group_means(same, model.apart_layout, model.apart).shape[1] == model.means.shape[1] - 1


def test_where_persons_hardly_differ_in_anything_there_are_no_group_means(monkeypatch):
    model = fit_model(material())
    monkeypatch.setattr(module, "LEAST_SPREAD_OF_MEANS", 10.0)
    assert group_means(model.material, model.apart_layout, model.apart).shape == (9, 0)


@pytest.mark.parametrize(("people", "parts"), [(3, 0), (4, 1)])
def test_fewer_than_four_persons_have_no_group_means(people, parts):
    model = fit_model(material(people=people, number=300))
    assert model.means.shape[0] == people
    assert (model.means.shape[1] > 0) is bool(parts)
