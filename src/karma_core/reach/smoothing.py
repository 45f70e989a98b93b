"""Simple exponential smoothing with its own spread: what many planners would do, and a plan has to beat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

RATES = np.arange(1, 20) / 20
FEWEST = 4


@dataclass(frozen=True)
class Smoothed:
    """A normal forecast: its middle and its spread."""

    mean: float
    sd: float

    def chance_of(self, amount: float) -> float:
        """P(value >= amount)."""
        return float(ndtr((self.mean - amount) / self.sd)) if self.sd > 0 else float(self.mean >= amount)

    def crps(self, outcome: float) -> float:
        """The continuous ranked probability score. **Source**: Gneiting & Raftery (2007), eq. 5.

        >>> round(Smoothed(0.0, 1.0).crps(0.0), 4), Smoothed(3.0, 0.0).crps(5.0)
        (0.2337, 2.0)
        """
        if self.sd <= 0:
            return abs(outcome - self.mean)
        z = (outcome - self.mean) / self.sd
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return float(self.sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def smoothed(values: Floats) -> Smoothed | None:
    """Foresee the next of a row of totals, earliest first; None for fewer than four.

    The level moves by a share of each error; the share is the one of 0.05, 0.10 .. 0.95 with the smallest squared
    errors one step ahead, and the spread is their root mean square. **Source**: Brown (1956); Gardner (1985).

    >>> smoothed(np.array([10.0, 10.0, 10.0, 10.0, 10.0]))
    Smoothed(mean=10.0, sd=0.0)
    """
    if values.size < FEWEST:
        return None
    level, squares = np.full(RATES.size, values[0]), np.zeros(RATES.size)
    for value in values[1:]:
        squares += (value - level) ** 2
        level += RATES * (value - level)
    best = int(np.argmin(squares))
    return Smoothed(float(level[best]), float(np.sqrt(squares[best] / max(values.size - 2, 1))))
