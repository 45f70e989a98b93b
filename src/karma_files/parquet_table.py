"""Parquet as a table that is scanned, so that millions of lines pass through without being held."""

import io
from pathlib import Path

import polars as pl

from karma_files.limits import Limits
from karma_files.phrases import FileError
from karma_files.tables import LINE, RawTable


def is_parquet_folder(folder: Path) -> bool:
    """Whether a folder holds Parquet files, at whatever depth."""
    return any(folder.rglob("*.parquet"))


def read_parquet(source: Path | bytes, *, name: str, limits: Limits) -> RawTable:
    """Scan Parquet from a file, a folder of files or bytes. Raises FileError where it cannot be read."""
    try:
        frame = _scan(source)
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


def _scan(source: Path | bytes) -> pl.LazyFrame:
    frame = pl.scan_parquet(_where(source), glob=isinstance(source, Path) and source.is_dir())
    if LINE in frame.collect_schema().names():
        frame = frame.rename({LINE: f"{LINE} (2)"})
    return frame.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.Int64))


def _where(source: Path | bytes) -> Path | io.BytesIO:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return source / "**" / "*.parquet" if source.is_dir() else source
