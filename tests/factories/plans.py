"""Analyses for screens: an expectation for each team, and a state with a reason for each customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from tests.factories.customers import Dossier
from tests.factories.people import NOW, TODAY, House

from karma.people.models import Team
from karma.readings.enums import AnalysisStatus, CustomerState, PeriodKind
from karma.readings.models import Analysis, CustomerReading, PlanReading
from karma.readings.packing import columns_of
from karma_core import reach
from karma_core.periods import Period

PERIODS = {
    PeriodKind.QUARTER: Period(date(2026, 1, 1), date(2026, 4, 1)),
    PeriodKind.NEXT_QUARTER: Period(date(2026, 4, 1), date(2026, 7, 1)),
    PeriodKind.YEAR: Period(date(2026, 1, 1), date(2027, 1, 1)),
}
DRAWS = 400
SEGMENTS = ("Installateurs", "Industrie", "Zorg")
EARLIER = (TODAY - timedelta(days=42), TODAY - timedelta(days=21))
FUNNEL = [
    {"stage": stage, "segment": segment, "entered": entered, "won": won, "still_open": 12, "conversion": share,
     "low": share - 0.05, "high": share + 0.06}
    for stage, segment, entered, won, share in (
        ("all", "all", 412, 131, 0.33), ("all", "Installateurs", 240, 90, 0.38), ("all", "unknown", 172, 41, 0.25),
        ("Offerte", "all", 210, 120, 0.58),
    )
]  # fmt: skip
RECORD = {
    "plans": 8, "inside_80": 7, "inside_90": 8, "compared": 8,
    "crps_there_cents": 800_000.0, "last_year_error_cents": 1_000_000.0, "plus_10_error_cents": 700_000.0,
    "crps_beside_smoothing_cents": 800_000.0, "smoothing_crps_cents": 801_000.0,
    "coverage_80": {"share": 0.8, "low": 0.62, "high": 0.91},
    "earlier": [
        {"from": f"2025-{month:02}-01", "until": f"2025-{month + 3:02}-01", "actual_cents": actual * 100,
         "p05_cents": 230_000_00, "p10_cents": 240_000_00, "p50_cents": 280_000_00, "p90_cents": 320_000_00,
         "p95_cents": 330_000_00}
        for month, actual in ((4, 200_000), (7, 320_000))
    ],
    "ratchet": {"last_year_plus_10": 1.1, "expectation": 0.31},
    "deals": {"chances": 1514, "days": 6, "brier": 0.19, "baseline_brier": 0.2, "funnel": FUNNEL},
}  # fmt: skip
"""A record as `readings.recording` makes it, made up."""


@dataclass(frozen=True)
class Readings:
    """What was made: the analysis that is shown, and the quarter's reading of each scope."""

    analysis: Analysis
    north: PlanReading
    south: PlanReading
    company: PlanReading


@cache
def said(
    seed: int, kind: PeriodKind, as_of: date, *, measure: reach.reading.Measure = "margin"
) -> reach.PlanReading:
    """An expectation as the core gives it, with draws that were made up: nothing is fitted here."""
    rng, period = np.random.default_rng(seed), PERIODS[kind]
    names = [(source, segment) for source in reach.SOURCES for segment in SEGMENTS]
    size = 1 + 3 * (kind == PeriodKind.YEAR)
    means = {"existing_customers": 90_000_00, "open_deals": 24_000_00, "new_business": 11_000_00}
    market = np.exp(rng.normal(0, 0.07, DRAWS))
    cents = np.array(
        [
            size * means.get(source, -4_000_00) * market * rng.gamma(12, 1 / 12, DRAWS) * (1 - 0.2 * place)
            for place, (source, _segment) in enumerate(names)
            for place in [place % len(SEGMENTS)]
        ]
    )
    draws = reach.Draws(*zip(*names, strict=True), np.rint(cents).astype(np.int64))
    share = min(max((as_of - period.start).days / period.days, 0.0), 1.0)
    return reach.PlanReading(
        period=period,
        as_of=as_of,
        measure=measure,
        realised_cents=round(share * draws.total.min()),
        draws=draws,
        last_year_cents=round(1.04 * float(np.median(draws.total))),
        missing=("credits",) if measure == "margin" else ("cost", "credits"),
        warnings=("few_customers",),
        fan=tuple(_points(draws, period, as_of)),
    )


def _points(draws: reach.Draws, period: Period, as_of: date) -> Iterator[reach.FanPoint]:
    """Straight ahead: realised up to as-of, then each future on its own line to its total."""
    done = max((as_of - period.start).days, 0) / period.days * float(draws.total.min())
    days = sorted({period.start + timedelta(days=n) for n in range(0, period.days, 7)} | {period.end, as_of})
    for day in (day for day in days if period.start <= day <= period.end):
        left = max((day - max(as_of, period.start)).days, 0) / max((period.end - max(as_of, period.start)).days, 1)
        is_known = day <= as_of
        known = float(draws.total.min()) * (day - period.start).days / period.days
        low, middle, high, mean = (
            round(known if is_known else done + left * (value - done))
            for value in (*np.quantile(draws.total, [0.1, 0.5, 0.9]), draws.total.mean())
        )
        yield reach.FanPoint(day, mean if is_known else None, mean, low, middle, high, _shares(draws, mean))


def _shares(draws: reach.Draws, mean: int) -> tuple[tuple[str, int], ...]:
    whole = float(draws.total.mean())
    return tuple((source, round(mean * float(draws.of_source(source).mean()) / whole)) for source in reach.SOURCES)


def begun_analysis(*, as_of: date = TODAY, status: AnalysisStatus = AnalysisStatus.COMPLETE) -> Analysis:
    return Analysis.objects.create(
        as_of=as_of, started_at=NOW, ended_at=NOW, analysis_status=status, core_version="test"
    )


def plan_reading(
    analysis: Analysis,
    team: Team | None,
    *,
    kind: PeriodKind,
    seed: int,
    measure: reach.reading.Measure = "margin",
    **changes: object,
) -> PlanReading:
    """One row as an analysis writes it; `customers` named by what `changes` says."""
    columns = columns_of(said(seed, kind, analysis.as_of, measure=measure))
    columns |= {"period_kind": kind, "currency": "EUR", "record": RECORD} | changes
    return PlanReading.objects.create(analysis=analysis, team=team, **columns)


def named(*dossiers: Dossier) -> dict[str, object]:
    """The customers' part of a plan, of customers that exist."""
    rows = [
        {
            "customer": str(dossier.customer.pk),
            "segment": SEGMENTS[0],
            "expected_cents": 1_234_500,
            "realised_cents": 345_600,
            "chance_to_buy": 0.83,
        }
        for dossier in dossiers
    ]
    return {"largest": rows, "others": 3, "others_expected_cents": 2_000_000}


def make_readings(house: House, dossiers: tuple[Dossier, Dossier]) -> Readings:
    """Three periods of both teams and the whole, two earlier days of the quarter, and each customer's state."""
    for as_of in EARLIER:
        earlier = begun_analysis(as_of=as_of)
        plan_reading(earlier, house.north, kind=PeriodKind.QUARTER, seed=1, draws=None, fan={}, customers={})
    analysis = begun_analysis()
    north, south = dossiers
    scopes = ((house.north, 1, named(north)), (house.south, 2, named(south)), (None, 3, named(north, south)))
    made = {
        (team, kind): plan_reading(
            analysis, team, kind=kind, seed=seed, customers=customers, moved=_moved(seed, kind, team)
        )
        for team, seed, customers in scopes
        for kind in PERIODS
    }
    for dossier in dossiers:
        customer_reading(analysis, dossier)
    quarter = PeriodKind.QUARTER
    return Readings(analysis, made[house.north, quarter], made[house.south, quarter], made[None, quarter])


def _moved(seed: int, kind: PeriodKind, team: Team | None) -> dict[str, object]:
    if kind != PeriodKind.QUARTER or team is None:
        return {}
    moved = reach.why_it_moved(said(seed, kind, EARLIER[-1]), said(seed, kind, TODAY), amount_cents=50_000_00)
    return {**vars(moved), "since": f"{EARLIER[-1]}", "drivers": [vars(driver) for driver in moved.drivers]}


def customer_reading(
    analysis: Analysis, dossier: Dossier, *, state: CustomerState = CustomerState.CALL_NOW, need: float = 0.8
) -> CustomerReading:
    name = dossier.customer.name
    return CustomerReading.objects.create(
        analysis=analysis,
        customer=dossier.customer,
        customer_state=state,
        need=need,
        state_since=TODAY,
        reason_nl=f"{name} bestelt ongeveer elke vijf weken en is nu acht weken stil.",
        reason_en=f"{name} orders about every five weeks and has now been silent for eight.",
    )
