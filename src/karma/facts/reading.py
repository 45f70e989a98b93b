"""Whole tables into frames: one statement each, a chunk of rows at a time, in one snapshot of the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection

CHUNK = 50_000
Schema = dict[str, pl.DataType | type[pl.DataType]]


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let all reads see the same moment, without holding up whoever writes.

    Inside a transaction of the caller it is that transaction's moment.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def frame_of(statement: str, parameters: Sequence[object], schema: Schema) -> pl.DataFrame:
    """What a statement gives, as a frame. Days are selected with `day()`, so that no row costs Python a date."""
    wire = {name: pl.Int32 if dtype == pl.Date else dtype for name, dtype in schema.items()}
    parts = [
        pl.DataFrame(dict(zip(wire, zip(*rows, strict=True), strict=True)), schema=wire)
        for rows in _chunks(statement, parameters)
    ]
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=wire)
    return whole.cast(dict(schema))  # type: ignore[arg-type]


def day(column: str) -> str:
    """SQL for a date column as days since 1970-01-01."""
    if connection.vendor == "postgresql":
        return f"({column} - DATE '1970-01-01')"
    return f"CAST(julianday({column}) - 2440587.5 AS INTEGER)"


def _chunks(statement: str, parameters: Sequence[object]) -> Iterator[list[tuple[Any, ...]]]:
    with _cursor() as cursor:
        cursor.execute(statement, list(parameters))
        while rows := cursor.fetchmany(CHUNK):
            yield rows


@contextmanager
def _cursor() -> Iterator[Any]:
    """A cursor that does not bring all rows over at once; PostgreSQL needs it named, inside a transaction."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    with connection.connection.cursor(name="facts", withhold=True) as cursor:
        yield cursor
