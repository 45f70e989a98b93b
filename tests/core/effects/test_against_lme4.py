"""The reference outputs of Debian's r-cran-lme4; reference/lme4_reference.R made them."""

import json
from pathlib import Path

import polars as pl
import pytest

from karma_core.effects import Fit, design, fit_binomial, fit_linear

REFERENCE = json.loads((Path(__file__).parent / "reference" / "lme4_reference.json").read_text())

LINEAR = {
    "Penicillin_reml": ("Penicillin.csv", "diameter", ["plate", "sample"], [], True),
    "Penicillin_ml": ("Penicillin.csv", "diameter", ["plate", "sample"], [], False),
    "Dyestuff_ml": ("Dyestuff.csv", "Yield", ["Batch"], [], False),
    "sleepstudy_ml": ("sleepstudy.csv", "Reaction", ["Days|Subject"], ["Days"], False),
    "sleepstudy_reml": ("sleepstudy.csv", "Reaction", ["Days|Subject"], ["Days"], True),
    "re_100k_gaussian_ml": ("re_100k.parquet", "m", ["rep", "seg", "src"], ["size", "new"], False),
}


def read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


@pytest.fixture(scope="module")
def fits(sample_data) -> dict[str, Fit]:
    folder = sample_data("mirror_reference")
    made = {}
    for name, (file, response, random, fixed, reml) in LINEAR.items():
        wanted = design(read(folder / file), response=response, random=random, fixed=fixed)
        made[name] = fit_linear(wanted, reml=reml)
    cbpp = read(folder / "cbpp.csv").with_columns(pl.col("period").cast(pl.String))
    herds = design(cbpp, response="incidence", random=["herd"], fixed=["period"], trials="size")
    made["cbpp_ml"] = fit_binomial(herds)
    deals = read(folder / "re_100k.parquet")
    won = design(deals, response="y", random=["rep", "seg", "src"], fixed=["size", "new"])
    made["re_100k_logistic"] = fit_binomial(won)
    return made


CASES = [pytest.param(name, marks=pytest.mark.data) for name in [*LINEAR, "cbpp_ml", "re_100k_logistic"]]


@pytest.mark.parametrize("name", CASES)
def test_log_likelihood_equals_lme4(fits, name):
    assert fits[name].log_likelihood == pytest.approx(REFERENCE[name]["log_likelihood"], abs=0.001)


@pytest.mark.parametrize("name", CASES)
def test_spreads_equal_lme4(fits, name):
    fit = fits[name]
    for row in REFERENCE[name]["spread"]:
        factor, slope, partner = row["grp"], row.get("var1"), row.get("var2")
        if partner:
            assert fit.correlations[f"{factor}:{partner}"] == pytest.approx(row["sdcor"], rel=0.005)
        elif factor == "Residual":
            assert fit.sd["residual"] == pytest.approx(row["sdcor"], rel=0.0005)
        else:
            key = factor if slope == "(Intercept)" else f"{factor}:{slope}"
            assert fit.sd[key] == pytest.approx(row["sdcor"], rel=0.0005)


@pytest.mark.parametrize("name", CASES)
def test_coefficients_equal_lme4(fits, name):
    assert fits[name].coefficients == pytest.approx(REFERENCE[name]["coefficients"], abs=0.001)


@pytest.mark.parametrize("name", CASES)
def test_standard_errors_equal_lme4(fits, name):
    # lme4's second differences of a deviance of 94,000 are good to a few thousandths; test_fits has exact ones
    kind, within = ("", 0.0005) if fits[name].family == "gaussian" else ("_hessian", 0.0025)
    assert fits[name].standard_errors == pytest.approx(REFERENCE[name]["standard_errors" + kind], rel=within)


@pytest.mark.parametrize("name", CASES)
def test_conditional_modes_and_deviations_equal_lme4(fits, name):
    for modes in fits[name].modes:
        values = REFERENCE[name]["modes"][modes.factor][modes.column]
        deviations = REFERENCE[name]["mode_sds"][modes.factor][modes.column]
        assert dict(zip(modes.levels, modes.values, strict=True)) == pytest.approx(values, abs=0.001)
        assert dict(zip(modes.levels, modes.deviations, strict=True)) == pytest.approx(deviations, rel=0.001)


@pytest.mark.parametrize("name", CASES)
def test_fit_says_that_it_converged(fits, name):
    assert fits[name].converged
