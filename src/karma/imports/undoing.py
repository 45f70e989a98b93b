"""Taking a run back: exactly what it did, in reverse, unless a later run or a person built on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from karma.common.audit import record
from karma.common.clock import now
from karma.common.jobs import RunningJob
from karma.common.models import AuditEvent
from karma.imports.enums import RunStatus
from karma.imports.hooks import facts_changed
from karma.imports.models import ImportRun, RunChange
from karma.imports.turns import taking_turns
from karma.imports.writing import Model, delete_rows, from_json, one_at_a_time, put_back, update_rows
from karma.people.models import Person

SHOWN = 20


@dataclass(frozen=True)
class Obstacle:
    """A row that can no longer be taken back: what it is called, and who changed it since."""

    name: str
    table: str
    by_person: str = ""
    on: Any = None
    by_run: int | None = None


def obstacles(run: ImportRun) -> list[Obstacle]:
    """The first rows, SHOWN at most, on which somebody or a later run built. Empty: the run can be taken back."""
    found: list[Obstacle] = []
    for obstacle in _obstacles(run):
        if obstacle not in found:
            found.append(obstacle)
        if len(found) == SHOWN:
            break
    return found


def _obstacles(run: ImportRun) -> Iterator[Obstacle]:
    own = {change.table: set(change.created) for change in run.changes.all() if not _has_run(_model(change))}
    for change in run.changes.all():
        model = _model(change)
        ids = [*change.created, *(row["id"] for row in change.before)]
        if _has_run(model):
            rows = model._default_manager.filter(pk__in=ids)
            for row in rows.exclude(last_run=run.pk)[:SHOWN]:
                yield _said(row, run, by_run=getattr(row, "last_run", None))
            if rows.count() < len(set(ids)):
                yield Obstacle(name=str(model._meta.verbose_name), table=model._meta.label_lower)
        yield from _joined(model, change.created)
        yield from _leaning(model, change.created, run, own)


def _model(change: RunChange) -> Model:
    return apps.get_model(change.table)


def _has_run(model: Model) -> bool:
    return any(each.name == "last_run" for each in model._meta.concrete_fields)


def _relations_to(model: Model) -> list[tuple[Model, str]]:
    """The tables that point at this one, with the field that does, hidden ones included."""
    fields = model._meta.get_fields(include_hidden=True)
    return [
        (each.related_model, each.field.name)  # type: ignore[union-attr, misc]
        for each in fields
        if each.auto_created and not each.concrete and (each.one_to_many or each.one_to_one)
    ]


def _is_derived(model: Model) -> bool:
    """Whether the rows are made anew from the others: nobody wrote them, so they hold up nothing and go along."""
    return bool(getattr(model, "is_derived", False))


def _joined(model: Model, created: list[int]) -> Iterator[Obstacle]:
    if model is Person:
        for person in Person.objects.filter(pk__in=created, joined_at__isnull=False):
            yield Obstacle(person.name, model._meta.label_lower)


def _leaning(model: Model, created: list[int], run: ImportRun, own: Mapping[str, set[int]]) -> Iterator[Obstacle]:
    """Rows that others made and that point at rows of this run."""
    for related, field in _relations_to(model) if created else ():
        if _is_derived(related):
            continue
        others = related._default_manager.filter(**{f"{field}__in": created}).select_related(field)
        if _has_run(related):
            others = others.exclude(last_run=run.pk)
        else:
            others = others.exclude(pk__in=own.get(related._meta.label, set()))
        for row in others[:SHOWN]:
            yield _said(getattr(row, field), run, by_run=getattr(row, "last_run", None))


def _said(row: models.Model, run: ImportRun, *, by_run: int | None) -> Obstacle:
    """The obstacle that a row is: by the name of its customer where it has one, and of who wrote about either."""
    named: models.Model = getattr(row, "customer", None) or row
    about = Q(object_kind=row._meta.label_lower, object_id=str(row.pk))
    about |= Q(object_kind=named._meta.label_lower, object_id=str(named.pk))
    since = run.published_at or run.created_at
    event = AuditEvent.objects.filter(about, at__gte=since).select_related("actor").first()
    return Obstacle(
        name=str(named),
        table=row._meta.label_lower,
        by_person=str(event.actor) if event and event.actor else "",
        on=event.at if event else None,
        by_run=by_run,
    )


def undo(run: ImportRun, *, job: RunningJob | None = None) -> None:
    """Take the run back, latest change first, from where an earlier attempt stopped.

    A row that somebody changed between the look at the obstacles and its own turn stays as they left it.
    """
    done, total = run.undo_cursor, run.changes.count()
    with taking_turns() as wait_for_turn:
        for change in run.changes.order_by("-id")[done:]:
            wait_for_turn()
            with transaction.atomic():
                one_at_a_time()
                _take_back(change)
                done += 1
                ImportRun.objects.filter(pk=run.pk).update(undo_cursor=done)
                if job:
                    job.progress(done, total=total, phase="undo")
    with transaction.atomic():
        undoing = ImportRun.objects.filter(pk=run.pk, run_status=RunStatus.UNDOING)
        if undoing.update(run_status=RunStatus.UNDONE, undone_at=now()):
            record("imports.undone", by=run.undone_by, at=now(), of=run)
            facts_changed()
        if job:
            job.finish({})
    run.refresh_from_db()


def _take_back(change: RunChange) -> None:
    model = _model(change)
    _delete(model, change)
    _restore(model, change)
    put_back(model, change.removed)


def _restore(model: Model, change: RunChange) -> None:
    """Put changed rows back as they were, a few columns' worth of statements a table."""
    before = {row["id"]: row for row in change.before}
    mine = _mine(model, list(before), change)
    if mine:
        names = [name for name in change.before[0] if name != "id"]
        rows = [(pk, tuple(from_json(model, name, before[pk][name]) for name in names)) for pk in mine]
        update_rows(model, names, rows)


def _delete(model: Model, change: RunChange) -> None:
    mine = _mine(model, change.created, change)
    leaning: set[int] = set()
    for related, field in _relations_to(model):
        found = related._default_manager.filter(**{f"{field}__in": mine})
        if _is_derived(related):
            found.delete()
        else:
            leaning |= set(found.values_list(field, flat=True))
    delete_rows(model, [pk for pk in mine if pk not in leaning])


def _mine(model: Model, ids: list[int], change: RunChange) -> list[int]:
    """Of these rows, those that still stand as the run left them."""
    rows = model._default_manager.filter(pk__in=ids)
    if _has_run(model):
        rows = rows.filter(last_run=change.run_id)
    elif model is Person:
        rows = rows.filter(joined_at__isnull=True)
    return list(rows.values_list("pk", flat=True))
