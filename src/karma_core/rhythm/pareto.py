"""Pareto/NBD: gamma rates of purchase, gamma rates of leaving at any moment (Schmittlein e.a., 1987).

The one integral in it, over the moment of leaving, is taken by Gauss-Legendre in the logarithm of time instead
of by the hypergeometric function, which is slower and fails on regular buyers; the gradient falls out of the
same nodes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, exprel, gammaln

from karma_core.rhythm.cells import Cells, Floats
from karma_core.rhythm.quadrature import legendre

NAMES = ("r", "alpha", "s", "beta")
NODES = 24
CHUNK = 8_192
FAR = 45.0
"""Beyond e^-45 of its start the integrand no longer counts."""


class Node(NamedTuple):
    """alpha + t and beta + t at a node t, their logarithms, and the log of the weighted integrand."""

    on_a: Floats
    on_b: Floats
    log_a: Floats
    log_b: Floats
    log_weight: Floats


def left_nodes(
    x: Floats, t_x: Floats, T: Floats, *, r: Floats, alpha: Floats, s: Floats, beta: Floats
) -> Iterator[Node]:
    """Give each node t in (t_x, T), with the log of the weighted integrand there.

    The integrand is (alpha + t)^-(r + x) * (beta + t)^-(s + 1): left at t, silent since t_x. Nodes lie evenly in
    v = log(c + t) with c the smaller of alpha and beta, over no more than where the integrand still counts. All
    arguments broadcast.
    """
    n, least = r + x, np.minimum(alpha, beta)
    rate = n * (least + t_x) / (alpha + t_x) + (s + 1) * (least + t_x) / (beta + t_x) - 1
    span = np.minimum(np.log1p((T - t_x) / (least + t_x)), FAR / np.maximum(rate, 1e-9))
    with np.errstate(divide="ignore"):
        log_start = np.log(span) + np.log(least + t_x)
    more_a, more_b = alpha - least, beta - least
    for at, weight in zip(*legendre(NODES), strict=True):
        grown = (least + t_x) * np.exp(span * at)
        on_a, on_b = grown + more_a, grown + more_b
        log_a, log_b = np.log(on_a), np.log(on_b)
        log_weight = np.log(weight) + log_start + span * at - n * log_a - (s + 1) * log_b
        yield Node(on_a, on_b, log_a, log_b, log_weight)


def score(logs: Floats, cells: Cells) -> tuple[float, Floats]:
    """Log-likelihood of the cells, and its gradient in (log r, log alpha, log s, log beta).

    Source: Schmittlein, Morrison & Colombo (1987); Fader & Hardie (2005), "A note on deriving the Pareto/NBD",
    eq. 17: stayed all along, or left at a moment t between t_x and T.
    """
    r, alpha, s, beta = np.exp(logs)
    value, gradient = _by_x(cells, r=r, alpha=alpha, s=s, beta=beta)
    for start in range(0, len(cells), CHUNK):
        part = slice(start, start + CHUNK)
        more, slope = _chunk(cells.x[part], cells.t_x[part], cells.T[part], cells.count[part], (r, alpha, s, beta))
        value, gradient = value + more, gradient + slope
    return value, gradient * np.array([r, alpha, s, beta])


def _by_x(cells: Cells, *, r: float, alpha: float, s: float, beta: float) -> tuple[float, Floats]:
    x, c = cells.x_values, cells.x_counts
    value = float(c @ (gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)))
    by_r = float(c @ (digamma(r + x) - digamma(r) + np.log(alpha)))
    n = cells.customers
    return value, np.array([by_r, n * r / alpha, n * np.log(beta), n * s / beta])


def _chunk(
    x: Floats, t_x: Floats, T: Floats, count: Floats, parameters: tuple[float, float, float, float]
) -> tuple[float, Floats]:
    r, alpha, s, beta = parameters
    n, late_a, late_b = r + x, np.log(alpha + T), np.log(beta + T)
    stayed = -n * late_a - s * late_b
    # Everything is told relative to a customer who left at once, which keeps the sums from underflowing.
    base = -n * np.log(alpha + t_x) - s * np.log(beta + t_x)
    total, sum_log_a, sum_log_b, sum_inv_a, sum_inv_b = (np.zeros_like(x) for _ in range(5))
    given = {"r": np.asarray(r), "alpha": np.asarray(alpha), "s": np.asarray(s), "beta": np.asarray(beta)}
    for node in left_nodes(x, t_x, T, **given):
        weight = s * np.exp(node.log_weight - base)
        total += weight
        sum_log_a += weight * node.log_a
        sum_log_b += weight * node.log_b
        sum_inv_a += weight / node.on_a
        sum_inv_b += weight / node.on_b
    still = np.exp(stayed - base)
    either = still + total
    value = float(count @ (base + np.log(either)))
    share = count / either
    by_r = -float(share @ (still * late_a + sum_log_a))
    by_alpha = -float(share @ (n * (still / (alpha + T) + sum_inv_a)))
    by_s = float(share @ (total / s - still * late_b - sum_log_b))
    by_beta = -float(share @ (s * still / (beta + T) + (s + 1) * sum_inv_b))
    return value, np.array([by_r, by_alpha, by_s, by_beta])


def chance_active(
    x: Floats, t_x: Floats, T: Floats, *, r: Floats, alpha: Floats, s: Floats, beta: Floats
) -> Floats:
    """Chance that a customer has not left by T, given x, t_x and T; all arguments broadcast.

    Source: Schmittlein e.a. (1987), eq. 11-13, as still / (still + left).
    """
    stayed = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    left: Floats = np.zeros(np.broadcast_shapes(np.shape(x), np.shape(r)))
    for node in left_nodes(x, t_x, T, r=r, alpha=alpha, s=s, beta=beta):
        left = left + s * np.exp(np.minimum(node.log_weight - stayed, 700.0))
    return np.asarray(1.0 / (1.0 + left))


def orders_if_active(
    x: Floats, T: Floats, *, r: float, alpha: float, s: float, beta: float, gap: float, days: float
) -> Floats:
    """Expected orders in (T + gap, T + gap + days] of a customer who is active at T.

    Source: Fader & Hardie (2005), eq. 41, for a window that may start later; written so that s = 1 is no case.
    """
    since, until = np.log1p(gap / (beta + T)), np.log1p((gap + days) / (beta + T))
    active_days = (beta + T) * np.exp((1 - s) * since) * (until - since) * exprel((1 - s) * (until - since))
    return np.asarray((r + x) / (alpha + T) * active_days)


def order_if_active(
    x: Floats, T: Floats, *, r: float, alpha: float, s: float, beta: float, gap: float, days: float
) -> Floats:
    """Chance of at least one order in (T + gap, T + gap + days] of a customer who is active at T.

    Source: ours; the first order after the gap comes at v while the customer has not left by then, integrated
    over the rates and, by Gauss-Legendre in log(alpha + T + v), over v.
    """
    n, tempo, life = r + x, alpha + T, beta + T
    span = np.minimum(np.log1p(days / tempo), FAR / n)
    total: Floats = np.zeros(np.shape(n))
    for at, weight in zip(*legendre(NODES), strict=True):
        v = tempo * np.expm1(span * at)
        total = total + weight * span * n * np.exp(-n * span * at - s * np.log1p((gap + v) / life))
    return np.clip(total, 0.0, 1.0)
