"""The fan: what is reached week by week through a period, realised first and then a widening range."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from karma_core.frames import day_number
from karma_core.periods import Period
from karma_core.reach.ledger import Ledger, Rows
from karma_core.reach.reading import (
    EXISTING,
    MARGIN_LOSS,
    OPEN_DEALS,
    SOURCES,
    Draws,
    FanPoint,
    quantiles_of,
    rounded_to,
)
from karma_core.reach.season import Season

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BY_WEEK_UP_TO = 100
"""A period of so many days is shown by week, a longer one by month."""

WEEK = 7
WEEKS_BACK = 52
BAND = {"p10": 0.10, "p50": 0.50, "p90": 0.90}


def steps(period: Period, as_of: date) -> list[date]:
    """The days up to which a fan counts: first day, week or month ends, as-of where it lies inside, the end.

    >>> [f"{day:%d-%m}" for day in steps(Period(date(2026, 1, 1), date(2026, 2, 1)), date(2026, 1, 10))]
    ['01-01', '08-01', '10-01', '15-01', '22-01', '29-01', '01-02']
    """
    every = (period.start + timedelta(days=n) for n in range(0, period.days, 1))
    by_week = period.days <= BY_WEEK_UP_TO
    kept = {day for day in every if ((day - period.start).days % WEEK == 0 if by_week else day.day == 1)}
    inside = {as_of} if as_of in period else set()
    return sorted(kept | inside | {period.start, period.end})


def booked_parts(ledger: Ledger) -> dict[str, tuple[Rows, ...]]:
    """What is booked, by the source that it counts under; whoever bought is existing by now."""
    return {
        EXISTING: (ledger.bought, ledger.nobody),
        OPEN_DEALS: (ledger.from_deals,),
        MARGIN_LOSS: (ledger.credits,),
    }


def usual_pace(ledger: Ledger, season: Season, *, first: int, days: Ints) -> Floats:
    """How much of a period's ordinary sales has come `days` after `first`, by season and weekday; only a shape."""
    each = np.arange(first, first + max(int(days.max(initial=0)), 1))
    level = np.exp(season.log_factor[each.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12])
    come = np.concatenate([[0.0], np.cumsum(level * _weekdays(ledger)[each % WEEK])])
    return np.asarray(come[days])


def _weekdays(ledger: Ledger) -> Floats:
    """The level of each weekday (day number modulo 7) in the last year, pulled a little to all alike."""
    since = ledger.as_of - WEEKS_BACK * WEEK
    revenue = np.zeros(WEEK)
    for rows in (ledger.bought, ledger.nobody):
        recent = rows.between(since, ledger.as_of)
        revenue += np.bincount(recent.day % WEEK, recent.revenue, minlength=WEEK)
    return np.asarray((revenue + 0.01 * revenue.mean() + 1e-9) / (1.01 * revenue.mean() + 1e-9))


@dataclass(frozen=True, eq=False)
class Way:
    """The way to the period's total: the days counted up to, and how much of each source has come by then.

    `pace` holds cumulative levels per source, shape (points,), of which only the shape counts.
    """

    period: Period
    as_of: date
    points: tuple[date, ...]
    pace: Mapping[str, Floats]

    @property
    def elapsed(self) -> Ints:
        """Days from the first day that is still open up to each point; 0 for points before it."""
        first = max(self.period.start, self.as_of)
        return np.array([max((day - first).days, 0) for day in self.points], dtype=np.int64)

    def share(self, source: str) -> Floats:
        """The share of what a source still brings that has come by each point: 0 at first, 1 at the end."""
        days = self.elapsed
        even = days / max(int(days[-1]), 1)
        level = self.pace.get(source, even)
        return np.asarray(np.clip(level / level[-1], 0, 1) if level[-1] > 0 else even)


def draw_fan(ledger: Ledger, draws: Draws, way: Way, *, rng: np.random.Generator) -> tuple[FanPoint, ...]:
    """Lead each drawn future from what is realised to its total, and read the range off at every point.

    Between now and the end a future follows the expected pace of its sources, plus a bridge: weeks of the last
    year drawn again, less their own share of where they end, so that it starts and ends at nothing. So the last
    point is the reading's own distribution, future by future. A future's market is taken to be equally good or
    bad all the way; in truth it drifts, so early points are a little too wide.
    **Source**: the bridge of a resampled walk, Efron & Tibshirani (1993), ch. 8, for the weeks drawn again.
    """
    names = [source for source in SOURCES if source in draws.sources]
    booked = {source: _booked(booked_parts(ledger).get(source, ()), ledger, way) for source in names}
    rest = {source: draws.of_source(source) - np.rint(booked[source][-1]) for source in names}
    total = sum(rest.values(), np.zeros(draws.total.size))
    ahead = _bridge(ledger, total, way.elapsed, first=_first(way), rng=rng)
    for source in names:
        ahead += np.outer(way.share(source), rest[source])
    ahead = np.clip(ahead, np.minimum(total, 0), np.maximum(total, 0))
    paths = ahead + sum(booked.values(), np.zeros(len(way.points)))[:, None]
    means = {source: booked[source] + way.share(source) * rest[source].mean() for source in names}
    return tuple(_point(i, day, way, paths[i], means) for i, day in enumerate(way.points))


def _first(way: Way) -> int:
    return day_number(max(way.period.start, way.as_of))


def _booked(parts: tuple[Rows, ...], ledger: Ledger, way: Way) -> Floats:
    """What was booked from the first day of the period up to each point, as far as as-of; cents."""
    start, points = day_number(way.period.start), np.array([day_number(day) for day in way.points])
    until = np.minimum(points, ledger.as_of)
    booked = np.zeros(points.size)
    for rows in parts:
        inside = rows.between(start, min(int(points[-1]), ledger.as_of))
        come = np.concatenate([[0.0], np.cumsum(np.bincount(inside.day - start, inside.value, minlength=1))])
        booked += come[np.clip(until - start, 0, come.size - 1)]
    return booked


def _bridge(ledger: Ledger, total: Floats, elapsed: Ints, *, first: int, rng: np.random.Generator) -> Floats:
    """Futures around their own straight way, shape (points, draws): nothing at the first point and the last."""
    weeks = _past_weeks(ledger, weekday=first % WEEK)
    days = int(elapsed[-1])
    if days == 0 or not len(weeks):
        return np.zeros((elapsed.size, total.size))
    picked = rng.integers(0, len(weeks), size=(-(-days // WEEK) + 1, total.size))
    by_day = np.concatenate([np.zeros((len(weeks), 1)), np.cumsum(weeks, axis=1)], axis=1)
    whole = np.concatenate([np.zeros((1, total.size)), np.cumsum(by_day[picked, WEEK], axis=0)])
    walk = whole[elapsed // WEEK] + by_day[picked[elapsed // WEEK], (elapsed % WEEK)[:, None]]
    expected = elapsed // WEEK * by_day[:, WEEK].mean() + by_day.mean(axis=0)[elapsed % WEEK]
    if expected[-1] <= 0:
        return np.zeros((elapsed.size, total.size))
    size = np.sqrt(np.clip(total.mean() / expected[-1], 0, 4))
    return np.asarray(size * (walk - np.outer(expected / expected[-1], walk[-1])))


def _past_weeks(ledger: Ledger, *, weekday: int) -> Floats:
    """The value of each day in the whole weeks of the last year that begin on a weekday, shape (weeks, 7)."""
    last = ledger.as_of - (ledger.as_of - weekday) % WEEK
    count = min(WEEKS_BACK, max(last - ledger.first_day, 0) // WEEK)
    values, start = np.zeros(count * WEEK), last - count * WEEK
    for rows in ledger.parts:
        inside = rows.between(start, last)
        values += np.bincount(inside.day - start, inside.value, minlength=count * WEEK)
    return values.reshape(count, WEEK)


def _point(i: int, day: date, way: Way, drawn: Floats, means: Mapping[str, Floats]) -> FanPoint:
    is_known = day <= way.as_of
    mean = round(float(sum(column[i] for column in means.values())))
    band = quantiles_of(drawn, BAND)
    parts = rounded_to([float(column[i]) for column in means.values()], total=mean)
    return FanPoint(
        until=day,
        realised_cents=mean if is_known else None,
        mean_cents=mean,
        p10_cents=band["p10"],
        p50_cents=band["p50"],
        p90_cents=band["p90"],
        sources=tuple(zip(means, parts, strict=True)),
    )
