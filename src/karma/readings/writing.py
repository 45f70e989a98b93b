"""An analysis from its first row to its publication: chunks of readings, and one short write that shows them."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection, models, transaction

from karma.common.audit import record
from karma.common.clock import now
from karma.common.jobs import RunningJob
from karma.common.models import Job
from karma.people.models import Person
from karma.readings.enums import AnalysisStatus, PeriodKind
from karma.readings.explaining import explanation_of
from karma.readings.models import Analysis, CustomerReading, PlanReading
from karma.readings.packing import columns_of, core_reading
from karma_core import reach

CHUNK = 2000
VERSION = "rhythm 1, reach 1"
STATES = {"id": pl.Int64, "customer_state": pl.String, "begun": pl.Date}
OF_BUYERS = {
    **dict.fromkeys(("days_t_x", "days_T", "longest_gap", "expected_margin_cents"), pl.Int64),
    **dict.fromkeys(("typical_gap", "chance_active", "chance_order", "expected_purchases"), pl.Float64),
    **dict.fromkeys(("leave_until", "ripe_on"), pl.Date),
}
"""What customers who never bought have none of; where nobody bought the columns are not there at all."""

_LET_GO: dict[str, Any] = {"draws": None, "document": {}, "fan": {}, "customers": {}, "deals": {}}
"""Columns of a plan that is no longer shown."""


class Superseded(Exception):  # noqa: N818 (not an error: a newer analysis took over)
    """A newer analysis began; this one must stop and write nothing more."""


def begin(as_of: date, *, job: Job | None, is_backfill: bool = False) -> Analysis:
    """Make the row of a new analysis; one that was begun and never ended gives way to it."""
    with transaction.atomic():
        if not is_backfill:
            unended = Analysis.objects.regular().filter(analysis_status=AnalysisStatus.RUNNING)
            unended.update(analysis_status=AnalysisStatus.FAILED, ended_at=now(), failure="it was cut off")
        analysis = Analysis.objects.create(as_of=as_of, job=job, started_at=now(), is_backfill=is_backfill)
    _forget_partial()
    return analysis


def write_customers(analysis: Analysis, rows: pl.DataFrame, since: pl.DataFrame) -> Iterator[int]:
    """Write a chunk at a time, and say how many are written; `since` says since when who was in which state.

    `rows` are those of `computing.Customers` with the customer's number in `id`.
    """
    done = 0
    stored = _as_stored(analysis, rows, since)
    for chunk in stored.iter_slices(CHUNK):
        with transaction.atomic():
            _still_ours(analysis)
            _insert(CustomerReading, chunk)
        done += chunk.height
        yield done


def states_since() -> pl.DataFrame:
    """The state of each customer in the analysis that is shown, and since when: `id, customer_state, begun`.

    `begun` is empty where the state was there at the first look: it began before anybody looked.
    """
    shown = Analysis.objects.newest()
    rows = CustomerReading.objects.filter(analysis=shown).values_list("customer", "customer_state", "state_since")
    return pl.DataFrame(list(rows.iterator()) if shown else [], schema=STATES, orient="row")


def _as_stored(analysis: Analysis, rows: pl.DataFrame, since: pl.DataFrame) -> pl.DataFrame:
    """The columns of CustomerReading's table, by name; days as text, and the explanation as JSON."""
    whole = pl.concat([pl.DataFrame(schema=OF_BUYERS), rows], how="diagonal_relaxed")
    before = since.with_columns(stays=True)
    known = whole.join(before, on=["id", "customer_state"], how="left", maintain_order="left")
    today = pl.lit(analysis.as_of)
    has_changed = pl.col("id").is_in(since["id"].implode())
    earlier = pl.when(pl.col("begun") > today).then(today).otherwise("begun")
    begun = pl.when("stays").then(earlier).when(has_changed).then(today)
    told = [json.dumps(explanation_of(row)) for row in whole.iter_rows(named=True)]
    columns = known.select(
        pl.lit(analysis.pk).alias("analysis_id"),
        pl.col("id").alias("customer_id"),
        "x",
        pl.col("days_t_x").fill_null(0).alias("t_x_days"),
        pl.col("days_T").fill_null(0).alias("age_days"),
        pl.col("typical_gap").alias("typical_gap_days"),
        pl.col("longest_gap").alias("longest_gap_days"),
        "chance_active",
        "chance_order",
        "expected_purchases",
        "expected_margin_cents",
        pl.col("need").clip(0.0, 1.0),
        "customer_state",
        begun.alias("state_since"),
        "leave_until",
        "ripe_on",
        "reason_nl",
        "reason_en",
        pl.Series("explanation", told, dtype=pl.String),
    )
    return columns.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"))


def write_plan(
    analysis: Analysis, said: reach.PlanReading, *, team: int | None, kind: PeriodKind, currency: str
) -> PlanReading:
    """Write what is expected of a team's period, and why it moved since the analysis that is shown."""
    columns = columns_of(said)
    before = _shown_plan(team, kind)
    moved, record = _moved(before, said), _record(before, said)
    with transaction.atomic():
        _still_ours(analysis)
        return PlanReading.objects.create(
            analysis=analysis,
            team_id=team,
            period_kind=kind,
            currency=currency,
            moved=moved,
            record=record,
            **columns,
        )


def write_past(analysis: Analysis, said: reach.PlanReading, *, like: PlanReading) -> PlanReading:
    """Write what would have been said on an earlier day of the same plan; only what is looked back at."""
    columns = {**columns_of(said), **_LET_GO}
    return PlanReading.objects.create(
        analysis=analysis, team_id=like.team_id, period_kind=like.period_kind, currency=like.currency, **columns
    )


def _shown_plan(team: int | None, kind: PeriodKind) -> PlanReading | None:
    shown = Analysis.objects.newest()
    return PlanReading.objects.filter(analysis=shown, team=team, period_kind=kind).first() if shown else None


def _moved(before: PlanReading | None, said: reach.PlanReading) -> dict[str, Any]:
    """Why it moved since the reading that is shown now; empty where there is none of this period and measure."""
    if before is None or before.draws is None:
        return {}
    try:
        return {"since": f"{before.as_of}", **asdict(reach.why_it_moved(core_reading(before), said))}
    except reach.NotComparableError:
        return {}


def _record(before: PlanReading | None, said: reach.PlanReading) -> dict[str, Any]:
    """The record of the same period's plan so far: it changes only when a period ends."""
    is_same = before is not None and (before.period_from, before.measure) == (said.period.start, said.measure)
    return before.record if before is not None and is_same else {}


def publish(analysis: Analysis, *, by: Person | None, job: RunningJob | None) -> None:
    """Make the readings those that are shown, in one write; then take away what they replaced."""
    with transaction.atomic():
        _still_ours(analysis)
        analysis.analysis_status, analysis.ended_at = AnalysisStatus.COMPLETE, now()
        analysis.save()
        if not analysis.is_backfill:
            record("readings.analysed", by=by, at=now(), of=analysis, details={"as_of": f"{analysis.as_of}"})
        if job:
            job.finish({"analysis": analysis.pk})
    tidy()


def tidy() -> None:
    """Take away what the shown analysis replaced: customers' readings, and of plans all but their course."""
    _forget_partial()
    shown = Analysis.objects.newest()
    if shown is None:
        return
    older = CustomerReading.objects.exclude(analysis=shown).exclude(analysis__analysis_status="running")
    _delete_in_chunks(older)
    plans = PlanReading.objects.exclude(analysis=shown).exclude(analysis__analysis_status="running")
    plans.filter(draws__isnull=False).update(**_LET_GO)


def fail(analysis: Analysis, *, because: str, at: datetime) -> None:
    """Say that the analysis stopped; what it had written is taken away, and what is shown stays."""
    running = Analysis.objects.filter(pk=analysis.pk, analysis_status=AnalysisStatus.RUNNING)
    running.update(analysis_status=AnalysisStatus.FAILED, ended_at=at, failure=because[:300])
    _forget_partial()


def _forget_partial() -> None:
    """Take away what analyses wrote that never became complete."""
    _delete_in_chunks(CustomerReading.objects.filter(analysis__analysis_status=AnalysisStatus.FAILED))
    PlanReading.objects.filter(analysis__analysis_status=AnalysisStatus.FAILED).delete()


def _delete_in_chunks(rows: "models.QuerySet[Any]") -> None:
    """Delete a few thousand at a time, so that nobody who writes has to wait for long."""
    while keys := list(rows.values_list("pk", flat=True)[: 5 * CHUNK]):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=keys)._raw_delete(rows.db)


def _still_ours(analysis: Analysis) -> None:
    """Raise Superseded if another analysis took over: its readings are newer than these."""
    if not Analysis.objects.filter(pk=analysis.pk, analysis_status=AnalysisStatus.RUNNING).exists():
        raise Superseded(str(analysis))


def _insert(model: type[models.Model], rows: pl.DataFrame) -> None:
    """Many rows in one statement; columns by name."""
    quote = connection.ops.quote_name
    names, places = ", ".join(map(quote, rows.columns)), ", ".join(["%s"] * rows.width)
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows.rows())
