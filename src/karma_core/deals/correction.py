"""Calibration: what was said in the past beside what came, turned into a better chance."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import expit

from karma_core.deals.odds import log_odds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_IN_BAND = 300
MOST_BANDS = 3
STRETCH_SD = (0.5, 0.3)
NEWTON = 30


class Correction(Protocol):
    """Turns a chance and an age in days into a chance."""

    def apply(self, chance: Floats, age: Ints) -> Floats:
        """The corrected chances, (n,)."""


@dataclass(frozen=True)
class Stretch:
    """Log-odds are shifted and stretched; for few data."""

    shift: float
    stretch: float

    @classmethod
    def learn(cls, chance: Floats, happened: Floats) -> "Stretch":
        """By penalised likelihood, shrunk to no correction. **Source**: Cox (1958)."""
        odds, off = log_odds(chance), np.zeros(2)
        design = np.column_stack([np.ones_like(odds), odds])
        prior = 1 / np.square(STRETCH_SD)
        for _ in range(NEWTON):
            p = expit(odds + design @ off)
            slope = design.T @ (happened - p) - prior * off
            curve = design.T @ (design * (p * (1 - p))[:, None]) + np.diag(prior)
            step = np.linalg.solve(curve, slope)
            off = off + step
            if np.abs(step).max() < 1e-8:
                break
        return cls(float(off[0]), float(1 + off[1]))

    def apply(self, chance: Floats, age: Ints) -> Floats:  # noqa: ARG002 (the age says nothing here)
        """The corrected chances."""
        return np.asarray(expit(self.shift + self.stretch * log_odds(chance)))


@dataclass(frozen=True, eq=False)
class Steps:
    """Isotonic regression within bands of age, straight between the middles of its steps."""

    edges: Floats
    curves: tuple[tuple[Floats, Floats], ...]

    @classmethod
    def learn(cls, chance: Floats, happened: Floats, age: Ints) -> "Steps":
        """Bands of equal count, each of 300 deals or more. **Source**: Zadrozny & Elkan (2002)."""
        bands = int(np.clip(chance.size // FEWEST_IN_BAND, 1, MOST_BANDS))
        edges = np.quantile(age, np.linspace(0, 1, bands + 1)[1:-1])
        band = np.searchsorted(edges, age, side="right")
        curves = tuple(_curve(chance[band == b], happened[band == b]) for b in range(bands))
        return cls(edges, curves)

    def apply(self, chance: Floats, age: Ints) -> Floats:
        """The corrected chances."""
        band, found = np.searchsorted(self.edges, age, side="right"), chance.copy()
        for b, (x, y) in enumerate(self.curves):
            if x.size:
                found[band == b] = np.interp(chance[band == b], x, y)
        return found


def _curve(chance: Floats, happened: Floats) -> tuple[Floats, Floats]:
    """The middle of each step and its level; a step of n deals is believed as (wins + p/2) of (n + 1/2)."""
    order = np.argsort(chance, kind="stable")
    if not order.size:
        return np.zeros(0), np.zeros(0)
    found = isotonic_regression(happened[order])
    begin, end = found.blocks[:-1], found.blocks[1:]
    size = end - begin
    middle = np.add.reduceat(chance[order], begin) / size
    wins = np.add.reduceat(happened[order], begin)
    return middle, (wins + middle / 2) / (size + 0.5)
