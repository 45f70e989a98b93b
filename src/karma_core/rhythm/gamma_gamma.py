"""Gamma-Gamma: what an order is worth to us, per customer, as far as its orders tell (Fader & Hardie, 2013)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from karma_core.rhythm.cells import Floats
from karma_core.rhythm.search import Problem, maximise

MOST = 10_000
"""An even sample of so many customers settles three parameters well beyond what the ranges need."""


@dataclass(frozen=True)
class GammaGamma:
    """Orders are Gamma(p, nu) and nu is Gamma(q, gamma) over customers; `gamma` in the unit of the amounts."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    regularised: bool

    def mean(self, counts: Floats, means: Floats) -> Floats:
        """Expected worth of a customer's next order, given the number and mean worth of the orders so far.

        A weighted mean of the customer's own mean and everybody's; linear, so that a negative mean is allowed.
        Source: Fader & Hardie (2013), eq. 5.
        """
        return np.asarray(self.p * (self.gamma + counts * means) / (self.p * counts + max(self.q, 1.05) - 1))

    def relative_sd(self, counts: Floats) -> Floats:
        """How uncertain that mean is, as a share of it, given the number of orders so far."""
        return np.asarray(1 / np.sqrt(np.maximum(self.p * counts + self.q - 2, 0.5)))


def score(logs: Floats, counts: Floats, means: Floats) -> tuple[float, Floats]:
    """Log-likelihood of the customers' mean worths, and its gradient in (log p, log q, log gamma).

    Source: Fader & Hardie (2013), "The gamma-gamma model of monetary value", eq. 1a.
    """
    p, q, gamma = np.exp(logs)
    shape, total = p * counts, gamma + counts * means
    log_total, log_sum = np.log(total), np.log(means) + np.log(counts)
    parts = gammaln(shape + q) - gammaln(shape) + shape * log_sum - np.log(means) - (shape + q) * log_total
    both = digamma(shape + q)
    value = float(parts.sum() + len(means) * (q * np.log(gamma) - gammaln(q)))
    by_p = float((counts * (both - digamma(shape) + log_sum - log_total)).sum())
    by_q = float((both - log_total).sum() + len(means) * (np.log(gamma) - digamma(q)))
    by_gamma = float(len(means) * q / gamma - ((shape + q) / total).sum())
    return value, np.array([by_p * p, by_q * q, by_gamma * gamma])


def fit_gamma_gamma(counts: Floats, means: Floats) -> GammaGamma:
    """Fit by maximum likelihood on customers with at least one order of positive mean worth; others are left out.

    `counts` are numbers of orders, `means` the mean worth per order. Without any positive mean everybody counts
    as alike. The boundary is treated as in `fit`.

    Source: Fader & Hardie (2013). Left out: whoever has a mean of zero or less, which no gamma can give.

    >>> gg = fit_gamma_gamma(np.array([4.0, 9.0, 2.0, 5.0]), np.array([10.0, 20.0, 15.0, 40.0]))
    >>> bool(10 < gg.mean(np.array([4.0]), np.array([10.0]))[0] < 20)
    True
    """
    usable = (counts > 0) & (means > 0) & np.isfinite(means)
    n, z = counts[usable], means[usable]
    if not len(z):
        return GammaGamma(1.0, 3.0, 0.0, 0.0, regularised=True)
    every = max(len(z) // MOST, 1)
    n, z = n[::every], z[::every]
    scale = float(np.median(z))
    z = z / scale
    starts = [np.log([2.0, 3.0, 1.0]), np.log([6.0, 4.0, 0.6]), np.log([1.0, 2.0, 1.0])]
    box = [(np.log(1e-2), np.log(1e4)), (np.log(0.2), np.log(1e3)), (np.log(1e-4), np.log(1e4))]
    found = maximise(Problem(lambda logs: score(logs, n, z), len(z), starts, box))
    p, q, gamma = map(float, np.exp(found.logs))
    value = found.log_likelihood - len(z) * float(np.log(scale))
    return GammaGamma(p, q, gamma * scale, value, found.regularised)
