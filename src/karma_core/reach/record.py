"""The record: what earlier plans would have said, beside what happened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import beta

from karma_core.deals import rewind
from karma_core.frames import day_number
from karma_core.periods import Period, after
from karma_core.reach.forecast import forecast_from
from karma_core.reach.known import NOTHING_AHEAD, Ahead, read_known
from karma_core.reach.ledger import OTHER_SEGMENTS, Ledger, read_ledger
from karma_core.reach.pipeline import purchases_of
from karma_core.reach.reading import Draws, FanPoint, Measure, PlanReading
from karma_core.reach.smoothing import smoothed
from karma_core.scores import crps, pit

WITHIN_A_PLAN = 0.3
"""How much segments of one plan are right or wrong together: a correlation, an assumption."""

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "as_of": pl.Date,
    "from": pl.Date,
    "until": pl.Date,
    "measure": pl.String,
    "actual_cents": pl.Int64,
    "p05_cents": pl.Int64,
    "p10_cents": pl.Int64,
    "p50_cents": pl.Int64,
    "p90_cents": pl.Int64,
    "p95_cents": pl.Int64,
    "is_in_80": pl.Boolean,
    "is_in_90": pl.Boolean,
    "pit": pl.Float64,
    "crps_cents": pl.Float64,
    "last_year_cents": pl.Int64,
    "chance_of_last_year": pl.Float64,
    "chance_of_last_year_plus_10": pl.Float64,
    "smoothed_crps_cents": pl.Float64,
    "smoothed_chance_of_last_year": pl.Float64,
    "segment_pits": pl.List(pl.Float64),
}
"""Columns of a record.

`last_year_cents` and the chances of reaching it are null where the data did not cover last year; `smoothed_..` is
exponential smoothing of the periods of the same length before, null with fewer than four. `segment_pits` are
where each segment's own total fell among its draws, for segments in which anything was uncertain.
"""


@dataclass(frozen=True)
class Share:
    """A share that came true, with the range (90%) in which the share in the long run may lie."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Record:
    """How good earlier plans were: of `plans`, how many fell inside; CRPS and last year's error in cents.

    `last_year_error_cents` and `crps_there_cents` run over the `compared` plans that had a last year: the second
    below the first means that the range beat guessing last year's figure. `plus_10_error_cents` is the error of
    guessing last year plus 10% there. `brier` scores the chance of reaching last year, `brier_plus_10` that of
    reaching it plus 10%; `always_brier` is what a rule scores that is always sure of last year. Over the
    `smoothed` plans with four periods before them, `smoothing_crps_cents` and `smoothing_brier` stand beside
    `crps_beside_smoothing_cents` and `brier_beside_smoothing`.

    `pits` are where what happened fell among the draws, 0..1, of the totals; `pooled` counts totals and segments
    together, and `coverage_80`, `coverage_90` are their shares inside. `widen_by` is 1 unless the ranges clearly
    missed. None where nothing can be compared.
    """

    plans: int
    inside_80: int
    inside_90: int
    compared: int
    crps_there_cents: float | None
    last_year_error_cents: float | None
    brier: float | None
    plus_10_error_cents: float | None = None
    brier_plus_10: float | None = None
    always_brier: float | None = None
    smoothed: int = 0
    smoothing_crps_cents: float | None = None
    crps_beside_smoothing_cents: float | None = None
    smoothing_brier: float | None = None
    brier_beside_smoothing: float | None = None
    pits: tuple[float, ...] = ()
    pooled: int = 0
    coverage_80: Share | None = None
    coverage_90: Share | None = None
    widen_by: float = 1.0

    @property
    def tighter_than_last_year(self) -> float | None:
        """By which share our score was better than guessing last year's figure; negative where it was worse."""
        if self.crps_there_cents is None or not self.last_year_error_cents:
            return None
        return 1 - self.crps_there_cents / self.last_year_error_cents


def backtest(
    purchases: pl.LazyFrame | pl.DataFrame,
    *,
    deals: pl.DataFrame | None,
    history: pl.DataFrame | None,
    plans: Sequence[tuple[date, Period]],
    rng: np.random.Generator,
    draws: int = 2000,
    ahead: Ahead = NOTHING_AHEAD,
) -> pl.DataFrame:
    """Ask what each earlier plan, `(as_of, period)`, would have said, and put beside it what happened.

    Takes what `forecast` takes. Each plan sees only facts dated before its own as-of; what happened is read from
    the facts before the end of its period, in the measure that the plan had. Gives one row per plan with the
    columns of SCHEMA, in the order given; no plans give an empty frame. Raises FrameError as `forecast` does.
    A period that the data do not cover to its end is the caller's to leave out.
    **Source**: rolling origins as Tashman (2000).
    """
    rows = []
    for as_of, period in plans:
        known = read_known(purchases, deals=deals, history=history, as_of=as_of, ahead=ahead)
        reading = forecast_from(known, period, rng=rng, draws=draws)
        then = _ledger_at(purchases, deals=deals, end=period.end)
        rows.append(_row(reading, known.ledger, then))
    return pl.DataFrame(rows, schema=SCHEMA)


def actual_cents(
    purchases: pl.LazyFrame | pl.DataFrame, *, deals: pl.DataFrame | None, period: Period, measure: Measure
) -> int:
    """What was booked in a period, in a measure: of the purchases, or of won deals where there are none."""
    return round(sum(by_segment(_ledger_at(purchases, deals=deals, end=period.end), period, measure).values()))


def _ledger_at(purchases: pl.LazyFrame | pl.DataFrame, *, deals: pl.DataFrame | None, end: date) -> Ledger:
    ledger = read_ledger(purchases, as_of=end)
    if ledger.history_days == 0 and deals is not None:
        return read_ledger(purchases_of(rewind(deals, as_of=end)), as_of=end)
    return ledger


def by_segment(ledger: Ledger, period: Period, measure: Measure) -> dict[str | None, float]:
    """What was booked in a period, in a measure, by segment; cents."""
    start, end = day_number(period.start), day_number(period.end)
    booked = np.zeros(len(ledger.segments))
    for part in ledger.parts:
        rows = part.between(start, end)
        booked += np.bincount(rows.segment, rows.revenue if measure == "revenue" else rows.value, booked.size)
    return dict(zip(ledger.segments, booked.tolist(), strict=True))


def _row(reading: PlanReading, ledger: Ledger, then: Ledger) -> dict[str, object]:
    """One earlier plan beside what happened; `ledger` is what it knew, `then` what was known afterwards."""
    q, total, last_year = reading.quantiles_cents, reading.draws.total, reading.last_year_cents
    happened = by_segment(then, reading.period, reading.measure)
    actual = round(sum(happened.values()))
    smooth = smoothed(_periods_before(ledger, reading.period))
    plus_10 = reading.last_year_plus_10_cents
    return {
        "as_of": reading.as_of,
        "from": reading.period.start,
        "until": reading.period.end,
        "measure": reading.measure,
        "actual_cents": actual,
        **{f"{name}_cents": q[name] for name in ("p05", "p10", "p50", "p90", "p95")},
        "is_in_80": q["p10"] <= actual <= q["p90"],
        "is_in_90": q["p05"] <= actual <= q["p95"],
        "pit": pit(total, actual),
        "crps_cents": crps(total, actual),
        "last_year_cents": last_year,
        "chance_of_last_year": None if last_year is None else reading.chance_of(last_year),
        "chance_of_last_year_plus_10": None if plus_10 is None else reading.chance_of(plus_10),
        "smoothed_crps_cents": smooth and smooth.crps(actual),
        "smoothed_chance_of_last_year": None
        if smooth is None or last_year is None
        else smooth.chance_of(last_year),
        "segment_pits": _segment_pits(reading, happened),
    }


def _segment_pits(reading: PlanReading, happened: dict[str | None, float]) -> list[float]:
    """Where each segment fell; those that had another name later, or in which nothing can happen, are left out."""
    found = []
    for segment in dict.fromkeys(reading.draws.segments):
        drawn = reading.draws.of_segment(segment)
        if segment != OTHER_SEGMENTS and segment in happened and drawn.min() < drawn.max():
            found.append(pit(drawn, happened[segment]))
    return found if len(found) > 1 else []


def _periods_before(ledger: Ledger, period: Period) -> NDArray[np.float64]:
    """Totals of the periods of the same length that ended before as-of, earliest first."""
    days = period.days
    count = min(max(ledger.history_days // days, 0), 24)
    edges = ledger.as_of - days * np.arange(count, -1, -1)
    return np.array([ledger.value_between(int(a), int(b)) for a, b in pairwise(edges.tolist())])


def record_of(backtested: pl.DataFrame) -> Record:
    """Fold a backtest into one record. Backtests of several teams or lengths are pooled by `pl.concat` beforehand.

    >>> record_of(pl.DataFrame(schema=SCHEMA)).plans
    0
    """
    there, beside = backtested.drop_nulls("last_year_cents"), backtested.drop_nulls("smoothed_crps_cents")
    both = beside.drop_nulls("smoothed_chance_of_last_year")
    actual, last_year = there["actual_cents"], there["last_year_cents"]
    plus_10 = last_year + (last_year.abs() / 10).round()
    pooled, effective = _pooled(backtested)
    inside_80 = np.abs(pooled - 0.5) <= 0.4
    return Record(
        plans=len(backtested),
        inside_80=int(backtested["is_in_80"].sum()),
        inside_90=int(backtested["is_in_90"].sum()),
        compared=len(there),
        crps_there_cents=_mean(there["crps_cents"]),
        last_year_error_cents=_mean((actual - last_year).abs()),
        brier=_brier(there["chance_of_last_year"], actual >= last_year),
        plus_10_error_cents=_mean((actual - plus_10).abs()),
        brier_plus_10=_brier(there["chance_of_last_year_plus_10"], actual >= plus_10),
        always_brier=_mean((actual < last_year).cast(pl.Float64)),
        smoothed=len(beside),
        smoothing_crps_cents=_mean(beside["smoothed_crps_cents"]),
        crps_beside_smoothing_cents=_mean(beside["crps_cents"]),
        smoothing_brier=_brier(
            both["smoothed_chance_of_last_year"], both["actual_cents"] >= both["last_year_cents"]
        ),
        brier_beside_smoothing=_brier(
            both["chance_of_last_year"], both["actual_cents"] >= both["last_year_cents"]
        ),
        pits=tuple(backtested["pit"].to_list()),
        pooled=pooled.size,
        coverage_80=_share(inside_80, effective),
        coverage_90=_share(np.abs(pooled - 0.5) <= 0.45, effective),
        widen_by=_widen_by(backtested["pit"].to_numpy(), _share(inside_80, effective)),
    )


def _mean(column: pl.Series) -> float | None:
    return float(column.to_numpy().mean()) if len(column) else None


def _brier(chance: pl.Series, reached: pl.Series) -> float | None:
    return _mean((chance - reached.cast(pl.Float64)) ** 2)


def _pooled(backtested: pl.DataFrame) -> tuple[NDArray[np.float64], float]:
    """Totals' and segments' places among their draws, and how many independent ones they are worth.

    The cells of one plan share its market: with a correlation r, m of them are worth m / (1 + (m - 1) r).
    """
    cells = [[row["pit"], *row["segment_pits"]] for row in backtested.select("pit", "segment_pits").to_dicts()]
    worth = sum(len(plan) / (1 + (len(plan) - 1) * WITHIN_A_PLAN) for plan in cells)
    return np.array([place for plan in cells for place in plan]), worth


def _share(inside: NDArray[np.bool_], effective: float) -> Share | None:
    """The share inside with its range: Jeffreys' interval of the independent plans that they are worth."""
    if not inside.size:
        return None
    share = float(inside.mean())
    held = beta(0.5 + share * effective, 0.5 + (1 - share) * effective)
    return Share(share, float(held.ppf(0.05)), float(held.ppf(0.95)))


def _widen_by(pits: NDArray[np.float64], covered: Share | None) -> float:
    """How much wider the ranges should have been, where they clearly missed; else 1.

    Ranges that say 80% clearly miss where even the high end of what the record allows lies below 80%. Then the
    80% point of how many spreads off plans were, against where it belongs, says by how much; three at most.
    """
    if covered is None or covered.high >= 0.8:
        return 1.0
    off = np.abs(ndtri(np.clip(pits, 0.0005, 0.9995)))
    return float(np.clip(np.quantile(off, 0.8) / ndtri(0.9), 1.0, 3.0))


def widened(reading: PlanReading, factor: float) -> PlanReading:
    """The reading with every cell's draws `factor` times as far from their mean; means stay, to the cent or so."""
    if factor <= 1:
        return reading
    cents = reading.draws.cents
    mean = cents.mean(axis=1, keepdims=True)
    wide = np.rint(mean + factor * (cents - mean)).astype(np.int64)
    draws = Draws(reading.draws.sources, reading.draws.segments, wide)
    return replace(reading, draws=draws, fan=tuple(_wider(point, factor) for point in reading.fan))


def _wider(point: FanPoint, factor: float) -> FanPoint:
    low, middle, high = (
        round(point.mean_cents + factor * (cents - point.mean_cents))
        for cents in (point.p10_cents, point.p50_cents, point.p90_cents)
    )
    return replace(point, p10_cents=low, p50_cents=middle, p90_cents=high)


def plans_like(period: Period, *, first: date, as_of: date, most: int = 12) -> list[tuple[date, Period]]:
    """Earlier plans to judge a plan for `period` by: as many months long, made as long before, ended by `as_of`.

    `first` is the first day that the data hold. A year, or a third of a shorter history, only serves to learn
    from. The latest `most`, earliest first; none where the history is too short.

    >>> quarter = Period(date(2026, 1, 1), date(2026, 4, 1))
    >>> plans = plans_like(quarter, first=date(2024, 1, 10), as_of=date(2025, 12, 20), most=3)
    >>> [(f"{day}", f"{judged.start}") for day, judged in plans]
    [('2025-03-01', '2025-03-01'), ('2025-06-01', '2025-06-01'), ('2025-09-01', '2025-09-01')]
    """
    months = max(round(period.days / 30.4), 1)
    learn = min(365, (as_of - first).days // 3)
    gap = max((period.start - as_of).days // 30, 0)
    plans: list[tuple[date, Period]] = []
    end = as_of.replace(day=1)
    while len(plans) < most:
        start = _months_on(end, -months)
        made_on = _months_on(start, -gap)
        if (made_on - first).days < learn:
            break
        plans.append((made_on, Period(start, end)))
        end = start
    return plans[::-1]


def plans_before(first: date, last: date, *, months: int) -> list[tuple[date, Period]]:
    """Plans made on the first day of their period, period after period of whole months, all ended by `last`.

    `first` is the earliest as-of and the first day of a month; `last` is the last day that the data hold.

    >>> [str(as_of) for as_of, _ in plans_before(date(2025, 1, 1), date(2025, 9, 30), months=3)]
    ['2025-01-01', '2025-04-01', '2025-07-01']
    """
    plans, start = [], first
    while (end := _months_on(start, months)) <= after(last):
        plans.append((start, Period(start, end)))
        start = end
    return plans


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, 1)
