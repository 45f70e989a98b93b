"""NBD: gamma rates and nobody ever leaves (Ehrenberg, 1959). The floor that the other models must beat."""

import numpy as np
from scipy.special import digamma, gammaln

from karma_core.rhythm.cells import Cells, Floats

NAMES = ("r", "alpha")


def score(logs: Floats, cells: Cells) -> tuple[float, Floats]:
    """Log-likelihood of the cells, and its gradient in (log r, log alpha).

    Source: the density of x purchase moments up to T with the rate integrated over Gamma(r, alpha).
    """
    r, alpha = np.exp(logs)
    x, c = cells.x_values, cells.x_counts
    n = r + cells.x
    late = np.log(alpha + cells.T)
    value = float(c @ (gammaln(r + x) - gammaln(r) + r * np.log(alpha)) - cells.count @ (n * late))
    by_r = float(c @ (digamma(r + x) - digamma(r) + np.log(alpha)) - cells.count @ late)
    by_alpha = float(cells.count @ (r / alpha - n / (alpha + cells.T)))
    return value, np.array([by_r * r, by_alpha * alpha])
