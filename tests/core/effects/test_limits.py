"""What the solver refuses, and what it does at the edges: no spread, separation, sparse tables."""

import numpy as np
import polars as pl
import pytest

from karma_core.effects import Design, design, fit_binomial, fit_linear
from karma_core.effects import crossing as crossing_module
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


@pytest.mark.parametrize(
    "follower", [pl.col("size"), 2 * pl.col("size"), 3 - pl.col("size"), pl.lit(0.0), pl.lit(1.0)]
)
def test_a_fixed_column_that_follows_from_others_is_refused_by_name(follower):
    frame = deals(5).with_columns(again=follower)
    with pytest.raises(FrameError, match='"again" follows') as refused:
        design(frame, response="margin", random=["rep"], fixed=["size", "again"])
    assert '"again" volgt' in refused.value.nl


def test_a_follower_is_refused_beside_as_many_rows_as_fixed_columns():
    frame = deals(5).head(2).with_columns(again=pl.lit(1.0))
    with pytest.raises(FrameError, match='"again" follows'):
        design(frame, response="margin", random=["rep"], fixed=["again"])


def test_a_fixed_column_far_from_zero_is_no_follower():
    frame = deals(5).with_columns(year=2020 + pl.int_range(pl.len()) % 3)
    assert design(frame, response="margin", random=["rep"], fixed=["size", "year"]).fixed_names[2] == "year"


@pytest.mark.parametrize(("fit", "response"), [(fit_linear, "margin"), (fit_binomial, "won")])
def test_a_zero_far_off_the_data_moves_nothing_but_the_intercept(fit, response):
    frame = deals(5).with_columns(number=50 * pl.col("size") + 20_241_231, far=pl.col("margin") + 1e6)
    near = fit(design(frame, response=response, random=["rep"], fixed=["size"]))
    moved = "far" if response == "margin" else "won"
    far = fit(design(frame, response=moved, random=["rep"], fixed=["number"]))
    assert far.log_likelihood == pytest.approx(near.log_likelihood, abs=1e-5)
    assert far.sd == pytest.approx(near.sd, rel=1e-4)
    slope, error = near.coefficients["size"] / 50, near.standard_errors["size"] / 50
    assert far.coefficients["number"] == pytest.approx(slope, rel=1e-5)
    assert far.standard_errors["number"] == pytest.approx(error, rel=1e-4)
    height = near.coefficients["(Intercept)"] - 20_241_231 * slope + (1e6 if moved == "far" else 0)
    assert far.coefficients["(Intercept)"] == pytest.approx(height, rel=1e-5)
    assert far.standard_errors["(Intercept)"] == pytest.approx(20_241_231 * error, rel=1e-3)


@pytest.mark.parametrize("fit", [fit_linear, fit_binomial])
def test_columns_that_determine_each_other_end_in_a_refusal(fit):
    made = design(deals(5), response="won", random=["rep"], fixed=["size"])
    twice = Design(made.response, made.fixed[:, [0, 0, 1]], ("a", "b", "c"), made.factors)
    with pytest.raises(FitError, match="determine each other") as refused:
        fit(twice)
    assert "bepalen elkaar" in refused.value.nl


def refused(refusal: str, **asked) -> str:
    """The Dutch of a refusal whose English holds these words."""
    with pytest.raises(FrameError, match=refusal) as caught:
        design(**{"frame": deals(6), "response": "margin", "random": ["rep"], **asked})
    return caught.value.nl


def test_gaps_are_refused_by_name_in_both_languages():
    gaps = deals(6).with_columns(size=pl.when(pl.col("rep") == "r1").then(None).otherwise("size"))
    assert '"size" heeft' in refused('"size" has', frame=gaps, fixed=["size"])
    nobody = deals(6).with_columns(rep=pl.lit(None, pl.String))
    assert '"rep" ontbreken 600' in refused('"rep" has 600 missing labels', frame=nobody)
    endless = deals(6).with_columns(size=pl.lit(float("inf")))
    assert "zonder gaten" in refused("without gaps", frame=endless, fixed=["size"])
    assert "zonder gaten" in refused("without gaps", frame=endless, response="size")


def test_text_among_the_fixed_columns_becomes_contrasts_to_its_first_level():
    columns = {"kind": list("bacbb"), "new": [True, False, True, True, False], "g": list("uvuvu")}
    frame = pl.DataFrame({"y": [1.0, 2.0, 4.0, 3.0, 5.0], **columns})
    made = design(frame, response="y", random=["g"], fixed=["kind", "new"])
    assert made.fixed_names == ("(Intercept)", "kindb", "kindc", "new")
    assert made.fixed.tolist() == [[1, 1, 0, 1], [1, 0, 0, 0], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 0, 0]]


def test_a_slope_comes_with_its_name_and_its_levels():
    frame = pl.DataFrame({"y": [1.0, 2.0, 4.0], "x": [3, 5, 7], "g": ["v", "u", "v"]})
    (factor,) = design(frame, response="y", random=["x | g"]).factors
    assert (factor.name, factor.slope_name, factor.levels) == ("g", "x", ("v", "u"))
    assert (factor.codes.tolist(), factor.slope.tolist()) == ([0, 1, 0], [3.0, 5.0, 7.0])
    assert factor.codes.dtype == np.intp


def test_a_fixed_column_in_a_tiny_unit_is_no_follower():
    frame = deals(5).with_columns(size=1e-12 * pl.col("size"))
    assert design(frame, response="margin", random=["rep"], fixed=["size"]).fixed_names == ("(Intercept)", "size")


def test_a_model_without_random_columns_is_refused():
    assert "toevallige kolom" in refused("random column", random=[])


def test_columns_of_unequal_length_are_refused():
    made = design(deals(7), response="margin", random=["rep"])
    for response, fixed in ((made.response[:-1], made.fixed), (made.response, made.fixed[:-1])):
        with pytest.raises(FrameError, match="rows each") as caught:
            Design(response, fixed, made.fixed_names, made.factors)
        assert "rijen" in caught.value.nl
    with pytest.raises(FrameError, match="do not have 599 rows each: rep"):
        Design(made.response[:-1], made.fixed[:-1], made.fixed_names, made.factors)
    with pytest.raises(FrameError, match="do not have 600 rows each: fixed"):
        Design(made.response, made.fixed[:-1], made.fixed_names, made.factors)


def test_more_wins_than_trials_are_refused():
    frame = deals(8).with_columns(tried=pl.lit(0))
    with pytest.raises(FrameError, match="between 0 and the trials"):
        fit_binomial(design(frame, response="won", random=["rep"], trials="tried"))


def test_a_binomial_slope_is_refused():
    with pytest.raises(FrameError, match="slopes") as refused:
        fit_binomial(design(deals(9), response="won", random=["size|rep"]))
    assert refused.value.nl == "Eigen hellingen zijn er alleen voor de gaussian-familie."


def test_fewer_rows_than_fixed_columns_are_refused():
    with pytest.raises(FrameError, match="rows cannot carry") as refused:
        fit_linear(design(deals(10).head(2), response="margin", random=["rep"], fixed=["size"]))
    assert refused.value.nl == "2 rijen zijn te weinig voor 2 vaste kolommen."


def test_a_response_that_does_not_vary_is_refused():
    frame = deals(7).with_columns(
        same=pl.lit(3.0), all=pl.lit(1), none=pl.lit(0), tries=1 + pl.int_range(pl.len()) % 5
    )
    for response, fit, trials in (
        ("same", fit_linear, None),
        ("all", fit_binomial, None),
        ("none", fit_binomial, "tries"),
        ("tries", fit_binomial, "tries"),
    ):
        with pytest.raises(FrameError, match="same in every row") as refused:
            fit(design(frame, response=response, random=["rep"], trials=trials))
        assert "in elke rij dezelfde" in refused.value.nl
    assert fit_binomial(design(frame, response="all", random=["rep"], trials="tries")).converged


@pytest.mark.parametrize("determined", ["size", "rep"])
def test_a_response_that_follows_from_the_columns_is_refused(determined):
    values = 3 * pl.col("size") if determined == "size" else pl.col("rep").str.slice(1).cast(pl.Float64)
    frame = deals(8).with_columns(follows=1e4 + values)
    with pytest.raises(FitError, match="follows exactly from the columns") as refused:
        fit_linear(design(frame, response="follows", random=["rep"], fixed=["size"]))
    assert "volgt precies" in refused.value.nl


def test_a_column_that_separates_won_from_lost_is_refused():
    frame = deals(9).with_columns(paid=pl.col("won") * 10)
    with pytest.raises(FitError, match="tell won from lost without fail") as refused:
        fit_binomial(design(frame, response="won", random=["rep"], fixed=["paid"]))
    assert "verraden" in refused.value.nl


def test_a_column_that_is_random_or_fixed_twice_is_refused():
    assert '"rep" staat er twee keer' in refused('"rep" is named twice', random=["rep", "size|rep"])
    assert '"size" staat er twee keer' in refused('"size" is named twice', fixed=["size", "size"])
