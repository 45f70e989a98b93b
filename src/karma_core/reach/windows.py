"""Past windows: the same question asked at earlier dates, where the answer is known."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

MOST_WINDOWS = 24
HALF_LIFE = 730.0
"""Days after which a window says half as much about the next one."""

WARM_UP = (45, 365)
SHORTEST = 7

LONG = 730
MONTH, WEEK = 91 / 3, 91 / 12
"""Days between origins: where the history is shorter than LONG, they lie closer."""

MAY_OVERLAP = 0.1
"""Windows may share so many steps: a quarter of 92 days counts as three months."""


@dataclass(frozen=True)
class Horizon:
    """How far ahead a forecast looks: `gap` days that do not count, then `days` that do."""

    gap: int
    days: int

    @property
    def reach(self) -> int:
        """Days from as-of to the end of the period."""
        return self.gap + self.days


@dataclass(frozen=True)
class Window:
    """A past `origin` and the days from `start` up to `end` that were to be foreseen from it (day numbers)."""

    origin: int
    start: int
    end: int


@dataclass(frozen=True)
class Windows:
    """Past windows, latest first, that hardly overlap; `stretch` is how much further the forecast must look.

    A stretch above 1 means that the history is too short to test the whole horizon: what was learned on short
    windows is stretched as a random walk would, its variance in proportion to time.
    """

    windows: tuple[Window, ...]
    stretch: float

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weight of each window, 1 for the latest, halved every two years."""
        ends = np.array([window.end for window in self.windows], dtype=float)
        return np.asarray(np.exp2((ends - ends.max(initial=0.0)) / HALF_LIFE), dtype=np.float64)


def past_windows(
    first_day: int, as_of: int, *, horizon: Horizon, most: int = MOST_WINDOWS, every: int = 1
) -> Windows:
    """Choose past windows as long as the horizon, or as a fifth of the history where that is shorter.

    `first_day` and `as_of` (day numbers) bound what is known. Origins lie a month, or `every` so many months,
    apart, counted back from as-of: horizons of all lengths share them, and what was learned at one serves all. The
    first third of the history (45 to 365 days) only serves to learn from. Too short a history gives none.
    """
    history = as_of - first_day
    days = _tested(horizon.days, most=history // 5)
    gap = min(horizon.gap, history // 8)
    earliest = first_day + min(max(history // 3, WARM_UP[0]), WARM_UP[1])
    step = every * (MONTH if history >= LONG else WEEK)
    windows: list[Window] = []
    back = ceil((gap + days) / step)
    while (origin := as_of - round(back * step)) >= earliest and len(windows) < most and days >= SHORTEST:
        windows.append(Window(origin=origin, start=origin + gap, end=origin + gap + days))
        back += max(ceil(days / step - MAY_OVERLAP), 1)
    return Windows(tuple(windows), stretch=max(1.0, horizon.reach / max(gap + days, SHORTEST)))


def _tested(days: int, *, most: int) -> int:
    """Whole weeks where the horizon has to be cut, so that each window holds the same weekdays."""
    return days if days <= most else most // 7 * 7
