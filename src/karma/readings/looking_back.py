"""What an installation that begins today cannot have seen: how the chance moved so far, and how good plans were.

The course: what would have been said on the earlier Mondays of the running quarter. The record: what would have
been said of earlier quarters on their first day, beside what happened. Both see only what was dated before their
own day; who answers for a customer is taken as it is now.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
from django.db import transaction

from karma.common.clock import now, today
from karma.common.jobs import RunningJob
from karma.facts.gathering import Facts, gather
from karma.readings import writing
from karma.readings.asking import Progress
from karma.readings.computing import WIDENED, expect
from karma.readings.enums import AnalysisStatus, PeriodKind
from karma.readings.models import Analysis, PlanReading
from karma.readings.operations import plans_of
from karma.readings.queries import latest_plans
from karma.readings.recording import record_of
from karma_core.periods import Period

MONDAYS = 6
DRAWS = 400
"""Fewer futures than a plan has: here the middle and the width count, not one amount."""

BUDGET_SECONDS = 600.0
"""After so long no new piece is begun; the next analysis asks for the rest."""

Piece = Callable[[], object]


def look_back(*, job: RunningJob | None = None, progress: Progress | None = None) -> int:
    """Fill in the course and the record of the plans that are shown, as far as they lack; returns how many pieces.

    Killed, it goes on with what still lacks. It changes no reading that is shown but for its record.
    """
    plans = list(lacking())
    if not plans:
        return 0
    facts = gather(plans[0].as_of, today=today())
    own = plans_of(facts)
    pieces = [piece for plan in plans if plan.team_id in own for piece in _pieces(plan, own[plan.team_id])]
    begun, done = time.monotonic(), 0
    for piece in pieces:
        if time.monotonic() - begun > BUDGET_SECONDS:
            break
        piece()
        done += 1
        if job:
            job.progress(done, total=len(pieces), phase="look_back")
        if progress:
            progress(done, len(pieces), "look_back")
    return done


def lacking() -> Iterator[PlanReading]:
    """Plans of the running quarter that are shown and have no record yet, or one that lacks its quarters."""
    quarters = latest_plans().filter(period_kind=PeriodKind.QUARTER).select_related("analysis").order_by("team")
    return (plan for plan in quarters.defer("draws", "document", "fan") if "earlier" not in plan.record)


def to_be_widened() -> Iterator[PlanReading]:
    """Plans of the running quarter that are shown with ranges that clearly miss, as their record says."""
    quarters = latest_plans().filter(period_kind=PeriodKind.QUARTER).only("record", "warnings")
    return (plan for plan in quarters if plan.record.get("widen_by", 1.0) > 1 and WIDENED not in plan.warnings)


def _pieces(plan: PlanReading, facts: Facts) -> list[Piece]:
    """The Mondays first, the record last: with it the plan no longer lacks anything."""
    period = Period(plan.period_from, plan.period_until)
    told = set(PlanReading.objects.filter(**_same(plan)).values_list("as_of", flat=True))
    days = [day for day in mondays(period, until=plan.as_of) if day not in told and _has_begun(facts, day)]
    return [*(_Monday(plan, period, facts, day) for day in days), _Record(plan, period, facts)]


def _same(plan: PlanReading) -> dict[str, object]:
    return {
        "team": plan.team_id, "period_from": plan.period_from, "period_until": plan.period_until,
        "analysis__analysis_status": AnalysisStatus.COMPLETE,
    }  # fmt: skip


def mondays(period: Period, *, until: date) -> list[date]:
    """The last Mondays of a period before a day, at most MONDAYS, earliest first."""
    first = period.start + timedelta(days=-period.start.weekday() % 7)
    weeks = max((min(until, period.end) - first).days + 6, 0) // 7
    return [first + timedelta(weeks=week) for week in range(weeks)][-MONDAYS:]


def _has_begun(facts: Facts, day: date) -> bool:
    first = facts.lines["on"].min()
    return isinstance(first, date) and first < day


@dataclass(frozen=True, eq=False)
class _Monday:
    """What would have been said of the running quarter on an earlier Monday."""

    plan: PlanReading
    period: Period
    facts: Facts
    day: date

    def __call__(self) -> None:
        before = pl.col("on") < self.day
        then = replace(
            self.facts,
            as_of=self.day,
            lines=self.facts.lines.filter(before),
            history=self.facts.history.filter(before),
        )
        said = expect(then, self.period, draws=DRAWS)
        with transaction.atomic():
            analysis = Analysis.objects.create(
                as_of=self.day, started_at=now(), ended_at=now(), is_backfill=True, core_version=writing.VERSION,
                analysis_status=AnalysisStatus.COMPLETE,
            )  # fmt: skip
            writing.write_past(analysis, said, like=self.plan)


@dataclass(frozen=True, eq=False)
class _Record:
    """How good plans of earlier quarters would have been."""

    plan: PlanReading
    period: Period
    facts: Facts

    def __call__(self) -> None:
        record = record_of(self.facts, self.period, draws=DRAWS)
        PlanReading.objects.filter(pk=self.plan.pk).update(record=record)
