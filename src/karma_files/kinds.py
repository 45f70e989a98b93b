"""Which kind of file a table is, told by its columns first and its name second."""

import re
from collections.abc import Mapping as ReadMapping

from karma_files.mapping import KindMapping, Mapping
from karma_files.phrases import FileError
from karma_files.recognise import check_required, recognise
from karma_files.schema import KINDS, Kind
from karma_files.tables import RawTable

_PREFIXES = {
    "deals": r"^(Deal|Lead) - |\(Do Not Modify\) Opportunity$",
    "contacts": r"^Person - |\(Do Not Modify\) Contact$",
    "customers": r"^Organi[sz]ation - |\(Do Not Modify\) Account$",
    "contact_moments": r"^(Activity|Note) - ",
}
_NAMES = {
    "responsibilities": r"verantwoordelijk|responsib|toewijzing|assignment|portefeuille",
    "stage_history": r"stage.?hist|opportunity.?hist|fase(verloop|historie)|deal.?hist|stage.?change",
    "contact_moments": r"activit|contactmoment|engagement|afspra|task|taken|gesprek|contact.?moment",
    "contacts": r"contact|person(s|en)?\b|people.?at",
    "people": r"medewerker|employee|people|users?\b|owners?\b|verkopers|team",
    "deals": r"deal|opportunit|verkoopkans|crm.lead|pipeline|kansen|aanvra",
    "purchases": r"purchase|invoice|factu|order|omzet|sales|verkop|transact|retail|aankop",
    "customers": r"customer|klant|account|compan|organi[sz]ati|debiteur|relatie|reseller|partner",
}
_BY_PREFIX, _BY_NAME, _ENOUGH = 100.0, 3.0, 2


def guess_kind(table: RawTable, *, mapping: Mapping | None = None) -> str:
    """The kind that a table is.

    A vendor's own column prefix decides; else the kind whose fields explain most of the columns, where the file's
    name counts as three columns. Raises FileError where no kind fits, or two fit equally well.
    """
    scores = score_kinds(table, mapping=mapping)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        listed = ", ".join(kind.english for kind in KINDS.values())
        raise FileError("unknown_kind", name=table.name, kinds=listed)
    return ranked[0][0]


def score_kinds(table: RawTable, *, mapping: Mapping | None = None) -> ReadMapping[str, float]:
    """How well each kind fits whose required columns are there; higher is better."""
    mapping = mapping or Mapping()
    scores = {kind.name: _score(table, kind, mapping.of(kind.name)) for kind in KINDS.values()}
    return {name: score for name, score in scores.items() if score > 0}


def _score(table: RawTable, kind: Kind, mapped: KindMapping) -> float:
    brought = (*table.columns, *(column for join in mapped.joins for column in join.columns))
    try:
        recognition = recognise(brought, kind, name=table.name, options={}, mapped=mapped)
        check_required(recognition, kind, name=table.name, columns=brought)
    except FileError:
        return 0.0
    explained = len(recognition.found) + len(recognition.doubts)
    return explained + _hints(table, kind.name) if explained >= _ENOUGH else 0.0


def _hints(table: RawTable, kind: str) -> float:
    prefix = _PREFIXES.get(kind)
    prefixed = prefix is not None and any(re.search(prefix, column) for column in table.columns)
    by_name = next((each for each, pattern in _NAMES.items() if re.search(pattern, table.name.casefold())), None)
    return (_BY_PREFIX if prefixed else 0.0) + (_BY_NAME if by_name == kind else 0.0)
