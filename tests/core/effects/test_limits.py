"""What the solver refuses, and what it does at the edges: no spread, separation, sparse tables."""

import numpy as np
import polars as pl
import pytest

from karma_core.effects import crossing as crossing_module
from karma_core.effects import design, fit_binomial, fit_linear
from karma_core.errors import FitError, FrameError


def deals(seed: int, *, rows: int = 600, sd: float = 0.5) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rep, seg = rng.integers(0, 12, rows), rng.integers(0, 40, rows)
    eta = -0.3 + rng.normal(scale=sd, size=12)[rep] + rng.normal(scale=0.5, size=40)[seg]
    return pl.DataFrame(
        {
            "won": (rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(int),
            "margin": eta + rng.normal(size=rows),
            "rep": [f"r{i}" for i in rep],
            "seg": [f"s{i}" for i in seg],
            "size": rng.normal(size=rows),
        }
    )


def test_no_spread_is_found_as_no_spread():
    frame = deals(1, sd=0.0)
    fit = fit_linear(design(frame.with_columns(margin=pl.col("size")), response="margin", random=["rep"]))
    assert fit.converged
    assert fit.sd["rep"] < 0.15


def test_a_separated_level_keeps_a_finite_effect():
    frame = deals(2).with_columns(won=pl.when(pl.col("rep") == "r3").then(1).otherwise("won"))
    fit = fit_binomial(design(frame, response="won", random=["rep", "seg"]))
    assert max(abs(value) for modes in fit.modes for value in modes.values) < 10


@pytest.mark.parametrize("fit", [fit_linear, fit_binomial])
def test_levels_keep_the_order_of_the_input(fit):
    frame = deals(3)
    modes = fit(design(frame, response="won", random=["rep", "seg"])).modes[0]
    assert list(modes.levels) == frame["rep"].unique(maintain_order=True).to_list()


@pytest.mark.parametrize("fit", [fit_linear, fit_binomial])
def test_sparse_and_dense_tables_give_the_same_fit(monkeypatch, fit):
    made = design(deals(4), response="won", random=["rep", "seg"], fixed=["size"])
    dense = fit(made)
    monkeypatch.setattr(crossing_module, "DENSE_CELLS", 0)
    sparse = fit(made)
    assert sparse.log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-6)
    assert sparse.sd == pytest.approx(dense.sd, rel=1e-3)


def test_fixed_columns_that_determine_each_other_are_refused():
    frame = deals(5).with_columns(twice=2 * pl.col("size"))
    with pytest.raises(FitError, match="determine each other"):
        fit_linear(design(frame, response="margin", random=["rep"], fixed=["size", "twice"]))


def test_gaps_are_refused_by_name():
    frame = deals(6).with_columns(size=pl.when(pl.col("rep") == "r1").then(None).otherwise("size"))
    with pytest.raises(FrameError, match="size"):
        design(frame, response="margin", random=["rep"], fixed=["size"])
    with pytest.raises(FrameError, match="label"):
        design(frame.with_columns(rep=pl.lit(None, pl.String)), response="margin", random=["rep"])


def test_a_model_without_random_columns_is_refused():
    with pytest.raises(FrameError, match="random column"):
        design(deals(7), response="margin", random=[])


def test_more_wins_than_trials_are_refused():
    frame = deals(8).with_columns(tried=pl.lit(0))
    with pytest.raises(FrameError, match="between 0 and the trials"):
        fit_binomial(design(frame, response="won", random=["rep"], trials="tried"))


def test_a_binomial_slope_is_refused():
    with pytest.raises(FrameError, match="slopes"):
        fit_binomial(design(deals(9), response="won", random=["size|rep"]))


def test_fewer_rows_than_fixed_columns_are_refused():
    with pytest.raises(FrameError, match="rows cannot carry"):
        fit_linear(design(deals(10).head(2), response="margin", random=["rep"], fixed=["size"]))
