"""The columns of a table on Spark as those of PURCHASES: recognised as in a file, and read by their type."""

from collections.abc import Mapping as ReadMapping
from typing import Any

import polars as pl

from karma.cli.language import _
from karma.cli.options import OptionError
from karma_core.frames import collected
from karma_files import KINDS, FileError, Mapping
from karma_files.purchases import unread_fields
from karma_files.recognise import Found, check_required, recognise
from karma_files.words import AS_WRITTEN, SPACES

TEXTS = ("customer", "customer_name", "invoice", "deal", "segment")
NOT_THERE = ("status", "currency", "unit_price")
"""What a file's rows are judged by and a table's are not: a view has to do that."""


def read_columns(
    frame: Any, name: str, *, mapping: Mapping, options: ReadMapping[str, str | None]
) -> tuple[Any, dict[str, dict[str, str]]]:
    """The lines with the columns of PURCHASES, `day` and `customer_name`; and which column each field came from.

    Raises FileError where a column is missing or could be two, OptionError where its type is another.
    """
    shape = collected(frame.limit(0))
    if not shape.columns:
        raise FileError("not_found", name=name)
    found = _found(
        shape, name, mapping=mapping, options={key: column for key, column in options.items() if column}
    )
    fields = {each: _Column(one, shape.schema[one.column]) for each, one in found.items()}
    texts = {each: fields[each].text() if each in fields else "cast(null as string)" for each in TEXTS}
    texts["customer"] = texts["customer" if "customer" in fields else "customer_name"]
    revenue = fields["revenue"].cents()
    expressions = {
        **texts,
        "on": fields["on"].day(),
        "revenue_cents": revenue,
        "cost_cents": _cost(fields, revenue),
    }
    lines = frame.selectExpr(*(f"{sql} as {_quoted(each)}" for each, sql in expressions.items()))
    dated = lines.selectExpr("*", "cast(unix_date(`on`) as bigint) as day")
    return dated, {each: {"column": one.column, "how": one.how} for each, one in found.items()}


def _found(
    shape: pl.DataFrame, name: str, *, mapping: Mapping, options: ReadMapping[str, str]
) -> dict[str, Found]:
    kind, mapped = KINDS["purchases"], mapping.of("purchases")
    if mapped.constants or mapped.values or mapped.ignore or mapped.fill_down or mapped.joins:
        raise OptionError(
            _(
                "On Spark a mapping only says which column is what, the currency and the time zone. "
                "Do the rest in a view."
            )
        )
    recognition = recognise(shape.columns, kind, name=name, options=options, mapped=mapped)
    check_required(recognition, kind, name=name, columns=shape.columns)
    needless = unread_fields(dict(recognition.found))
    found = {each: one for each, one in recognition.found.items() if each not in needless}
    judged = [one.column for each, one in found.items() if each in NOT_THERE]
    if judged:
        raise OptionError(
            _(
                "On Spark {columns} cannot be weighed. Make a view of {name} without it, with only the lines that "
                "count, in one currency and with their revenue."
            ).format(columns=", ".join(judged), name=name)
        )
    return {each: one for each, one in found.items() if each in (*TEXTS, "on", "revenue", "cost", "margin")}


class _Column:
    """One column, read in the words of Spark SQL as `karma_files` reads it in Parquet."""

    def __init__(self, found: Found, dtype: pl.DataType) -> None:
        self.found, self.dtype, self.sql = found, dtype, _quoted(found.column)

    def text(self) -> str:
        if self.dtype == pl.String:
            bare, nothing = f"trim(both {_literal(SPACES)} from {self.sql})", ", ".join(map(_literal, AS_WRITTEN))
            return f"case when {bare} not in ({nothing}) then {bare} end"
        if self.dtype.is_integer():
            return f"cast({self.sql} as string)"
        raise self._wrong(_("text or a whole number"))

    def day(self) -> str:
        if self.dtype.is_temporal() and self.dtype != pl.Time:
            return f"to_date({self.sql})"
        raise self._wrong(_("a day or a moment"))

    def cents(self) -> str:
        """Whole cents, half of one away from zero; null where it is no number."""
        if not self.dtype.is_numeric():
            raise self._wrong(_("a number"))
        scale = 1 if self.found.cents else 100
        if self.dtype.is_integer():
            return f"cast({self.sql} as bigint) * {scale}"
        value = f"cast({self.sql} as double)"
        whole = f"cast(floor(abs({value}) * {scale}.0d + 0.5d) as bigint)"
        finite = f"abs({value}) < double('infinity')"
        return f"case when {finite} then case when {value} < 0 then -{whole} else {whole} end end"

    def _wrong(self, wanted: str) -> OptionError:
        return OptionError(
            _("On Spark {column} must be {wanted}, and is {dtype}. Make a view in which it is.").format(
                column=self.found.column, wanted=wanted, dtype=self.dtype
            )
        )


def _cost(fields: ReadMapping[str, _Column], revenue: str) -> str:
    if "cost" in fields:
        return fields["cost"].cents()
    return f"{revenue} - {fields['margin'].cents()}" if "margin" in fields else "cast(null as bigint)"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
