"""karma import and karma imports: files into the product, and runs taken back.

Django is set up inside each command, since the commands that only read files do without it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from karma.cli.house import _refuse_missing_tables, _set_up
from karma.cli.language import _, language, ngettext
from karma.cli.options import Json, MappingFile, OptionError
from karma.cli.output import answer, print_json, step
from karma.cli.sources import grouped, say_rejection
from karma_core.errors import KarmaError
from karma_files import KINDS, FileError, load_mapping

if TYPE_CHECKING:
    from karma.common.models import Job
    from karma.imports.models import ImportFile, ImportRun

Files = Annotated[
    list[Path], typer.Argument(help=_("Files of any kind: CSV, XLSX or Parquet."), metavar="FILE...")
]
SourceName = Annotated[
    str, typer.Option("--source", help=_("Where the files come from: the program that made them."), metavar="NAME")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Say what would be written, and write nothing."))]
Complete = Annotated[
    bool,
    typer.Option("--complete", help=_("The files hold everything there is: what is not in them is taken away.")),
]
Action = Annotated[str, typer.Argument(help=_("list, or undo."), metavar="list|undo")]
Run = Annotated[int | None, typer.Argument(help=_("The number of the import to take back."), metavar="RUN")]
SHOWN = 5
PIECE = 1 << 20


class ImportRefused(KarmaError):  # noqa: N818 (said to the person at the command line)
    """Files that cannot be imported as they are, or a run that cannot be taken back."""


@dataclass(frozen=True)
class _Asked:
    """What was typed behind karma import."""

    files: list[Path]
    source: str
    mapping: str
    is_complete: bool
    is_dry: bool


def import_(
    files: Files,
    source: SourceName = "files",
    mapping: MappingFile = None,
    dry_run: DryRun = False,
    complete: Complete = False,
    as_json: Json = False,
) -> None:
    """Bring files in: each is recognised, read, and written; the same again changes nothing."""
    asked = _Asked(files, source.strip()[:60] or "files", _mapping(mapping), complete, dry_run)
    _check_files(files)
    _set_up()
    _refuse_missing_tables()
    _use_time_zone()
    run = _imported(asked)
    document = _document(run, is_dry=dry_run)
    if dry_run:
        _forget(run)
    if as_json:
        print_json(document)
    else:
        _tell(document, is_dry=dry_run)


def imports(action: Action, run: Run = None, as_json: Json = False) -> None:
    """List the imports, or take one back."""
    if action not in ("list", "undo") or (action == "undo" and run is None):
        raise OptionError(_("Type karma imports list, or karma imports undo RUN."))
    _set_up()
    _refuse_missing_tables()
    _use_time_zone()
    if action == "list":
        _list(as_json=as_json)
    else:
        _undo(run or 0, as_json=as_json)


def _mapping(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        text = path.read_bytes()
    except OSError as fault:
        raise OptionError(_("--mapping {path} cannot be opened. Check the path.").format(path=path)) from fault
    load_mapping(text)
    return text.decode("utf-8-sig")


def _check_files(files: list[Path]) -> None:
    for file in files:
        if not file.is_file():
            raise FileError("not_found" if not file.exists() else "directory", name=file.name)


def _use_time_zone() -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415 (needs Django)

    from karma.people.queries import current_organisation  # noqa: PLC0415

    organisation = current_organisation()
    if organisation:
        timezone.activate(ZoneInfo(organisation.time_zone))


def bring_in(files: list[Path], *, source: str, mapping: str = "") -> None:
    """Read and write files of an installation that is set up. Raises before anything is written."""
    _check_files(files)
    _imported(_Asked(files, source, mapping, is_complete=False, is_dry=False))


def _imported(asked: _Asked) -> "ImportRun":
    """The run, looked at, read and, unless it was a rehearsal, written. Raises before anything is written."""
    from karma.common.clock import now  # noqa: PLC0415 (needs Django)
    from karma.imports import operations  # noqa: PLC0415
    from karma.people.queries import current_organisation  # noqa: PLC0415

    organisation = current_organisation()
    source = operations.Source(
        asked.source, asked.is_complete, organisation.currency if organisation else "", asked.mapping
    )
    uploads = [operations.Upload(file.name, _pieces(file)) for file in asked.files]
    run = operations.begin(source, uploads, by=None, at=now())
    with step(_("Reading {names}").format(names=", ".join(file.name for file in asked.files))):
        operations.look(run)
        _refuse(run)
        operations.read(run)
        _refuse(run)
    if not asked.is_dry:
        with step(_("Writing")):
            _see_through(operations.ask_publishing(run, by=None))
    run.refresh_from_db()
    return run


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


def _refuse(run: "ImportRun") -> None:
    """Raise what is wrong with the first file that cannot be read, or that nobody recognises.

    A file on which our own reading broke is no refusal but our own fault.
    """
    from karma.imports.phrases import fault_words  # noqa: PLC0415 (needs Django)

    for file in run.files.all():
        if file.fault:
            _forget(run)
            if file.fault["code"] == "broke":
                raise RuntimeError(fault_words(file.fault))
            raise FileError(file.fault["code"], **file.fault["parameters"])
        if not file.kind:
            _forget(run)
            raise ImportRefused(
                _(
                    "{name} is not recognised as customers, responsibilities, contacts, people, deals, stage "
                    "history, lines of sale or contact moments. Leave it out, or bring it in through the browser "
                    "and say what it is."
                ).format(name=file.name)
            )


def _forget(run: "ImportRun") -> None:
    from karma.common.clock import now  # noqa: PLC0415 (needs Django)
    from karma.imports.operations import discard  # noqa: PLC0415

    discard(run, by=None, at=now())


def _see_through(job: "Job") -> None:
    """Do the job here, or wait for the worker that was faster. Raises ImportRefused where it stopped."""
    from karma.common.tasks import run_job  # noqa: PLC0415 (needs Django)

    run_job.func(str(job.pk))
    job.refresh_from_db()
    while not job.has_ended:
        time.sleep(0.5)
        job.refresh_from_db()
    if job.job_status == "failed":
        raise ImportRefused(
            _("This stopped halfway: {failure}. What was written stays; open the import in the browser.").format(
                failure=job.failure
            )
        )


def _document(run: "ImportRun", *, is_dry: bool) -> dict[str, Any]:
    files = list(run.files.all())
    return {
        "run": None if is_dry else run.pk,
        "files": [_line(file, is_dry=is_dry, is_complete=run.is_complete) for file in files],
        "rejections": [rejection for file in files for rejection in _rejections(file)],
    }


def _line(file: "ImportFile", *, is_dry: bool, is_complete: bool) -> dict[str, Any]:
    counted = file.planned if is_dry else vars(file)
    counts = {name: counted.get(name, 0) for name in ("created", "updated", "skipped")}
    removed = {"removed": counted.get("removed", 0)} if is_complete else {}
    return {
        "file": file.name,
        "kind": file.kind,
        "rows": file.rows,
        **counts,
        "rejected": file.rejected,
        "ignored": dict(file.ignored),
        **removed,
    }


def _rejections(file: "ImportFile") -> list[dict[str, Any]]:
    import polars as pl  # noqa: PLC0415 (only where there are rejections)

    from karma.imports.storage import rejected_of  # noqa: PLC0415 (needs Django)

    if not file.rejected:
        return []
    return pl.read_parquet(rejected_of(file), columns=["file", "line", "column", "value", "reason"]).to_dicts()


def _tell(document: dict[str, Any], *, is_dry: bool) -> None:
    if is_dry:
        answer.print(_("This is what would be written. Nothing was."), markup=False)
    else:
        answer.print(_("Import {run}.").format(run=document["run"]), markup=False)
    for line in document["files"]:
        shown = {name: grouped(value) if isinstance(value, int) else value for name, value in line.items()}
        shown["kind"] = KINDS[line["kind"]].dutch if language() == "nl" else KINDS[line["kind"]].english
        said = _("{file}, {kind}: {created} new, {updated} changed, {skipped} the same, {rejected} set aside.")
        answer.print(said.format(**shown), markup=False)
    for rejection in document["rejections"][:SHOWN]:
        answer.print(f"- {say_rejection(rejection)}", markup=False)
    if len(document["rejections"]) > SHOWN:
        more = len(document["rejections"]) - SHOWN
        answer.print("- " + ngettext("and {n} more.", "and {n} more.", more).format(n=grouped(more)), markup=False)


def _list(*, as_json: bool) -> None:
    from karma.imports.models import ImportRun  # noqa: PLC0415 (needs Django)

    runs = ImportRun.objects.exclude(run_status="discarded").prefetch_related("files")
    lines = [_summary(run) for run in runs]
    if as_json:
        print_json({"runs": lines})
        return
    for line in lines:
        said = _("{run}: {source}, {at}, {status}. {created} new, {updated} changed.")
        answer.print(said.format(**line), markup=False)
    if not lines:
        answer.print(_("Nothing has been imported yet."), markup=False)


def _summary(run: "ImportRun") -> dict[str, Any]:
    files = list(run.files.all())
    return {
        "run": run.pk,
        "source": run.source,
        "at": run.created_at.isoformat(timespec="minutes"),
        "status": run.run_status,
        "files": [file.name for file in files],
        "created": sum(file.created for file in files),
        "updated": sum(file.updated for file in files),
    }


def _undo(number: int, *, as_json: bool) -> None:
    from karma.imports.models import ImportRun  # noqa: PLC0415 (needs Django)
    from karma.imports.operations import ask_undoing  # noqa: PLC0415
    from karma.imports.phrases import obstacle_words  # noqa: PLC0415
    from karma.imports.undoing import obstacles  # noqa: PLC0415

    run = ImportRun.objects.filter(pk=number).first()
    if run is None or not run.may_be_undone:
        raise ImportRefused(_("There is no import {run} that can be taken back.").format(run=number))
    found = obstacles(run)
    if found:
        said = " ".join(str(obstacle_words(each)) for each in found[:SHOWN])
        raise ImportRefused(_("This can no longer be taken back by itself. {said}").format(said=said))
    with step(_("Taking it back")):
        _see_through(ask_undoing(run, by=None))
    if as_json:
        print_json({"run": number, "undone": True})
    else:
        answer.print(_("Import {run} was taken back; everything is as it was before.").format(run=number))
