"""Fit a linear mixed model with crossed random effects by ML or REML, from cross-products alone."""

from dataclasses import replace

import numpy as np

from karma_core.effects.answer import Fit, effects, modes, named, spreads
from karma_core.effects.centring import Centred, centred
from karma_core.effects.climb import Optimum, least, least_without_gradient, tolerance_for
from karma_core.effects.design import Design, Floats
from karma_core.effects.gaussian import Linear, deviance_gradient, linear, solve
from karma_core.effects.layout import Layout, lay_out
from karma_core.effects.start import Determined, determined, search
from karma_core.errors import FrameError
from karma_core.threads import one_thread


def fit_linear(design: Design, *, reml: bool = False) -> Fit:
    """Fit y = X beta + Z b + e with normal effects and residuals, by ML or REML.

    One pass over the rows counts the cross-products; what follows does not depend on the number of rows. A spread
    that is best at zero comes back as (nearly) zero. Raises FrameError with fewer rows than columns or a response
    that does not vary, FitError when columns determine each other or the response.
    Source: Bates, Maechler, Bolker & Walker (2015).

    >>> import polars as pl
    >>> from karma_core.effects.design import design
    >>> frame = pl.DataFrame({"y": [1.0, 1.4, 3.0, 3.2, 2.0, 2.4], "rep": list("aabbcc")})
    >>> fit = fit_linear(design(frame, response="y", random=["rep"]), reml=True)
    >>> round(fit.coefficients["(Intercept)"], 3), round(fit.sd["rep"], 3), round(fit.sd["residual"], 3)
    (2.167, 0.935, 0.245)
    """
    if design.trials is not None:
        raise FrameError(
            "Trials belong to a binomial response; leave them out, or choose the binomial family.",
            nl="Pogingen horen bij een binomiale uitkomst; laat ze weg, of kies de binomial-familie.",
        )
    if design.rows <= design.fixed.shape[1]:
        raise FrameError(
            f"{design.rows} rows cannot carry {design.fixed.shape[1]} fixed columns.",
            nl=f"{design.rows} rijen zijn te weinig voor {design.fixed.shape[1]} vaste kolommen.",
        )
    design.refuse_constant()
    about = centred(design, response=True)
    layout = lay_out(design.factors, numeric=about.design.fixed)
    width = layout.random_width
    model = linear(layout.crossing, layout.loadings, about.design.response, random_width=width, reml=reml)
    return _linear_answer(about, layout, model, _linear_optimum(model))


@one_thread()
def _linear_optimum(model: Linear) -> Optimum:
    count = model.loadings.count
    if model.loadings.couples:
        start = np.ones(count)
        start[[couple.parameter for couple in model.loadings.couples]] = 0.0
        return least_without_gradient(lambda theta: solve(model, theta).deviance, start)

    def inspect(theta: Floats) -> Determined:
        state = solve(model, theta)
        return determined(model.loadings, state.factorised, (state.zero, state.rest), unit=state.residual_variance)

    def criterion(theta: Floats) -> tuple[float, Floats]:
        state = solve(model, theta)
        return state.deviance, deviance_gradient(model, theta, state)

    start, units = search(inspect, np.full(count, 0.3), steps=4)
    found = least(criterion, start, units=units, tolerance=tolerance_for(model.random_width))
    return replace(found, evaluations=found.evaluations + 4)


@one_thread()
def _linear_answer(about: Centred, layout: Layout, model: Linear, found: Optimum) -> Fit:
    state, design = solve(model, found.at), about.design
    unit = float(np.sqrt(state.residual_variance))
    width = layout.random_width
    sd, correlations = spreads(layout, found.at, unit=unit)
    errors = unit * about.errors(state.factorised.trailing_inverse(design.fixed.shape[1]))
    answer = effects(layout, found.at, state.factorised, (state.zero, state.rest), unit=unit)
    return Fit(
        family="gaussian",
        method="reml" if model.reml else "ml",
        rows=design.rows,
        log_likelihood=-found.value / 2,
        sd={**sd, "residual": unit},
        correlations=correlations,
        coefficients=named(design, about.coefficients(state.rest[width:])),
        standard_errors=named(design, errors),
        modes=modes(layout, answer),
        evaluations=found.evaluations,
        converged=found.converged,
    )
