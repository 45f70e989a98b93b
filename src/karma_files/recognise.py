"""Which column says what: by option, by mapping, or by the names that columns go by."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, field
from functools import cache

from karma_files.mapping import KindMapping
from karma_files.phrases import FileError, Notice
from karma_files.schema import Field, Kind

_PREFIX = re.compile(r"^\s*(deal|person|organi[sz]ation|activity|note|lead|product)\s+-\s+", re.IGNORECASE)
_SIGNS = re.compile(r"[^a-z0-9%]+")
CENTS = "cents"
_CONNECTOR = ("fivetran", "airbyte", "dlt")


@dataclass(frozen=True)
class Found:
    """The column that a field comes from, and how it was chosen; `cents` where it counts cents."""

    column: str
    how: str
    cents: bool = False


@dataclass(frozen=True)
class Recognition:
    """What was found by field, and the doubts: fields for which two columns stood equal."""

    found: dict[str, Found]
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether all of these fields were found."""
        return all(name in self.found for name in names)


def normal(name: str) -> str:
    """A column's name without case, accents, spaces, signs and a vendor's prefix.

    >>> normal("Deal - Expected close date"), normal("Omzet (excl. BTW)"), normal("customer_ID*")
    ('expectedclosedate', 'omzetexclbtw', 'customerid')
    """
    plain = unicodedata.normalize("NFKD", _PREFIX.sub("", name)).casefold()
    return _SIGNS.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def recognise(
    columns: Sequence[str],
    kind: Kind,
    *,
    name: str,
    options: ReadMapping[str, str],
    mapped: KindMapping,
    blank: Collection[str] = (),
    holds_dates: Callable[[str], bool] = lambda _: False,
) -> Recognition:
    """Find the column of each field, options before the mapping before names.

    A `blank` column, with nothing in it, gives way to one that holds something; one that holds dates says yes
    or no to nothing. A connector's own columns are never recognised by name.
    Raises FileError where an option or the mapping names a field or column that is not there.
    """
    found = _chosen(columns, kind, name=name, options=options, mapped=mapped)
    used = {chosen.column for chosen in found.values()}
    doubts: dict[str, tuple[str, ...]] = {}
    normals = {column: normal(column) for column in columns}
    for tier in range(max(len(each.names) for each in kind.fields)):
        for each in kind.fields:
            if each.name in found or each.name in doubts or tier >= len(each.names):
                continue
            free = [column for column in columns if column not in used]
            named = [column for column in free if _goes_by(each, tier, normals[column])]
            if each.sort == "flag":
                named = [column for column in named if not holds_dates(column)]
            candidates = [column for column in named if column not in blank] or named[:1]
            if len(candidates) == 1:
                found[each.name] = Found(candidates[0], "name", cents=_in_cents(each, normals[candidates[0]]))
                used.add(candidates[0])
            elif candidates:
                doubts[each.name] = tuple(candidates)
    return Recognition(found, doubts)


def _chosen(
    columns: Sequence[str], kind: Kind, *, name: str, options: ReadMapping[str, str], mapped: KindMapping
) -> dict[str, Found]:
    known = {each.name: each for each in kind.fields}
    found: dict[str, Found] = {}
    for how, chosen in (("option", options), ("mapping", mapped.columns)):
        for key, wanted in chosen.items():
            if key not in known:
                raise FileError("unknown_field", field=key, kind=kind.english, fields=", ".join(known))
            if key not in found:
                column = exactly(columns, wanted, name=name)
                found[key] = Found(column, how, cents=_in_cents(known[key], normal(column)))
    return found | {
        key: Found(f"= {value}", "constant") for key, value in mapped.constants.items() if key not in found
    }


def exactly(columns: Sequence[str], wanted: str, *, name: str) -> str:
    """The column of that name, else the only one that differs by case and signs; raises FileError otherwise."""
    if wanted in columns:
        return wanted
    alike = [column for column in columns if normal(column) == normal(wanted)]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(wanted, columns, n=3, cutoff=0.5) or list(columns[:10])
    listed = ", ".join(near)
    raise FileError(
        "unknown_column",
        name=name,
        column=wanted,
        nearest_en=f"Near it: {listed}.",
        nearest_nl=f"Dichtbij: {listed}.",
    )


def _goes_by(each: Field, tier: int, column: str) -> bool:
    if column.startswith(_CONNECTOR):
        return False
    names = _normals(each.names[tier])
    if column in names or (tier == 0 and column == normal(each.name)):
        return True
    return each.sort == "amount" and column.endswith(CENTS) and column.removesuffix(CENTS) in names


def _in_cents(each: Field, column: str) -> bool:
    return each.sort == "amount" and column.endswith(CENTS)


@cache
def _normals(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normal(known) for known in names)


def check_required(recognition: Recognition, kind: Kind, *, name: str, columns: Sequence[str]) -> None:
    """Raise FileError for the first thing that must be there and was not found, or was found twice."""
    lacking: list[tuple[str, ...]] = []
    for alternatives in kind.required:
        if any(recognition.has(*alternative) for alternative in alternatives):
            continue
        for wanted in (wanted for alternative in alternatives for wanted in alternative):
            if wanted in recognition.doubts:
                listed = ", ".join(recognition.doubts[wanted])
                raise FileError("ambiguous_column", name=name, columns=listed, field=kind.field(wanted).name)
        lacking.append(alternatives[0])
    if lacking:
        missing = ", ".join(field for fields in lacking for field in fields)
        raise FileError("missing_columns", name=name, missing=missing, columns=_shown(columns))


def _shown(columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:20])
    return shown if len(columns) <= 20 else f"{shown}, … ({len(columns)})"


def doubt_notices(recognition: Recognition) -> list[Notice]:
    """A warning for each optional field that was left out because two columns stood equal."""
    return [
        Notice("ambiguous_column", {"columns": ", ".join(columns), "field": name})
        for name, columns in recognition.doubts.items()
    ]
