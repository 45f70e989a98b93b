"""Which kinds a table may be, told by its columns first and its name second; people have the last word."""

import re
from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass
from functools import partial

from karma_files.dates import holds_dates
from karma_files.mapping import KindMapping
from karma_files.recognise import Recognition, recognise
from karma_files.schema import KINDS
from karma_files.tables import RawTable

_PREFIXES = {
    "deals": r"^(Deal|Lead) - |\(Do Not Modify\) Opportunity$",
    "contacts": r"^Person - |\(Do Not Modify\) Contact$",
    "customers": r"^Organi[sz]ation - |\(Do Not Modify\) Account$",
    "contact_moments": r"^(Activity|Note) - ",
}
_NAMES = {
    "customer_plans": r"(jaar|klant)plan|(year|customer).?s?.?plan|klantbudget|customer.?budget",
    "responsibilities": r"verantwoordelijk|responsib|toewijzing|assignment|portefeuille",
    "stage_history": r"stage.?hist|opportunity.?hist|fase(verloop|historie)|deal.?hist|stage.?change",
    "contact_moments": r"activit|contactmoment|engagement|afspra|task|taken|gesprek|contact.?moment",
    "contacts": r"contact|person(s|en)?\b|people.?at",
    "people": r"medewerker|employee|people|users?\b|owners?\b|verkopers|team",
    "deals": r"deal|opportunit|verkoopkans|crm.lead|pipeline|kansen|aanvra",
    "purchases": r"purchase|invoice|factu|order|omzet|sales|verkop|transact|retail|aankop",
    "customers": r"customer|klant|account|compan|organi[sz]ati|debiteur|relatie|reseller|partner",
}
_TELLING: dict[str, tuple[tuple[str, ...], ...]] = {
    "purchases": (("invoice", "product", "cost", "quantity", "customer", "customer_name"),),
    "deals": (("name", "opened_on", "amount"), ("outcome", "stage", "is_won")),
    "stage_history": (("on",),),
    "customers": (("name",),),
    "contacts": (("name", "last_name", "first_name"), ("customer", "job_title", "email")),
    "people": (("name", "last_name"), ("team", "function", "manager", "email", "from_on")),
    "responsibilities": (("from_on",),),
    "customer_plans": (("stated_on",),),
    "contact_moments": (("subject", "note", "channel"),),
}
"""Beside what a kind requires: of each set, one field must be there before a table is taken for it unasked."""

_BY_PREFIX, _BY_NAME = 100, 3


@dataclass(frozen=True)
class Candidate:
    """One kind that a table may be: its columns by field, and fields for which two columns stand equal.

    `score` counts the columns that it explains; a vendor's own prefix decides, the file's name counts as three.
    """

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
    recognition = recognise(
        table.columns,
        KINDS[kind],
        name=table.name,
        options={},
        mapped=KindMapping(),
        holds_dates=partial(holds_dates, table),
    )
    return Candidate(
        kind=kind,
        columns={field: found.column for field, found in recognition.found.items()},
        doubts={field: tuple(columns) for field, columns in recognition.doubts.items()},
        is_likely=_is_likely(recognition, kind),
        score=len(recognition.found) + len(recognition.doubts) + _hints(table, kind),
    )


def _is_likely(recognition: Recognition, kind: str) -> bool:
    has_required = all(any(recognition.has(*alternative) for alternative in each) for each in KINDS[kind].required)
    return has_required and all(any(recognition.has(field) for field in each) for each in _TELLING[kind])


def _hints(table: RawTable, kind: str) -> int:
    prefix = _PREFIXES.get(kind)
    prefixed = prefix is not None and any(re.search(prefix, column) for column in table.columns)
    by_name = next((each for each, pattern in _NAMES.items() if re.search(pattern, table.name.casefold())), None)
    return (_BY_PREFIX if prefixed else 0) + (_BY_NAME if by_name == kind else 0)
