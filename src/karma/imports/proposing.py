"""What is proposed for each file of a run: its kind and its columns, from last time, else from names."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from karma.imports.models import ImportFile, SavedMapping
from karma.imports.staged import ORDER

_REFERENCES = {
    "customers": "customer",
    "people": "person",
    "contacts": "contact",
    "deals": "deal",
}
_POINTERS = {"customer": ("customer",), "person": ("owner", "person"), "contact": ("contact",), "deal": ("deal",)}


def fingerprint_of(columns: Sequence[Mapping[str, Any]]) -> str:
    """The same for files with the same columns, in whatever order."""
    names = "\x1f".join(sorted(str(each["name"]) for each in columns))
    return hashlib.blake2b(names.encode(), digest_size=16).hexdigest()


def propose(files: Sequence[ImportFile], *, source: str) -> None:
    """Fill in kind and mapping of each file that was looked at; the caller saves."""
    for file in files:
        saved = SavedMapping.objects.filter(source=source, fingerprint=fingerprint_of(file.columns)).first()
        if saved and file.columns:
            file.kind, file.mapping = saved.kind, saved.mapping
            file.proposal = {**file.proposal, "is_saved": True}
        elif file.columns:
            _propose_from_names(file)
    _settle_doubts([file for file in files if not file.proposal.get("is_saved")])


def _propose_from_names(file: ImportFile) -> None:
    known = [each for each in file.proposal.get("candidates", []) if each["kind"] in ORDER]
    best = next((each for each in known if each["is_likely"]), None)
    file.kind = best["kind"] if best else ""
    file.mapping = {"columns": dict(best["columns"]) if best else {}, "values": {}, "settings": {}}


def columns_proposed(file: ImportFile, kind: str) -> dict[str, str]:
    """The columns of a file for a kind that a person chose."""
    found = next((each for each in file.proposal.get("candidates", []) if each["kind"] == kind), None)
    return dict(found["columns"]) if found else {}


def _settle_doubts(files: Sequence[ImportFile]) -> None:
    """Two columns may hold a row's id: then it is the one by which another file of the run points at it."""
    for file in files:
        field = _REFERENCES.get(file.kind)
        candidate = next((c for c in file.proposal.get("candidates", []) if c["kind"] == file.kind), None)
        doubts = (candidate or {}).get("doubts", {}).get(field, [])
        if not field or field in file.mapping["columns"] or not doubts:
            continue
        pointers = {
            other.mapping["columns"].get(name)
            for other in files
            if other is not file and other.kind
            for name in _POINTERS[field]
        }
        chosen = [column for column in doubts if column in pointers]
        if len(chosen) == 1:
            file.mapping["columns"][field] = chosen[0]
