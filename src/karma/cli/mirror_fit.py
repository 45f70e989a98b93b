"""The bare fit of `karma mirror --response`: a mixed model for people who know lme4."""

from typing import Any

import polars as pl

from karma.cli.language import _
from karma.cli.mirror_columns import ModelColumns
from karma.cli.options import OptionError
from karma_core.effects import Fit, design, fit_binomial, fit_linear


def fitted(frame: pl.DataFrame, columns: ModelColumns, *, family: str | None, reml: bool) -> Fit:
    """Fit what was asked; without a family, trials or a response of zeros and ones make it binomial."""
    if not columns.random:
        raise OptionError(_("A bare fit needs at least one random column: --random COL."))
    response = frame[columns.response]
    is_binomial = family == "binomial" or (
        family is None and (columns.trials is not None or bool(response.is_in([0.0, 1.0]).all()))
    )
    if is_binomial and reml:
        raise OptionError(_("REML is there for the gaussian family only; leave --method out."))
    made = design(
        frame, response=columns.response, random=columns.terms(), fixed=columns.fixed, trials=columns.trials
    )
    alone = [factor.name for factor in made.factors if factor.size == made.rows]
    if alone and not is_binomial:
        raise OptionError(
            _(
                'Column "{column}" differs in every row, so that it cannot be told from what is left; '
                "leave it out of --random."
            ).format(column=alone[0])
        )
    return fit_binomial(made) if is_binomial else fit_linear(made, reml=reml)


def fit_document(fit: Fit, warnings: list[str]) -> dict[str, Any]:
    """The fit as one document; modes and their deviations by column and level, slopes as column:slope."""
    said = warnings if fit.converged else [*warnings, _("The search did not settle; read this as a rough fit.")]
    modes: dict[str, dict[str, float]] = {}
    deviations: dict[str, dict[str, float]] = {}
    for each in fit.modes:
        name = each.factor if each.column == "(Intercept)" else f"{each.factor}:{each.column}"
        modes[name] = dict(zip(each.levels, each.values.tolist(), strict=True))
        deviations[name] = dict(zip(each.levels, each.deviations.tolist(), strict=True))
    return {
        "family": fit.family,
        "method": fit.method,
        "n": fit.rows,
        "log_likelihood": fit.log_likelihood,
        "sd": fit.sd,
        "correlations": fit.correlations,
        "coefficients": fit.coefficients,
        "standard_errors": fit.standard_errors,
        "conditional_modes": modes,
        "conditional_sds": deviations,
        "converged": fit.converged,
        "warnings": said,
    }
