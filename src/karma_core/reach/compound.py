"""Sums over a random number of past amounts, drawn again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_PICKS = 5_000_000
"""Beyond this many amounts in all draws together their sum is taken as normal: it then is, nearly."""


@dataclass(frozen=True)
class Volume:
    """Drawn revenue and value per segment, both shape (segments, draws), cents as floats."""

    revenue: Floats
    value: Floats

    @classmethod
    def none(cls, segments: int, draws: int) -> "Volume":
        """Nothing at all."""
        return cls(np.zeros((segments, draws)), np.zeros((segments, draws)))

    def moved(self, *, log_shock: Floats | float = 0.0, share_shift: Floats | float = 0.0) -> "Volume":
        """All volume times exp(log_shock), then `share_shift` of the revenue added to the value."""
        revenue = self.revenue * np.exp(log_shock)
        return Volume(revenue, self.value * np.exp(log_shock) + share_shift * revenue)

    def plus(self, other: "Volume") -> "Volume":
        """Both together."""
        return Volume(self.revenue + other.revenue, self.value + other.value)

    def times(self, factor: Floats) -> "Volume":
        """All volume times a factor, shape (draws,)."""
        return Volume(self.revenue * factor, self.value * factor)


@dataclass(frozen=True)
class Arrivals:
    """What new business brings, and how many new customers or deals arrive a day in each draw, shape (draws,)."""

    volume: Volume
    per_day: Floats


@dataclass(frozen=True)
class Pool:
    """Past amounts, each with its segment and its weight in the draw; columns of equal length."""

    revenue: Floats
    value: Floats
    segment: Ints
    weight: Floats


def draw_sums(pool: Pool, *, mean: Floats, segments: int, rng: np.random.Generator) -> Volume:
    """For each draw, the sum of a Poisson number (means `mean`, shape (draws,)) of amounts from the pool.

    An empty pool gives nothing. Where there would be too many picks each segment's sum is normal with the exact
    first two moments.
    """
    draws = mean.size
    if pool.revenue.size == 0 or pool.weight.sum() <= 0:
        return Volume.none(segments, draws)
    if mean.sum() > MOST_PICKS:
        return _normal_sums(pool, mean=mean, segments=segments, rng=rng)
    count = rng.poisson(mean)
    picked = rng.choice(pool.revenue.size, size=int(count.sum()), p=pool.weight / pool.weight.sum())
    cell = pool.segment[picked] * draws + np.repeat(np.arange(draws), count)
    revenue, value = (
        np.bincount(cell, column[picked], minlength=segments * draws).astype(float).reshape(segments, draws)
        for column in (pool.revenue, pool.value)
    )
    return Volume(revenue, value)


def _normal_sums(pool: Pool, *, mean: Floats, segments: int, rng: np.random.Generator) -> Volume:
    share = pool.weight / pool.weight.sum()
    products = (
        pool.revenue,
        pool.value,
        pool.revenue**2,
        pool.value**2,
        pool.revenue * pool.value,
    )
    r, v, rr, vv, rv = (np.bincount(pool.segment, share * p, minlength=segments)[:, None] for p in products)
    first, second = rng.normal(size=(2, segments, mean.size))
    slope = rv / np.maximum(rr, 1e-12)
    off_r = np.sqrt(rr * mean) * first
    off_v = slope * off_r + np.sqrt(np.maximum(vv - slope * rv, 0) * mean) * second
    return Volume(np.maximum(r * mean + off_r, 0.0), v * mean + off_v)
