"""Dates as people and programs write them, read in one order per file and never by guess.

Everything works on a frame of distinct texts, so that a column of a million lines is read as a few thousand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from karma_files.phrases import FileError, Notice
from karma_files.tables import RawTable

TEXT, VALUE, WHY = "text", "value", "why"
CLEARLY_MORE = 20
_TAIL = (
    r"(?:[T ,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?\s*"
    r"(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?)?$"
)
_ISO = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TAIL
_COMPACT = r"^((?:19|20)\d{2})(\d{2})(\d{2})" + _TAIL
_NUMERIC = r"^(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})" + _TAIL
_DAY_WORD = r"^(\d{1,2})[-/. ]*([a-z]{3,10})[-/., ]*(\d{4}|\d{2})" + _TAIL
_WORD_DAY = r"^([a-z]{3,10})\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?[-, ]+(\d{4})" + _TAIL
_SERIAL = r"^(\d{5})(?:[.,]\d+)?$"
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DUTCH = {"mrt": 3, "maa": 3, "mei": 5, "okt": 10}
_MONTHS = {**{word: number for number, word in enumerate(_ENGLISH, start=1)}, **_DUTCH}
_EXCEL_ZERO = -25_569


@dataclass(frozen=True)
class Evidence:
    """How many distinct texts are sure to be day-month, sure to be month-day, or could be both; one of each."""

    dmy: int = 0
    mdy: int = 0
    open: int = 0
    dmy_text: str = ""
    mdy_text: str = ""
    open_text: str = ""


def weigh_dates(texts: pl.Series) -> Evidence:
    """What a column's distinct texts say about the order of day and month."""
    parts = texts.to_frame(TEXT).select(TEXT, a=_group(_NUMERIC, 1), b=_group(_NUMERIC, 2)).drop_nulls()
    day_first = parts.filter((pl.col("a") > 12) & (pl.col("b") <= 12))[TEXT]
    month_first = parts.filter((pl.col("b") > 12) & (pl.col("a") <= 12))[TEXT]
    either = parts.filter((pl.col("a") <= 12) & (pl.col("b") <= 12) & (pl.col("a") != pl.col("b")))[TEXT]
    return Evidence(
        dmy=day_first.len(),
        mdy=month_first.len(),
        open=either.len(),
        dmy_text=first(day_first),
        mdy_text=first(month_first),
        open_text=first(either),
    )


def first(texts: pl.Series) -> str:
    """The first text, or nothing."""
    return str(texts[0]) if texts.len() else ""


def decide_date_order(
    evidence: Mapping[str, Evidence], *, given: str | None, name: str
) -> tuple[str | None, list[Notice]]:
    """One order for all date columns of a file; None where no date needs one.

    A day above twelve decides. Where both orders occur, one must outnumber the other twenty to one; the rest is
    then set aside, and said. Raises FileError where nothing decides.
    """
    if given:
        return given, []
    dmy, mdy = sum(each.dmy for each in evidence.values()), sum(each.mdy for each in evidence.values())
    if dmy and mdy:
        return _by_majority(evidence, dmy=dmy, mdy=mdy, name=name)
    if dmy or mdy:
        return ("dmy" if dmy else "mdy"), []
    for column, each in evidence.items():
        if each.open:
            raise FileError("date_order", name=name, column=column, sample=each.open_text)
    return None, []


def _by_majority(evidence: Mapping[str, Evidence], *, dmy: int, mdy: int, name: str) -> tuple[str, list[Notice]]:
    column = next(column for column, each in evidence.items() if (each.dmy if dmy < mdy else each.mdy))
    if max(dmy, mdy) < CLEARLY_MORE * min(dmy, mdy):
        samples = {
            "dmy": next(each.dmy_text for each in evidence.values() if each.dmy),
            "mdy": next(each.mdy_text for each in evidence.values() if each.mdy),
        }
        raise FileError("date_orders_mixed", name=name, column=column, **samples)
    order = "dmy" if dmy > mdy else "mdy"
    return order, [Notice("date_order_few", {"column": column, "order": order, "count": min(dmy, mdy)})]


def read_dates(texts: pl.Series, *, order: str | None, time_zone: str) -> pl.DataFrame:
    """Read distinct texts as local dates: columns `text`, `value` (Date) and `why` (a reason, or null).

    A moment with an offset becomes the day that it was in `time_zone`; one without is taken as local.

    >>> texts = pl.Series(["31-12-2025", "31-02-2025", "soon"])
    >>> read_dates(texts, order="dmy", time_zone="UTC")["why"].to_list()
    [None, 'no_such_day', 'not_a_date']
    """
    frame = texts.alias(TEXT).to_frame().with_columns(low=pl.col(TEXT).str.to_lowercase())
    year, month, day = _parts(order or "dmy")
    shaped = frame.with_columns(y=year, m=month, d=day)
    local = pl.format("{}-{}-{}", pl.col("y"), pl.col("m"), pl.col("d")).str.to_date("%Y-%m-%d", strict=False)
    serial = pl.col(TEXT).str.extract(_SERIAL).cast(pl.Int32)
    from_serial = pl.when(serial.is_between(20_000, 80_000)).then((serial + _EXCEL_ZERO).cast(pl.Date))
    dated = shaped.with_columns(pl.coalesce(local, from_serial).alias(VALUE))
    has_shape = pl.col("y").is_not_null()
    why = pl.when(pl.col(VALUE).is_null()).then(
        pl.when(has_shape).then(pl.lit("no_such_day")).otherwise(pl.lit("not_a_date"))
    )
    return _at_home(dated.with_columns(why.alias(WHY)), time_zone=time_zone).select(TEXT, VALUE, WHY)


def holds_dates(table: RawTable, column: str) -> bool:
    """Whether a column holds dates, going by the first hundred rows."""
    values = table.frame.select(column).head(100).collect().to_series()
    if values.dtype != pl.String:
        return values.dtype.is_temporal()
    texts = values.drop_nulls().str.strip_chars().unique()
    texts = texts.filter(texts != "")
    return texts.len() > 0 and not (read_dates(texts, order="dmy", time_zone="UTC")[WHY] == "not_a_date").any()


def _group(pattern: str, group: int, column: str = TEXT) -> pl.Expr:
    return pl.col(column).str.extract(pattern, group).cast(pl.Int32, strict=False)


def _parts(order: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Year, month and day, from whichever shape fits."""
    places = {"dmy": (3, 2, 1), "mdy": (3, 1, 2), "ymd": (1, 2, 3)}[order]
    year, month, day = (_group(_NUMERIC, place) for place in places)
    years = [_group(_ISO, 1), _group(_COMPACT, 1), year, _group(_DAY_WORD, 3, "low"), _group(_WORD_DAY, 3, "low")]
    months = [_group(_ISO, 2), _group(_COMPACT, 2), month, _month(_DAY_WORD, 2), _month(_WORD_DAY, 1)]
    days = [_group(_ISO, 3), _group(_COMPACT, 3), day, _group(_DAY_WORD, 1, "low"), _group(_WORD_DAY, 2, "low")]
    full = pl.coalesce(years)
    century = pl.when(full < 69).then(full + 2000).when(full < 100).then(full + 1900).otherwise(full)
    return century, pl.coalesce(months), pl.coalesce(days)


def _month(pattern: str, group: int) -> pl.Expr:
    word = pl.col("low").str.extract(pattern, group).str.slice(0, 3)
    return word.replace_strict(_MONTHS, default=None, return_dtype=pl.Int32)


def _at_home(dated: pl.DataFrame, *, time_zone: str) -> pl.DataFrame:
    """Move moments that carry an offset to the day that they were at home."""
    with_offset = r"(?i)\d[:.]\d{2}.*?(Z|UTC|GMT|[+-]\d{2}:?\d{0,2})$"
    away = pl.col(TEXT).str.contains(with_offset) & pl.col(VALUE).is_not_null()
    if not dated.select(away.any()).item():
        return dated
    clock = r"[T ,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
    hours, minutes = (_group(clock, group).fill_null(0) for group in (1, 2))
    sign = pl.when(pl.col(TEXT).str.contains(r"-\d{2}:?\d{0,2}$")).then(-1).otherwise(1)
    shift = sign * (
        _group(r"[+-](\d{2}):?\d{0,2}$", 1).fill_null(0) * 60 + _group(r"[+-]\d{2}:?(\d{2})$", 1).fill_null(0)
    )
    moment = pl.col(VALUE).cast(pl.Datetime("us")) + pl.duration(minutes=hours * 60 + minutes - shift)
    home = moment.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.date()
    return dated.with_columns(pl.when(away).then(home).otherwise(pl.col(VALUE)).alias(VALUE))
