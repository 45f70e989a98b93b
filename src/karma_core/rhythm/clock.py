"""The market's clock: how many ordinary days a stretch of the calendar counts for, season and trend included.

In a spring trade a week in April counts for several, a week in January for hardly any. Silences, ages and windows
are measured on this clock, so that nobody is called asleep because it is winter. A clock without season or trend
is flat: a day is a day.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from karma_core.frames import DAY_ZERO, Ticks, day_number
from karma_core.rhythm.cells import Floats
from karma_core.words import MONTHS, Sentence

YEAR = 365.25
FORWARD_DAYS = 1461
"""So far ahead the clock is drawn; beyond it every day counts for one."""

CLEAR = 1.15
"""A season is worth a sentence when its busiest month counts for so many times an average one."""


@dataclass(frozen=True)
class MarketClock:
    """How many market days each calendar day counts for: `pace[i]` for day number `first + i`.

    Outside what is drawn every day counts for one. `is_flat` says that neither season nor trend could be told
    from chance; then all is as if there were no clock. `season[i]` is the pace that a usual year has in its
    i-th week, 1 on average; `years` is how long the facts behind it reach back.
    """

    first: int = 0
    pace: Floats = field(default_factory=lambda: np.ones(0))
    season: Floats = field(default_factory=lambda: np.ones(53))
    has_season: bool = False
    has_trend: bool = False
    years: float = 0.0
    warnings: tuple[Sentence, ...] = ()

    @property
    def is_flat(self) -> bool:
        """Whether every day counts for one."""
        return not (self.has_season or self.has_trend)

    def ticks(self) -> Ticks | None:
        """The clock as the counting of statistics takes it: market days gone by at the end of each day."""
        return None if self.is_flat else Ticks(self.first, np.asarray(self.pace, dtype=np.float64))

    def between(self, start: date, *, days: float) -> float:
        """Market days in the `days` from `start` on; equal to `days` on a flat clock.

        >>> MarketClock().between(date(2026, 1, 1), days=14)
        14.0
        """
        at = float(day_number(start))
        return float(self._at(at + days) - self._at(at))

    def _at(self, day: float | Floats) -> Floats:
        """Market days gone by at the start of a day number, which may be a fraction."""
        if self.is_flat:
            return np.asarray(day, dtype=float)
        edges = np.concatenate(([0.0], np.cumsum(self.pace)))
        place = np.asarray(day, dtype=float) - self.first
        within = np.interp(place, np.arange(len(edges)), edges)
        return np.asarray(within + np.minimum(place, 0.0) + np.maximum(place - len(self.pace), 0.0))

    def day_after(self, start: NDArray[Any], *, ticks: Floats) -> NDArray[np.int64]:
        """The day numbers on which so many market days have gone by since the days `start`, each at its end.

        >>> MarketClock().day_after(np.array([10]), ticks=np.array([4.4])).tolist()
        [14]
        """
        goal = self._at(np.asarray(start, dtype=float) + 1) + ticks
        if self.is_flat:
            return np.asarray(np.rint(goal - 1), dtype=np.int64)
        edges = np.concatenate(([0.0], np.cumsum(self.pace)))
        within = np.interp(goal, edges, np.arange(len(edges)))
        beyond = np.maximum(goal - edges[-1], 0.0) + np.minimum(goal, 0.0)
        return np.asarray(np.rint(within + beyond + self.first - 1), dtype=np.int64)

    def about(self) -> tuple[Sentence, ...]:
        """What the reader has to know of the season: that there is one, or that the facts are too short."""
        if not self.has_season:
            return self.warnings
        month = month_means(self.season)
        if month.max() < CLEAR:
            return self.warnings
        busy, still = int(month.argmax()), int(month.argmin())
        return (
            *self.warnings,
            Sentence(
                f"Deze markt kent een seizoen: {MONTHS['nl'][busy]} is de drukste maand, {MONTHS['nl'][still]} de "
                "stilste. Stiltes zijn daarop gewogen.",
                f"This market has a season: {MONTHS['en'][busy]} is the busiest month, {MONTHS['en'][still]} the "
                "quietest. Silences are weighed accordingly.",
            ),
        )


FLAT = MarketClock()


def month_means(season: Floats) -> Floats:
    """The mean pace of each month of a usual year, from that of its weeks."""
    day = np.arange(365)
    month = (np.datetime64("2023-01-01") + day).astype("datetime64[M]").astype(np.int64) % 12
    return np.asarray(np.bincount(month, season[np.minimum(day // 7, 52)], 12) / np.bincount(month, minlength=12))


def as_date(day: int) -> date:
    """The date of a day number."""
    return date.fromordinal(day + DAY_ZERO.toordinal())
