"""Where a week stands in the year and the quarter, and when a deal was opened: seasons and trends of winning."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Calendar:
    """Whether cohorts (`trend`) and the calendar (`season`) speak."""

    trend: bool = False
    season: bool = False


PLAIN = Calendar()
CALENDARS = (PLAIN, Calendar(trend=True), Calendar(season=True), Calendar(trend=True, season=True))

MONTHS = 12
PACES = ("middle", "first", "second", "third last", "second last", "last", "month end")
"""Where the middle of a week lies in its quarter; the last one: the last week of a month inside a quarter."""

MOST_COHORTS = 60


def month_number(day: Ints) -> Ints:
    """Months since January 1970 of day numbers."""
    return np.asarray(np.asarray(day, dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64))


def month_of_year(day: Ints) -> Ints:
    """0 for January up to 11."""
    return np.asarray(month_number(day) % MONTHS)


def pace(day: Ints) -> Ints:
    """The position in PACES of a week whose middle is this day.

    >>> [PACES[i] for i in pace(np.array([20454, 20499, 20542]))]  # 1 January, 15 February, 30 March 2026
    ['first', 'middle', 'last']
    """
    day = np.asarray(day, dtype=np.int64)
    month = month_number(day)
    begin, end = _first_day(month // 3 * 3), _first_day(month // 3 * 3 + 3)
    since, left = (day - begin) // 7, (end - 1 - day) // 7
    month_left = (_first_day(month + 1) - 1 - day) // 7
    chosen = [left == 0, left == 1, left == 2, since == 0, since == 1, month_left == 0]
    return np.select(chosen, [5, 4, 3, 1, 2, 6], default=0).astype(np.int64)


def cohorts(opened: Ints, *, last: int) -> Ints:
    """How many months before the month of day `last` a deal was opened; beyond MOST_COHORTS they count as one.

    >>> cohorts(np.array([20454, 20423]), last=20460).tolist()
    [0, 1]
    """
    back = month_number(np.array([last]))[0] - month_number(np.asarray(opened, dtype=np.int64))
    return np.asarray(np.clip(back, 0, MOST_COHORTS - 1), dtype=np.int64)


def _first_day(month: Ints) -> Ints:
    return np.asarray(month, dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
