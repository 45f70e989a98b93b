"""Parquet as a table that is scanned, so that millions of lines pass through without being held."""

import io
from pathlib import Path
from typing import TypeGuard

import polars as pl

from karma_files.limits import Limits
from karma_files.phrases import FileError
from karma_files.tables import LINE, RawTable


def is_parquet_folder(folder: Path) -> bool:
    """Whether a folder holds Parquet files, at whatever depth."""
    return any(folder.rglob("*.parquet"))


def is_delta_table(source: Path | bytes) -> TypeGuard[Path]:
    """Whether it is the folder of a Delta table: Parquet files with a log of which rows still count."""
    return isinstance(source, Path) and (source / "_delta_log").is_dir()


def read_parquet(source: Path | bytes, *, name: str, limits: Limits) -> RawTable:
    """Scan Parquet from a file, a folder of files, a Delta table or bytes.

    Of a Delta table what counts now is read; that takes the package deltalake. Raises FileError where it cannot be
    read.
    """
    try:
        frame = _numbered(_delta(source, name) if is_delta_table(source) else _parquet(source))
        schema = frame.collect_schema()
        rows = frame.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError):
        raise FileError("damaged", name=name) from None
    columns = tuple(column for column in schema.names() if column != LINE)
    if len(columns) > limits.columns:
        raise FileError("too_many_columns", name=name, found=len(columns), limit=limits.columns)
    if not rows:
        raise FileError("header_only", name=name)
    return RawTable(name=name, format="parquet", frame=frame, columns=columns)


def _parquet(source: Path | bytes) -> pl.LazyFrame:
    if isinstance(source, bytes):
        return pl.scan_parquet(io.BytesIO(source))
    return pl.scan_parquet(source / "**" / "*.parquet" if source.is_dir() else source, glob=source.is_dir())


def _delta(folder: Path, name: str) -> pl.LazyFrame:
    from deltalake.exceptions import DeltaError, DeltaProtocolError  # noqa: PLC0415 (comes with an extra)

    try:
        frame = pl.scan_delta(folder)
        frame.collect_schema()
    except DeltaProtocolError as fault:
        raise FileError("unreadable", name=name, cause=str(fault).strip()) from None
    except DeltaError:
        raise FileError("damaged", name=name) from None
    return frame


def _numbered(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with the row number beside it; a column of that name is called otherwise."""
    if LINE in frame.collect_schema().names():
        frame = frame.rename({LINE: f"{LINE} (2)"})
    return frame.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.Int64))
