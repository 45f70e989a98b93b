"""Scores: how good stated chances and ranges turned out to be.

Every score is small, takes plain arrays and is checked against its closed form. Lower is better for Brier, log
loss, CRPS and calibration error.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from karma_core.errors import KarmaError

Floats = NDArray[np.float64]


class ScoreError(KarmaError):
    """Chances, draws or outcomes that no score can be made of."""


def brier(chances: ArrayLike, outcomes: ArrayLike) -> float:
    """The mean squared distance between chances (0..1) and what happened (0 or 1), both shape (n,).

    Raises ScoreError for no values, unequal shapes, chances outside 0..1 or outcomes other than 0 and 1.
    **Source**: Brier (1950), the form for two outcomes.

    >>> brier([0.5, 1.0], [0, 1])
    0.125
    """
    p, y = _chances_and_outcomes(chances, outcomes)
    return float(np.mean((p - y) ** 2))


def log_loss(chances: ArrayLike, outcomes: ArrayLike, *, floor: float = 1e-12) -> float:
    """Minus the mean log-chance of what happened; chances are kept `floor` away from 0 and 1.

    Raises ScoreError as `brier` does. **Source**: Good (1952).

    >>> round(log_loss([0.5, 0.5], [0, 1]), 6)
    0.693147
    """
    p, y = _chances_and_outcomes(chances, outcomes)
    p = np.clip(p, floor, 1 - floor)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))


def calibration_error(chances: ArrayLike, outcomes: ArrayLike, *, bins: int = 15) -> float:
    """The mean distance between stated chance and share that came true, over bins of equal count.

    Fewer values than bins make one bin each. Raises ScoreError as `brier` does. **Source**: Naeini, Cooper &
    Hauskrecht (2015), with bins of equal count in place of equal width, weighed by their size.

    >>> calibration_error([0.2] * 10, [1, 0, 0, 0, 0] * 2, bins=1)
    0.0
    """
    p, y = _chances_and_outcomes(chances, outcomes)
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, min(bins, p.size))
    return float(sum(abs(p[part].sum() - y[part].sum()) for part in parts) / p.size)


def crps(draws: ArrayLike, outcome: float) -> float:
    """The continuous ranked probability score of draws, shape (n,), in the outcome's unit.

    E|X - y| - E|X - X'| / 2 over the draws as they are (the empirical distribution is what is scored). For one
    draw it is the absolute error. Raises ScoreError for no draws or values that are not finite.
    **Source**: Gneiting & Raftery (2007), eq. 21; the sum over sorted draws of Hersbach (2000).

    >>> crps([3.0], 5.0), crps([0.0, 2.0], 1.0)
    (2.0, 0.5)
    """
    x = np.sort(_finite(draws, outcome))
    weights = 2 * np.arange(1, x.size + 1) - x.size - 1
    spread = float(np.dot(weights, x)) / x.size**2
    return float(np.mean(np.abs(x - outcome))) - spread


def pit(draws: ArrayLike, outcome: float) -> float:
    """Where the outcome fell among the draws, 0..1: the share below it plus half the share equal to it.

    Over many honest forecasts these are uniform. Raises ScoreError as `crps` does. **Source**: Dawid (1984);
    half the ties as Czado, Gneiting & Held (2009) put the mid-point.

    >>> pit([1.0, 2.0, 3.0, 4.0], 3.0)
    0.625
    """
    x = _finite(draws, outcome)
    return float(np.mean(x < outcome) + np.mean(x == outcome) / 2)


def covers(draws: ArrayLike, outcome: float, *, share: float) -> bool:
    """Whether the outcome lies in the central range that holds `share` (0..1) of the draws, ends included.

    Raises ScoreError as `crps` does, and for a share outside 0..1.

    >>> covers(np.arange(101.0), 90.0, share=0.8), covers(np.arange(101.0), 91.0, share=0.8)
    (True, False)
    """
    if not 0 < share < 1:
        raise ScoreError(f"A range holds a share between 0 and 1, not {share}.")
    low, high = np.quantile(_finite(draws, outcome), [(1 - share) / 2, (1 + share) / 2])
    return bool(low <= outcome <= high)


def coverage(draws: ArrayLike, outcomes: ArrayLike, *, share: float) -> float:
    """The share of outcomes, shape (n,), inside the central range of their own draws, shape (n, draws).

    Raises ScoreError for no outcomes and as `covers` does.

    >>> coverage([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]], [1.0, 9.0], share=0.8)
    0.5
    """
    rows, happened = np.atleast_2d(np.asarray(draws, dtype=float)), np.asarray(outcomes, dtype=float)
    if happened.size == 0 or rows.shape[0] != happened.size:
        raise ScoreError(f"There are {rows.shape[0]} rows of draws for {happened.size} outcomes.")
    return float(np.mean([covers(row, y, share=share) for row, y in zip(rows, happened, strict=True)]))


def _chances_and_outcomes(chances: ArrayLike, outcomes: ArrayLike) -> tuple[Floats, Floats]:
    p, y = np.asarray(chances, dtype=float), np.asarray(outcomes, dtype=float)
    if p.size == 0 or p.shape != y.shape or p.ndim != 1:
        raise ScoreError(f"Chances and outcomes are two rows of equal length, not {p.shape} and {y.shape}.")
    if not ((p >= 0) & (p <= 1)).all():
        raise ScoreError("A chance lies between 0 and 1.")
    if not ((y == 0) | (y == 1)).all():
        raise ScoreError("An outcome is 0 or 1.")
    return p, y


def _finite(draws: ArrayLike, outcome: float) -> Floats:
    x = np.asarray(draws, dtype=float).ravel()
    if x.size == 0 or not np.isfinite(x).all() or not np.isfinite(outcome):
        raise ScoreError("A score needs at least one draw, and finite values only.")
    return x


def area_under_curve(scores: ArrayLike, outcomes: ArrayLike) -> float:
    """The chance that somebody to whom it happened stood above somebody to whom it did not; ties count half.

    `scores` are ranks or chances, shape (n,), higher for likelier; outcomes 0 or 1. 0.5 where all outcomes are
    alike. Raises ScoreError for no values, unequal shapes or scores that are not finite.
    **Source**: Hanley & McNeil (1982), by mean ranks.

    >>> area_under_curve([0.1, 0.4, 0.4, 0.9], [0, 0, 1, 1])
    0.875
    """
    s, y = _scores_and_outcomes(scores, outcomes)
    ones = int(y.sum())
    if ones in (0, y.size):
        return 0.5
    _, place, count = np.unique(s, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    return float((rank[place][y].sum() - ones * (ones + 1) / 2) / (ones * (y.size - ones)))


def precision_at_top(scores: ArrayLike, outcomes: ArrayLike, *, share: float = 0.1) -> float:
    """Of the `share` (0..1) with the highest scores, at least one: the part to whom it happened.

    Where scores tie across the edge, those who tie count in proportion. Raises as `area_under_curve`.

    >>> precision_at_top([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], share=0.5)
    0.75
    """
    s, y = _scores_and_outcomes(scores, outcomes)
    wanted = max(int(share * y.size), 1)
    edge = np.sort(s)[::-1][wanted - 1]
    above, tied = s > edge, s == edge
    left = wanted - int(above.sum())
    return float((y[above].sum() + left * y[tied].mean()) / wanted)


def _scores_and_outcomes(scores: ArrayLike, outcomes: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    s, y = np.asarray(scores, dtype=float), np.asarray(outcomes)
    if s.size == 0 or s.shape != y.shape or s.ndim != 1 or not np.isfinite(s).all():
        raise ScoreError(f"Scores and outcomes are two rows of equal length, not {s.shape} and {y.shape}.")
    return s, y.astype(bool)
