"""What is done with a run, from its first file to its undoing. Work that takes longer is a job."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from karma.common.audit import record
from karma.common.clock import now
from karma.common.jobs import RunningJob, ask
from karma.common.models import Job
from karma.imports import publishing, undoing
from karma.imports.enums import RunStatus
from karma.imports.models import ImportFile, ImportRun, SavedMapping
from karma.imports.proposing import columns_proposed, fingerprint_of, propose
from karma.imports.queries import summary_of
from karma.imports.reading import FileFault, Request, look_at, read_as
from karma.imports.storage import forget, keep, rejected_of, staged_of, upload_of
from karma.people.models import Person
from karma.people.operations import Refused

LONGEST_NAME = 200


@dataclass(frozen=True)
class Upload:
    """A file that somebody gave: what it is called, and its bytes in pieces."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True)
class Source:
    """Where a run's files come from, and what holds for all of them."""

    name: str
    is_complete: bool = False
    currency: str = ""
    mapping: str = ""
    """A map.toml, which then says everything that the screens would ask."""


def begin(source: Source, uploads: Sequence[Upload], *, by: Person | None, at: datetime) -> ImportRun:
    """Keep the files under names of our own, and make the run. Nothing of them is opened yet."""
    with transaction.atomic():
        run = ImportRun.objects.create(
            source=source.name,
            is_complete=source.is_complete,
            currency=source.currency,
            settings={"toml": source.mapping} if source.mapping else {},
            asked_by=by,
            created_at=at,
        )
        record("imports.begun", by=by, at=at, of=run, details={"files": len(uploads)})
    for position, upload in enumerate(uploads):
        stored = keep(run, upload.chunks)
        ImportFile.objects.create(
            run=run, position=position, name=plain_name(upload.name), stored=stored.name,
            size=stored.size, sha256=stored.sha256,
        )  # fmt: skip
    return run


def plain_name(name: str) -> str:
    """The last part of a file's name, without what no name should hold."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-LONGEST_NAME:] or "file"


def look(run: ImportRun, *, job: RunningJob | None = None) -> None:
    """Open each file in a child process, and propose what it is."""
    files = list(run.files.all())
    for number, file in enumerate(files):
        if job:
            job.progress(number, total=len(files), phase="look")
        _look_at(run, file)
    propose(files, source=run.source)
    with transaction.atomic():
        for file in files:
            file.save()
        _move_on(run, to=RunStatus.MAPPING, job=job)


def _look_at(run: ImportRun, file: ImportFile) -> None:
    try:
        looked = look_at(_request(run, file))
    except FileFault as fault:
        file.fault = {"code": fault.code, "parameters": fault.parameters}
        return
    file.columns, file.notices, file.fault = looked.columns, looked.notices, {}
    file.proposal = {"candidates": looked.candidates, "choices": looked.choices}


def choose_kind(file: ImportFile, kind: str) -> None:
    """Say what a file is; "" leaves it out. What was proposed for another kind gives way."""
    if kind != file.kind:
        file.kind = kind
        file.mapping = {"columns": columns_proposed(file, kind), "values": {}, "settings": {}}
        file.save(update_fields=["kind", "mapping"])


def map_columns(file: ImportFile, columns: Mapping[str, str], *, settings: Mapping[str, str]) -> None:
    """Say which column holds what, and how dates and amounts are written."""
    file.mapping = {**file.mapping, "columns": dict(columns), "settings": dict(settings)}
    file.save(update_fields=["mapping"])


def map_values(file: ImportFile, values: Mapping[str, Mapping[str, str]]) -> None:
    """Say what words in a file mean: stages, owners, ways of contact."""
    kept = {field: dict(meanings) for field, meanings in values.items() if meanings}
    file.mapping = {**file.mapping, "values": kept}
    file.save(update_fields=["mapping"])


def note_words_seen(run: ImportRun) -> None:
    """Remember that somebody looked at what the words mean, so that the step is not asked for again."""
    run.settings = {**run.settings, "words_seen": True}
    run.save(update_fields=["settings"])


def read(run: ImportRun, *, job: RunningJob | None = None) -> None:
    """Read each file as its kind, and rehearse the writing; where a file cannot be read, its fault says why."""
    files = list(run.files.exclude(kind=""))
    for number, file in enumerate(files):
        if job:
            job.progress(number, total=len(files), phase="read")
        _read(run, file)
    is_ready = bool(files) and not any(file.fault for file in files)
    if is_ready:
        publishing.rehearse(run, job=job)
    with transaction.atomic():
        _move_on(run, to=RunStatus.READY if is_ready else RunStatus.MAPPING, job=job)


def _read(run: ImportRun, file: ImportFile) -> None:
    try:
        found = read_as(_request(run, file), staged=staged_of(file), rejected=rejected_of(file))
    except FileFault as fault:
        file.fault = {"code": fault.code, "parameters": fault.parameters}
        file.seen_values = fault.seen or file.seen_values
        file.save(update_fields=["fault", "seen_values"])
        return
    file.fault, file.seen_values, file.notices = {}, found.seen, found.notices
    file.rows, file.rejected, file.ignored = found.rows, found.rejected, found.ignored
    file.proposal = {**file.proposal, "missing": found.missing, "read": found.columns}
    file.proposal["summary"] = summary_of(pl.read_parquet(staged_of(file)), file.kind)
    file.save()


def _request(run: ImportRun, file: ImportFile) -> Request:
    mapping = run.settings if "toml" in run.settings else file.mapping
    others = run.files.exclude(pk=file.pk) if "toml" in run.settings else []
    return Request(
        path=upload_of(file),
        name=file.name,
        kind=file.kind,
        mapping=mapping,
        currency=run.currency,
        time_zone=timezone.get_current_timezone_name(),
        others={each.name: {"path": str(upload_of(each)), "name": each.name} for each in others},
    )


def ask_looking(run: ImportRun, *, by: Person | None) -> Job:
    """Let a worker look at the files."""
    return _ask(run, "imports.look", begun=(RunStatus.LOOKING,), status=RunStatus.LOOKING, by=by)


def ask_reading(run: ImportRun, *, by: Person | None) -> Job:
    """Let a worker read the files and rehearse. Raises Refused where no file has a kind."""
    if not run.files.exclude(kind="").exists():
        raise Refused(_("Say of at least one file what it is."))
    return _ask(run, "imports.read", begun=(RunStatus.MAPPING, RunStatus.READY), status=RunStatus.READING, by=by)


def ask_publishing(run: ImportRun, *, by: Person | None) -> Job:
    """Let a worker write what was read, and keep the mappings for the next time."""
    with transaction.atomic():
        job = _ask(run, "imports.publish", begun=(RunStatus.READY,), status=RunStatus.PUBLISHING, by=by)
        for file in run.files.exclude(kind=""):
            _keep_mapping(run, file)
    return job


def _keep_mapping(run: ImportRun, file: ImportFile) -> None:
    if "toml" not in run.settings:
        SavedMapping.objects.update_or_create(
            source=run.source,
            fingerprint=fingerprint_of(file.columns),
            defaults={"kind": file.kind, "mapping": file.mapping, "saved_at": now()},
        )


def ask_undoing(run: ImportRun, *, by: Person | None) -> Job:
    """Let a worker take the run back. Raises Refused where it is final, or somebody or a later run built on it."""
    if run.settings.get("is_final") or undoing.obstacles(run):
        raise Refused(_("This can no longer be taken back by itself."))
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(undone_by=by)
        return _ask(run, "imports.undo", begun=(RunStatus.DONE,), status=RunStatus.UNDOING, by=by)


def ask_again(run: ImportRun, *, by: Person | None) -> Job:
    """Let a worker try again what stopped."""
    kinds = {
        RunStatus.LOOKING: "imports.look",
        RunStatus.READING: "imports.read",
        RunStatus.PUBLISHING: "imports.publish",
        RunStatus.UNDOING: "imports.undo",
    }
    status = RunStatus(run.run_status)
    return _ask(run, kinds[status], begun=(status,), status=status, by=by)


def discard(run: ImportRun, *, by: Person | None, at: datetime) -> None:
    """Put a run away of which nothing was written. Raises Refused otherwise."""
    with transaction.atomic():
        open_ones = (RunStatus.LOOKING, RunStatus.MAPPING, RunStatus.READING, RunStatus.READY)
        if not ImportRun.objects.filter(pk=run.pk, run_status__in=open_ones).update(
            run_status=RunStatus.DISCARDED
        ):
            raise Refused(_("What has been written is taken back by undoing it."))
        record("imports.discarded", by=by, at=at, of=run)
    forget(run)


def _ask(run: ImportRun, kind: str, *, begun: tuple[RunStatus, ...], status: RunStatus, by: Person | None) -> Job:
    """Ask a job once: of two who click at the same moment, one finds that it was asked already."""
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.run_status not in begun:
            raise Refused(_("Somebody was just before you. Look at what it says now."))
        job = ask(kind, by=by, arguments={"run": run.pk})
        locked.run_status, locked.job = status, job
        locked.save(update_fields=["run_status", "job"])
    run.refresh_from_db()
    return job


def _move_on(run: ImportRun, *, to: RunStatus, job: RunningJob | None) -> None:
    """The run's next status and the job's end, in the caller's transaction. A run put away meanwhile stays so."""
    still = ImportRun.objects.filter(pk=run.pk).exclude(run_status=RunStatus.DISCARDED)
    still.update(run_status=to)
    if job:
        job.finish({"run": run.pk})
    run.refresh_from_db()


WORK: dict[str, tuple[RunStatus, Callable[..., None]]] = {
    "imports.look": (RunStatus.LOOKING, look),
    "imports.read": (RunStatus.READING, read),
    "imports.publish": (RunStatus.PUBLISHING, publishing.publish),
    "imports.undo": (RunStatus.UNDOING, undoing.undo),
}


def work_on(kind: str, running: RunningJob) -> Mapping[str, object] | None:
    """Do a run's job, if the run still waits for it; the work then ended the job in its last write."""
    status, work = WORK[kind]
    run = ImportRun.objects.get(pk=int(str(running.arguments["run"])))
    if run.run_status != status:
        return {}
    work(run, job=running)
    return None
