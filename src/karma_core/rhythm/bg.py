"""BG/NBD, MBG/NBD and (M)BG/CNBD-k: gamma rates, Erlang-k gaps, and a chance to leave at each purchase.

A customer buys with phases at rate lambda ~ gamma(r, alpha); every k-th phase is a purchase; at each purchase
the customer leaves with chance p ~ beta(a, b). In the MBG family that may happen at the first purchase too, in
the BG family only from the first repeat purchase on. k = 1 gives BG/NBD and MBG/NBD.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln

from karma_core.rhythm.cells import Cells, Floats

NAMES = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class Shape:
    """What is fixed beforehand: the regularity k, and whether one may leave at the first purchase."""

    k: int = 1
    at_zero: bool = True


@dataclass(frozen=True)
class Phases:
    """Sum over j < k of (n)_j/j! q^j and its derivatives: silence as seen by an Erlang-k purchaser."""

    total: Floats
    by_n: Floats
    by_q: Floats


def phase_terms(n: Floats, q: Floats, *, k: int) -> list[Floats]:
    """The k terms (n)_j/j! q^j: relative weight of having passed j phases since the last purchase."""
    terms: list[Floats] = [np.ones(np.broadcast_shapes(np.shape(n), np.shape(q)))]
    for j in range(k - 1):
        terms.append(terms[-1] * (n + j) / (j + 1) * q)
    return terms


def _phases(n: Floats, q: Floats, *, k: int) -> Phases:
    total, by_n, by_q = np.ones_like(q), np.zeros_like(q), np.zeros_like(q)
    term, term_n, rising, rising_n = np.ones_like(q), np.zeros_like(q), np.ones_like(q), np.zeros_like(q)
    for j in range(k - 1):
        rising_n = (rising_n * (n + j) + rising) / (j + 1)
        rising = rising * (n + j) / (j + 1)
        by_q = by_q + (j + 1) * rising * q**j
        term, term_n = rising * q ** (j + 1), rising_n * q ** (j + 1)
        total, by_n = total + term, by_n + term_n
    return Phases(total, by_n, by_q)


def score(logs: Floats, cells: Cells, *, k: int, at_zero: bool) -> tuple[float, Floats]:
    """Log-likelihood of the cells, and its gradient in (log r, log alpha, log a, log b).

    `at_zero` takes the MBG family. For k above 1 the value includes what the gaps themselves say: exactly where
    `cells.log_gaps` is known, else as far as t_x shows it (t_x is then a sum of k*x phases).

    Source: Fader, Hardie & Lee (2005), eq. 6; Batislam, Denizel & Filiztekin (2007); Platzer & Reutterer (2016)
    for Erlang gaps. The parameter p is integrated over Beta(a, b) and lambda over Gamma(r, alpha).
    """
    r, alpha, a, b = np.exp(logs)
    n = r + k * cells.x
    q = (cells.T - cells.t_x) / (alpha + cells.T)
    log_T = np.log(alpha + cells.T)
    log_ratio = np.log(alpha + cells.t_x) - log_T
    may_have_left = np.ones_like(q) if at_zero else (cells.x > 0).astype(float)
    stays = cells.x + at_zero
    log_left = _log_left(a, b, stays)
    phases = _phases(n, q, k=k) if k > 1 else None
    log_silent = n * log_ratio + (np.log(phases.total) if phases else 0.0)
    excess = log_left - log_silent
    small = np.exp(-np.abs(excess))
    either = log_silent + np.maximum(excess, 0) + np.log1p(small)
    active = np.where(excess > 0, small, 1.0) / (1.0 + small)
    either, active = np.where(may_have_left > 0, either, log_silent), np.where(may_have_left > 0, active, 1.0)

    c = cells.count
    log_tx = log_T + log_ratio
    value = _by_x(cells, r=r, alpha=alpha, a=a, b=b, k=k, at_zero=at_zero) + float(c @ (either - n * log_tx))
    n_slope = log_ratio + (phases.by_n / phases.total if phases else 0.0)
    by_r = float(c @ (active * n_slope - log_tx))
    q_slope = -q / (alpha + cells.T) * (phases.by_q / phases.total) if phases else 0.0
    inverse_tx, inverse_T = 1 / (alpha + cells.t_x), 1 / (alpha + cells.T)
    by_alpha = float(c @ (active * (n * (inverse_tx - inverse_T) + q_slope) - n * inverse_tx))
    gone = 1.0 - active
    by_a = float(c @ gone) / a
    by_b = -float(c @ (gone / np.maximum(b + stays - 1, 1e-300)))
    gradient = np.array([by_r, by_alpha, by_a, by_b]) + _by_x_slope(
        cells, r=r, alpha=alpha, a=a, b=b, k=k, at_zero=at_zero
    )
    return value, gradient * np.array([r, alpha, a, b])


def _log_left(a: float, b: float, stays: Floats) -> Floats:
    return np.asarray(np.log(a) - np.log(np.maximum(b + stays - 1, 1e-300)))


def _by_x(cells: Cells, *, r: float, alpha: float, a: float, b: float, k: int, at_zero: bool) -> float:
    x, c = cells.x_values, cells.x_counts
    rates = gammaln(r + k * x) - gammaln(r) + r * np.log(alpha)
    leaving = betaln(a, b + x + at_zero) - betaln(a, b)
    return float(c @ (rates + leaving)) + regularity(cells, k=k)


def _by_x_slope(cells: Cells, *, r: float, alpha: float, a: float, b: float, k: int, at_zero: bool) -> Floats:
    x, c = cells.x_values, cells.x_counts
    stays = x + at_zero
    by_r = digamma(r + k * x) - digamma(r) + np.log(alpha)
    by_a = digamma(a + b) - digamma(a + b + stays)
    by_b = digamma(b + stays) - digamma(a + b + stays) - digamma(b) + digamma(a + b)
    return np.array([c @ by_r, cells.customers * r / alpha, c @ by_a, c @ by_b])


def regularity(cells: Cells, *, k: int) -> float:
    """What Erlang-k gaps add to the log-likelihood: nothing for k = 1, and no parameter is in it."""
    if k == 1:
        return 0.0
    if cells.log_gaps is not None:
        return (k - 1) * cells.log_gaps - float(cells.x_counts @ cells.x_values) * float(gammaln(k))
    bought = cells.x > 0
    x, t_x, c = cells.x[bought], cells.t_x[bought], cells.count[bought]
    return float(c @ ((k - 1) * x * np.log(t_x) - gammaln(k * x) + gammaln(x)))


def chance_active(
    x: Floats, t_x: Floats, T: Floats, *, r: Floats, alpha: Floats, a: Floats, b: Floats, shape: Shape
) -> Floats:
    """Chance that a customer has not left at the last purchase, given x, t_x and T; all arguments broadcast.

    Source: Fader, Hardie & Lee (2008), "Computing P(alive) using the BG/NBD model"; Platzer & Reutterer (2016).
    """
    log_silent = log_silence(x, t_x, T, r=r, alpha=alpha, k=shape.k)
    stays = np.maximum(x + shape.at_zero, 1.0)
    odds_left = np.exp(np.minimum(np.log(a) - np.log(b + stays - 1) - log_silent, 700.0))
    active = 1.0 / (1.0 + odds_left)
    return active if shape.at_zero else np.where(x > 0, active, 1.0)


def log_silence(x: Floats, t_x: Floats, T: Floats, *, r: Floats, alpha: Floats, k: int) -> Floats:
    """Log of the chance that somebody still active is silent from t_x up to T, given x and t_x."""
    n, q = r + k * x, (T - t_x) / (alpha + T)
    return np.asarray(n * np.log1p(-q) + np.log(sum(phase_terms(n, q, k=k))))


def _eigen(p: Floats, *, k: int) -> list[tuple[NDArray[Any], complex, float]]:
    """The k decay rates of the phases, each with its root of unity and how often it counts.

    An active customer's phases form a ring that leaks 1 - (1 - p) at one place; its eigenvalues are
    (1 - p)^(1/k) times the k-th roots of unity. Conjugate pairs are counted once, doubly.
    """
    grow = np.log1p(-np.minimum(p, 1 - 1e-12)) / k
    rates: list[tuple[NDArray[Any], complex, float]] = [(np.maximum(-np.expm1(grow), 1e-14), 1.0, 1.0)]
    for m in range(1, k // 2 + 1):
        root = complex(np.exp(2j * np.pi * m / k))
        if 2 * m == k:
            rates.append((1 + np.exp(grow), -1.0, 1.0))
        else:
            rates.append((1 - np.exp(grow) * root, root, 2.0))
    return rates


def orders_if_active(
    n: Floats, tempo: Floats, p: Floats, *, gap: float, days: float, k: int, phase: int
) -> Floats:
    """Expected orders in (gap, gap + days] from now, of an active customer in a phase, given p.

    The rate is Gamma(n, tempo). Source: ours; the phases as a Markov chain, integrated over the window and over
    the rate. For k = 1 it is Fader, Hardie & Lee (2005), eq. 10, before p is integrated out.
    """
    total: Floats = np.zeros(np.broadcast_shapes(np.shape(n), np.shape(p)))
    for z, root, times in _eigen(p, k=k):
        until_gap = np.exp(-n * np.log1p(gap * z / tempo))
        within = until_gap * -np.expm1(-n * np.log1p(days * z / (tempo + gap * z)))
        total = total + times * np.real(root ** (phase + 1 - k) * within / z)
    stay = np.exp(np.log1p(-np.minimum(p, 1 - 1e-12)) * (phase + 1 - k) / k)
    return np.maximum(total * stay / k, 0.0)


def order_if_active(n: Floats, tempo: Floats, p: Floats, *, gap: float, days: float, k: int, phase: int) -> Floats:
    """Chance of at least one order in (gap, gap + days] from now, of an active customer in a phase, given p.

    Source: as `orders_if_active`: active and in some phase at the gap's end, less no order within the days.
    """
    if gap == 0.0:
        none = (tempo / (tempo + days)) ** n * sum(phase_terms(n, days / (tempo + days), k=k - phase))
        return np.broadcast_to(1 - none, np.broadcast_shapes(np.shape(n), np.shape(p)))
    total: Floats = np.zeros(np.broadcast_shapes(np.shape(n), np.shape(p)))
    log_stay = np.log1p(-np.minimum(p, 1 - 1e-12)) / k
    for z, root, times in _eigen(p, k=k):
        still = np.exp(-n * np.log1p(gap * z / tempo))
        silent = np.exp(-n * np.log1p((gap * z + days) / tempo))
        for later in range(k):
            none = silent * sum(phase_terms(n, days / (tempo + gap * z + days), k=k - later))
            step = np.exp(log_stay * (phase - later)) * root ** (phase - later)
            total = total + times * np.real(step * (still - none))
    return np.clip(total / k, 0.0, 1.0)
