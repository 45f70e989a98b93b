"""The one way in which a run writes rows: many at once, each change kept so that it can be taken back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, models
from django.utils.dateparse import parse_datetime

from karma.imports.models import RunChange

Row = tuple[Any, ...]
Model = type[models.Model]
_LOCK = 7_305_113  # any number that nothing else locks
MANY = 2000


class Writer(Protocol):
    """What a loader writes through: the tables, or only the count of what would be written."""

    run_id: int

    def insert(self, model: Model, columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
        """Add rows with these columns, the others at their defaults; returns their ids in order."""
        ...

    def update(self, model: Model, columns: Sequence[str], rows: Sequence[tuple[int, Row]]) -> None:
        """Change these columns of the rows with these ids."""
        ...

    def remove(self, model: Model, ids: Sequence[int]) -> None:
        """Take the rows with these ids away."""
        ...


@dataclass
class Rehearsal:
    """Writes nothing; new rows get ids below zero, which no table has."""

    run_id: int
    last: int = 0

    def insert(self, model: Model, columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
        ids = [self.last - number - 1 for number in range(len(rows))]
        self.last -= len(rows)
        return ids

    def update(self, model: Model, columns: Sequence[str], rows: Sequence[tuple[int, Row]]) -> None:
        """Nothing."""

    def remove(self, model: Model, ids: Sequence[int]) -> None:
        """Nothing."""


@dataclass
class _Changes:
    created: list[int] = field(default_factory=list)
    before: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class TableWriter:
    """Writes inside the caller's transaction; `keep_changes` ends the chunk."""

    run_id: int
    changes: dict[str, _Changes] = field(default_factory=lambda: defaultdict(_Changes))

    def insert(self, model: Model, columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
        if not rows:
            return []
        ids = _next_ids(model, len(rows))
        _insert(model, columns, ids, rows)
        self.changes[model._meta.label].created += ids
        return ids

    def update(self, model: Model, columns: Sequence[str], rows: Sequence[tuple[int, Row]]) -> None:
        if not rows:
            return
        self.changes[model._meta.label].before += rows_as_they_are(model, [each for each, _ in rows])
        update_rows(model, columns, rows)

    def remove(self, model: Model, ids: Sequence[int]) -> None:
        if not ids:
            return
        self.changes[model._meta.label].removed += rows_as_they_are(model, ids)
        delete_rows(model, ids)

    def keep_changes(self) -> None:
        """Write down what was done since the last time, one line a table.

        Tables at which others point come first, so that undoing, which goes backwards, ends with them.
        """
        tables = sorted(self.changes, key=lambda table: _depth(apps.get_model(table)))
        RunChange.objects.bulk_create(
            RunChange(run_id=self.run_id, table=table, **vars(self.changes[table])) for table in tables
        )
        self.changes.clear()


def _depth(model: Model) -> int:
    """How long the longest chain of tables is at which this one points."""
    fields = [each for each in model._meta.concrete_fields if each.related_model not in (None, model)]
    return 1 + max((_depth(each.related_model) for each in fields), default=0)  # type: ignore[arg-type]


def one_at_a_time() -> None:
    """Let one import write at a time, until the transaction ends. On SQLite every transaction is alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def rows_as_they_are(model: Model, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The rows with these ids, as JSON can hold them."""
    names = [each.attname for each in model._meta.concrete_fields]
    found = model._default_manager.filter(pk__in=ids).order_by("pk").values_list(*names)
    return [dict(zip(names, map(_as_json, row), strict=True)) for row in found]


def update_rows(model: Model, columns: Sequence[str], rows: Iterable[tuple[int, Row]]) -> None:
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(_column(model, name))} = %s" for name in columns)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote('id')} = %s"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*values, each) for each, values in rows])


def delete_rows(model: Model, ids: Sequence[int]) -> None:
    """Delete rows by id, without looking for what hangs on them: the caller has."""
    quote = connection.ops.quote_name
    statement = f"DELETE FROM {quote(model._meta.db_table)} WHERE {quote('id')} = %s"  # noqa: S608 (own names)
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(each,) for each in ids])


def put_back(model: Model, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows again with the ids that they had."""
    if rows:
        names = [name for name in rows[0] if name != "id"]
        values = [tuple(from_json(model, name, row[name]) for name in names) for row in rows]
        _insert(model, names, [row["id"] for row in rows], values)


def from_json(model: Model, name: str, value: Any) -> Any:
    """A value that was kept as JSON, as the database takes it."""
    each = next(column for column in model._meta.concrete_fields if column.attname == name)
    if isinstance(each, models.DateTimeField) and isinstance(value, str):
        return as_moment(parse_datetime(value))
    return value


def as_moment(value: datetime | None) -> Any:
    """A moment as this database takes it from a bare statement."""
    return connection.ops.adapt_datetimefield_value(value)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _column(model: Model, name: str) -> str:
    each = next(column for column in model._meta.concrete_fields if column.attname == name)
    return str(each.column)


def _insert(model: Model, columns: Sequence[str], ids: Sequence[int], rows: Sequence[Row]) -> None:
    others = [each for each in model._meta.concrete_fields if each.attname not in columns and not each.primary_key]
    constants = tuple(each.get_default() for each in others)
    names = ["id", *(_column(model, name) for name in columns), *(str(each.column) for each in others)]
    quote = connection.ops.quote_name
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, names))}) "  # noqa: S608 (own names)
        f"VALUES ({', '.join(['%s'] * len(names))})"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(each, *row, *constants) for each, row in zip(ids, rows, strict=True)])


def _next_ids(model: Model, number: int) -> list[int]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            found = cursor.fetchone()
            first = (found[0] if found else 0) + 1
            return list(range(first, first + number))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
        )
        return [row[0] for row in cursor.fetchall()]
