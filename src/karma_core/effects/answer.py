"""What a fitted mixed model says: spreads, coefficients, and the conditional mode of every level."""

from dataclasses import dataclass

import numpy as np

from karma_core.effects.design import Design, Floats
from karma_core.effects.factorised import Factorised, at_least, loading_matrix
from karma_core.effects.layout import Layout, Place


@dataclass(frozen=True)
class Modes:
    """The levels of one factor in order of the input, their effects and conditional deviations.

    `column` is the intercept, or the slope's name. The deviations take the fixed columns as known, as lme4 does.
    """

    factor: str
    column: str
    levels: tuple[str, ...]
    values: Floats
    deviations: Floats


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model; spreads are standard deviations in the units of the linear predictor.

    `sd` has the factor's name, `factor:slope` for a slope's spread, and `residual` where there is one.
    `correlations` has `factor:slope` for the correlation of a slope with its intercept.
    """

    family: str
    method: str
    rows: int
    log_likelihood: float
    sd: dict[str, float]
    correlations: dict[str, float]
    coefficients: dict[str, float]
    standard_errors: dict[str, float]
    modes: tuple[Modes, ...]
    evaluations: int
    converged: bool


def spreads(layout: Layout, theta: Floats, *, unit: float) -> tuple[dict[str, float], dict[str, float]]:
    """The standard deviations and correlations that parameters mean, times `unit`."""
    sd: dict[str, float] = {}
    correlations: dict[str, float] = {}
    for place in layout.places:
        own, name = theta[list(place.parameters)], place.factor.name
        sd[name] = abs(float(own[0])) * unit
        if len(own) == 3:
            slope = f"{name}:{place.factor.slope_name}"
            length = float(np.hypot(own[1], own[2]))
            sd[slope] = length * unit
            correlations[slope] = float(own[1] * np.sign(own[0])) / length if length else 0.0
    return sd, correlations


@dataclass(frozen=True)
class Effects:
    """Values and deviations of all random columns, in the units of the linear predictor."""

    zero: Floats
    rest: Floats
    zero_deviations: Floats
    rest_deviations: Floats


def effects(
    layout: Layout, theta: Floats, made: Factorised, scaled: tuple[Floats, Floats], *, unit: float
) -> Effects:
    """Turn scaled effects into effects, with their conditional deviations times `unit`."""
    width = layout.random_width
    inverse = made.leading_inverse(width)
    first = float(at_least(theta)[0])
    loadings = layout.loadings
    if loadings.couples:
        matrix = loading_matrix(loadings, theta)[:width, :width]
        variances = np.einsum("ij,jk,ik->i", matrix, inverse, matrix)
    else:
        variances = loadings.rest(theta)[:width] ** 2 * np.diagonal(inverse)
    return Effects(
        first * scaled[0],
        loadings.effects(theta, scaled[1])[:width],
        unit * first * np.sqrt(made.first_variances(width)),
        unit * np.sqrt(variances),
    )


def modes(layout: Layout, found: Effects) -> tuple[Modes, ...]:
    """The effects of every factor, factor by factor in order of the design."""
    return tuple(one for place in layout.places for one in _modes_of(place, found))


def _modes_of(place: Place, found: Effects) -> list[Modes]:
    factor = place.factor
    if place.start is None:
        return [Modes(factor.name, "(Intercept)", factor.levels, found.zero, found.zero_deviations)]
    names = ["(Intercept)"] if factor.slope is None else ["(Intercept)", factor.slope_name]
    made = []
    for index, name in enumerate(names):
        part = slice(place.start + index * factor.size, place.start + (index + 1) * factor.size)
        made.append(Modes(factor.name, name, factor.levels, found.rest[part], found.rest_deviations[part]))
    return made


def named(design: Design, values: Floats) -> dict[str, float]:
    """One value per fixed column, by name."""
    return dict(zip(design.fixed_names, values.tolist(), strict=True))
