"""What a purchase day of each customer is worth: own values, pooled with those of the segment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karma_core.reach.ledger import Ledger, Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_LIFE = 365.0
"""Days after which a purchase says half as much about what the next one is worth."""

SEGMENT_WEIGHT = 5.0
SPREAD_WEIGHT = 3.0


@dataclass(frozen=True)
class Values:
    """Per customer: mean revenue and value of a purchase day, their (co)variances, and the weight of own days.

    Column 0 is revenue, column 1 the measure's value, both in cents. `mean` (n, 2), `covariance` (n, 2, 2),
    `own` (n,) how many days the mean rests on, `pool` how many days of the segment are mixed in.
    """

    mean: Floats
    covariance: Floats
    own: Floats
    pool: float


def pooled_values(ledger: Ledger, rows: Rows, *, origin: int) -> Values:
    """Pool the values of `rows`, all dated before `origin`, per customer of the ledger.

    mean_i = (sum w v + kappa m_segment) / (sum w + kappa), with w halving each year and kappa the ratio of the
    variance within customers to that between them (Buehlmann's credibility), between 0.2 and 20. Values may be
    negative: nothing is taken a logarithm of. Without rows all is zero.
    **Source**: Buehlmann & Gisler (2005), ch. 4.
    """
    n = len(ledger.customers)
    weight = np.exp2(-(origin - rows.day) / HALF_LIFE)
    both = np.column_stack([rows.revenue, rows.value])
    own: Floats = np.bincount(rows.customer, weights=weight, minlength=n).astype(np.float64)
    mean = _per_customer(rows.customer, weight, both, n) / np.maximum(own, 1e-12)[:, None]
    revenue, value = (both - mean[rows.customer]).T
    squares = np.column_stack([revenue * revenue, revenue * value, value * value])
    within = _per_customer(rows.customer, weight, squares, n)[:, [0, 1, 1, 2]].reshape(-1, 2, 2)
    segment_mean = _segment_means(ledger, mean, seen=own > 0)
    pool = _credibility(mean[:, 0], own, within[:, 0, 0])
    pooled = (own[:, None] * mean + pool * segment_mean[ledger.customer_segment]) / (own + pool)[:, None]
    typical = within.sum(axis=0) / max(own.sum(), 1e-12) if own.sum() else np.zeros((2, 2))
    relative = _relative_size(pooled[:, 0], segment_mean[:, 0].mean() if n else 1.0)
    covariance = within + SPREAD_WEIGHT * typical * relative[:, None, None] ** 2
    return Values(pooled, covariance / (own + SPREAD_WEIGHT)[:, None, None], own, pool)


def _per_customer(customer: Ints, weight: Floats, columns: Floats, n: int) -> Floats:
    return np.column_stack([np.bincount(customer, weight * column, minlength=n) for column in columns.T])


def _segment_means(ledger: Ledger, mean: Floats, *, seen: NDArray[np.bool_]) -> Floats:
    """The mean over a segment's customers, each counted once, pooled with the mean over all customers."""
    s, k = ledger.customer_segment[seen], len(ledger.segments)
    overall = mean[seen].mean(axis=0) if seen.any() else np.zeros(2)
    size = np.bincount(s, minlength=k)
    sums = np.column_stack([np.bincount(s, mean[seen, c], minlength=k) for c in (0, 1)])
    return np.asarray((sums + SEGMENT_WEIGHT * overall) / (size + SEGMENT_WEIGHT)[:, None])


def _credibility(mean: Floats, own: Floats, within: Floats) -> float:
    seen = own > 0
    if seen.sum() < 3:
        return 1.0
    inside = within.sum() / max(float((own[seen] - np.minimum(own[seen], 1) * 0.5).sum()), 1.0)
    between = float(np.var(mean[seen])) - inside * float(np.mean(1 / own[seen].clip(min=0.5)))
    floor = 0.05 * float(np.var(mean[seen])) + 1e-9
    return float(np.clip(inside / max(between, floor), 0.2, 20.0))


def _relative_size(mean: Floats, typical: float) -> Floats:
    """A customer who buys ten times as much also strays by ten times as much."""
    return np.asarray(np.clip(mean / max(typical, 1.0), 0.05, 20.0))
