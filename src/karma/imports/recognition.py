"""Which kind of file a table is, and which column says what: proposed from names, corrected by people."""

from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass

from karma_files import KINDS, RawTable
from karma_files.mapping import KindMapping
from karma_files.recognise import Recognition, recognise

# Beside what a kind requires: of each set, one field must be there before a file is taken for that kind unasked.
_TELLING: dict[str, tuple[tuple[str, ...], ...]] = {
    "purchases": (("invoice", "product", "cost", "quantity", "customer", "customer_name"),),
    "deals": (("name", "opened_on", "amount"), ("outcome", "stage", "is_won")),
    "stage_history": (("on",),),
    "customers": (("name",),),
    "contacts": (("name", "last_name", "first_name"), ("customer", "job_title", "email")),
    "people": (("name", "last_name"), ("team", "function", "manager", "email", "from_on")),
    "responsibilities": (("from_on",),),
    "contact_moments": (("subject", "note", "channel"),),
}
_HEAD_START = {"purchases": 3, "contact_moments": 3, "stage_history": 2, "deals": 1}


@dataclass(frozen=True)
class Candidate:
    """One kind that a table may be: its columns by field, and fields for which two columns stand equal."""

    kind: str
    columns: ReadMapping[str, str]
    doubts: ReadMapping[str, tuple[str, ...]]
    is_likely: bool
    score: int


def candidates(table: RawTable) -> list[Candidate]:
    """Every kind with the columns that its fields go by, the likeliest first."""
    found = [_candidate(table, kind) for kind in KINDS]
    return sorted(found, key=lambda each: (not each.is_likely, -each.score))


def _candidate(table: RawTable, kind: str) -> Candidate:
    recognition = recognise(table.columns, KINDS[kind], name=table.name, options={}, mapped=KindMapping())
    return Candidate(
        kind=kind,
        columns={field: found.column for field, found in recognition.found.items()},
        doubts={field: tuple(columns) for field, columns in recognition.doubts.items()},
        is_likely=_is_likely(recognition, kind),
        score=len(recognition.found) + _HEAD_START.get(kind, 0),
    )


def _is_likely(recognition: Recognition, kind: str) -> bool:
    has_required = all(any(recognition.has(*alternative) for alternative in each) for each in KINDS[kind].required)
    return has_required and all(any(recognition.has(field) for field in each) for each in _TELLING[kind])
