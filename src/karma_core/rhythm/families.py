"""The families of rhythm models that can be fitted, by the name that a user types."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from karma_core.rhythm import bg, nbd, pareto
from karma_core.rhythm.cells import Cells, Floats

Score = Callable[[Floats], tuple[float, Floats]]
MODELS = ("auto", "nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_k", "bg_cnbd_k")
REGULARITIES = (1, 2, 3, 4, 5, 6, 8, 12)


@dataclass(frozen=True)
class Family:
    """One model: its parameters in order, and what is fixed beforehand (regularity k, leaving at zero)."""

    model: str
    names: tuple[str, ...]
    k: int = 1
    at_zero: bool = False

    @property
    def shape(self) -> bg.Shape:
        """The fixed part, as the formulas of the (M)BG family take it."""
        return bg.Shape(self.k, self.at_zero)

    @property
    def is_bg(self) -> bool:
        """Whether customers leave at a purchase, as in the (M)BG family."""
        return self.names == bg.NAMES

    def score(self, cells: Cells) -> Score:
        """The log-likelihood and gradient in log-parameters on these cells."""
        if self.is_bg:
            return lambda logs: bg.score(logs, cells, k=self.k, at_zero=self.at_zero)
        plain = nbd.score if self.model == "nbd" else pareto.score
        return lambda logs: plain(logs, cells)

    def starts(self, *, typical: float) -> list[Floats]:
        """Log-parameters from which to search; `typical` is the scale of time in the data."""
        tempo = typical / self.k
        guesses = {
            "r": (0.8, 0.3, 2.0),
            "alpha": (0.5 * tempo, 0.15 * tempo, tempo),
            "a": (0.7, 0.4, 1.5),
            "b": (2.5, 2.0, 6.0),
            "s": (0.6, 0.3, 1.5),
            "beta": (0.5 * typical, 0.3 * typical, 2.0 * typical),
        }
        return [np.log([guesses[name][i] for name in self.names]) for i in range(3)]

    def box(self, *, typical: float) -> list[tuple[float, float]]:
        """The range of each log-parameter; beyond it the data no longer tell values apart."""
        wide = {"alpha": typical, "beta": typical}
        return [
            (np.log(1e-4 * wide[name]), np.log(1e4 * wide[name])) if name in wide else (np.log(1e-3), np.log(1e3))
            for name in self.names
        ]


def family(model: str, *, k: int = 1) -> Family:
    """The family behind a model's name; `k` counts only for the CNBD-k models.

    >>> family("mbg_nbd").names
    ('r', 'alpha', 'a', 'b')
    """
    if model == "nbd":
        return Family(model, nbd.NAMES)
    if model == "pareto_nbd":
        return Family(model, pareto.NAMES)
    return Family(model, bg.NAMES, k=k if model.endswith("cnbd_k") else 1, at_zero=model.startswith("mbg"))
