"""Mixed models with crossed random effects: linear by ML and REML, binomial by Laplace's approximation."""

from karma_core.effects.answer import Fit, Modes
from karma_core.effects.binomial_fit import fit_binomial
from karma_core.effects.design import Design, Factor, design, factor
from karma_core.effects.linear_fit import fit_linear

__all__ = ["Design", "Factor", "Fit", "Modes", "design", "factor", "fit_binomial", "fit_linear"]
