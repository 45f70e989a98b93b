"""Rows that are no records: empty ones, group rows, totals and footers."""

import re

import polars as pl

from karma_files.tables import LINE

_COUNTED = r"^\s*\S.*\(\d+\)\s*$"
_TOTAL = (
    r"(?i)^\s*(grand\s+total|sub\s?totals?|subtotaal|(eind)?totaal|totals?|totalen|som|sum|gemiddelde|average)"
    r"(\s*[:(].*|\s+(generaal|omzet|bedrag|aantal|excl|incl|records|rows|amount|revenue|count|of|van|per)\b.*)?\s*$"
)
_FOOTER = r"(?i)^\s*(copyright|©|confidential|vertrouwelijk|generated|gegenereerd|afgedrukt|printed|page|pagina)\b"
_DATE = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
_NUMERIC = r"^[\s€$£%().,+\-\d]*$"


LABEL, FILLED = "\x1flabel", "\x1ffilled"
"""Names of our own that no header can have, since white space in it becomes a space."""


def set_aside_rows(frame: pl.DataFrame, *, columns: tuple[str, ...]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Leave out rows that are no records; returns what is left and counts by reason.

    A group row counts what follows, as "Proposal (3)", with only numbers beside it, or is text in the first
    column alone. A header may come again where files were put together. A total begins with such a word, with
    only numbers beside it. Whatever stands alone below the last full row is a footer.
    """
    if not frame.height or len(columns) < 3:
        return _without_blanks(frame, columns)
    judged = frame.select(LINE, _label(columns).alias(LABEL), _filled(columns).alias(FILLED), *columns)
    full = judged.filter(pl.col(FILLED) > 2)[LINE]
    last_full = int(full[-1]) if full.len() else None
    reasons = _reasons(judged, columns=columns, last_full=last_full)
    aside = reasons.drop_nulls("reason")
    if not aside.height:
        return frame, {}
    counts = dict(aside.group_by("reason").len().iter_rows())
    return frame.join(aside, on=LINE, how="anti", maintain_order="left"), counts


def says_footer(text: str) -> bool:
    """Whether a text alone reads as the foot of a report."""
    return bool(re.match(_FOOTER, text) or re.match(_TOTAL, text))


def _without_blanks(frame: pl.DataFrame, columns: tuple[str, ...]) -> tuple[pl.DataFrame, dict[str, int]]:
    kept = frame.filter(_filled(columns) > 0) if frame.height else frame
    blank = frame.height - kept.height
    return kept, ({"blank": blank} if blank else {})


def _present(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.len_bytes().fill_null(0) > 0


def _is_number(column: str) -> pl.Expr:
    text = pl.col(column)
    return text.str.contains(_NUMERIC) & ~text.str.contains(_DATE)


def _filled(columns: tuple[str, ...]) -> pl.Expr:
    return pl.sum_horizontal(_present(column).cast(pl.Int32) for column in columns)


def _label(columns: tuple[str, ...]) -> pl.Expr:
    """The first cell that holds anything, looked for in the first three columns."""
    return pl.coalesce(pl.when(_present(column)).then(pl.col(column)) for column in columns[:3])


def _reasons(judged: pl.DataFrame, *, columns: tuple[str, ...], last_full: int | None) -> pl.DataFrame:
    label, filled = pl.col(LABEL), pl.col(FILLED)
    texts = pl.sum_horizontal((_present(column) & ~_is_number(column)).cast(pl.Int32) for column in columns)
    bare = texts == 1
    below = pl.col(LINE) > last_full if last_full is not None else pl.lit(False)
    again = pl.all_horizontal(pl.col(column).str.strip_chars() == column for column in columns[:3])
    wordy = ~label.str.contains(_NUMERIC)
    candidates = judged.filter(
        (filled <= 1)
        | again
        | label.str.contains(_COUNTED)
        | label.str.contains(_TOTAL)
        | label.str.contains(_FOOTER)
    )
    alone = (filled == 1) & wordy & _present(columns[0])
    reason = (
        pl.when(filled == 0)
        .then(pl.lit("blank"))
        .when(again)
        .then(pl.lit("header"))
        .when(bare & label.str.contains(_TOTAL))
        .then(pl.lit("footer"))
        .when((filled <= 2) & label.str.contains(_FOOTER))
        .then(pl.lit("footer"))
        .when((filled == 1) & below & wordy)
        .then(pl.lit("footer"))
        .when(bare & label.str.contains(_COUNTED))
        .then(pl.lit("group"))
        .when(alone)
        .then(pl.lit("group"))
    )
    return candidates.select(LINE, reason.alias("reason"))
