"""Chances as log-odds: there they are shifted, stretched and averaged."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

Floats = NDArray[np.float64]

EDGE = 1e-5


def log_odds(chance: Floats) -> Floats:
    """The log-odds of chances, which are kept a hair away from 0 and 1."""
    return np.asarray(logit(np.clip(chance, EDGE, 1 - EDGE)))


def shift_to(chance: Floats, total: float) -> float:
    """The shift of all log-odds under which the chances add up to `total`; half a win is added to both.

    >>> round(shift_to(np.full(100, 0.5), 50.0), 6)
    0.0
    """
    odds = log_odds(chance)

    def short(shift: float) -> float:
        return float(expit(odds + shift).sum() + 0.5 * np.exp(np.clip(shift, -5, 5))) - total - 0.5

    return float(brentq(short, -6.0, 6.0)) if short(-6.0) < 0 < short(6.0) else 0.0


def average(*chances: Floats) -> Floats:
    """The mean in log-odds. **Source**: Turner, Steyvers, Merkle, Budescu & Wallsten (2014).

    >>> average(np.array([0.2]), np.array([0.8])).tolist()
    [0.5]
    """
    return np.asarray(expit(np.mean([log_odds(chance) for chance in chances], axis=0)))
