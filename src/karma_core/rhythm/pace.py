"""Learning the market's clock from purchase days: what came each week beside what each customer's pace foretold.

Between a customer's first and last purchase day the customer was certainly active, and for given numbers the
purchases in between fall as the market's pace lays them, whatever the customer's own rate and whenever they left.
So the pace is learned from those alone, and neither growth nor leaving can look like a season.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from karma_core.frames import day_number
from karma_core.rhythm.cells import Floats, Ints
from karma_core.rhythm.clock import FORWARD_DAYS, YEAR, MarketClock, as_date
from karma_core.words import Sentence

WEEK = 7
NEEDED_WEEKS = 104
MOST_WEEKS = 8 * 52
"""What lies further back than eight years is no guide to the season."""

FEWEST = 1.0
"""Weeks count from the first to the last with so many purchases expected in them."""

ROUNDS = 6
CONVINCING = 3.0
"""A season or a trend is believed when it makes the facts e^3 = 20 times as likely."""

WAVE_SDS = (0.0, 0.05, 0.15, 0.4, 1.0)
WEEK_SDS = (0.0, 0.1, 0.3)
STEP_SDS = (0.0, 0.01, 0.03)
NOISE_SDS = (0.03, 0.1, 0.25)
WAVE_LENGTH = 0.6
"""How smooth the yearly wave is: at this length weeks a month apart still resemble each other."""

EASTER_WEEKS = (-1, 9)
"""Weeks around Easter with an effect of their own: Easter itself, Ascension, Whitsun."""


@dataclass(frozen=True)
class Weeks:
    """Weeks of seven days in order of time: the day number each starts on, and its log-pace with its variance."""

    start: Ints
    log_pace: Floats
    variance: Floats


@dataclass(frozen=True)
class _Sizes:
    """Spreads on the log scale: the yearly wave, single weeks of the year, the trend's weekly step, noise."""

    wave: float
    week: float
    step: float
    noise: float

    @property
    def has_season(self) -> bool:
        return self.wave > 0 or self.week > 0


def learn_clock(statistics: pl.DataFrame, bought: pl.DataFrame, *, as_of: date) -> MarketClock:
    """Learn season and trend of the market from the purchase days of all customers before `as_of`.

    `statistics` is a frame of CUSTOMER_STATISTICS (`first_on, last_on, x` are read), `bought` has one row per
    calendar day: `day` (day number) and `customers`, how many had a purchase day. With less than two years, or
    where neither makes the facts twenty times as likely, the clock is flat; the former is said.

    Weekly log-pace is a wave over the year, an effect of single weeks of the year and of weeks around Easter, a
    trend that drifts, and noise; their sizes run over a grid and are weighed by their likelihood, so that what
    came back weakly is believed weakly.

    Source: ours for the paces (a Poisson process given its count and its ends); the parts as Harvey (1989), the
    periodic wave as Rasmussen & Williams (2006), eq. 4.31.

    >>> learn_clock(pl.DataFrame(schema={"first_on": pl.Date, "last_on": pl.Date, "x": pl.Int64}),
    ...     pl.DataFrame(schema={"day": pl.Int64, "customers": pl.Int64}), as_of=date(2026, 1, 1)).is_flat
    True
    """
    weeks = weekly_pace(statistics, bought, as_of=as_of)
    if len(weeks.start) < NEEDED_WEEKS:
        known = statistics["first_on"].min()
        is_short = not isinstance(known, date) or (as_of - known).days < NEEDED_WEEKS * WEEK
        return MarketClock(years=len(weeks.start) * WEEK / YEAR, warnings=(TOO_SHORT if is_short else TOO_FEW,))
    return _clock(weeks, statistics, as_of=as_of)


TOO_SHORT = Sentence(
    "Dit beslaat nog geen twee jaar. Een seizoen is daar niet uit te lezen, dus telt elke dag even zwaar.",
    "This covers less than two years. No season can be read from that, so every day counts alike.",
)

EVEN = Sentence(
    "Elke dag telt even zwaar: een seizoen of trend is hier niet van toeval te onderscheiden.",
    "Every day counts alike: no season or trend can be told from chance here.",
)

TOO_FEW = Sentence(
    "Er zijn te weinig herhaalaankopen om een seizoen uit te lezen; elke dag telt even zwaar.",
    "There are too few repeat purchases to read a season from; every day counts alike.",
)


def weekly_pace(statistics: pl.DataFrame, bought: pl.DataFrame, *, as_of: date) -> Weeks:
    """The weeks up to as-of, with how fast customers bought in each beside their own mean pace; may be empty.

    Only purchases strictly between a customer's first and last count. Paces of weeks and of customers are
    settled in turn, since a customer's mean pace depends on the weeks that it spans.
    """
    counted = statistics.filter(pl.col("x") >= 2)
    if counted.is_empty():
        return Weeks(*(np.zeros(0, dtype=kind) for kind in (np.int64, float, float)))
    first, last = (counted[name].cast(pl.Int32).to_numpy().astype(np.int64) for name in ("first_on", "last_on"))
    inside = counted["x"].to_numpy().astype(float) - 1
    end = day_number(as_of)
    weeks = (end - int(first.min()) + WEEK - 1) // WEEK
    start = end - weeks * WEEK
    came = _came(statistics, bought, start=start, days=weeks * WEEK).reshape(weeks, WEEK).sum(axis=1)
    pace: Floats = np.ones(weeks)
    exposure: Floats = np.zeros(weeks)
    for _ in range(ROUNDS):
        exposure = _exposure(first - start, last - start, inside, np.repeat(pace, WEEK))
        pace = (came + 0.5) / (exposure + 0.5)
        pace = pace / np.average(pace, weights=exposure + 1e-9)
    told = np.flatnonzero(exposure >= FEWEST)
    if not len(told):
        return Weeks(*(np.zeros(0, dtype=kind) for kind in (np.int64, float, float)))
    part = slice(max(told[0], told[-1] + 1 - MOST_WEEKS), told[-1] + 1)
    return Weeks(
        start + WEEK * np.arange(weeks)[part],
        np.log(pace)[part],
        1 / (came + 0.5)[part] + 0.5 / (exposure + 0.5)[part],
    )


def _came(statistics: pl.DataFrame, bought: pl.DataFrame, *, start: int, days: int) -> Floats:
    """Purchase days per calendar day that are neither the customer's first nor the last."""
    day = bought["day"].to_numpy() - start
    came = np.bincount(day[day >= 0], bought["customers"].to_numpy()[day >= 0], minlength=days).astype(float)
    for rows, name in ((statistics, "first_on"), (statistics.filter(pl.col("x") > 0), "last_on")):
        on = rows[name].cast(pl.Int32).to_numpy().astype(np.int64) - start
        came[:days] -= np.bincount(on[on >= 0], minlength=days)[:days]
    return np.asarray(np.maximum(came[:days], 0.0))


def _exposure(first: Ints, last: Ints, inside: Floats, pace: Floats) -> Floats:
    """Purchases expected per week at a pace of 1, with each customer's rate such that its own number comes out."""
    past = np.concatenate(([0.0], np.cumsum(pace)))
    rate = inside / np.maximum(past[last] - past[first + 1], 1e-9)
    rate[last <= first + 1] = 0.0
    steps = np.bincount(first + 1, rate, len(pace) + 1) - np.bincount(last, rate, len(pace) + 1)
    return np.asarray(np.cumsum(steps)[:-1].reshape(-1, WEEK).sum(axis=1))


def _clock(weeks: Weeks, statistics: pl.DataFrame, *, as_of: date) -> MarketClock:
    known = _Known(weeks)
    sizes, seen = _weighed(known)
    kept = [(size, weight) for size, weight in zip(sizes, seen, strict=True) if weight > 1e-3]
    has_season, has_trend = any(s.has_season for s, _ in kept), any(s.step > 0 for s, _ in kept)
    years = len(weeks.start) * WEEK / YEAR
    if not kept or not (has_season or has_trend):
        return MarketClock(years=years, warnings=(EVEN,))
    oldest = min(int(statistics["first_on"].cast(pl.Int32).min()), int(weeks.start[0]))  # type: ignore[arg-type]
    day = np.arange(oldest, day_number(as_of) + FORWARD_DAYS)
    week = weeks.start[0] + (day - weeks.start[0]) // WEEK * WEEK
    wanted, place = np.unique(week, return_inverse=True)
    season, trend = known.expected(kept, at=wanted)
    pace = np.exp(season + trend)[place]
    recent = pace[np.flatnonzero((day >= day_number(as_of) - 365) & (day < day_number(as_of)))]
    usual = np.arange(53) * WEEK + day_number(as_of)
    of_year = np.exp(known.expected(kept, at=usual)[0])
    in_order = np.argsort(position(usual), kind="stable")
    return MarketClock(
        first=oldest, pace=pace / recent.mean(), season=(of_year / of_year.mean())[in_order],
        has_season=has_season, has_trend=has_trend, years=years,
    )  # fmt: skip


def _weighed(known: "_Known") -> tuple[list[_Sizes], Floats]:
    """Sizes of the parts and their weights, after turning down a season and a trend that do not convince."""
    grid = [_Sizes(*one) for one in product(WAVE_SDS, WEEK_SDS, STEP_SDS, NOISE_SDS)]
    told = np.array([known.evidence(size) for size in grid])
    season, trend = np.array([s.has_season for s in grid]), np.array([s.step > 0 for s in grid])
    allowed = np.ones(len(grid), dtype=bool)
    for part in (season, trend):
        if _mean_evidence(told[allowed & part]) < _mean_evidence(told[allowed & ~part]) + CONVINCING:
            allowed &= ~part
    weight = np.where(allowed, np.exp(told - told[allowed].max()), 0.0)
    return grid, weight / weight.sum()


def _mean_evidence(told: Floats) -> float:
    return float(told.max() + np.log(np.mean(np.exp(told - told.max()))))


class _Known:
    """What the weeks say, and what follows from it for any week."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks = weeks
        self.level = weeks.log_pace
        self.parts = _parts(weeks.start, weeks.start)

    def _covariance(self, size: _Sizes) -> Floats:
        wave, week, drift = self.parts
        noise = np.diag(self.weeks.variance + size.noise**2)
        return np.asarray(size.wave**2 * wave + size.week**2 * week + size.step**2 * drift + noise + 1.0)

    def evidence(self, size: _Sizes) -> float:
        """The log-likelihood of the weeks, the common level left open."""
        whole = cho_factor(self._covariance(size), lower=True)
        return float(-0.5 * self.level @ cho_solve(whole, self.level) - np.log(np.diag(whole[0])).sum())

    def expected(self, sizes: list[tuple[_Sizes, float]], *, at: Ints) -> tuple[Floats, Floats]:
        """The season and the trend on the log scale in the weeks that start on these days."""
        wave, week, drift = _parts(at, self.weeks.start)
        season, trend, total = np.zeros(len(at)), np.zeros(len(at)), sum(weight for _, weight in sizes)
        for size, weight in sizes:
            solved = cho_solve(cho_factor(self._covariance(size), lower=True), self.level)
            season += weight / total * ((size.wave**2 * wave + size.week**2 * week) @ solved)
            trend += weight / total * (size.step**2 * drift @ solved)
        return season, trend


def _parts(one: Ints, other: Ints) -> tuple[Floats, Floats, Floats]:
    """How alike weeks are in the yearly wave, as single weeks of the year, and along the drifting trend."""
    apart = np.subtract.outer(position(one), position(other))
    wave = np.exp(-2 * np.sin(np.pi * apart) ** 2 / WAVE_LENGTH**2)
    week = np.equal.outer(_week_of_year(one), _week_of_year(other)).astype(float)
    before, after = _easter_week(one), _easter_week(other)
    low, high = EASTER_WEEKS
    near = (before >= low) & (before < high)
    week += np.equal.outer(before, after) * near[:, None]
    origin = other.min()
    along = np.minimum.outer(np.maximum(one - origin, 0), np.maximum(other - origin, 0)) / WEEK
    return wave, week, along


def position(start: Ints) -> Floats:
    """Where in its year the middle of a week lies, 0 to 1."""
    middle = (start + WEEK // 2).astype("datetime64[D]")
    year = middle.astype("datetime64[Y]")
    return np.asarray((middle - year.astype("datetime64[D]")).astype(float) / YEAR)


def _week_of_year(start: Ints) -> NDArray[np.int64]:
    return np.minimum((position(start) * YEAR).astype(np.int64) // WEEK, 51)


def _easter_week(start: Ints) -> NDArray[np.int64]:
    """How many weeks after that year's Easter Sunday a week's middle lies; negative before it."""
    middle = start + WEEK // 2
    years: list[Any] = [as_date(int(day)).year for day in middle]
    easters = {year: day_number(easter(year)) for year in set(years)}
    return np.array([(day - easters[year] + WEEK // 2) // WEEK for day, year in zip(middle, years, strict=True)])


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar.

    Source: the anonymous algorithm of 1876, as in Meeus (1991), ch. 8.

    >>> easter(2026)
    datetime.date(2026, 4, 5)
    """
    century, of_century = divmod(year, 100)
    leap, left = divmod(century, 4)
    epact = (19 * (year % 19) + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * left + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (year % 19 + 11 * epact + 22 * week) // 451
    return date(year, 3, 22) + timedelta(days=epact + week - 7 * late)
