"""The diagonal of the inverse, in sums: exact, or from random signs where the inverse itself would take long.

The gradient of a determinant needs sums of that diagonal only, one per factor. With signs z, E z'Kz = tr K; the
diagonal itself adds no variance, and what stands off it is small where every level has deals of its own. Source:
Hutchinson (1990), A stochastic estimator of the trace of the influence matrix, equation 2.6. The signs are always
the same ones, so that a search sees one smooth function, and a fit is the same each time.
"""

from dataclasses import dataclass

import numpy as np

from karma_core.effects.climb import COSTLY
from karma_core.effects.design import Floats
from karma_core.effects.factorised import Factorised

PROBES = 32


@dataclass(frozen=True)
class Variances:
    """The summed diagonal over the eliminated levels, and the diagonal over the leading other columns.

    Where it is estimated only sums of `rest` over a factor's columns mean something.
    """

    zero: float
    rest: Floats


def variances(made: Factorised, columns: int) -> Variances:
    """In scaled units, columns behind the first `columns` taken as known; estimated above COSTLY columns."""
    if columns > COSTLY:
        return estimated(made, columns)
    zero = float(made.first_variances(columns).sum())
    return Variances(zero, np.diagonal(made.leading_inverse(columns)))


def estimated(made: Factorised, columns: int, *, probes: int = PROBES) -> Variances:
    """The same from random signs."""
    signs: Floats = np.random.default_rng(1).choice(np.array([-1.0, 1.0]), size=(columns, probes))
    solved = made.leading_solve(signs)
    padding = np.zeros((len(made.rest) - columns, probes))
    across = [
        np.sum(made.coupling.dot(one) * made.coupling.dot(other) / made.diagonal**2)
        for one, other in zip(np.vstack([signs, padding]).T, np.vstack([solved, padding]).T, strict=True)
    ]
    zero = float((1 / made.diagonal).sum() + np.mean(across))
    return Variances(zero, (signs * solved).mean(axis=1))
