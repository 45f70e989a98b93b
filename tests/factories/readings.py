"""A complete analysis with readings of customers and plans of teams, made by hand: small, whole and quick."""

from datetime import date, timedelta

import numpy as np
from tests.factories.people import NOW, TODAY

from karma.customers.models import Customer
from karma.people.models import Team
from karma.readings.enums import AnalysisStatus, CustomerState, PeriodKind
from karma.readings.models import Analysis, CustomerReading, PlanReading
from karma.readings.packing import columns_of
from karma_core import reach
from karma_core.periods import Period

QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))


def make_analysis(*, as_of: date = TODAY, status: str = AnalysisStatus.COMPLETE) -> Analysis:
    ended = NOW if status != AnalysisStatus.RUNNING else None
    return Analysis.objects.create(
        as_of=as_of, started_at=NOW, ended_at=ended, analysis_status=status, core_version="rhythm 1, reach 1",
        facts={"customers": 2, "purchases": 2, "deals": 2, "first_on": "2024-01-01", "last_on": "2026-03-08"},
    )  # fmt: skip


def make_customer_reading(
    analysis: Analysis, customer: Customer, state: str = CustomerState.CALL_NOW, **given: object
) -> CustomerReading:
    """Orders every five weeks or so, now eight weeks silent, unless told otherwise."""
    usual: dict[str, object] = {
        "x": 9, "t_x_days": 315, "age_days": 371, "typical_gap_days": 35.0, "longest_gap_days": 49.0,
        "chance_active": 0.8, "chance_order": 0.7, "expected_purchases": 0.9, "expected_margin_cents": 120_000,
        "need": 0.7, "state_since": analysis.as_of - timedelta(days=7), "ripe_on": analysis.as_of,
        "reason_nl": f"{customer.name} bestelt ongeveer om de vijf weken en is nu acht weken stil.",
        "reason_en": f"{customer.name} orders about every five weeks and has now been silent for eight weeks.",
    }  # fmt: skip
    return CustomerReading.objects.create(
        analysis=analysis, customer=customer, customer_state=state, **{**usual, **given}
    )


def make_core_reading(period: Period = QUARTER, *, as_of: date = TODAY, mean_cents: int = 40_000_000):
    """Two sources in two segments, 2,000 futures around a mean."""
    rng = np.random.default_rng(1)
    share = np.array([[0.45], [0.25], [0.2], [0.1]])
    cents = np.rint(share * mean_cents * rng.lognormal(-0.01, 0.14, size=(4, 2000))).astype(np.int64)
    sources = ("existing_customers", "existing_customers", "open_deals", "new_business")
    draws = reach.Draws(sources, ("Industrie", "Installateurs", "Industrie", None), cents)
    return reach.PlanReading(
        period=period, as_of=as_of, measure="margin", realised_cents=mean_cents // 5, draws=draws,
        last_year_cents=mean_cents * 9 // 10, missing=("season",), warnings=("few_customers",),
    )  # fmt: skip


def make_plan_reading(
    analysis: Analysis, team: Team | None, *, kind: str = PeriodKind.QUARTER, mean_cents: int = 40_000_000,
    period: Period = QUARTER,
) -> PlanReading:  # fmt: skip
    said = make_core_reading(period, as_of=analysis.as_of, mean_cents=mean_cents)
    return PlanReading.objects.create(
        analysis=analysis, team=team, period_kind=kind, currency="EUR", **columns_of(said)
    )
