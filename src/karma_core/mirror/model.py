"""The model behind the mirror: the plain fit, and the posterior with group means against confounding.

Mundlak (1978), On the pooling of time series and cross section data: where better people get better leads, the
person's effect is regressed on the person's own mean of the mix. Two changes: the mean is that of the mix's
effects as seen within persons, and its coefficient has a prior whose spread is tied to the persons' own, so that
it vanishes where persons do not differ, and cannot make a whole team "different" by one unlucky coefficient.
"""

from dataclasses import dataclass

import numpy as np

from karma_core.effects import Fit, fit_binomial, fit_linear
from karma_core.effects.binomial_fit import fold
from karma_core.effects.design import Design, Factor, Floats
from karma_core.effects.layout import Layout, Tied, lay_out
from karma_core.effects.posterior import (
    Node,
    Posterior,
    Surface,
    binomial_surface,
    integrate,
    level_effects,
    linear_surface,
    plug_in,
)
from karma_core.mirror.material import Material

WIDE = 5.0
"""A spread at which effects are as good as fixed: log-odds, or residual deviations."""
INTERCEPT_SD, NUMBER_SD = 10.0, 2.5
LEAST_SPREAD_OF_MEANS = 0.02
FEWEST_FOR_MEANS = 4
MOST_FOR_GRID = 1500
"""With more columns than this that cannot be eliminated the spreads are plugged in."""


@dataclass(frozen=True)
class Model:
    """The plain fit, the posterior, the group means in it (persons x means), and the fit with a free mix.

    `unit` is what amounts were divided by before fitting; 1 for won or lost.
    """

    material: Material
    plain: Fit
    posterior: Posterior
    means: Floats
    apart: Node
    apart_layout: Layout
    unit: float


def fit_model(material: Material) -> Model:
    """Fit the mirror's model; the outcome must vary and there must be two persons or more."""
    unit = float(material.outcome.std()) if material.is_amount else 1.0
    design = _scaled(material, unit)
    plain = fit_linear(design) if material.is_amount else fit_binomial(design)
    folded = design if material.is_amount else fold(design)
    free = _surface(folded, material, means=None)
    apart = free.evaluate(np.full(free.layout.loadings.count, WIDE))
    spreads = _spreads(free.layout, plain, material)
    is_person = np.array([name == material.person.name for name in free.layout.parameter_names])
    # persons free: what is then seen of the mix is seen within persons
    within = free.evaluate(np.where(is_person, WIDE, spreads))
    means = group_means(material, free.layout, within)
    surface = _surface(folded, material, means=means)
    is_large = surface.layout.crossing.rest_size > MOST_FOR_GRID
    posterior = plug_in(surface, spreads) if is_large else integrate(surface)
    return Model(material, plain, posterior, means, apart, free.layout, unit)


def _scaled(material: Material, unit: float) -> Design:
    made = material.design()
    return Design(made.response / unit, made.fixed, made.fixed_names, made.factors)


def _surface(folded: Design, material: Material, *, means: Floats | None) -> Surface:
    person = folded.factors[-1]
    columns = [] if means is None else list(means.T)
    tied = tuple(Tied(z[person.codes], person.name, 1 / np.sqrt(len(columns))) for z in columns)
    held = np.full(folded.fixed.shape[1], 1e-6 if material.is_amount else NUMBER_SD**-2)
    held[0] = 1e-6 if material.is_amount else INTERCEPT_SD**-2
    layout = lay_out(folded.factors, numeric=folded.fixed, precision=held, tied=tied, keep=person.name)
    if material.is_amount:
        return linear_surface(layout, folded.response)
    assert folded.trials is not None  # noqa: S101 (folding counts them)
    return binomial_surface(layout, folded.response, folded.trials)


def _spreads(layout: Layout, plain: Fit, material: Material) -> Floats:
    """The plain fit's spreads in the layout's order, in residual deviations where there is one."""
    unit = plain.sd["residual"] if material.is_amount else 1.0
    return np.array([plain.sd.get(name, 1.0) / unit for name in layout.parameter_names])


def group_means(material: Material, layout: Layout, within: Node) -> Floats:
    """Each person's mean of every part of the mix, in standard deviations over persons: persons x parts.

    Parts in which persons hardly differ are left out, and all of them with fewer than four persons.
    """
    if material.person.size < FEWEST_FOR_MEANS:
        return np.zeros((material.person.size, 0))
    values = [level_effects(layout, within, f.name)[f.codes] for f in material.mix]
    values += list(material.numeric.T)
    means = [_per_person(material.person, value) for value in values]
    kept = [mean / mean.std() for mean in means if mean.std() > LEAST_SPREAD_OF_MEANS]
    return np.column_stack(kept) if kept else np.zeros((material.person.size, 0))


def _per_person(person: Factor, values: Floats) -> Floats:
    count = np.bincount(person.codes, minlength=person.size)
    means = np.bincount(person.codes, values, person.size) / count
    return np.asarray(means - np.average(means, weights=count))
