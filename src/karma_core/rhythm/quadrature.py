"""Nodes and weights for the few integrals that have no closed form."""

from functools import cache

import numpy as np

from karma_core.rhythm.cells import Floats


@cache
def legendre(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1].

    >>> nodes, weights = legendre(4)
    >>> round(float(weights @ nodes**7), 12)
    0.125
    """
    at, weights = np.polynomial.legendre.leggauss(nodes)
    return (at + 1) / 2, weights / 2


def beta_nodes(a: Floats, b: Floats, *, nodes: int = 16) -> tuple[Floats, Floats]:
    """Nodes p in (0, 1) and weights that sum to 1, for means over Beta(a, b); one row per pair (a, b).

    Golub and Welsch (1969) on the Jacobi recurrence. It stays finite for any positive a, b, where the usual
    routines overflow in the normalising constant.

    >>> p, w = beta_nodes(np.array([2.0]), np.array([3.0]))
    >>> round(float((w * p).sum()), 12), round(float((w * p**2).sum()), 12)
    (0.4, 0.2)
    """
    one, two = np.asarray(b, float)[:, None] - 1, np.asarray(a, float)[:, None] - 1
    i = np.arange(nodes)[None, :]
    total = 2 * i + one + two
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (two**2 - one**2) / (total * (total + 2))
    centre[:, 0] = ((two - one) / (one + two + 2))[:, 0]
    j = i[:, 1:]
    step = 2 * j + one + two
    # For j = 1 the factor (j + one + two) cancels against (step - 1); written out it would be 0/0 at a + b = 1.
    ratio = np.where(j == 1, 1.0, (j + one + two) / np.where(j == 1, 1.0, step - 1))
    beside = np.sqrt(4 * j * (j + one) * (j + two) * ratio / (step**2 * (step + 1)))
    matrix = np.zeros((len(centre), nodes, nodes))
    matrix[:, range(nodes), range(nodes)] = centre
    matrix[:, range(1, nodes), range(nodes - 1)] = beside
    at, vectors = np.linalg.eigh(matrix)
    return np.clip((at + 1) / 2, 0.0, 1.0), vectors[:, 0, :] ** 2
