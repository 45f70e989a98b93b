"""The trade's own clock: working days, season, market and events, as one intensity for each segment and day."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from karma_core.frames import DAY_ZERO, day_number
from karma_core.simulate.recipe import Recipe
from karma_core.simulate.trade import SEGMENTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WARM_UP_DAYS = 240
LOOK_FORWARD_DAYS = 420
YEAR = 365.25
MARKET_MEMORY, MARKET_SD, MARKET_TREND = 0.9, 0.025, 0.02
SHOCK_DEPTH, SHOCK_DAYS, BREAK_PER_YEAR = 0.35, 365, 0.20
INFLATION = 0.025
PRICE_RISE_COST, PRICE_RISE_PRICE, PRICE_RISE_LAG_DAYS = 0.10, 0.06, 60
HOLIDAYS = ((1, 1), (4, 27), (12, 25), (12, 26))
BUILDERS_HOLIDAY = ((7, 24), (8, 14))
BUILDERS_HOLIDAY_FACTOR = 0.35


@dataclass(frozen=True)
class Market:
    """Intensities by segment and day, from `first` on, about 1 on average before market and growth.

    `first`, `starts`, `ends` are day numbers: warm-up, first day with purchases, as-of. `path` is the common
    market factor of each day with the family's event in it, `event` that event alone (1 where there is none, never
    more). `cumulative` is the clock with the event, `usual` without; both have a column more than there are days.
    """

    first: int
    starts: int
    ends: int
    path: Floats
    event: Floats
    cumulative: Floats
    usual: Floats
    price: Floats
    cost: Floats
    jump: Floats

    def elapsed(self, segment: Ints, day: Ints, *, usual: bool = False) -> Floats:
        """The trade's time, in average days, that has passed for a segment at the start of a day."""
        clock = self.usual if usual else self.cumulative
        return np.asarray(clock[segment, np.clip(day - self.first, 0, clock.shape[1] - 1)])

    def day_at(self, segment: Ints, elapsed: Floats, *, usual: bool = False) -> Ints:
        """The day on which a segment's clock passes a time; the day after the last one known if it never does."""
        clock = self.usual if usual else self.cumulative
        days = np.empty(len(elapsed), dtype=np.int64)
        for number in range(len(clock)):
            mine = segment == number
            days[mine] = np.searchsorted(clock[number], elapsed[mine], side="right") - 1
        return days + self.first

    def jump_on(self, day: Ints) -> Floats:
        """By what factor our costs stand above their usual path on a day; 1 but in the family price_rise."""
        return np.asarray(self.jump[np.clip(day - self.first, 0, len(self.jump) - 1)])

    def event_on(self, day: Ints) -> Floats:
        """The family's factor on the market on a day."""
        return np.asarray(self.event[np.clip(day - self.first, 0, len(self.event) - 1)])

    def price_on(self, day: Ints) -> Floats:
        """What our selling prices are on a day, 1 on the first."""
        return np.asarray(self.price[np.clip(day - self.first, 0, len(self.price) - 1)])

    def cost_on(self, day: Ints) -> Floats:
        """What our costs are on a day, 1 on the first."""
        return np.asarray(self.cost[np.clip(day - self.first, 0, len(self.cost) - 1)])


def draw_market(rng: np.random.Generator, *, recipe: Recipe) -> Market:
    """Draw the market's path and lay season, working days, growth and the family's event over it."""
    ends, starts = day_number(recipe.ends_on), day_number(recipe.starts_on)
    days = np.arange(starts - WARM_UP_DAYS, ends + LOOK_FORWARD_DAYS)
    path, event = _path(rng, days, starts=starts), _event(recipe, days)
    usual = _workdays(days) * _season(days) * path * _growth(days, starts=starts)
    drift, follows, jump = _prices(recipe, days)
    return Market(
        first=int(days[0]),
        starts=starts,
        ends=ends,
        path=path * event,
        event=event,
        cumulative=_clock(usual * event),
        usual=_clock(usual),
        price=drift * follows,
        cost=drift * jump,
        jump=jump,
    )


def _clock(intensity: Floats) -> Floats:
    return np.hstack([np.zeros((len(intensity), 1)), intensity.cumsum(axis=1)])


def _path(rng: np.random.Generator, days: Ints, *, starts: int) -> Floats:
    months = len(days) // 30 + 2
    shocks = rng.normal(0, MARKET_SD, months)
    level = np.zeros(months)
    for month in range(1, months):
        level[month] = MARKET_MEMORY * level[month - 1] + shocks[month]
    trend = MARKET_TREND * (days - starts) / YEAR
    return np.asarray(np.exp(level[(days - days[0]) // 30] + trend))


def _event(recipe: Recipe, days: Ints) -> Floats:
    since = days - recipe.event_day
    if recipe.family == "shock":
        back = np.clip(1 - since / SHOCK_DAYS, 0, 1)
        return np.where(since >= 0, 1 - SHOCK_DEPTH * back, 1.0)
    if recipe.family == "trend_break":
        return np.where(since >= 0, (1 - BREAK_PER_YEAR) ** (since / YEAR), 1.0)
    return np.ones(len(days))


def _growth(days: Ints, *, starts: int) -> Floats:
    growth = np.array([segment.growth_per_year for segment in SEGMENTS])
    return np.asarray(np.exp(growth[:, None] * (days - starts) / YEAR))


def _workdays(days: Ints) -> Floats:
    weekday = (days + 3) % 7
    is_open = (weekday < 5) & ~np.isin(days, _free(days, HOLIDAYS))
    return np.asarray(is_open * 7 / 5)


def _season(days: Ints) -> Floats:
    phase = 2 * np.pi * (days % YEAR) / YEAR
    peaks = np.array([2 * np.pi * segment.peak_month / 12 for segment in SEGMENTS])
    swing = np.array([segment.season for segment in SEGMENTS])
    waves = 1 + swing[:, None] * np.cos(phase[None, :] - peaks[:, None])
    closed = np.isin(days, _between(days, *BUILDERS_HOLIDAY))
    builds = np.array([segment.keeps_builders_holiday for segment in SEGMENTS])
    return np.asarray(np.where(closed[None, :] & builds[:, None], BUILDERS_HOLIDAY_FACTOR, 1.0) * waves)


def _years(days: Ints) -> range:
    first, last = (DAY_ZERO + timedelta(days=int(day)) for day in (days[0], days[-1]))
    return range(first.year, last.year + 1)


def _free(days: Ints, dates: tuple[tuple[int, int], ...]) -> list[int]:
    return [day_number(date(year, *month_day)) for year in _years(days) for month_day in dates]


def _between(days: Ints, start: tuple[int, int], end: tuple[int, int]) -> Ints:
    spans = [np.arange(day_number(date(y, *start)), day_number(date(y, *end))) for y in _years(days)]
    return np.concatenate(spans)


def _prices(recipe: Recipe, days: Ints) -> tuple[Floats, Floats, Floats]:
    """Inflation, and the factors on selling prices and on costs that the family adds."""
    drift = np.exp(INFLATION * (days - days[0]) / YEAR)
    rises = recipe.family == "price_rise"
    risen = rises & (days >= recipe.event_day)
    followed = rises & (days >= recipe.event_day + PRICE_RISE_LAG_DAYS)
    return drift, np.where(followed, 1 + PRICE_RISE_PRICE, 1.0), np.where(risen, 1 + PRICE_RISE_COST, 1.0)


def next_workday(days: Ints) -> Ints:
    """Move Saturdays and Sundays to the Monday after.

    >>> next_workday(np.array([0, 2, 3])).tolist()  # 1970-01-01 was a Thursday
    [0, 4, 4]
    """
    weekday = (days + 3) % 7
    return np.asarray(days + np.where(weekday >= 5, 7 - weekday, 0))
