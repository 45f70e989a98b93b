"""What a table means: the fields of one kind, typed, with every row kept or rejected with its reason."""

from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import polars as pl

from karma_core.frames import Contract
from karma_core.money import check_currency
from karma_files.currencies import settle_currency
from karma_files.dates import holds_dates
from karma_files.deals import deal_notices, settle_deals
from karma_files.joins import join_others
from karma_files.mapping import KindMapping, Mapping
from karma_files.others import (
    settle_contact_moments,
    settle_contacts,
    settle_customer_plans,
    settle_customers,
    settle_people,
    settle_responsibilities,
    settle_stage_history,
)
from karma_files.phrases import FileError, Notice, ignored_text, reason_text
from karma_files.purchases import (
    has_amount,
    purchase_notices,
    settle_purchases,
    unread_fields,
    without_amounts,
)
from karma_files.readings import Reading, raw, read_fields, why
from karma_files.recognise import Recognition, check_required, doubt_notices, exactly, recognise
from karma_files.schema import KINDS, Kind
from karma_files.settling import ASIDE, repeated_notice
from karma_files.tables import LINE, RawTable, no_rejections
from karma_files.words import cleaned

_OTHERS = {
    "stage_history": settle_stage_history,
    "customers": settle_customers,
    "contacts": settle_contacts,
    "people": settle_people,
    "responsibilities": settle_responsibilities,
    "customer_plans": settle_customer_plans,
    "contact_moments": settle_contact_moments,
}
_MONEY = ("purchases", "deals", "stage_history", "customer_plans")


@dataclass(frozen=True)
class Parsed:
    """One file, understood.

    `frame` keeps the kind's contract; `records` has `line` and every field that was recognised, for whoever needs
    more than the contract (customer_name, product, quantity, ...). `rows` = `kept` + `rejected`;
    `ignored` counts what is no record. `rejections` has `file, line, column, value, reason`, one row per fault.
    `columns` says which column each field came from: {"column": ..., "how": "option" | "mapping" | "name" |
    "constant"}. `missing` are the optional fields that were not found and that figures suffer from.
    """

    kind: str
    name: str
    contract: Contract
    frame: pl.LazyFrame
    records: pl.LazyFrame
    rows: int
    kept: int
    rejections: pl.DataFrame = field(default_factory=no_rejections)
    ignored: ReadMapping[str, int] = field(default_factory=dict)
    columns: ReadMapping[str, dict[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()
    notes: tuple[Notice, ...] = ()
    currency: str | None = None
    choices: ReadMapping[str, Any] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """How many rows were set aside."""
        return self.rows - self.kept

    def collect(self) -> pl.DataFrame:
        """The frame in memory, its contract checked."""
        return self.contract.keep(self.frame.collect())


def parse(
    table: RawTable,
    kind: str,
    *,
    mapping: Mapping | None = None,
    columns: ReadMapping[str, str] | None = None,
    currency: str | None = None,
    others: ReadMapping[str, RawTable] | None = None,
    needs_amounts: bool = True,
) -> Parsed:
    """Read a table as one kind. Date order, decimal sign and time zone stand in the mapping.

    `columns` are column names by field, from options: they go before the mapping, which goes before names that
    are recognised. `others` are the files that the mapping may join, by name. Where `needs_amounts` is not so,
    purchases without any amount are read as worth nothing, and a notice says so. Raises FileError where the file
    as a whole cannot be understood: a required column is missing or ambiguous, dates or decimals could be read in
    two ways, there are two currencies, an outcome is unknown, or no row at all can be kept.
    """
    shape = KINDS[kind] if needs_amounts else without_amounts(KINDS[kind])
    try:
        return _parsed(
            table, shape, mapping or Mapping(), columns=columns or {}, currency=currency, others=others or {}
        )
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError, OSError):
        if table.format != "parquet":
            raise
        raise FileError("damaged", name=table.name) from None


def _parsed(
    table: RawTable,
    shape: Kind,
    mapping: Mapping,
    *,
    columns: ReadMapping[str, str],
    currency: str | None,
    others: ReadMapping[str, RawTable],
) -> Parsed:
    kind = shape.name
    mapped = mapping.of(kind)
    table = _prepared(table, mapped, others)
    recognition = _recognised(table, shape, mapped, columns)
    reading = read_fields(table, shape, recognition, mapping=mapping)
    _settle(reading, table, kind, mapped)
    _leave_out(reading, table, mapped)
    reporting = check_currency(currency) if currency else mapping.currency
    found = settle_currency(reading, given=reporting, name=table.name) if kind in _MONEY else None
    reading.notices = [*table.notes, *doubt_notices(recognition), *reading.notices]
    return _accounted(reading, table, shape, found)


def _prepared(table: RawTable, mapped: KindMapping, others: ReadMapping[str, RawTable]) -> RawTable:
    joined = join_others(table, mapped.joins, others)
    if not mapped.fill_down:
        return joined
    names = [exactly(joined.columns, column, name=joined.name) for column in mapped.fill_down]
    filled = joined.frame.with_columns(_blank_as_null(joined, name).forward_fill() for name in names)
    return replace(joined, frame=filled)


def _blank_as_null(table: RawTable, column: str) -> pl.Expr:
    is_text = table.frame.collect_schema()[column] == pl.String
    return cleaned(pl.col(column)) if is_text else pl.col(column)


def _recognised(table: RawTable, kind: Kind, mapped: KindMapping, options: ReadMapping[str, str]) -> Recognition:
    recognition = recognise(
        table.columns,
        kind,
        name=table.name,
        options=options,
        mapped=mapped,
        blank=_blank_columns(table),
        holds_dates=partial(holds_dates, table),
    )
    check_required(recognition, kind, name=table.name, columns=table.columns)
    if kind.name != "purchases":
        return recognition
    needless = unread_fields(dict(recognition.found))
    kept = {name: found for name, found in recognition.found.items() if name not in needless}
    return replace(recognition, found=kept)


def _blank_columns(table: RawTable) -> list[str]:
    """Columns without a single value; Parquet is not searched for them."""
    if table.format == "parquet":
        return []
    counts = table.frame.select(pl.col(table.columns).count()).collect().row(0)
    return [column for column, count in zip(table.columns, counts, strict=True) if not count]


def _settle(reading: Reading, table: RawTable, kind: str, mapped: KindMapping) -> None:
    if kind == "purchases":
        settle_purchases(reading)
    elif kind == "deals":
        settle_deals(reading, name=table.name, outcomes=dict(mapped.values.get("outcome", {})))
    else:
        _OTHERS[kind](reading)
    for name, meanings in mapped.values.items():
        if name in reading.fields and KINDS[kind].field(name).sort == "text":
            reading.frame = reading.frame.with_columns(pl.col(name).replace(dict(meanings)))


def _leave_out(reading: Reading, table: RawTable, mapped: KindMapping) -> None:
    """Rows whose column holds one of the values that the mapping says to ignore."""
    for column, values in mapped.ignore.items():
        name = exactly(table.columns, column, name=table.name)
        lines = table.frame.filter(cleaned(pl.col(name).cast(pl.String)).is_in(list(values))).select(LINE)
        out = pl.col(LINE).is_in(lines.collect().to_series().implode())
        aside = pl.when(pl.col(ASIDE).is_null() & out).then(pl.lit("by_mapping")).otherwise(pl.col(ASIDE))
        reading.frame = reading.frame.with_columns(aside.alias(ASIDE))


def _accounted(reading: Reading, table: RawTable, kind: Kind, currency: str | None) -> Parsed:
    if table.format != "parquet":
        reading.frame = _by_line(reading.frame.collect()).lazy()
    reasons = [name for name in reading.frame.collect_schema().names() if name.startswith(why(""))]
    is_record, faulty = pl.col(ASIDE).is_null(), pl.any_horizontal(pl.col(name).is_not_null() for name in reasons)
    total, records, faults = (
        reading.frame.select(
            pl.len(), is_record.sum().alias("records"), (is_record & faulty).sum().alias("faults")
        )
        .collect(engine="streaming")
        .row(0)
    )
    rejections = _rejections(reading, table, is_record & faulty) if faults else no_rejections()
    rejections = pl.concat([table.rejections, rejections]).sort("file", LINE, maintain_order=True)
    rows, kept = records + table.rejections.height, records - faults
    if not kept:
        raise _nothing_kept(table, rows, rejections, _ignored(reading, table, total - records))
    if rows != kept + rejections[LINE].n_unique():
        raise AssertionError(f"{table.name}: {rows} rows, {kept} kept, {rejections[LINE].n_unique()} rejected")
    good = reading.frame.filter(is_record & ~faulty) if faults or records < total else reading.frame
    notices = [*reading.notices, *_closing_notices(reading, kind.name, good, rejections, currency)]
    return Parsed(
        kind=kind.name,
        name=table.name,
        contract=kind.contract,
        frame=_in_contract(good, kind.contract),
        records=good.select(LINE, *_known(good, kind)),
        rows=rows,
        kept=kept,
        rejections=rejections,
        ignored=_ignored(reading, table, total - records),
        columns={name: {"column": found.column, "how": found.how} for name, found in reading.fields.items()},
        missing=_missing(reading, kind.name, currency),
        warnings=tuple(notice for notice in notices if notice.warning),
        notes=tuple(notice for notice in notices if not notice.warning),
        currency=currency,
        choices=_choices(reading, table),
    )


def _by_line(frame: pl.DataFrame) -> pl.DataFrame:
    """In the order of the file. Sorting reserves many times what the rows take, so it is left out where it can."""
    return frame if frame[LINE].is_sorted() else frame.sort(LINE)


def _in_contract(frame: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    names = frame.collect_schema().names()
    return frame.select(
        pl.col(column.name).cast(column.dtype)
        if column.name in names
        else pl.lit(None, dtype=column.dtype).alias(column.name)
        for column in contract.columns
    )


def _known(frame: pl.LazyFrame, kind: Kind) -> list[pl.Expr]:
    """The contract's columns, and what the kind's other fields hold: amounts in cents, numbers as they are."""
    names = frame.collect_schema().names()
    contract = [column.name for column in kind.contract.columns if column.name in names]
    own = [each for each in kind.fields if each.name in names and each.name not in contract]
    amounts = [each for each in own if each.sort == "amount" and f"{each.name}_cents" not in contract]
    numbers = [pl.col(each.name) / 1_000_000 for each in own if each.sort == "number"]
    others = [pl.col(each.name) for each in own if each.sort not in ("amount", "number")]
    return [
        *(pl.col(name) for name in contract),
        *(pl.col(each.name).alias(f"{each.name}_cents") for each in amounts),
        *numbers,
        *others,
    ]


def _rejections(reading: Reading, table: RawTable, bad: pl.Expr) -> pl.DataFrame:
    rows = reading.frame.filter(bad).collect(engine="streaming")
    parts = [_faults_of(rows, name, reading, table.name) for name in rows.columns if name.startswith(why(""))]
    return pl.concat(parts)


def _faults_of(rows: pl.DataFrame, reason: str, reading: Reading, file: str) -> pl.DataFrame:
    name = reason.removeprefix(why(""))
    found = reading.fields.get(name)
    value = pl.col(raw(name)).cast(pl.String) if found else pl.lit(None, dtype=pl.String)
    return rows.filter(pl.col(reason).is_not_null()).select(
        pl.lit(file).alias("file"),
        pl.col(LINE).cast(pl.Int64),
        pl.lit(found.column if found else name).alias("column"),
        value.str.slice(0, 120).alias("value"),
        pl.col(reason).alias("reason"),
    )


def _nothing_kept(
    table: RawTable, rows: int, rejections: pl.DataFrame, ignored: ReadMapping[str, int]
) -> FileError:
    if not rejections.height:
        listed = [ignored_text(reason, language) for language in ("en", "nl") for reason in ignored]
        half = len(listed) // 2
        return FileError(
            "nothing_left", name=table.name, what_en=", ".join(listed[:half]), what_nl=", ".join(listed[half:])
        )
    _, line, column, value, reason = rejections.row(0)
    return FileError(
        "nothing_kept",
        name=table.name,
        rows=rows,
        line=line,
        column=column or "-",
        value=f'"{value}"' if value is not None else "-",
        reason_en=reason_text(reason),
        reason_nl=reason_text(reason, "nl"),
    )


def _ignored(reading: Reading, table: RawTable, aside: int) -> dict[str, int]:
    counts = dict(table.ignored)
    if aside:
        found = reading.frame.drop_nulls(ASIDE).group_by(ASIDE).len().sort(ASIDE)
        for reason, count in found.collect(engine="streaming").iter_rows():
            counts[reason] = counts.get(reason, 0) + count
    return counts


def _missing(reading: Reading, kind: str, currency: str | None) -> tuple[str, ...]:
    missing = []
    if kind == "purchases" and not has_amount(reading):
        missing.append("amount")
    if kind == "purchases" and not _has_cost(reading):
        missing.append("cost")
    if kind == "deals":
        missing += [name for name in ("amount", "margin", "opened_on", "stage") if name not in reading.fields]
    if kind in ("purchases", "deals") and "segment" not in reading.fields:
        missing.append("segment")
    if kind in _MONEY and currency is None:
        missing.append("currency")
    return tuple(missing)


def _has_cost(reading: Reading) -> bool:
    has_piece = "unit_cost" in reading.fields and "quantity" in reading.fields
    return has_piece or "cost" in reading.fields or "margin" in reading.fields


def _closing_notices(
    reading: Reading, kind: str, good: pl.LazyFrame, rejections: pl.DataFrame, currency: str | None
) -> list[Notice]:
    notices = repeated_notice(rejections)
    if kind == "purchases" and not has_amount(reading):
        return [*notices, Notice("without_amounts")]
    if kind == "purchases":
        notices += purchase_notices(good)
    if kind == "deals":
        notices += deal_notices(good)
    if kind in ("purchases", "deals") and currency is None:
        notices.append(Notice("no_currency"))
    return notices


def _choices(reading: Reading, table: RawTable) -> dict[str, Any]:
    seen = {"encoding": table.encoding, "delimiter": table.delimiter, "sheet": table.sheet}
    return reading.choices | {key: value for key, value in seen.items() if value is not None}
