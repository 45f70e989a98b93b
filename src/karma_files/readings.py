"""Every recognised column read by its sort: a typed column a field, and why a cell could not be read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from karma_files import amounts, dates, words
from karma_files.dates import TEXT, VALUE, WHY
from karma_files.mapping import KindMapping, Mapping
from karma_files.phrases import FileError, Notice
from karma_files.recognise import Found, Recognition
from karma_files.schema import Field, Kind
from karma_files.tables import LINE, RawTable

SCALES = {"amount": amounts.CENTS, "number": amounts.MILLIONTHS, "chance": amounts.MILLIONTHS}
_IDS = ("customer", "deal", "contact", "person", "moment", "invoice", "product")
Reader = Callable[[pl.Series], pl.DataFrame]


def raw(name: str) -> str:
    """The column that holds a field as the file has it."""
    return f"raw:{name}"


def why(name: str) -> str:
    """The column that holds why a field could not be read."""
    return f"why:{name}"


@dataclass
class Reading:
    """A table whose fields are read: `frame` has `line`, and per field its value, `raw:` and `why:` columns."""

    frame: pl.LazyFrame
    fields: dict[str, Found]
    choices: dict[str, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


@dataclass(frozen=True)
class _Task:
    """What is being read, and by whose word."""

    table: RawTable
    kind: Kind
    mapping: Mapping
    found: dict[str, Found]
    texts: dict[str, pl.Series]
    """Distinct texts by field, for the fields that stand in the file as text."""

    @property
    def mapped(self) -> KindMapping:
        return self.mapping.of(self.kind.name)

    def by_sort(self, *sorts: str) -> list[Field]:
        """The fields found that are of these sorts and stand in the file as text."""
        return [each for each in self.kind.fields if each.name in self.texts and each.sort in sorts]


def read_fields(table: RawTable, kind: Kind, recognition: Recognition, *, mapping: Mapping) -> Reading:
    """Read every field that was found.

    Raises FileError where dates or decimals can be read in two ways, or an outcome is not known.
    """
    found = {each.name: recognition.found[each.name] for each in kind.fields if each.name in recognition.found}
    frame = table.frame.select(LINE, *(_as_given(name, each) for name, each in found.items()))
    schema = frame.collect_schema()
    frame = frame.with_columns(
        words.cleaned(pl.col(raw(name))).alias(raw(name)) for name in found if schema[raw(name)] == pl.String
    )
    if table.format != "parquet":
        frame = frame.collect().lazy()
    frame = frame.with_columns(
        _typed(kind.field(name), schema[raw(name)], cents=each.cents, time_zone=mapping.time_zone)
        for name, each in found.items()
    )
    task = _Task(table, kind, mapping, found, _distinct(frame, kind, found))
    readers, reading = _readers(task), Reading(frame, found)
    _say_choices(task, readers, reading)
    for name in found:
        reader = readers.by_field.get(name)
        if reader is None:
            reading.frame = reading.frame.with_columns(pl.lit(None, dtype=pl.String).alias(why(name)))
        else:
            reading.frame = _looked_up(reading.frame, name, reader(task.texts[name]))
    if "stated_chance" in found:
        _settle_chances(reading)
    if table.format != "parquet":
        _drop_point_zero(reading)
    return reading


def _as_given(name: str, found: Found) -> pl.Expr:
    if found.how == "constant":
        return pl.lit(found.column.removeprefix("= ")).alias(raw(name))
    return pl.col(found.column).alias(raw(name))


def _typed(each: Field, dtype: pl.DataType, *, cents: bool, time_zone: str) -> pl.Expr:
    """A column that is not text, or is text by nature, as its field; anything else as text, to be read."""
    column = pl.col(raw(each.name))
    if each.sort == "text":
        return _as_id(column, dtype).alias(each.name)
    if each.sort == "date" and dtype.is_temporal():
        return _as_local_day(column, dtype, time_zone).alias(each.name)
    if each.sort == "flag" and dtype == pl.Boolean:
        return column.alias(each.name)
    if each.sort in SCALES and dtype.is_numeric():
        return _scaled(column, dtype, 0 if cents else SCALES[each.sort]).alias(each.name)
    return column.cast(pl.String).alias(each.name)


def _as_local_day(column: pl.Expr, dtype: pl.DataType, time_zone: str) -> pl.Expr:
    aware = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    return column.dt.convert_time_zone(time_zone).dt.date() if aware else column.cast(pl.Date)


def _as_id(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(column == whole).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    return column.cast(pl.String)


def _scaled(column: pl.Expr, dtype: pl.DataType, scale: int) -> pl.Expr:
    if dtype.is_integer():
        return column.cast(pl.Int64) * pl.lit(10**scale, dtype=pl.Int64)
    finite = column.cast(pl.Float64)
    whole = (finite.abs() * float(10**scale) + 0.5).floor().cast(pl.Int64, strict=False)
    return pl.when(finite.is_finite()).then(pl.when(finite < 0).then(-whole).otherwise(whole))


def _distinct(frame: pl.LazyFrame, kind: Kind, found: dict[str, Found]) -> dict[str, pl.Series]:
    """The distinct texts of each field that must be read from text."""
    now = frame.collect_schema()
    wanted = [name for name in found if kind.field(name).sort != "text" and now[name] == pl.String]
    return {name: frame.select(pl.col(name).drop_nulls().unique()).collect().to_series() for name in wanted}


@dataclass
class _Readers:
    by_field: dict[str, Reader] = field(default_factory=dict)
    date_order: str | None = None
    decimals: dict[str, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def _readers(task: _Task) -> _Readers:
    readers = _Readers()
    _add_dates(task, readers)
    _add_amounts(task, readers)
    for each in task.by_sort("choice"):
        readers.by_field[each.name] = _choice_reader(task, each, readers)
    for each in task.by_sort("flag"):
        readers.by_field[each.name] = words.read_flags
    for each in task.by_sort("currency"):
        readers.by_field[each.name] = words.read_currencies
    return readers


def _add_dates(task: _Task, readers: _Readers) -> None:
    fields = task.by_sort("date")
    evidence = {task.found[each.name].column: dates.weigh_dates(task.texts[each.name]) for each in fields}
    order, notices = dates.decide_date_order(evidence, given=task.mapping.date_order, name=task.table.name)
    readers.date_order = order
    readers.notices += notices
    for each in fields:
        readers.by_field[each.name] = lambda texts: dates.read_dates(
            texts, order=order, time_zone=task.mapping.time_zone
        )


def _add_amounts(task: _Task, readers: _Readers) -> None:
    fields = task.by_sort("amount", "number", "chance")
    unsure = [each for each in fields if task.found[each.name].column not in task.table.number_columns]
    evidence = {task.found[each.name].column: amounts.weigh_amounts(_digits(task, each)) for each in unsure}
    signs, notices = amounts.decide_decimals(evidence, given=task.mapping.decimal, name=task.table.name)
    readers.decimals = signs
    readers.notices += notices
    for each in fields:
        found = task.found[each.name]
        decimal = signs.get(found.column, ".")
        readers.by_field[each.name] = (
            _chance_reader(decimal)
            if each.sort == "chance"
            else _amount_reader(decimal, 0 if found.cents else SCALES[each.sort], each.sort)
        )


def _digits(task: _Task, each: Field) -> pl.Series:
    texts = task.texts[each.name]
    return texts.str.replace("%", "", literal=True) if each.sort == "chance" else texts


def _amount_reader(decimal: str, scale: int, sort: str) -> Reader:
    fault = "not_an_amount" if sort == "amount" else "not_a_number"
    return lambda texts: amounts.read_scaled(texts, decimal=decimal, scale=scale, why=fault)


def _chance_reader(decimal: str) -> Reader:
    """A chance in millionths, a percent sign left out; whether it counts in hundreds is settled afterwards."""

    def read(texts: pl.Series) -> pl.DataFrame:
        plain = texts.str.replace("%", "", literal=True)
        scaled = amounts.read_scaled(plain, decimal=decimal, scale=amounts.MILLIONTHS, why="not_a_chance")
        return scaled.with_columns(texts.alias(TEXT))

    return read


def _choice_reader(task: _Task, each: Field, readers: _Readers) -> Reader:
    known = words.WORDS[(task.kind.name, each.name)]
    meanings = {**known, **task.mapped.values.get(each.name, {})}
    texts = task.texts[each.name]
    read = words.read_words(texts, meanings=meanings, why=None)
    unknown = sorted(read.filter(pl.col(VALUE).is_null())[TEXT].to_list())
    if unknown and each.name == "outcome":
        raise FileError(
            "unknown_values",
            name=task.table.name,
            column=task.found[each.name].column,
            values=", ".join(unknown[:8]),
            field=each.name,
            kind=task.kind.name,
            example=unknown[0],
            choice="won",
        )
    if unknown and each.name == "channel":
        shown = {"column": task.found[each.name].column, "values": ", ".join(unknown[:8]), "field": each.name}
        readers.notices.append(Notice("values_unknown", shown))
    return lambda texts: words.read_words(texts, meanings=meanings, why=None)


def _say_choices(task: _Task, readers: _Readers, reading: Reading) -> None:
    reading.notices += readers.notices
    if task.by_sort("date"):
        reading.choices["date_order"] = readers.date_order or "ymd"
    if readers.decimals:
        reading.choices["decimal"] = readers.decimals


def _looked_up(frame: pl.LazyFrame, name: str, read: pl.DataFrame) -> pl.LazyFrame:
    lookup = read.select(pl.col(TEXT).alias(name), pl.col(VALUE).alias("read"), pl.col(WHY).alias(why(name)))
    joined = frame.join(lookup.lazy(), on=name, how="left")
    return joined.with_columns(pl.col("read").alias(name)).drop("read")


def _settle_chances(reading: Reading) -> None:
    """Turn stated chances into 0..1: by their percent sign, else as percentages where any is above one."""
    chance, given = pl.col("stated_chance"), pl.col(raw("stated_chance")).cast(pl.String)
    column = reading.fields["stated_chance"].column
    signed = given.str.contains("%", literal=True).fill_null(False)
    unsigned = pl.when(~signed).then(chance)
    seen = reading.frame.select(unsigned.max().alias("top"), (unsigned % 1_000_000 != 0).any().alias("parts"))
    top, parts = seen.collect().row(0)
    hundreds = top is not None and top > 1_000_000
    if hundreds:
        reading.notices.append(Notice("chance_as_percentage", {"column": column}, warning=False))
    elif top == 1_000_000 and not parts:
        reading.notices.append(Notice("chance_all_ones", {"column": column}))
    share = chance / pl.when(signed | pl.lit(hundreds)).then(100_000_000.0).otherwise(1_000_000.0)
    fits = share.is_between(0, 1)
    fault = pl.when(~fits).then(pl.lit("not_a_chance")).otherwise(pl.col(why("stated_chance")))
    reading.frame = reading.frame.with_columns(
        pl.when(fits).then(share).alias("stated_chance"), fault.alias(why("stated_chance"))
    )


def _drop_point_zero(reading: Reading) -> None:
    """Ids that some program wrote as 17850.0 lose the ".0", so that they meet the same id elsewhere."""
    ids = [name for name in _IDS if name in reading.fields]
    if not ids:
        return
    written = [pl.col(name).str.contains(r"^\d+\.0$").all() & pl.col(name).is_not_null().any() for name in ids]
    marked = (
        reading.frame.select(each.alias(name) for name, each in zip(ids, written, strict=True)).collect().row(0)
    )
    for name, is_marked in zip(ids, marked, strict=True):
        if is_marked:
            reading.frame = reading.frame.with_columns(pl.col(name).str.strip_suffix(".0"))
            column = reading.fields[name].column
            reading.notices.append(Notice("numbers_from_cells", {"column": column}, warning=False))
