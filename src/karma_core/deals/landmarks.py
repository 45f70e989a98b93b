"""Past days on which the same question could have been asked, and what then happened.

**Source**: van Houwelingen (2007) for prediction at landmarks; rolling origins as Tashman (2000) has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals.calendar import CALENDARS, Calendar
from karma_core.deals.chances import at_day, cumulative_chances, open_deals
from karma_core.deals.hazard import DealsFit, fit_calendars
from karma_core.deals.kinds import FACTORS
from karma_core.deals.rewind import Rewound, rewind
from karma_core.deals.risk import DAYS_A_WEEK
from karma_core.frames import DAY_ZERO

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST = 6
SHORTEST_STEP = 28
FEWEST_CLOSED_BEFORE = 30
MOST_DEALS = 12_000
"""With more deals than this, the past is judged on a part of them."""

FEWEST_FOR_CALENDAR = 400
"""With fewer closed deals no season or trend of winning is looked for."""

NO_STAGE = "all"
BASE_WEIGHT = 10.0
BASE_STEPS = 12


@dataclass(frozen=True, eq=False)
class Landmark:
    """What was known on a past day, and which of the deals open then were won within the horizon.

    `chance` are the models' chances by calendar, `base` the base rate of each deal's stage; all (n,) in the order
    of `then.open`.
    """

    then: Rewound
    horizon: int
    fits: dict[Calendar, DealsFit]
    chance: dict[Calendar, Floats]
    base: Floats
    happened: Bools

    @property
    def over(self) -> int:
        """The day on which it was known what happened."""
        return self.then.as_of + self.horizon


@dataclass(frozen=True, eq=False)
class Past:
    """The export that is asked about, once for all landmarks: `deals` as of now, and the history."""

    now: Rewound
    history: pl.DataFrame | None
    allow: tuple[str, ...]

    def as_of(self, day: int) -> Rewound:
        """The deals as they stood on an earlier day."""
        deals = self.now.deals
        if len(deals) > MOST_DEALS:
            deals = deals.sample(MOST_DEALS, seed=1)
        features = [name for name in self.now.factors if name not in FACTORS]
        return rewind(deals, as_of=_date(day), history=self.history, features=features, allow=self.allow)


def look_back(past: Past, *, horizon: int, calendars: Sequence[Calendar] = CALENDARS) -> list[Landmark]:
    """Ask the question again on up to six past days, the latest `horizon` days before as-of, the oldest first.

    Days on which fewer than thirty deals were closed, or none was open, are left out. A model of that day knows
    nothing of later ones.
    """
    step = max(SHORTEST_STEP, horizon // 3 // DAYS_A_WEEK * DAYS_A_WEEK)
    days = [past.now.as_of - horizon - step * back for back in range(MOST)]
    found = (_landmark(past, day, horizon, calendars) for day in reversed(days))
    return [landmark for landmark in found if landmark]


def _landmark(past: Past, day: int, horizon: int, calendars: Sequence[Calendar]) -> Landmark | None:
    then = past.as_of(day)
    closed = then.deals["outcome"] != "open"
    if closed.sum() < FEWEST_CLOSED_BEFORE or closed.all():
        return None
    spoken = calendars if closed.sum() >= FEWEST_FOR_CALENDAR else calendars[:1]
    fits = fit_calendars(then, spoken)
    return Landmark(
        then=then,
        horizon=horizon,
        fits=fits,
        chance={c: within(fit, then, days=horizon) for c, fit in fits.items()},
        base=base_chances(then, base_rates(then, horizon=horizon)),
        happened=won_within(past.now, then, horizon=horizon),
    )


def within(fit: DealsFit, then: Rewound, *, days: int) -> Floats:
    """The chance of each open deal to be won in so many days, (n,)."""
    folded, position = open_deals(fit, then).folded()
    won = cumulative_chances(fit, folded, weeks=-(-days // DAYS_A_WEEK))[0]
    return np.clip(at_day(won, days), 0, 1)[position]


def won_within(now: Rewound, then: Rewound, *, horizon: int) -> Bools:
    """Which of the deals open then were won before the horizon ended."""
    ended = now.deals.filter(pl.col("outcome") == "won", pl.col("closed") < then.as_of + horizon)
    return then.open["deal"].is_in(ended["deal"].implode()).to_numpy()


def base_rates(then: Rewound, *, horizon: int) -> dict[str, float]:
    """The share of deals in each stage that was won within the horizon, over the year before; "all" for all.

    Twelve earlier days are looked at, each once its horizon was over; rare stages lean on all. Empty without any.
    """
    rows = pl.concat([_stood(then, then.as_of - horizon - 30 * back, horizon) for back in range(BASE_STEPS)])
    if rows.is_empty():
        return {}
    overall = float(rows["won"].mean() or 0.0)  # type: ignore[arg-type]
    share = (pl.col("won").sum() + BASE_WEIGHT * overall) / (pl.len() + BASE_WEIGHT)
    stages = rows.drop_nulls("stage").group_by("stage").agg(share.alias("share")).sort("stage")
    return {NO_STAGE: overall, **dict(stages.iter_rows())}


def base_chances(then: Rewound, rates: dict[str, float]) -> Floats:
    """The base rate of each open deal's stage, (n,); a third where there is none."""
    overall = rates.get(NO_STAGE, 1 / 3)
    return np.array([rates.get(stage or NO_STAGE, overall) for stage in then.open["stage"].to_list()])


def _stood(then: Rewound, day: int, horizon: int) -> pl.DataFrame:
    """Deals open on an earlier day, with their stage then and whether they were won within the horizon."""
    closed = pl.col("closed")
    rows = then.deals.filter(pl.col("opened") < day, closed.is_null() | (closed >= day)).select(
        "deal", ((pl.col("outcome") == "won") & (closed < day + horizon)).fill_null(False).alias("won")
    )
    if then.episodes is None:
        return rows.with_columns(pl.lit(None, pl.String).alias("stage")).select("won", "stage")
    last = (
        then.episodes.filter(pl.col("day") < day).group_by("deal", maintain_order=True).agg(pl.col("stage").last())
    )
    return rows.join(last, on="deal", how="left").select("won", "stage")


def _date(day: int) -> date:
    return DAY_ZERO + timedelta(days=day)
