"""Deals: what became of them decides, not their dates."""

import polars as pl

from karma_files.phrases import FileError, Notice
from karma_files.readings import Reading, raw
from karma_files.settling import (
    ASIDE,
    continues,
    deleted,
    need,
    refuse_repeats,
    text_or_null,
    value_or_null,
)
from karma_files.tables import LINE
from karma_files.words import OUTCOMES, read_words

_DATES = ("opened_on", "closed_on", "won_on", "lost_on", "expected_close_on")
_KEYS = ("deal", "name", "outcome", "opened_on")


def settle_deals(reading: Reading, *, name: str, outcomes: dict[str, str]) -> None:
    """Add the columns of DEALS to a reading, and say what each row lacks.

    The outcome comes from a status, else from flags, else from the stage's name. Where the file tells on which
    days deals closed, an empty status without such a day is open. An open deal's close date, past or future, is
    only what is expected. Raises FileError where no stage says won or lost.
    """
    _fill_absent(reading)
    outcome = _outcome(reading, name=name, outcomes=outcomes)
    reading.frame = reading.frame.with_columns(outcome=outcome)
    is_open = pl.col("outcome") == "open"
    own_day = pl.when(pl.col("outcome") == "won").then(pl.col("won_on")).otherwise(pl.col("lost_on"))
    reading.frame = reading.frame.with_columns(
        customer=text_or_null(reading, "customer", "customer_name"),
        expected_close_on=pl.when(is_open)
        .then(pl.coalesce("expected_close_on", "closed_on"))
        .otherwise(pl.col("expected_close_on")),
        closed_on=pl.when(~is_open).then(pl.coalesce(pl.col("closed_on"), own_day)),
        revenue_cents=value_or_null(reading, "amount", pl.Int64),
        margin_cents=value_or_null(reading, "margin", pl.Int64),
        stated_chance=value_or_null(reading, "stated_chance", pl.Float64),
        **{each: text_or_null(reading, each) for each in ("stage", "segment", "source", "owner")},
    )
    reading.frame = reading.frame.with_columns(_aside(reading).alias(ASIDE))
    _identify(reading)
    field = next(each for each in ("outcome", "is_won", "stage") if each in reading.fields)
    need(reading, field, pl.col("outcome"), "no_value")


def deal_notices(kept: pl.LazyFrame) -> list[Notice]:
    """A warning where deals were closed before they were opened."""
    early = kept.select((pl.col("closed_on") < pl.col("opened_on")).sum()).collect().item()
    return [Notice("closed_before_opened", {"count": early})] if early else []


def _fill_absent(reading: Reading) -> None:
    absent = [name for name in _DATES if name not in reading.fields]
    reading.frame = reading.frame.with_columns(pl.lit(None, dtype=pl.Date).alias(name) for name in absent)


def _outcome(reading: Reading, *, name: str, outcomes: dict[str, str]) -> pl.Expr:
    if "outcome" in reading.fields:
        return _from_status(reading)
    if "is_won" in reading.fields:
        return _from_flags(reading)
    return _from_stage(reading, name=name, outcomes=outcomes)


def _from_status(reading: Reading) -> pl.Expr:
    """The status; open where both the status and the day on which the deal closed are empty."""
    days = [pl.col(raw(each)).is_null() for each in ("closed_on", "won_on", "lost_on") if each in reading.fields]
    if not days:
        return pl.col("outcome")
    silent = pl.all_horizontal(pl.col(raw("outcome")).is_null(), *days) & ~continues(reading, *_KEYS)
    count = reading.frame.select(silent.sum()).collect().item()
    if not count:
        return pl.col("outcome")
    reading.notices.append(Notice("open_without_status", {"count": count}))
    return pl.when(silent).then(pl.lit("open")).otherwise("outcome")


def _from_flags(reading: Reading) -> pl.Expr:
    """Won by its flag; lost by its own flag, or closed and not won; else open."""
    won = pl.col("is_won").fill_null(False)
    lost = pl.col("is_lost").fill_null(False) if "is_lost" in reading.fields else pl.lit(False)
    closed = pl.col("is_closed").fill_null(False) if "is_closed" in reading.fields else pl.lit(False)
    return pl.when(won).then(pl.lit("won")).when(lost | closed).then(pl.lit("lost")).otherwise(pl.lit("open"))


def _from_stage(reading: Reading, *, name: str, outcomes: dict[str, str]) -> pl.Expr:
    stages = reading.frame.select(pl.col("stage").drop_nulls().unique()).collect().to_series()
    read = read_words(stages, meanings={**OUTCOMES, **outcomes}, why=None)
    known = {text: value for text, value, _ in read.iter_rows() if value in ("won", "lost")}
    by_outcome = {each: [text for text, value in known.items() if value == each] for each in ("won", "lost")}
    if not stages.len():
        raise FileError("missing_columns", name=name, missing="outcome", columns=_listed(reading))
    if not known:
        shown = sorted(stages.to_list())
        raise FileError(
            "unknown_values",
            name=name,
            column=reading.fields["stage"].column,
            values=", ".join(shown[:8]),
            field="outcome",
            kind="deals",
            example=shown[0] if shown else "",
            choice="won",
        )
    said = {each: ", ".join(sorted(texts)) or "–" for each, texts in by_outcome.items()}
    reading.notices.append(Notice("outcome_from_stage", said))
    found = pl.col("stage").replace_strict(known, default="open", return_dtype=pl.String)
    return pl.when(pl.col("stage").is_not_null()).then(found)


def _aside(reading: Reading) -> pl.Expr:
    gone = deleted(reading) | (pl.col("outcome") == "deleted").fill_null(False)
    return pl.when(continues(reading, *_KEYS)).then(pl.lit("continuation")).when(gone).then(pl.lit("deleted"))


def _identify(reading: Reading) -> None:
    """Give every deal an id of its own: its number, else its name with a number behind it where it repeats."""
    if "deal" in reading.fields:
        need(reading, "deal", pl.col("deal"), "no_value")
        refuse_repeats(reading, "deal", key="deal")
        return
    need(reading, "name", pl.col("name"), "no_value")
    reading.notices.append(Notice("deal_from_name"))
    counted = pl.col(LINE).rank("ordinal").over("name")
    again = pl.format("{} ({})", pl.col("name"), counted)
    reading.frame = reading.frame.with_columns(deal=pl.when(counted > 1).then(again).otherwise(pl.col("name")))
    repeats = reading.frame.select((pl.col("deal") != pl.col("name")).sum()).collect().item()
    if repeats:
        reading.notices.append(Notice("same_name", {"count": repeats}))


def _listed(reading: Reading) -> str:
    return ", ".join(found.column for found in reading.fields.values())
