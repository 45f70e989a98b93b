"""Which share of the variation each part carries, and what its range holds."""

from types import SimpleNamespace

import numpy as np
import pytest

from karma_core.mirror import shares
from karma_core.mirror.material import read_material
from karma_core.mirror.model import Model, fit_model
from karma_core.simulate.mirror import mirror_deals


@pytest.fixture(scope="module")
def alike() -> Model:
    """A team in which nobody differs from anybody."""
    deals = mirror_deals(seed=4, people=8, segments=6, deals=600, skill_sd=0.0).deals
    won = (deals["outcome"] == "won").to_numpy().astype(float)
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size"]}
    return fit_model(read_material(deals, won, is_amount=False, **columns).material)


def shared(model: Model) -> shares.Shares:
    return shares.shares_of(model, rng=np.random.default_rng(1))


def test_what_a_column_may_not_carry_may_be_chance(monkeypatch, alike):
    said = shared(alike)
    monkeypatch.setattr(shares, "zero_fits", lambda _grid: False)
    held = shared(alike)
    assert said.person.low == 0 < held.person.low
    assert said.chance.low == held.chance.low
    assert said.chance.high >= held.chance.high + held.person.value / 2


def test_the_range_of_chance_rests_on_the_spread_of_every_column(monkeypatch, alike):
    person = alike.posterior.grids["person"]

    def drawn(_model, grid, _rng):
        chance = 0.9 if grid is person else 0.7
        return np.tile([*np.full(4, (1 - chance) / 4), chance], (10, 1))

    monkeypatch.setattr(shares, "_drawn", drawn)
    monkeypatch.setattr(shares, "zero_fits", lambda _grid: False)
    assert shared(alike).chance == shares.Share(pytest.approx(0.9), pytest.approx(0.7), pytest.approx(0.9))


@pytest.mark.parametrize(
    ("heights", "fits"), [((-1.35, 0.0, -3.0), True), ((-1.36, 0.0, -3.0), False), ((0.0,), False)]
)
def test_no_spread_fits_where_its_likelihood_is_near_the_best(heights, fits):
    grid = SimpleNamespace(nodes=[SimpleNamespace(log_likelihood=height) for height in heights])
    assert shares.zero_fits(grid) is fits


def test_a_range_goes_from_one_in_twenty_to_nineteen_and_holds_its_value():
    assert shares._ends(np.arange(101) / 100) == pytest.approx((0.05, 0.95))
    assert shares._share(0.5, 0.6, 0.7) == shares.Share(0.5, 0.5, 0.7)
    assert shares._share(0.5, 0.2, 0.4) == shares.Share(0.5, 0.2, 0.5)
