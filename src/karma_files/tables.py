"""A table as it stands in a file, before anything is known about what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from karma_files.phrases import Notice

LINE = "line"
REJECTIONS = {
    "file": pl.String,
    "line": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
}


def no_rejections() -> pl.DataFrame:
    """A frame of rejections without rows."""
    return pl.DataFrame(schema=REJECTIONS)


@dataclass(frozen=True)
class RawTable:
    """What a file holds, with nothing interpreted.

    `frame` has `line` (Int64, the physical line or sheet row, from 1; the row number in Parquet) and one column
    per name in `columns`: text in CSV and XLSX, typed in Parquet, which is scanned and not held. `ignored` counts
    what is no record, by reason; `rejections` are records that do not fit the header. `number_columns` are those
    whose cells are true numbers, so that a point in them is a decimal point.
    """

    name: str
    format: str
    frame: pl.LazyFrame
    columns: tuple[str, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    ignored: Mapping[str, int] = field(default_factory=dict)
    rejections: pl.DataFrame = field(default_factory=no_rejections)
    number_columns: frozenset[str] = frozenset()
    notes: tuple[Notice, ...] = ()
