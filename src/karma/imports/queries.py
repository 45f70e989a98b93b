"""Reads of runs for the screens."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from django.db.models import QuerySet, Sum
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from karma.imports.enums import RunStatus
from karma.imports.models import ImportFile, ImportRun
from karma.imports.phrases import fault_words, ignored_words, kind_words, notice_words, reason_words
from karma.imports.storage import rejected_of, staged_of
from karma.people.models import Person
from karma_files.words import CHANNELS, OUTCOMES

AT_ONCE = 5000

SHOWN = 5


def runs_listed(viewer: Person) -> QuerySet[ImportRun]:
    """All runs that were not put away, the latest first, with what they wrote."""
    runs = ImportRun.objects.visible_to(viewer).exclude(run_status=RunStatus.DISCARDED).order_by("-pk")
    return runs.select_related("asked_by").annotate(
        created=Sum("files__created"), updated=Sum("files__updated"), rejected=Sum("files__rejected")
    )


def sources_known() -> list[str]:
    """The names of sources that were used before."""
    return list(ImportRun.objects.order_by("source").values_list("source", flat=True).distinct())


def is_writing() -> bool:
    """Whether an import writes at this moment, so that lists may change while one looks."""
    return ImportRun.objects.filter(run_status__in=(RunStatus.PUBLISHING, RunStatus.UNDOING)).exists()


@dataclass(frozen=True)
class Line:
    """A file of a run in words."""

    file: ImportFile
    kind: str
    sentence: str
    fault: str
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    ignored: str
    rejections: tuple[dict[str, Any], ...]


def lines_of(run: ImportRun) -> list[Line]:
    """The run's files, those that are left out last."""
    files = sorted(run.files.all(), key=lambda file: (not file.kind, file.position))
    return [line_of(file) for file in files]


def line_of(file: ImportFile) -> Line:
    said = [(bool(notice.get("is_warning")), notice_words(notice)) for notice in file.notices]
    return Line(
        file=file,
        kind=kind_words(file.kind) if file.kind else "",
        sentence=_sentence(file),
        fault=fault_words(file.fault),
        warnings=tuple(text for is_warning, text in said if is_warning),
        notes=tuple(text for is_warning, text in said if not is_warning),
        ignored=ignored_words(file.ignored),
        rejections=tuple(first_rejections(file)),
    )


def _sentence(file: ImportFile) -> str:
    """What a file holds, before anything is written: how many, how many won, from when on."""
    seen = file.proposal.get("summary")
    if not file.kind or not seen:
        return ""
    said = {
        "number": localize(seen["rows"]),
        "kind": kind_words(file.kind),
        "source": file.run.source,
        "won": localize(seen["won"]),
        "since": seen["since"],
    }
    if seen.get("won") is not None and seen.get("since"):
        return _("%(number)s %(kind)s from %(source)s, %(won)s won, from %(since)s on.") % said
    if seen.get("since"):
        return _("%(number)s %(kind)s from %(source)s, from %(since)s on.") % said
    return _("%(number)s %(kind)s from %(source)s.") % said


def summary_of(frame: pl.DataFrame, kind: str) -> dict[str, Any]:
    """How many rows a staged file has, how many deals were won, and the year of the first."""
    day = {"deals": "opened_on", "purchases": "on", "contact_moments": "on", "stage_history": "on"}.get(kind)
    first = frame[day].min() if day and frame.height else None
    return {
        "rows": frame.height,
        "won": int((frame["outcome"] == "won").sum()) if kind == "deals" else None,
        "since": str(first)[:4] if first else None,
    }


def first_rejections(file: ImportFile, *, most: int = SHOWN) -> list[dict[str, Any]]:
    """The first rows that were set aside, with why."""
    path = rejected_of(file)
    if not file.rejected or not path.exists():
        return []
    rows = pl.read_parquet(path, columns=["line", "column", "value", "reason"]).head(most)
    return [{**row, "reason": reason_words(row["reason"])} for row in rows.to_dicts()]


def rejected_rows(file: ImportFile) -> Iterator[list[str]]:
    """Every row that was set aside, for a spreadsheet: where, what and why, then the row as the file has it."""
    path = rejected_of(file)
    frame = pl.scan_parquet(path) if path.exists() else pl.LazyFrame()
    cells = [name for name in frame.collect_schema().names() if name.startswith("cell:")]
    yield [
        _("file"), pgettext("in a file", "line"), _("column"), _("value"), _("why"),
        *(name.removeprefix("cell:") for name in cells),
    ]  # fmt: skip
    for row in _some_at_a_time(frame):
        head = [
            row["file"],
            str(row["line"]),
            row["column"] or "",
            row["value"] or "",
            reason_words(row["reason"]),
        ]
        yield [*head, *(row[name] or "" for name in cells)]


def _some_at_a_time(frame: pl.LazyFrame) -> Iterator[dict[str, Any]]:
    """The rows of a file, of which the web never holds more than some thousands."""
    start = 0
    while rows := frame.slice(start, AT_ONCE).collect().to_dicts():
        yield from rows
        start += AT_ONCE


@dataclass(frozen=True)
class Word:
    """A value as a file has it, how often, what it is taken for ("" is "as it is"), and whom a number names."""

    text: str
    count: int
    meaning: str
    hint: str = ""


@dataclass(frozen=True)
class Words:
    """The values of one field, the files that hold them, and what they may mean."""

    files: tuple[ImportFile, ...]
    field: str
    title: str
    choices: tuple[tuple[str, str], ...]
    words: tuple[Word, ...]

    @property
    def names(self) -> str:
        return ", ".join(file.name for file in self.files)


def words_of(run: ImportRun) -> list[Words]:
    """Every field of the run's files whose words a person may explain: outcomes, stages, contact, owners."""
    files = list(run.files.exclude(kind=""))
    return [*(group for file in files for group in _groups(file)), *_owners(files)]


def _groups(file: ImportFile) -> Iterator[Words]:
    seen, values = file.seen_values, file.mapping.get("values", {})
    outcome = "outcome" if "outcome" in seen else "stage" if file.kind == "deals" else ""
    if outcome in seen:
        meant = _meant(seen[outcome], values.get("outcome", {}), OUTCOMES)
        title = _("What became of it") if outcome == "outcome" else _("Which stage says won, which lost")
        yield Words((file,), "outcome", title, outcome_choices(), meant)
    if "channel" in seen:
        meant = _meant(seen["channel"], values.get("channel", {}), CHANNELS)
        yield Words((file,), "channel", _("Ways of contact"), channel_choices(), meant)


def _owners(files: list[ImportFile]) -> Iterator[Words]:
    """Who is named as the owner, once for all files; contact persons have an owner that is not kept."""
    owned = [file for file in files if file.seen_values.get("owner") and file.kind != "contacts"]
    counted: Counter[str] = Counter()
    own: dict[str, str] = {}
    for file in owned:
        counted.update(dict(file.seen_values["owner"]))
        own |= file.mapping.get("values", {}).get("owner", {})
    if counted:
        names = colleagues_by_name()
        known = {name.casefold(): name for name in names}
        choices = (("", _("as in the file")), *((name, name) for name in names))
        meant = _meant([list(each) for each in counted.most_common()], own, known)
        hints = _people_by_key(files)
        named = tuple(replace(word, hint=hints.get(word.text, "")) for word in meant)
        yield Words(tuple(owned), "owner", _("Who it belongs to"), choices, named)


def _people_by_key(files: list[ImportFile]) -> dict[str, str]:
    """The people of whom a file of the run or an earlier one said by which number the source knows them."""
    run = files[0].run
    known = Person.objects.filter(source=run.source).exclude(source_key=None)
    found = {str(key): name for key, name in known.values_list("source_key", "name")}
    for file in files:
        if file.kind == "people" and staged_of(file).exists():
            frame = pl.read_parquet(staged_of(file), columns=["key", "name"])
            found |= dict(frame.iter_rows())
    return {key: name for key, name in found.items() if key != name}


def _meant(seen: list[list[Any]], own: dict[str, str], known: dict[str, str]) -> tuple[Word, ...]:
    return tuple(Word(text, count, own.get(text) or known.get(text.casefold(), "")) for text, count in seen)


def outcome_choices() -> tuple[tuple[str, str], ...]:
    return (
        ("", _("not known: as open")),
        ("open", pgettext("deal", "open")),
        ("won", pgettext("deal", "won")),
        ("lost", pgettext("deal", "lost")),
        ("deleted", _("leave these rows out")),
    )


def channel_choices() -> tuple[tuple[str, str], ...]:
    return (
        ("", _("not known: as a note")),
        ("call", pgettext("contact", "call")),
        ("email", pgettext("contact", "mail")),
        ("meeting", pgettext("contact", "meeting")),
        ("visit", pgettext("contact", "visit")),
        ("note", pgettext("contact", "note")),
        ("task", pgettext("contact", "task")),
    )


def colleagues_by_name() -> list[str]:
    """Names that are one colleague's alone."""
    counted = Counter(Person.objects.colleagues().values_list("name", flat=True))
    return sorted(name for name, number in counted.items() if number == 1)
