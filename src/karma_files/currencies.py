"""One reporting currency a file: rows in another are set aside, and said."""

import polars as pl

from karma_files.phrases import FileError, Notice
from karma_files.readings import Reading, raw, why
from karma_files.settling import ASIDE

_AMOUNTS = ("revenue", "unit_price", "amount")


def settle_currency(reading: Reading, *, given: str | None, name: str) -> str | None:
    """The currency of the amounts; rows in another get the reason "no_rate".

    A row that names none is read as the file's. Raises FileError where there are two and none was given.
    """
    if "currency" not in reading.fields:
        found = _signs(reading)
        return _by_sign(reading, found, given=given, name=name) if found else given
    rows = reading.frame.filter(pl.col(ASIDE).is_null())
    counted = dict(rows.group_by("currency").len().sort("len", descending=True).collect().iter_rows())
    blank = counted.pop(None, 0)
    currency = _decided(list(counted), given=given, name=name)
    if currency and blank:
        reading.notices.append(Notice("currency_blank", {"count": blank, "currency": currency}))
    others = {each: count for each, count in counted.items() if each != currency}
    if others:
        _set_aside(reading, pl.col("currency") != currency)
        said = {"count": sum(others.values()), "currencies": ", ".join(others), "currency": currency}
        reading.notices.append(Notice("other_currency", said))
    return currency


def _decided(found: list[str], *, given: str | None, name: str) -> str | None:
    if given:
        return given
    if len(found) > 1:
        raise FileError("two_currencies", name=name, currencies=", ".join(found))
    return found[0] if found else None


def _set_aside(reading: Reading, other: pl.Expr) -> None:
    fault = pl.when(other.fill_null(False)).then(pl.lit("no_rate")).otherwise(pl.col(why("currency")))
    reading.frame = reading.frame.with_columns(fault.alias(why("currency")))


def _amount_text(reading: Reading) -> str | None:
    """The column in which amounts stand as text, if any."""
    schema = reading.frame.collect_schema()
    names = [raw(name) for name in _AMOUNTS if name in reading.fields]
    return next((name for name in names if schema[name] == pl.String), None)


def _signs(reading: Reading) -> list[str]:
    """Currencies that the amounts themselves carry, as in "€ 12,50"."""
    column = _amount_text(reading)
    if column is None:
        return []
    texts = reading.frame.filter(pl.col(ASIDE).is_null()).select(_sign(pl.col(column)).unique())
    return sorted(texts.collect().to_series().drop_nulls().to_list())


def _sign(column: pl.Expr) -> pl.Expr:
    sign = column.str.extract(r"(?i)(€|\$|£|eur|usd|gbp|chf|sek|nok|dkk|pln)").str.to_uppercase()
    return sign.replace({"€": "EUR", "$": "USD", "£": "GBP"})


def _by_sign(reading: Reading, found: list[str], *, given: str | None, name: str) -> str | None:
    currency = _decided(found, given=given, name=name)
    others = [each for each in found if each != currency]
    if others:
        column = _amount_text(reading) or ""
        field = column.removeprefix("raw:")
        other = (_sign(pl.col(column)) != currency).fill_null(False)
        fault = pl.when(other).then(pl.lit("no_rate")).otherwise(pl.col(why(field)))
        count = reading.frame.select(other.sum()).collect().item()
        reading.frame = reading.frame.with_columns(fault.alias(why(field)))
        said = {"count": count, "currencies": ", ".join(others), "currency": currency}
        reading.notices.append(Notice("other_currency", said))
    return currency
