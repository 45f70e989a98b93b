"""Fixed columns about their means, and the way back: a zero far off the data costs no digits.

With a column such as 20241231, or a response of a million give or take ten, cross-products hold little but the
square of the mean. About their means the same model loses nothing; only the intercept is another one.
"""

from dataclasses import dataclass, replace

import numpy as np

from karma_core.effects.design import INTERCEPT, Design, Floats


@dataclass(frozen=True)
class Centred:
    """A design about its means; `back` (fixed x fixed) and `height` turn its coefficients into those asked for."""

    design: Design
    back: Floats
    height: float

    def coefficients(self, found: Floats) -> Floats:
        """The coefficients of the design as it was, from those of the centred one."""
        made = self.back @ found
        made[:1] += self.height
        return made

    def errors(self, covariance: Floats) -> Floats:
        """Their standard errors, from the covariance of the centred design's."""
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", self.back, covariance, self.back)))


def centred(design: Design, *, response: bool) -> Centred:
    """Take its mean off every fixed column but the intercept, and off the response where that is asked.

    Without an intercept nothing is moved. The likelihood stays, that of REML too: the columns' span and volume do.

    >>> from karma_core.effects.design import Factor
    >>> rep = Factor("rep", np.array([0, 0, 1]), ("a", "b"))
    >>> year = np.array([[1.0, 2023.0], [1.0, 2024.0], [1.0, 2025.0]])
    >>> made = centred(Design(np.zeros(3), year, ("(Intercept)", "year"), (rep,)), response=False)
    >>> made.design.fixed[:, 1].tolist(), made.coefficients(np.array([1.0, 0.5])).tolist()
    ([-1.0, 0.0, 1.0], [-1011.0, 0.5])
    """
    columns = design.fixed.shape[1]
    if not columns or design.fixed_names[0] != INTERCEPT:
        return Centred(design, np.eye(columns), 0.0)
    means = np.concatenate([[0.0], design.fixed[:, 1:].mean(axis=0)])
    back = np.eye(columns)
    back[0] -= means
    height = float(design.response.mean()) if response else 0.0
    moved = replace(design, fixed=design.fixed - means, response=design.response - height)
    return Centred(moved, back, height)
