"""Drawing a few from a near-tie so that everybody's chance to be drawn is known exactly.

Whoever wants to learn what contact does must know how likely each was to be contacted, and that chance may not be
nought for anybody. Source: Horvitz and Thompson (1952), Rosenbaum and Rubin (1983).
"""

import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Floats = NDArray[np.float64]

DOUBLE = 2
"""How much more readily the better half is drawn than the other: margin tilts a tie and decides nothing."""


def lot(seed: str, customer: str) -> float:
    """The number above 0 and below 1 that a customer draws; the same seed gives the same number, everywhere.

    It belongs to the customer and not to their place in a list: whoever leaves the list moves nobody else.

    >>> lot("anna 2026-03-09", "De Vries") == lot("anna 2026-03-09", "De Vries")
    True
    >>> 0 < lot("anna 2026-03-09", "De Vries") < 1
    True
    """
    digest = hashlib.blake2b(f"{seed}\0{customer}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest) + 0.5) / 2.0**64


def place(number: float, *, weight: int) -> float:
    """Where a customer comes in, smallest first: an exponential waiting time with rate `weight`.

    Source: Efraimidis and Spirakis (2006), weighted random sampling by independent keys.

    >>> round(place(0.5, weight=2), 4)
    0.3466
    """
    return -math.log(number) / weight


def chance_to_be_drawn(weights: Sequence[int], *, drawn: int) -> Floats:
    """Chance (0..1) of each to be among the first `drawn` of the order that `place` gives.

    `weights` are 1 or 2. The chance that at most drawn - 1 others come in before a moment is a sum of two binomial
    counts; over the own moment it is a polynomial, which Gauss-Legendre integrates without error.
    Comes back in the order of `weights`; they add up to `drawn`. An empty list gives an empty array.
    Raises ValueError for another weight. Source: the integral is ours; see `place` for the order.

    >>> chance_to_be_drawn([1, 1, 1, 1], drawn=1)
    array([0.25, 0.25, 0.25, 0.25])
    >>> chance_to_be_drawn([2, 1], drawn=1).round(4)
    array([0.6667, 0.3333])
    """
    given = np.asarray(weights, dtype=np.int64)
    if not set(given.tolist()) <= {1, DOUBLE}:
        raise ValueError(f"weights are 1 or {DOUBLE}, not {sorted(set(given.tolist()))}")
    if drawn >= len(given):
        return np.ones(len(given))
    light, heavy = int((given == 1).sum()), int((given == DOUBLE).sum())
    result = np.zeros(len(given))
    for weight in set(given.tolist()):
        result[given == weight] = _chance(weight, light=light, heavy=heavy, drawn=drawn)
    return result


def _chance(weight: int, *, light: int, heavy: int, drawn: int) -> float:
    """The chance of one with this weight; `v` is how likely one of weight 1 is still to come."""
    nodes, shares = _nodes(light + DOUBLE * heavy + 1)
    v, shares = (nodes + 1) / 2, shares / 2
    others = (light - (weight == 1), heavy - (weight == DOUBLE))
    before = np.arange(drawn)[:, None]
    of_light = np.asarray(binom.pmf(before, others[0], 1 - v))
    at_most = np.asarray(binom.cdf(drawn - 1 - before, others[1], 1 - v**DOUBLE))
    own = weight * v ** (weight - 1)
    return float(((of_light * at_most).sum(axis=0) * own * shares).sum())


@lru_cache(maxsize=256)
def _nodes(count: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights; a few hundred take a tenth of a second to find."""
    nodes, shares = np.polynomial.legendre.leggauss(count)
    return nodes, shares
