"""Columns of another file of the same export, brought in by a key before anything is recognised."""

from collections.abc import Mapping as ReadMapping
from dataclasses import replace

import polars as pl

from karma_files.mapping import Join
from karma_files.phrases import FileError, Notice
from karma_files.recognise import exactly
from karma_files.tables import RawTable
from karma_files.words import cleaned

KEY = "\x1fkey"


def join_others(table: RawTable, joins: tuple[Join, ...], others: ReadMapping[str, RawTable]) -> RawTable:
    """Bring in what the mapping asks for, one join after the other, so that one may use what the former brought.

    Raises FileError where a file was not given, a column is not there, or a key repeats in the other file.
    """
    for join in joins:
        table = _joined(table, join, _other(others, join.file))
    return table


def _other(others: ReadMapping[str, RawTable], file: str) -> RawTable:
    if file not in others:
        raise FileError("join_file", file=file)
    return others[file]


def _joined(table: RawTable, join: Join, other: RawTable) -> RawTable:
    key = exactly(table.columns, join.key, name=table.name)
    other_key = exactly(other.columns, join.other_key, name=other.name)
    brought = {exactly(other.columns, column, name=other.name): column for column in join.columns}
    lookup = other.frame.select(
        cleaned(pl.col(other_key).cast(pl.String)).alias(KEY),
        *(pl.col(column).alias(_free(wanted, table.columns)) for column, wanted in brought.items()),
    ).filter(pl.col(KEY).is_not_null())
    _check_unique(lookup, join)
    keyed = table.frame.with_columns(cleaned(pl.col(key).cast(pl.String)).alias(KEY))
    unmatched = keyed.filter(pl.col(KEY).is_not_null()).join(lookup, on=KEY, how="anti").select(pl.len())
    count = unmatched.collect().item()
    said = Notice("joined_without_match", {"count": count, "key": join.key, "file": join.file})
    names = tuple(_free(wanted, table.columns) for wanted in brought.values())
    return replace(
        table,
        frame=keyed.join(lookup, on=KEY, how="left", maintain_order="left").drop(KEY),
        columns=(*table.columns, *names),
        notes=(*table.notes, said) if count else table.notes,
    )


def _free(wanted: str, columns: tuple[str, ...]) -> str:
    return wanted if wanted not in columns else f"{wanted} (2)"


def _check_unique(lookup: pl.LazyFrame, join: Join) -> None:
    repeated = lookup.group_by(KEY).len().filter(pl.col("len") > 1).select(KEY).head(1).collect()
    if repeated.height:
        raise FileError("join_twice", file=join.file, key=join.other_key, value=repeated.item())
