"""Amounts far from what their deal makes likely: a verdict that rests on a few of them is none.

Amounts have long tails: one order of ten times the usual size moves a person's mean more than a year's habit does.
The mirror's ranges take the amounts as they are. A verdict must stand a second time, with the residuals beyond FAR
robust deviations drawn in to there. Source: Huber (1981), Robust Statistics, section 7.8 (winsorised residuals),
in one step.
"""

from dataclasses import replace

import numpy as np

from karma_core.effects import Fit
from karma_core.effects.design import Design, Floats
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model, fit_model
from karma_core.mirror.overlap import overlap_of
from karma_core.mirror.people import CANNOT_TELL, differences, verdicts

FAR = 3.0
LEAST_WIDTH = 0.25
"""The robust deviation is at least this share of the common one: where most amounts are the same it would be 0."""


def steady(model: Model, said: list[str]) -> list[str]:
    """The same verdicts, those that fall when far-off amounts are drawn in replaced by `cannot_tell`.

    One verdict per person in order of the input. Of won or lost nothing lies far off, and nothing changes.
    """
    if not model.material.is_amount or all(word == CANNOT_TELL for word in said):
        return said
    again = fit_model(drawn_in(model))
    other = verdicts(again, differences(again), overlap_of(again))
    return [word if word == second else CANNOT_TELL for word, second in zip(said, other, strict=True)]


def drawn_in(model: Model) -> Material:
    """The material with each amount at most FAR robust deviations from what the plain fit expects of it."""
    material = model.material
    expected = model.unit * fitted(material.design(), model.plain)
    left = material.outcome - expected
    middle = float(np.median(left))
    width = max(1.4826 * float(np.median(np.abs(left - middle))), LEAST_WIDTH * float(left.std()))
    bounded = np.clip(left, middle - FAR * width, middle + FAR * width)
    return replace(material, outcome=expected + bounded)


def fitted(design: Design, fit: Fit) -> Floats:
    """What a fit expects of each row of its design, its random effects included; designs without slopes."""
    total = design.fixed @ np.array([fit.coefficients[name] for name in design.fixed_names])
    for factor, modes in zip(design.factors, fit.modes, strict=True):
        total += modes.values[factor.codes]
    return np.asarray(total)
