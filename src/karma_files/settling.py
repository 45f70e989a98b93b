"""What all kinds share when rows are settled: what must be filled in, and which text stands for what."""

import polars as pl

from karma_files.phrases import Notice
from karma_files.readings import Reading, raw, why
from karma_files.tables import LINE

ASIDE = "aside"
NOTHING = pl.lit(None, dtype=pl.String)


def need(reading: Reading, name: str, value: pl.Expr, reason: str) -> None:
    """Say `reason` of rows where the value is null, unless it is known already why."""
    known = pl.col(why(name)) if name in reading.fields else NOTHING
    fault = pl.when(value.is_null() & known.is_null()).then(pl.lit(reason)).otherwise(known)
    reading.frame = reading.frame.with_columns(fault.alias(why(name)))


def text_or_null(reading: Reading, *names: str) -> pl.Expr:
    """The first of these fields that was found, the first id where it holds several; null where none was."""
    for name in names:
        if name in reading.fields:
            several = reading.fields[name].column.casefold().startswith("associated")
            return pl.col(name).str.split(";").list.first() if several else pl.col(name)
    return NOTHING


def value_or_null(reading: Reading, name: str, dtype: type[pl.DataType]) -> pl.Expr:
    """A field where it was found, else null of that type."""
    return pl.col(name) if name in reading.fields else pl.lit(None, dtype=dtype)


def first_known(reading: Reading, *names: str) -> pl.Expr:
    """Per row, the first of these fields that holds anything."""
    found = [pl.col(name) for name in names if name in reading.fields]
    return pl.coalesce(found) if found else NOTHING


def continues(reading: Reading, *names: str) -> pl.Expr:
    """Rows in which all of these fields are empty: they continue the row before."""
    found = [pl.col(raw(name)).is_null() for name in names if name in reading.fields]
    return pl.all_horizontal(found) if found else pl.lit(False)


def deleted(reading: Reading) -> pl.Expr:
    """Rows that the source marks as deleted."""
    return pl.col("is_deleted").fill_null(False) if "is_deleted" in reading.fields else pl.lit(False)


def refuse_repeats(reading: Reading, name: str, *, key: str) -> None:
    """Say "repeated" of rows whose key stood on an earlier row that counts."""
    counts = pl.col(ASIDE).is_null() & pl.col(key).is_not_null()
    earlier = pl.col(LINE) > pl.col(LINE).filter(counts).min().over(key)
    fault = pl.when(counts & earlier & pl.col(why(name)).is_null()).then(pl.lit("repeated"))
    reading.frame = reading.frame.with_columns(pl.coalesce(fault, pl.col(why(name))).alias(why(name)))


def full_name(reading: Reading) -> pl.Expr:
    """A person's name: as it is given, else first and last name together."""
    parts = [pl.col(name) for name in ("first_name", "last_name") if name in reading.fields]
    joined = pl.concat_str(parts, separator=" ", ignore_nulls=True) if parts else NOTHING
    composed = pl.when(joined != "").then(joined)
    return pl.coalesce(pl.col("name"), composed) if "name" in reading.fields else composed


def repeated_notice(rejections: pl.DataFrame) -> list[Notice]:
    """A warning where rows were set aside because they repeat a number."""
    count = rejections.filter(pl.col("reason") == "repeated").height
    return [Notice("repeated_rows", {"count": count})] if count else []
