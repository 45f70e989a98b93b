"""Deals opened too recently to have had the time to close: among them the quick outcomes are over-represented.

Where wins take longer than losses, whoever opened many deals lately seems to lose more. Where dates allow it, the
cohorts that had no time to close are cut, won, lost and open alike, so that what remains is complete.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import ks_2samp

from karma_core.effects.design import Floats
from karma_core.words import Sentence

TIME_ENOUGH = 0.98
"""A cohort is complete when this share of the slower outcome has had the time to close."""
DIFFERS = 0.001
FEWEST_EACH = 20
LEAST_KEPT = 0.5


@dataclass(frozen=True)
class Cohorts:
    """Which rows to keep, and what is said about it."""

    keep: pl.Series
    warnings: tuple[Sentence, ...]


def complete_cohorts(opened: pl.Series, closed_on: pl.Series, *, won: pl.Series, closed: pl.Series) -> Cohorts:
    """Cut the deals opened after the last day that gave the slower outcome time enough to close.

    `opened` and `closed_on` are dates, null where not known; a deal without an opening day is kept. Nothing is cut
    when wins and losses take equally long, or when half of the closed deals would go; then it is said.
    """
    day, days = _days(opened), _days(closed_on) - _days(opened)
    is_closed, is_won = closed.to_numpy(), won.to_numpy()
    dated = is_closed & np.isfinite(days) & (days >= 0)
    everything = pl.Series(np.ones(len(day), dtype=bool))
    wins, losses = days[dated & is_won], days[dated & ~is_won]
    if min(len(wins), len(losses)) < FEWEST_EACH or ks_2samp(wins, losses).pvalue > DIFFERS:
        return Cohorts(everything, ())
    last = np.nanmax(np.concatenate([_days(closed_on)[dated], day[np.isfinite(day)]]))
    needed = _time_needed(day, days, dated, is_won, last)
    keep = ~(day > last - needed)
    if (keep & is_closed).sum() < LEAST_KEPT * is_closed.sum():
        return Cohorts(everything, (_cannot_cut(wins, losses),))
    return Cohorts(pl.Series(keep), (_cut(wins, losses, int((~keep & is_closed).sum()), int(needed)),))


def _days(column: pl.Series) -> Floats:
    return column.cast(pl.Date).cast(pl.Int32).cast(pl.Float64).to_numpy()


def _time_needed(day: Floats, days: Floats, dated: np.ndarray, is_won: np.ndarray, last: float) -> float:
    """The days that the slower outcome needs, counted on deals that had as long as any deal ever took."""
    old = dated & (day <= last - np.quantile(days[dated], 0.995))
    groups = [days[old & is_won], days[old & ~is_won]]
    groups = (
        groups if min(len(g) for g in groups) >= FEWEST_EACH else [days[dated & is_won], days[dated & ~is_won]]
    )
    return float(max(np.quantile(group, TIME_ENOUGH) for group in groups))


def _cut(wins: Floats, losses: Floats, number: int, needed: int) -> Sentence:
    won, lost = round(float(np.median(wins))), round(float(np.median(losses)))
    return Sentence(
        nl=f"Winnen duurt hier {won} dagen en verliezen {lost} (de helft is dan rond). De {number} gesloten "
        f"aanvragen uit de laatste {needed} dagen hadden nog geen tijd genoeg en tellen niet mee.",
        en=f"Winning takes {won} days here and losing {lost} (half are closed by then). The {number} closed deals "
        f"of the last {needed} days have not had time enough and are left out.",
    )


def _cannot_cut(wins: Floats, losses: Floats) -> Sentence:
    won, lost = round(float(np.median(wins))), round(float(np.median(losses)))
    return Sentence(
        nl=f"Winnen duurt hier {won} dagen en verliezen {lost}. Recente aanvragen geven dus een scheef beeld, "
        "maar zonder die blijft er te weinig over: wie veel nieuwe aanvragen heeft, lijkt anders dan het is.",
        en=f"Winning takes {won} days here and losing {lost}. Recent deals therefore mislead, but without them "
        "too little is left: whoever has many new deals looks different from what is so.",
    )
