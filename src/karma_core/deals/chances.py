"""Chances of open deals: won by a date, won ever, and when."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals.calendar import month_of_year, pace
from karma_core.deals.hazard import DealsFit, Weekly
from karma_core.deals.rewind import Rewound
from karma_core.deals.risk import DAYS_A_WEEK, MIDDLE, distinct_rows, opening_codes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EVER_WEEKS = 520
"""Ten years: what is open for longer counts as not won."""

NOBODY_LEFT = 1e-4
"""Where no deal is open with more than this chance, nothing more is counted."""


@dataclass(frozen=True, eq=False)
class OpenDeals:
    """Open deals by what their chances depend on.

    `kind` (n, factors + 2): codes of the factors, of the cohort and of the month opened; `stage` (n,); age in days
    (n,). `as_of` is the day number from which chances count.
    """

    kind: Ints
    stage: Ints
    age_days: Ints
    as_of: int

    def folded(self) -> tuple["OpenDeals", Ints]:
        """Distinct rows, and for each deal the row that speaks for it."""
        distinct, position = distinct_rows(np.column_stack([self.kind, self.stage, self.age_days]))
        return OpenDeals(distinct[:, :-2], distinct[:, -2], distinct[:, -1], self.as_of), position


def open_deals(fit: DealsFit, rewound: Rewound) -> OpenDeals:
    """What the chances of the deals open on as-of depend on, in the order of `rewound.open`."""
    deals = rewound.open
    position = {stage: i for i, stage in enumerate(fit.stages)}
    stage = np.array([position.get(s or "", 0) for s in deals["stage"].to_list()], dtype=np.int64)
    opened = deals["opened"].to_numpy()
    opening = opening_codes(opened, rewound.as_of) * np.array([fit.calendar.trend, fit.calendar.season])
    kind = np.column_stack([fit.kinds.codes(deals), opening])
    return OpenDeals(kind, stage, rewound.as_of - opened, rewound.as_of)


def cumulative_chances(fit: DealsFit, deals: OpenDeals, *, weeks: int, theta: Floats | None = None) -> Floats:
    """Chance to be won, and lost, within 0, 1, .. `weeks` weeks from as-of; shape (2, n, weeks + 1).

    A deal keeps its kind and moves between stages as deals did. Weeks are counted from as-of: one that began
    before is mixed from two weeks of age. `theta` (2, p) is a draw; the fit's own by default.
    """
    n = len(deals.age_days)
    result = np.zeros((2, n, weeks + 1))
    alive = np.eye(len(fit.stages))[deals.stage]
    whole, into = np.divmod(deals.age_days, DAYS_A_WEEK)
    share = (into / DAYS_A_WEEK)[:, None]
    weekly = Weekly.of(fit, deals.kind, theta=theta)
    middle = deals.as_of + DAYS_A_WEEK * np.arange(weeks) + MIDDLE
    following: Floats | None = None
    for step, (month, place) in enumerate(zip(month_of_year(middle), pace(middle), strict=True)):
        ask = partial(weekly.chances, month=int(month), pace=int(place))
        this = ask(whole + step) if following is None or weekly.has_calendar else following
        following = ask(whole + step + 1)
        ends = (1 - share) * this + share * following
        result[:, :, step + 1] = result[:, :, step] + (alive * ends).sum(axis=2)
        alive = (alive * (1 - ends[0] - ends[1])) @ fit.moves
        if alive.size and alive.max() < NOBODY_LEFT:
            result[:, :, step + 2 :] = result[:, :, step + 1, None]
            break
    return result


def at_day(cumulative: Floats, days: float) -> Floats:
    """Read cumulative chances (..., weeks + 1) at a number of days from as-of, straight between whole weeks."""
    weeks = cumulative.shape[-1] - 1
    position = min(max(days / DAYS_A_WEEK, 0.0), float(weeks))
    low = min(int(position), max(weeks - 1, 0))
    high = min(low + 1, weeks)
    share = position - low
    return np.asarray((1 - share) * cumulative[..., low] + share * cumulative[..., high])


def chances_of_open_deals(fit: DealsFit, rewound: Rewound, *, until: int) -> pl.DataFrame:
    """One row per deal open on as-of: its chances, and when it would be won if it is.

    `until` is a day number; the chance counts wins before it. Gives `deal, chance_win_by_until, chance_win_ever`
    (0..1) and `expected_close` (date, the middle of the days on which it would be won), in order of deal; without
    open deals an empty frame.
    """
    deals, position = open_deals(fit, rewound).folded()
    won = cumulative_chances(fit, deals, weeks=EVER_WEEKS)[0]
    ever = won[:, -1]
    by_until = at_day(won, max(until - rewound.as_of, 0))
    half = (won >= ever[:, None] / 2).argmax(axis=1) * DAYS_A_WEEK
    close = (rewound.as_of + half).astype("datetime64[D]")
    return pl.DataFrame(
        {
            "deal": rewound.open["deal"],
            "chance_win_by_until": np.clip(by_until, 0, 1)[position],
            "chance_win_ever": np.clip(ever, 0, 1)[position],
            "expected_close": pl.Series(close[position]).cast(pl.Date),
        }
    )
