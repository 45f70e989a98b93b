"""Conversion by stage and kind of customer, with its uncertainty; no quota of activity follows from it.

**Source**: partial pooling as Gelman & Hill (2007, chapter 12) have it, with the beta distribution.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import betainc, betaln

from karma_core.deals.kinds import UNKNOWN
from karma_core.deals.rewind import Rewound

Floats = NDArray[np.float64]

ALL = "all"
GRID = 20
APART = 1.0
"""How far, in log-odds, the middle of the segments may lie from the rate of all deals."""

MOST_KINDS = 12
LOOSEST, TIGHTEST = 2.0, 500.0
"""Bounds of how many deals the stage's own rate is worth beside a kind's own deals."""


@dataclass(frozen=True)
class Conversion:
    """Of `entered` deals in a stage and a segment, `won` were won and `still_open` are open.

    `conversion` is the chance that one that enters is won, with its 90% range from `low` to `high`. Stage or
    segment "all" stands for all deals.
    """

    stage: str
    segment: str
    entered: int
    won: int
    still_open: int
    conversion: float
    low: float
    high: float


def conversions(rewound: Rewound, *, chance_ever: Floats) -> tuple[Conversion, ...]:
    """The share won of the deals that entered each stage, by segment, with 90% ranges.

    `chance_ever` (open deals,) is the chance of each open deal to be won at last: a deal still open counts for it,
    so that young deals do not pull the share down, and adds nothing to what is known. A segment leans on all
    deals of the stage, as much as the segments are alike. Without history there is one stage, "all". The twelve
    segments with most deals are shown. Empty in, empty out.
    """
    deals = rewound.deals.with_columns(
        pl.col("segment").fill_null(UNKNOWN),
        (pl.col("outcome") == "won").cast(pl.Float64).alias("share"),
        (pl.col("outcome") == "open").alias("is_open"),
    )
    ever = rewound.open.select("deal").with_columns(pl.Series("ever", chance_ever, dtype=pl.Float64))
    deals = deals.join(ever, on="deal", how="left").with_columns(pl.coalesce("ever", "share").alias("share"))
    entered = _entered(rewound, deals)
    found: list[Conversion] = []
    for (stage,), rows in entered.group_by("stage", maintain_order=True):
        found += _stage(str(stage), rows)
    return tuple(found)


def _entered(rewound: Rewound, deals: pl.DataFrame) -> pl.DataFrame:
    whole = deals.with_columns(pl.lit(ALL).alias("stage_entered"))
    parts = [whole]
    if rewound.episodes is not None and not rewound.episodes.is_empty():
        order = (
            rewound.episodes.group_by("stage")
            .agg(pl.len(), pl.col("day").rank().mean())
            .sort("len", descending=True)
        )
        stages = rewound.episodes.select("deal", pl.col("stage").alias("stage_entered")).unique(
            maintain_order=True
        )
        parts += [
            stages.filter(pl.col("stage_entered") == s).join(deals, on="deal") for s in order["stage"].head(12)
        ]
    columns = ["stage_entered", "segment", "share", "is_open", "outcome"]
    return pl.concat([part.select(columns) for part in parts]).rename({"stage_entered": "stage"})


def _stage(stage: str, rows: pl.DataFrame) -> list[Conversion]:
    by = rows.group_by("segment").agg(
        pl.len().alias("entered"),
        (pl.col("outcome") == "won").sum().alias("won"),
        pl.col("is_open").sum().alias("still_open"),
        pl.col("share").sum().alias("share"),
    )
    by = by.sort(["entered", "segment"], descending=[True, False])
    total = by.select(pl.col("entered", "won", "still_open", "share").sum()).row(0)
    whole = _conversion(stage, ALL, *total, prior=_Prior(np.full(1, 0.5), np.ones(1), np.ones(1)))
    if len(by) == 1:
        return [whole]
    prior = _alike(by, whole.conversion)
    rest = by.head(MOST_KINDS).select("segment", "entered", "won", "still_open", "share")
    return [whole, *(_conversion(stage, *row, prior=prior) for row in rest.rows())]


@dataclass(frozen=True, eq=False)
class _Prior:
    """Rates `mean` (k,) that are worth so many deals, `weights` (k,), each believed as `belief` (k,) says."""

    mean: Floats
    weights: Floats
    belief: Floats


def _conversion(
    stage: str, segment: str, entered: int, won: int, still_open: int, share: float, *, prior: _Prior
) -> Conversion:
    """A posterior on the closed deals, carried to all that entered by what the open ones are expected to do."""
    closed, rate = entered - still_open, share / entered
    a = rate * closed + prior.weights * prior.mean
    b = (1 - rate) * closed + prior.weights * (1 - prior.mean)

    def reached(at: float, level: float) -> float:
        return float(prior.belief @ betainc(a, b, at)) - level

    low, high = (float(brentq(reached, 0.0, 1.0, args=(level,))) for level in (0.05, 0.95))
    return Conversion(stage, segment, entered, won, still_open, float(prior.belief @ (a / (a + b))), low, high)


def _alike(by: pl.DataFrame, mean: float) -> _Prior:
    """What segments have in common, and how many deals that is worth, as the beta-binomial likelihood believes."""
    closed = (by["entered"] - by["still_open"]).to_numpy().astype(float)
    wins = closed * by["share"].to_numpy() / by["entered"].to_numpy()
    mean = float(np.clip(mean, 0.01, 0.99))
    around = np.log(mean / (1 - mean)) + np.linspace(-APART, APART, GRID)
    weights, means = (
        grid.ravel() for grid in np.meshgrid(np.geomspace(LOOSEST, TIGHTEST, GRID), 1 / (1 + np.exp(-around)))
    )
    a, b = weights * means, weights * (1 - means)
    likelihood = (betaln(wins[:, None] + a, (closed - wins)[:, None] + b) - betaln(a, b)).sum(axis=0)
    belief = np.exp(likelihood - likelihood.max())
    return _Prior(means, weights, belief / belief.sum())
