"""Amounts and numbers as people and programs write them, as whole numbers of cents or millionths.

Everything works on a frame of distinct texts. Digits are cut, never passed through binary fractions, so a cent is
a cent; half cents round away from zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from karma_files.dates import CLEARLY_MORE, TEXT, VALUE, WHY, first
from karma_files.phrases import FileError, Notice

CENTS, MILLIONTHS = 2, 6
_LARGEST = 13
_CODES = (
    r"(?i)\b(eur|euro|usd|gbp|chf|sek|nok|dkk|pln)\b|(eur|usd|gbp|chf|sek|nok|dkk|pln)$|^(eur|usd|gbp|chf)|[€$£]"
)
_SPACES = "[\\s\u00a0\u202f\u2009'\u2019]"
_ROUND = r"[,.][-\u2013\u2014]+$"
_SCIENTIFIC = r"^\d+(?:\.\d+)?e[+-]?\d{1,2}$"


@dataclass(frozen=True)
class Evidence:
    """How many distinct texts need a decimal comma, need a decimal point, or fit both; one of each."""

    comma: int = 0
    point: int = 0
    open: int = 0
    comma_text: str = ""
    point_text: str = ""
    open_text: str = ""


def weigh_amounts(texts: pl.Series) -> Evidence:
    """What a column's distinct texts say about the decimal sign.

    >>> weigh_amounts(pl.Series(["1.234,56", "1.234", "12"]))
    Evidence(comma=1, point=0, open=1, comma_text='1.234,56', point_text='', open_text='1.234')
    """
    judged = _bodies(texts).filter(pl.col("body").str.contains(r"^[\d.,]*\d[\d.,]*$"))
    commas, points = pl.col("body").str.count_matches(","), pl.col("body").str.count_matches(r"\.")
    alone = pl.col("body").str.contains(r"^[1-9]\d{0,2}[.,]\d{3}$")
    last_is_comma = pl.col("body").str.contains(r",[^.,]*$")
    sign = (
        pl.when((commas == 0) & (points == 0))
        .then(None)
        .when((commas > 0) & (points > 0))
        .then(pl.when(last_is_comma).then(pl.lit("comma")).otherwise(pl.lit("point")))
        .when(alone)
        .then(pl.lit("open"))
        .when((commas > 1) | ((points == 1) & (commas == 0)))
        .then(pl.lit("point"))
        .otherwise(pl.lit("comma"))
    )
    signed = judged.select(TEXT, sign.alias("sign")).drop_nulls()
    found = [signed.filter(pl.col("sign") == each)[TEXT] for each in ("comma", "point", "open")]
    comma, point, either = found
    return Evidence(
        comma=comma.len(),
        point=point.len(),
        open=either.len(),
        comma_text=first(comma),
        point_text=first(point),
        open_text=first(either),
    )


def decide_decimals(
    evidence: Mapping[str, Evidence], *, given: str | None, name: str
) -> tuple[dict[str, str], list[Notice]]:
    """The decimal sign of each column: its own evidence, else the other columns'.

    Where both signs occur in a column, one must outnumber the other twenty to one; the rest is then set aside, and
    said. Raises FileError where nothing decides what "1.234" is.
    """
    if given:
        return dict.fromkeys(evidence, given), []
    signs: dict[str, str] = {}
    notices: list[Notice] = []
    for column, each in evidence.items():
        if each.comma or each.point:
            signs[column] = "," if each.comma > each.point else "."
            notices += _minority(column, each, name=name)
    elsewhere = set(signs.values())
    for column, each in evidence.items():
        if column not in signs:
            if each.open and len(elsewhere) != 1:
                raise FileError("decimal", name=name, column=column, sample=each.open_text)
            signs[column] = next(iter(elsewhere)) if len(elsewhere) == 1 else "."
    return signs, notices


def _minority(column: str, each: Evidence, *, name: str) -> list[Notice]:
    fewer, more = sorted((each.comma, each.point))
    if not fewer:
        return []
    if more < CLEARLY_MORE * fewer:
        raise FileError("decimals_mixed", name=name, column=column, comma=each.comma_text, point=each.point_text)
    return [
        Notice(
            "decimal_few", {"column": column, "decimal": "," if each.comma > each.point else ".", "count": fewer}
        )
    ]


def read_scaled(texts: pl.Series, *, decimal: str, scale: int, why: str) -> pl.DataFrame:
    """Read distinct texts as whole numbers of 10**-scale: columns `text`, `value` (Int64) and `why`.

    >>> texts = pl.Series(["€ 1.234,565", "(12,50)", "7,5-", "x"])
    >>> read_scaled(texts, decimal=",", scale=2, why="not_an_amount")["value"].to_list()
    [123457, -1250, -750, None]
    """
    group, point = (r"\.", ",") if decimal == "," else (",", r"\.")
    whole = rf"^(\d{{1,3}}(?:{group}\d{{3}})+|\d*)(?:{point}(\d*))?$"
    frame = _bodies(texts).with_columns(
        units=pl.col("body").str.extract(whole, 1).str.replace_all(group, ""),
        rest=pl.col("body").str.extract(whole, 2).fill_null(""),
    )
    digits = (pl.col("rest") + "0" * (scale + 1)).str.slice(0, scale + 1).cast(pl.Int64, strict=False)
    has_digits = pl.col("body").str.contains(r"\d")
    fits = pl.col("units").str.len_chars() <= _LARGEST
    units = pl.when(has_digits & fits).then(
        pl.when(pl.col("units") == "").then(pl.lit("0")).otherwise(pl.col("units")).cast(pl.Int64, strict=False)
    )
    size = units * 10**scale + digits // 10 + (digits % 10 >= 5).cast(pl.Int64)
    reason = (
        pl.when(pl.col(VALUE).is_not_null())
        .then(None)
        .when(~fits)
        .then(pl.lit("too_large"))
        .otherwise(pl.lit(why))
    )
    signed = pl.when(pl.col("negative")).then(-size).otherwise(size)
    return frame.with_columns(signed.alias(VALUE)).with_columns(reason.alias(WHY)).select(TEXT, VALUE, WHY)


def _bodies(texts: pl.Series) -> pl.DataFrame:
    """The digits and signs of each text, without currency, spaces and minus; `negative` says there was one."""
    plain = pl.col(TEXT).str.replace_all(_CODES, "").str.replace_all(_SPACES, "")
    minus = plain.str.replace_all("[\u2212\u2013\u2014]", "-").str.replace(_ROUND, "")
    return (
        texts.alias(TEXT)
        .to_frame()
        .with_columns(signed=minus)
        .with_columns(negative=pl.col("signed").str.contains(r"^-|-$|^\(.*\)$"))
        .with_columns(
            body=pl.col("signed").str.replace(r"^[-+]|^\(", "").str.replace(r"[-)]$", "").str.to_lowercase()
        )
        .with_columns(
            body=pl.when(pl.col("body").str.contains(_SCIENTIFIC)).then(_written_out()).otherwise(pl.col("body"))
        )
    )


def _written_out() -> pl.Expr:
    scientific = pl.when(pl.col("body").str.contains(_SCIENTIFIC)).then(pl.col("body"))
    number = scientific.cast(pl.Float64, strict=False)
    return number.round(6).cast(pl.Decimal(30, 6), strict=False).cast(pl.String)
