"""map.toml: what a person says about their files, checked word for word."""

import tomllib
from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from karma_core.money import AmountError, check_currency
from karma_files.phrases import FileError
from karma_files.schema import CHOICES, KINDS, Kind
from karma_files.sentences import Said

DATE_ORDERS = ("dmy", "mdy", "ymd")
DECIMALS = (",", ".")
TOP = ("currency", "date_order", "decimal", "encoding", "delimiter", "sheet", "header", "time_zone")
A_TEXT = Said("a text", "een tekst")
KIND_KEYS = ("values", "constants", "ignore", "join", "fill_down")


@dataclass(frozen=True)
class Join:
    """Columns of another file, brought in by a key before anything is recognised."""

    file: str
    key: str
    other_key: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class KindMapping:
    """What a mapping says about one kind: columns and constants by field, values by field, rows to leave out."""

    columns: ReadMapping[str, str] = field(default_factory=dict)
    constants: ReadMapping[str, str] = field(default_factory=dict)
    values: ReadMapping[str, ReadMapping[str, str]] = field(default_factory=dict)
    ignore: ReadMapping[str, tuple[str, ...]] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """What a person says about their files; None is "look for yourself"."""

    currency: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: tuple[str, ...] = ()
    time_zone: str = "Europe/Amsterdam"
    kinds: ReadMapping[str, KindMapping] = field(default_factory=dict)

    def of(self, kind: str) -> KindMapping:
        """What it says about one kind; nothing, where it says nothing."""
        return self.kinds.get(kind, KindMapping())


def load_mapping(text: bytes) -> Mapping:
    """Read a mapping from TOML.

    Raises FileError that names the first key or value that is not known, and what is.

    >>> load_mapping(b'decimal = ","\\n[purchases]\\ncustomer = "Klantnummer"').of("purchases").columns
    {'customer': 'Klantnummer'}
    """
    try:
        document = tomllib.loads(text.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError("mapping_toml", cause=error) from None
    known = (*TOP, *KINDS)
    for key in document:
        if key not in known:
            raise _unknown_key(key, "", known)
    kinds = {name: _kind(document[name], KINDS[name]) for name in KINDS if name in document}
    return Mapping(**{key: _top(key, document[key]) for key in TOP if key in document}, kinds=kinds)


def _unknown_key(key: str, table: str, known: Any) -> FileError:
    return FileError("mapping_key", key=key, known=", ".join(known), **_where(table))


def _where(table: str) -> dict[str, str]:
    return {"where_en": f" in [{table}]" if table else "", "where_nl": f" in [{table}]" if table else ""}


def _one_of(allowed: tuple[str, ...]) -> Said:
    return Said(" or ".join(allowed), " of ".join(allowed))


def _wrong(key: str, value: object, expected: Said, table: str = "") -> FileError:
    shown = {"key": key, "value": repr(value), "expected_en": expected.en, "expected_nl": expected.nl}
    return FileError("mapping_value", **shown, **_where(table))


def _top(key: str, value: Any) -> Any:
    if key == "header":
        return _texts(key, value, "")
    if not isinstance(value, str):
        raise _wrong(key, value, A_TEXT)
    if key == "currency":
        try:
            return check_currency(value)
        except AmountError:
            raise _wrong(key, value, Said("three letters, as EUR", "drie letters, zoals EUR")) from None
    if key == "time_zone" and not _is_time_zone(value):
        raise _wrong(key, value, Said("a time zone, as Europe/Amsterdam", "een tijdzone, zoals Europe/Amsterdam"))
    allowed = {"date_order": DATE_ORDERS, "decimal": DECIMALS}.get(key)
    if allowed and value not in allowed:
        raise _wrong(key, value, _one_of(allowed))
    if key == "delimiter" and (len(value) != 1 or not value.isascii()):
        raise _wrong(key, value, Said("one character, as ;", "één teken, zoals ;"))
    return value


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def _texts(key: str, value: Any, table: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(
            key, value, Said('a list of texts, as ["a", "b"]', 'een lijst van teksten, zoals ["a", "b"]'), table
        )
    return tuple(value)


def _table(key: str, value: Any, table: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        shown = f"[{table}.{key}]" if table else f"[{key}]"
        raise _wrong(key, value, Said(f"a table, as {shown}", f"een tabel, zoals {shown}"), table)
    return value


def _kind(value: Any, kind: Kind) -> KindMapping:
    document = _table(kind.name, value, "")
    fields = tuple(field.name for field in kind.fields)
    for key in document:
        if key not in fields and key not in KIND_KEYS:
            raise _unknown_key(key, kind.name, (*fields, *KIND_KEYS))
    return KindMapping(
        columns=_column_names(document, kind, fields),
        constants=_constants(document.get("constants", {}), kind, fields),
        values=_values(document.get("values", {}), kind),
        ignore={
            column: _texts(column, items, f"{kind.name}.ignore")
            for column, items in _table("ignore", document.get("ignore", {}), kind.name).items()
        },
        fill_down=_texts("fill_down", document.get("fill_down", []), kind.name),
        joins=_joins(document.get("join", []), kind),
    )


def _column_names(document: dict[str, Any], kind: Kind, fields: tuple[str, ...]) -> dict[str, str]:
    for key in fields:
        if key in document and not isinstance(document[key], str):
            raise _wrong(key, document[key], Said("the name of a column", "de naam van een kolom"), kind.name)
    return {key: document[key] for key in fields if key in document}


def _constants(value: Any, kind: Kind, fields: tuple[str, ...]) -> dict[str, str]:
    table = f"{kind.name}.constants"
    found = _table("constants", value, kind.name)
    for key, constant in found.items():
        if key not in fields:
            raise _unknown_key(key, table, fields)
        if isinstance(constant, bool | dict | list):
            raise _wrong(key, constant, Said("a text or a number", "een tekst of een getal"), table)
    return {key: str(constant) for key, constant in found.items()}


def _values(value: Any, kind: Kind) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    mapped = [field.name for field in kind.fields if field.sort in ("choice", "text")]
    for key, meanings in _table("values", value, kind.name).items():
        table = f"{kind.name}.values.{key}"
        if key not in mapped:
            raise _unknown_key(key, f"{kind.name}.values", mapped)
        found[key] = {}
        for word, meaning in _table(key, meanings, f"{kind.name}.values").items():
            allowed = CHOICES.get((kind.name, key))
            if not isinstance(meaning, str) or (allowed and meaning not in allowed):
                raise _wrong(word, meaning, _one_of(allowed) if allowed else A_TEXT, table)
            found[key][word] = meaning
    return found


def _joins(value: Any, kind: Kind) -> tuple[Join, ...]:
    table = f"{kind.name}.join"
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _wrong("join", value, Said(f"tables, as [[{table}]]", f"tabellen, zoals [[{table}]]"), kind.name)
    return tuple(_join(item, table) for item in value)


def _join(item: dict[str, Any], table: str) -> Join:
    known = ("file", "key", "other_key", "columns")
    for key in item:
        if key not in known:
            raise _unknown_key(key, table, known)
    for key in ("file", "key"):
        if not isinstance(item.get(key), str):
            raise _wrong(key, item.get(key), A_TEXT, table)
    other = item.get("other_key", item["key"])
    if not isinstance(other, str):
        raise _wrong("other_key", other, A_TEXT, table)
    return Join(item["file"], item["key"], other, _texts("columns", item.get("columns"), table))
