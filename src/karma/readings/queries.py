"""Reads of readings for screens. What may be seen is `visible_to` alone; here stands which analysis is shown."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from karma.common.clock import today
from karma.common.enums import JobStatus
from karma.common.models import Job
from karma.customers.models import Customer
from karma.people.models import Person, Team
from karma.readings.asking import KIND
from karma.readings.enums import AnalysisStatus, PeriodKind
from karma.readings.models import (
    Analysis,
    CustomerReading,
    CustomerReadingQuerySet,
    PlanReading,
    PlanReadingQuerySet,
)
from karma.readings.packing import core_reading
from karma_core import reach

LONG_AGO = timedelta(days=28)


@dataclass(frozen=True)
class Standing:
    """Which readings are shown, and what became of what was begun since."""

    shown: Analysis | None
    running: Analysis | None
    failed: Analysis | None
    """The newest analysis, where it stopped: the readings that are shown are then older than they should be."""
    waiting: Job | None = None
    """The job of an analysis that was asked and has not begun."""

    @property
    def is_of_long_ago(self) -> bool:
        """Whether the facts end so long ago that "this quarter" is not the calendar's."""
        return self.shown is not None and self.shown.as_of < today() - LONG_AGO


def standing() -> Standing:
    """What a screen says about the age of its readings; three small reads.

    One that runs but whose job was given up (a full disk, a database that takes no writes) counts as stopped.
    """
    regular = Analysis.objects.regular().select_related("job")
    newest = regular.order_by("-id").first()
    waiting = Job.objects.filter(kind=KIND, job_status=JobStatus.QUEUED).order_by("asked_at").first()
    if newest is None:
        return Standing(None, None, None, waiting)
    given_up = newest.job is not None and newest.job.job_status == JobStatus.FAILED
    is_running = newest.analysis_status == AnalysisStatus.RUNNING and not given_up
    is_complete = newest.analysis_status == AnalysisStatus.COMPLETE
    shown = newest if is_complete else Analysis.objects.newest()
    failed = None if is_complete or is_running else newest
    return Standing(shown, newest if is_running else None, failed, waiting)


def latest_readings() -> CustomerReadingQuerySet:
    """Readings of the analysis that is shown; none while there is none. Narrow them with `visible_to`."""
    shown = Analysis.objects.newest()
    return CustomerReading.objects.filter(analysis=shown) if shown else CustomerReading.objects.none()


def reading_of(customer: Customer) -> CustomerReading | None:
    """What is shown of one customer, whom the caller may see; None where nothing was read."""
    return latest_readings().filter(customer=customer).select_related("analysis").first()


def states(viewer: Person, *, on: date) -> dict[str, int]:
    """How many of the viewer's customers are in each state."""
    return dict(Counter(latest_readings().visible_to(viewer, on=on).values_list("customer_state", flat=True)))


def latest_plans() -> PlanReadingQuerySet:
    """Plan readings of the analysis that is shown, whose draws are there; none while there is none."""
    shown = Analysis.objects.newest()
    return PlanReading.objects.filter(analysis=shown) if shown else PlanReading.objects.none()


def plan_of(team: Team | None, kind: PeriodKind = PeriodKind.QUARTER) -> PlanReading | None:
    """The shown reading of a team's period (None: the whole organisation), without asking who looks."""
    return latest_plans().filter(team=team, period_kind=kind).select_related("analysis", "team").first()


def widen_by(team_id: int | None) -> float:
    """How much wider a team's ranges should be, as its shown record says: 1 unless they clearly missed."""
    shown = latest_plans().filter(team=team_id, period_kind=PeriodKind.QUARTER)
    record = shown.values_list("record", flat=True).first() or {}
    return float(record.get("widen_by") or 1.0)


def course_of(plan: PlanReading) -> QuerySet[PlanReading]:
    """The readings of the same team and period at earlier days and now, oldest first, without their draws."""
    same = PlanReading.objects.filter(
        analysis__analysis_status=AnalysisStatus.COMPLETE,
        team=plan.team,
        period_from=plan.period_from,
        period_until=plan.period_until,
    )
    return same.defer("draws", "fan", "customers", "deals", "cells").order_by("as_of", "analysis_id")


def draws_of(plan: PlanReading) -> reach.PlanReading:
    """The core's reading with its draws, in which any amount's chance is looked up."""
    return core_reading(plan)
