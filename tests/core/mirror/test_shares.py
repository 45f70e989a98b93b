"""Which share of the variation each part carries, and what its range holds."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from karma_core.mirror import shares
from karma_core.mirror.material import read_material
from karma_core.mirror.model import Model, fit_model
from karma_core.simulate.mirror import mirror_deals


def model_of(*, skill_sd: float = 0.0, is_amount: bool = False) -> Model:
    """A small team; amounts lie on a straight line with noise."""
    deals = mirror_deals(seed=4, people=8, segments=6, deals=600, skill_sd=skill_sd, assignment="confounded").deals
    won = (deals["outcome"] == "won").to_numpy().astype(float)
    amount = 1000 + 300 * won + 200 * deals["size"].to_numpy() + np.random.default_rng(1).normal(0, 300, 600)
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size", "new"]}
    return fit_model(read_material(deals, amount if is_amount else won, is_amount=is_amount, **columns).material)


@pytest.fixture(scope="module")
def alike() -> Model:
    """A team in which nobody differs from anybody."""
    return model_of()


def shared(model: Model) -> shares.Shares:
    return shares.shares_of(model, rng=np.random.default_rng(1))


def test_what_a_column_may_not_carry_may_be_chance(monkeypatch, alike):
    said = shared(alike)
    monkeypatch.setattr(shares, "zero_fits", lambda _grid: False)
    held = shared(alike)
    assert said.person.low == 0 < held.person.low
    assert said.chance.low == pytest.approx(held.chance.low, rel=1e-4)
    assert said.chance.high >= held.chance.high + held.person.value / 2


@pytest.mark.parametrize("zero", [set(), {"person", "source"}])
def test_values_and_ranges_are_those_of_the_weighed_draws(monkeypatch, alike, zero):
    rng = np.random.default_rng(2)
    drawn = rng.dirichlet([2, 3, 4, 5, 6, 30], 400)
    weights = rng.random(400) ** 3
    weights /= weights.sum()
    zeros = [grid for name, grid in alike.posterior.grids.items() if name in zero]
    monkeypatch.setattr(shares, "zero_fits", lambda grid: any(grid is other for other in zeros))
    monkeypatch.setattr(shares, "_drawn", lambda *_: (drawn, weights))
    said = shared(alike)
    assert list(said.mix) == ["segment", "source", "size", "new"]
    for i, (name, share) in enumerate({"person": said.person, **said.mix, "chance": said.chance}.items()):
        reached = {end: weights[drawn[:, i] <= getattr(share, end)].sum() for end in ("low", "high")}
        assert share.value == pytest.approx(weights @ drawn[:, i])
        assert share.low == 0 if name in zero else reached["low"] == pytest.approx(0.05, abs=0.01)
        if name != "chance":
            assert reached["high"] == pytest.approx(0.95, abs=0.01)
    with_zero = drawn[:, 5] + (drawn[:, 0] + drawn[:, 2] if zero else 0)
    assert weights[with_zero <= said.chance.high].sum() == pytest.approx(0.95, abs=0.01)


def test_a_value_never_lies_outside_its_range():
    weights = np.full(100, 0.01)
    for far in (1.0, -1.0):
        share = shares._share(np.array([far * 100, *[0.0] * 99]), weights)
        assert (share.low, share.value, share.high) == (min(far, 0), far, max(far, 0))


@pytest.mark.parametrize(
    ("heights", "fits"), [((-1.35, 0.0, -3.0), True), ((-1.36, 0.0, -3.0), False), ((0.0,), False)]
)
def test_no_spread_fits_where_its_likelihood_is_near_the_best(heights, fits):
    grid = SimpleNamespace(nodes=[SimpleNamespace(log_likelihood=height) for height in heights])
    assert shares.zero_fits(grid) is fits


def slow_shares(model: Model, zero: np.ndarray, rest: np.ndarray, unit: float) -> list[float]:
    """The shares at given effects, from every deal's own contributions."""
    material, layout = model.material, model.posterior.layout
    starts = {place.factor.name: place.start for place in layout.places}
    width, parts = layout.random_width, model.means.shape[1]
    own = rest[starts["person"] : starts["person"] + material.person.size]
    person = own + model.means @ rest[width - parts : width]
    columns = [person[material.person.codes]]
    for coded in material.mix:
        start = starts[coded.name]
        effects = zero if start is None else rest[start : start + coded.size]
        columns.append(effects[coded.codes])
    columns += [material.numeric[:, i] * slope for i, slope in enumerate(rest[-2:])]
    linear = rest[-3] + np.sum(columns, axis=0)
    spreads = [column.var() for column in columns]
    explained, noise = linear.var(), unit**2
    if not material.is_amount:
        chances = expit(linear)
        explained, noise = chances.var(), (chances * (1 - chances)).mean()
    whole = explained / (explained + noise)
    return [*(whole * spread / sum(spreads) for spread in spreads), 1 - whole]


@pytest.mark.parametrize("rows", [600, 40])
@pytest.mark.parametrize("is_amount", [False, True])
def test_shares_are_those_of_every_deal_s_own_contributions(monkeypatch, is_amount, rows):
    monkeypatch.setattr(shares, "MOST_ROWS", rows)
    model = model_of(skill_sd=0.8, is_amount=is_amount)
    mode, draws = model.posterior.mode, shares.DRAWS
    still = SimpleNamespace(
        unit=mode.unit,
        draw=lambda _rng, n: (np.tile(mode.zero[:, None], n), np.tile(mode.rest[:, None], n)),
    )
    found = shares._at_node(model, still, shares._Rows.of(model), np.random.default_rng(1))
    wanted = slow_shares(model, mode.zero, mode.rest, mode.unit)
    np.testing.assert_allclose(found, [wanted] * draws, rtol=1e-9)


def test_few_rows_tell_nearly_what_all_deals_tell(monkeypatch):
    model = model_of(skill_sd=0.8)
    whole, weights = shares._drawn(model, np.random.default_rng(1))
    monkeypatch.setattr(shares, "MOST_ROWS", 200)
    few, same = shares._drawn(model, np.random.default_rng(1))
    np.testing.assert_allclose(weights, same, rtol=1e-3)
    assert abs(few - whole)[:, -1].max() < whole[:, -1].std() / 2
    assert not np.array_equal(few, whole)


def test_draws_are_weighed_by_what_their_spreads_weigh(monkeypatch, alike):
    mode, heights = alike.posterior.mode, [0.0, np.log(3), 700.0 + np.log(4), 700.0]
    monkeypatch.setattr(shares, "drawn_together", lambda *_, **__: [(mode, height) for height in heights])
    drawn, weights = shares._drawn(alike, np.random.default_rng(1))
    assert drawn.shape == (4 * shares.DRAWS, 6)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    each = weights.reshape(4, -1).sum(axis=1)
    assert each == pytest.approx([0, 0, 0.8, 0.2])
    assert np.ptp(drawn, axis=0).min() > 0
