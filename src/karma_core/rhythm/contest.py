"""All models and baselines side by side on a company's own past: who foretells best who orders next?

At each origin everything is fitted anew on what was known then, and set beside who ordered in the days that
followed. What wins is said, also when it is the simplest rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from karma_core.errors import TooLittleData
from karma_core.frames import collect_statistics
from karma_core.rhythm.baselines import personal_rate, silent_days
from karma_core.rhythm.cells import MARKET, Floats
from karma_core.rhythm.challengers import Came, Lesson, boosted, calibrated, features
from karma_core.rhythm.chances import chance_order
from karma_core.rhythm.clock import MarketClock
from karma_core.rhythm.fitting import RhythmFit, fit
from karma_core.rhythm.observing import observe
from karma_core.scores import area_under_curve, brier, log_loss, precision_at_top

HORIZONS = (7, 14, 28)
NAMED = ("nbd", "bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd")
MODEL = "mbg_cnbd_k"
"""The model that boosting builds on, and that others must beat by more than a standard error."""

SEASONAL, BOOSTED, RATE, HIATUS, CALIBRATED = "with_season", "boosting", "personal_rate", "hiatus", "calibrated"
BASELINES = (RATE, HIATUS)
STEP_DAYS, MOST_ORIGINS, SETTLING_DAYS = 14, 24, 56
ENOUGH_CUSTOMERS = 20_000
FLOOR = 1e-6


@dataclass(frozen=True)
class Origin:
    """What was known before a day, and who ordered within each horizon from it."""

    as_of: date
    statistics: pl.DataFrame
    came: dict[int, Came]


@dataclass(frozen=True)
class Figures:
    """How one contender did over a horizon: means over origins. The last two are null for a mere order."""

    name: str
    area: float
    top_tenth: float
    brier: float | None
    log_loss: float | None


@dataclass(frozen=True)
class Round:
    """One horizon: every contender's figures, and who wins.

    `winner` gives the lowest log loss, where it beats the model by more than a standard error over the origins;
    else the model itself. `lead` is by how much in log loss, `lead_se` its standard error. `best_order` puts those
    who ordered highest in the tenth that it puts first.
    """

    horizon_days: int
    figures: tuple[Figures, ...]
    winner: str
    lead: float
    lead_se: float
    best_order: str
    came: float
    source: str = MODEL
    """The winner, or what was calibrated to become it."""


@dataclass(frozen=True)
class Contest:
    """The whole comparison: rounds by horizon, and each model's likelihood on all that is known at the end."""

    rounds: tuple[Round, ...]
    origins: tuple[date, ...]
    customers: int
    likelihoods: tuple[tuple[str, int, float, float], ...]
    """Name, k, log-likelihood and BIC; lowest BIC first."""

    lessons: dict[int, tuple[Lesson, ...]] = field(default_factory=dict, compare=False, repr=False)
    """By horizon, what boosting learned from."""

    def chances(self, statistics: pl.DataFrame, *, horizon_days: int) -> Floats | None:
        """The winner's chance of an order within a horizon that was judged, one per row, in calendar days.

        None where the model itself won, or the season did: a reading gives those chances already. Of a
        calibrated winner the chances before calibration.
        """
        one = next((one for one in self.rounds if one.horizon_days == horizon_days), None)
        if one is None or one.source in (MODEL, SEASONAL) or statistics.is_empty():
            return None
        statistics = statistics.select(name for name in statistics.columns if not name.startswith(MARKET))
        if one.source == RATE:
            return personal_rate(statistics, days=horizon_days)
        fitted = fit(statistics, model=MODEL if one.source == BOOSTED else one.source)
        chance = chance_order(fitted, statistics, days=horizon_days)
        if one.source != BOOSTED:
            return chance
        return boosted(self.lessons[horizon_days], features(statistics, chance))


@dataclass
class _Said:
    """Chances, or ranks, that each contender gave at the origins that are judged."""

    came: list[Came] = field(default_factory=list)
    by: dict[str, list[Floats]] = field(default_factory=dict)


def contest(
    purchases: pl.LazyFrame,
    *,
    as_of: date,
    horizons: tuple[int, ...] = HORIZONS,
) -> Contest:
    """Set all models and baselines side by side on rolling origins before `as_of`.

    `purchases` is a frame of PURCHASES. Origins lie 14 days apart, at most 24, the last as far before as-of as the
    longest horizon; the later half is judged, the earlier serves boosting to learn. Of more than 20,000 customers
    an even part is taken. Raises TooLittleData where no origin has eight weeks before it.

    Source: rolling origins as Tashman (2000); the rule of one standard error as Breiman e.a. (1984).
    """
    lines = _some_customers(purchases, as_of=as_of)
    days = _origins(lines, as_of=as_of, longest=max(horizons))
    if not days:
        raise TooLittleData(
            "There is too little history to look back on: ten weeks at least, and some purchases.",
            nl="Er is te weinig verleden om op terug te kijken: minstens tien weken, met enkele aankopen.",
        )
    judged = days[len(days) // 2 :]
    said = {horizon: _Said() for horizon in horizons}
    lessons: dict[int, list[tuple[date, Lesson]]] = {horizon: [] for horizon in horizons}
    for day in days:
        origin = origin_at(lines, as_of=day, horizons=horizons)
        base = _fitted(origin.statistics, MODEL)
        if base is None:
            continue
        if day in judged:
            _judge(lines, origin, base, said, lessons)
        for horizon in horizons:
            chance = chance_order(base, origin.statistics, days=horizon)
            lesson = Lesson(features(origin.statistics, chance), origin.came[horizon])
            lessons[horizon].append((day + timedelta(days=horizon), lesson))
    if not any(one.came for one in said.values()):
        raise TooLittleData(
            "There are too few customers to look back on.", nl="Er zijn te weinig klanten om op terug te kijken."
        )
    return Contest(
        tuple(_round(horizon, one) for horizon, one in said.items()),
        tuple(judged),
        len(origin_at(lines, as_of=judged[-1], horizons=()).statistics),
        tuple(likelihoods(collect_statistics(lines.lazy(), as_of=as_of))),
        {horizon: tuple(lesson for _, lesson in known) for horizon, known in lessons.items()},
    )


def _some_customers(purchases: pl.LazyFrame, *, as_of: date) -> pl.DataFrame:
    known = purchases.filter(pl.col("customer").is_not_null(), pl.col("on") < as_of)
    count = known.select(pl.col("customer").approx_n_unique()).collect().item()
    step = max(int(count) // ENOUGH_CUSTOMERS, 1)
    some = known.filter(pl.col("customer").hash(seed=1) % step == 0) if step > 1 else known
    return some.select("customer", "on", "revenue_cents", pl.lit(None, pl.Int64).alias("cost_cents")).collect()


def _origins(lines: pl.DataFrame, *, as_of: date, longest: int) -> list[date]:
    first = lines["on"].min()
    if not isinstance(first, date):
        return []
    last = as_of - timedelta(days=longest)
    back = [last - timedelta(days=STEP_DAYS * i) for i in range(MOST_ORIGINS)]
    return [day for day in reversed(back) if (day - first).days >= SETTLING_DAYS]


def origin_at(lines: pl.DataFrame, *, as_of: date, horizons: tuple[int, ...]) -> Origin:
    """What was known before a day, and who ordered within each horizon from it."""
    statistics = collect_statistics(lines.lazy(), as_of=as_of)
    later = lines.filter(pl.col("on") >= as_of, pl.col("revenue_cents") >= 0)
    came = {}
    for horizon in horizons:
        window = later.filter(pl.col("on") < as_of + timedelta(days=horizon))["customer"].unique()
        came[horizon] = statistics["customer"].is_in(window.implode()).to_numpy()
    return Origin(as_of, statistics, came)


def _fitted(statistics: pl.DataFrame, model: str) -> RhythmFit | None:
    return None if len(statistics) < 2 else fit(statistics, model=model)


def _judge(
    lines: pl.DataFrame,
    origin: Origin,
    base: RhythmFit,
    said: dict[int, _Said],
    lessons: dict[int, list[tuple[date, Lesson]]],
) -> None:
    """Ask every contender at one origin."""
    fits = {name: fit(origin.statistics, model=name) for name in NAMED if name != MODEL} | {MODEL: base}
    seasonal, clock = observe(lines.lazy(), as_of=origin.as_of)
    on_season = None if clock.is_flat else fit(seasonal, model=MODEL)
    for horizon, one in said.items():
        given = {name: chance_order(fits[name], origin.statistics, days=horizon) for name in NAMED}
        given[SEASONAL] = _with_season(seasonal, on_season, clock, origin, horizon, plain=given[MODEL])
        given[RATE] = personal_rate(origin.statistics, days=horizon)
        given[HIATUS] = -silent_days(origin.statistics)
        known = [lesson for until, lesson in lessons[horizon] if until <= origin.as_of]
        bold = boosted(known, features(origin.statistics, given[MODEL])) if known else None
        given[BOOSTED] = given[MODEL] if bold is None else bold
        for name, chances in given.items():
            one.by.setdefault(name, []).append(chances)
        one.came.append(origin.came[horizon])


def _with_season(
    seasonal: pl.DataFrame,
    fitted: RhythmFit | None,
    clock: MarketClock,
    origin: Origin,
    horizon: int,
    *,
    plain: Floats,
) -> Floats:
    """The model on the market's clock; the plain one's chances where the clock was flat."""
    if fitted is None:
        return plain
    return chance_order(fitted, seasonal, days=clock.between(origin.as_of, days=horizon))


def _round(horizon: int, said: _Said) -> Round:
    """Score everybody, after adding the best one bent to its own record."""
    losses = {name: _losses(said, name) for name in said.by if name != HIATUS}
    best = min(losses, key=lambda name: losses[name].mean())
    said.by[CALIBRATED] = list(_bent(said, best))
    losses[CALIBRATED] = _losses(said, CALIBRATED)
    figures = tuple(_figures(said, name) for name in said.by)
    winner, lead, error = _winner(losses)
    order = max(figures, key=lambda one: one.top_tenth).name
    source = best if winner == CALIBRATED else winner
    return Round(horizon, figures, winner, lead, error, order, float(np.concatenate(said.came).mean()), source)


def _bent(said: _Said, name: str) -> Iterator[Floats]:
    """A contender's chances, each bent to its record at the origins before it whose windows had closed."""
    for number, chances in enumerate(said.by[name]):
        past = max(number - 1, 0)
        bent = calibrated(said.by[name][:past], said.came[:past], chances)
        yield chances if bent is None else bent


def _losses(said: _Said, name: str) -> Floats:
    pairs = zip(said.by[name], said.came, strict=True)
    return np.array([log_loss(np.clip(chances, 0, 1), came, floor=FLOOR) for chances, came in pairs])


def _figures(said: _Said, name: str) -> Figures:
    pairs = list(zip(said.by[name], said.came, strict=True))
    area = float(np.mean([area_under_curve(chances, came) for chances, came in pairs]))
    top = float(np.mean([precision_at_top(chances, came) for chances, came in pairs]))
    if name == HIATUS:
        return Figures(name, area, top, None, None)
    square = float(np.mean([brier(np.clip(chances, 0, 1), came) for chances, came in pairs]))
    return Figures(name, area, top, square, float(_losses(said, name).mean()))


def _winner(losses: dict[str, Floats]) -> tuple[str, float, float]:
    """The lowest mean log loss, if it beats the model's by more than a standard error over the origins."""
    best = min(losses, key=lambda name: losses[name].mean())
    apart = losses[MODEL] - losses[best]
    error = float(apart.std(ddof=1) / np.sqrt(len(apart))) if len(apart) > 1 else np.inf
    lead = float(apart.mean())
    return (best, lead, error) if lead > error else (MODEL, 0.0, 0.0)


def likelihoods(statistics: pl.DataFrame) -> Iterator[tuple[str, int, float, float]]:
    """Each model's k, log-likelihood and BIC on the same customers, lowest BIC first."""
    fits = [fit(statistics, model=name) for name in NAMED]
    told = [(one.model, one.k, one.log_likelihood, one.candidates[0][1]) for one in fits]
    yield from sorted(told, key=lambda one: one[3])
