"""The common shock: how far a whole market moved from what was expected, beyond chance, and may move again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SIZES = np.exp(np.linspace(np.log(0.05), np.log(12), 41))
"""The grid of a spread that is to be learned, in units of what is believed of it."""

LOG_BELIEF = np.log(SIZES) - 2.5 * np.log1p(SIZES**2 / 2)
"""A half-t of 4 degrees of freedom whose mean square is 1, on that grid: small is likely and large is possible."""

TAIL = 8.0
"""Degrees of freedom of the shock's tail: markets break more often than a bell curve says."""

MOST_STRETCH = 6.0


@dataclass(frozen=True)
class Residuals:
    """What happened less what was expected in past windows, the part that is mere chance, and their weights."""

    residual: Floats
    chance_variance: Floats
    weight: Floats

    @classmethod
    def of(cls, residual: ArrayLike, chance_variance: ArrayLike, weight: ArrayLike | None = None) -> "Residuals":
        """Residuals from sequences of equal length, each of weight 1 by default; none at all are welcome."""
        r = np.asarray(residual, dtype=float)
        weights = np.ones(r.size) if weight is None else np.asarray(weight, dtype=float)
        return cls(r, np.asarray(chance_variance, dtype=float), weights)


@dataclass(frozen=True)
class ShockPrior:
    """What is believed of the horizon before any window is seen: the sd of shocks, and of a lasting bias."""

    sd: float
    bias_sd: float

    @classmethod
    def of(cls, sd: float) -> "ShockPrior":
        """A prior under which a window strays by `sd` in all, as much by lasting bias as by its own shock."""
        return cls(sd / np.sqrt(2), sd / np.sqrt(2))


def draw_shock(
    residuals: Residuals,
    *,
    prior: ShockPrior,
    stretch: float,
    noise: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Draw the common shock of a coming window, with what is not known about its size and bias.

    Windows are r_k ~ N(b, tau^2 + s_k^2) with b ~ N(0, bias_sd^2), tau half-t of 4 degrees of freedom with mean
    square sd^2 / stretch, and s_k^2 the variance by chance, each raised to its weight. tau runs over a grid, b is
    integrated in closed form, so the draws hold the uncertainty of both. The shock is b + tau * sqrt(stretch) * t,
    with t of 8 degrees of freedom made from `noise`, standard normal draws (draws,) that a caller may share
    between sources. Without windows the prior speaks, with the spread that it names. Returns shape (draws,), on
    the scale of the residuals.
    **Source**: Gelman et al. (2013), ch. 5.4, the normal hierarchical model with its spread on a grid; Gelman
    (2006) for the half-t, which lets a spread be nothing where the past shows none.

    >>> rng = np.random.default_rng(1)
    >>> calm = draw_shock(Residuals.of([0.01, -0.01] * 6, [1e-4] * 12), prior=ShockPrior(0.1, 0.1), stretch=1.0,
    ...     noise=rng.normal(size=4000), rng=rng)
    >>> bool(calm.std() < 0.05)
    True
    """
    stretch = min(stretch, MOST_STRETCH)
    tau = prior.sd / np.sqrt(stretch) * SIZES
    mean, variance, log_evidence = _bias_given(tau, residuals, prior)
    log_weight = log_evidence + LOG_BELIEF
    weight = np.exp(log_weight - log_weight.max())
    picked = rng.choice(tau.size, size=noise.size, p=weight / weight.sum())
    bias = mean[picked] + np.sqrt(variance[picked]) * rng.normal(size=noise.size)
    tail = np.sqrt(rng.chisquare(TAIL, size=noise.size) / (TAIL - 2))
    return np.asarray(bias + tau[picked] * np.sqrt(stretch) * noise / tail)


def _bias_given(tau: Floats, residuals: Residuals, prior: ShockPrior) -> tuple[Floats, Floats, Floats]:
    """For each tau: the bias's posterior mean and variance, and the log evidence of the residuals."""
    r = residuals.residual
    weight = residuals.weight
    spread = tau[:, None] ** 2 + residuals.chance_variance
    precision = 1 / prior.bias_sd**2 + (weight / spread).sum(axis=1)
    mean = (weight * r / spread).sum(axis=1) / precision
    fit = (weight * (np.log(spread) + r**2 / spread)).sum(axis=1)
    return mean, 1 / precision, 0.5 * (mean**2 * precision - fit - np.log(precision))
