"""Staged rows become rows of the tables: chunk by chunk, each with its cursor in the same transaction.

Whatever is killed goes on where the last whole chunk ended, and the end is the same as if nothing had happened:
ids come from the chunk's own transaction, and days and moments from the run.
"""

from collections.abc import Iterator
from dataclasses import asdict

import polars as pl
from django.db import models, transaction
from django.utils import timezone

from karma.common.audit import record
from karma.common.clock import now
from karma.common.jobs import RunningJob
from karma.customers.models import ContactMoment
from karma.deals.models import Deal, PurchaseLine, StageChange
from karma.imports.enums import RunStatus
from karma.imports.hooks import facts_changed
from karma.imports.loading import LOADERS, Chunk, Counts
from karma.imports.models import ImportFile, ImportRun
from karma.imports.people_loading import load_people
from karma.imports.responsibility_loading import load_responsibilities
from karma.imports.staged import KEY, ORDER
from karma.imports.storage import staged_of
from karma.imports.turns import taking_turns
from karma.imports.world import World
from karma.imports.writing import MANY, Rehearsal, TableWriter, Writer, one_at_a_time

CHUNK = 500
_LOADERS = {"people": load_people, "responsibilities": load_responsibilities, **LOADERS}
REMOVABLE: dict[str, type[models.Model]] = {
    "contact_moments": ContactMoment,
    "purchases": PurchaseLine,
    "stage_history": StageChange,
    "deals": Deal,
}
"""Kinds of which a complete export takes rows away, those that point at others first."""


def files_in_order(run: ImportRun) -> list[ImportFile]:
    """The files that are written, those first at which others point."""
    files = list(run.files.exclude(kind=""))
    return sorted(files, key=lambda file: (ORDER.index(file.kind), file.position))


def rehearse(run: ImportRun, *, job: RunningJob | None = None) -> None:
    """Count what publishing would do, and write that down with each file; changes no other table."""
    world = _world(run, Rehearsal(run.pk))
    files = files_in_order(run)
    total, done = sum(file.kept for file in files), 0
    for file in files:
        counts = Counts()
        for chunk in _chunks(file, start=0):
            counts += _LOADERS[file.kind](world, chunk)
            done += chunk.frame.height
            if job:
                job.progress(done, total=total, phase="rehearse")
        file.planned = {**asdict(counts), "removed": len(_absent(run, file.kind)) if _is_first(file, files) else 0}
        file.save(update_fields=["planned"])


def publish(run: ImportRun, *, job: RunningJob | None = None) -> None:
    """Write everything, from where an earlier attempt stopped. Raises JobLost if another attempt took over."""
    files = files_in_order(run)
    world = _world(run, writer := TableWriter(run.pk))
    total, done = sum(file.kept for file in files), sum(file.cursor for file in files)
    with taking_turns() as wait_for_turn:
        for file in files:
            for chunk in _chunks(file, start=file.cursor):
                done += chunk.frame.height
                wait_for_turn()
                with transaction.atomic():
                    one_at_a_time()
                    _load(world, writer, file, chunk)
                    if job:
                        job.progress(done, total=total, phase="publish")
        if run.is_complete:
            _remove_absent(run, files, writer, job)
    _end(run, files, job)


def _world(run: ImportRun, writer: Writer) -> World:
    return World(run.source, writer, on=timezone.localdate(run.created_at), at=run.created_at)


def _chunks(file: ImportFile, *, start: int) -> Iterator[Chunk]:
    frame = pl.read_parquet(staged_of(file))
    given = frozenset(name for name in frame.columns if frame[name].null_count() < frame.height)
    for first in range(start, frame.height, CHUNK):
        yield Chunk(frame.slice(first, CHUNK), given)


def _load(world: World, writer: TableWriter, file: ImportFile, chunk: Chunk) -> None:
    """One chunk and its cursor; the caller's transaction makes them one."""
    world.forget()
    counts = _LOADERS[file.kind](world, chunk)
    writer.keep_changes()
    file.cursor += chunk.frame.height
    file.created += counts.created
    file.updated += counts.updated
    file.skipped += counts.skipped
    file.save(update_fields=["cursor", "created", "updated", "skipped"])


def _is_first(file: ImportFile, files: list[ImportFile]) -> bool:
    return file == next(each for each in files if each.kind == file.kind)


def _absent(run: ImportRun, kind: str) -> list[int]:
    """Rows of this source that none of the run's files of the kind holds; none where the run is not complete."""
    if not run.is_complete or kind not in REMOVABLE:
        return []
    held = {key for file in run.files.filter(kind=kind) for key in pl.read_parquet(staged_of(file))[KEY].to_list()}
    rows = (
        REMOVABLE[kind]._default_manager.filter(source=run.source).values_list("pk", "source_key").order_by("pk")
    )
    absent = [pk for pk, key in rows.iterator() if key not in held]
    if kind != "deals":
        return absent
    used = set(PurchaseLine.objects.filter(deal__isnull=False).values_list("deal", flat=True))
    used |= set(StageChange.objects.values_list("deal", flat=True))
    return [pk for pk in absent if pk not in used]


def _remove_absent(run: ImportRun, files: list[ImportFile], writer: TableWriter, job: RunningJob | None) -> None:
    for kind, model in REMOVABLE.items():
        first = next((file for file in files if file.kind == kind), None)
        absent = _absent(run, kind) if first else []
        for start in range(0, len(absent), MANY):
            some = absent[start : start + MANY]
            with transaction.atomic():
                one_at_a_time()
                writer.remove(model, some)
                writer.keep_changes()
                ImportFile.objects.filter(pk=first.pk).update(removed=models.F("removed") + len(some))  # type: ignore[union-attr]
                if job:
                    job.beat()


def _end(run: ImportRun, files: list[ImportFile], job: RunningJob | None) -> None:
    """The run is done: said in the audit list, once, with the job's own end."""
    counted = {name: sum(getattr(file, name) for file in files) for name in ("created", "updated", "skipped")}
    with transaction.atomic():
        waiting = ImportRun.objects.filter(pk=run.pk, run_status=RunStatus.PUBLISHING)
        if waiting.update(run_status=RunStatus.DONE, published_at=now()):
            record("imports.published", by=run.asked_by, at=now(), of=run, details=counted)
            facts_changed()
        if job:
            job.finish(counted)
    run.refresh_from_db()
