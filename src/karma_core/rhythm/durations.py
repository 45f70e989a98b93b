"""Lengths of time as people say them: "every five weeks", "eight weeks", "until mid-February"."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from karma_core.words import MONTHS

DAYS = (1.0, 7.0, 30.44, 365.25)
NAMES = {
    "nl": (("dag", "dagen"), ("week", "weken"), ("maand", "maanden"), ("jaar", "jaar")),
    "en": (("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years")),
}
NUMBERS = {
    "nl": [
        "nul",
        "één",
        "twee",
        "drie",
        "vier",
        "vijf",
        "zes",
        "zeven",
        "acht",
        "negen",
        "tien",
        "elf",
        "twaalf",
    ],
    "en": [
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ],
}
PARTS = {"nl": ("begin ", "half ", "eind "), "en": ("early ", "mid-", "late ")}
UPTO = (12.5, 77.0, 600.0)
"""Below 12.5 days people speak of days, but seven are a week; below eleven weeks of weeks; then of months."""

SOON_DAYS = 21

LONGEST_IN_UNIT = (20, 20, 24)


@dataclass(frozen=True)
class Length:
    """A length of time as expressions: how many, and of which unit (0 day, 1 week, 2 month, 3 year)."""

    count: pl.Expr
    unit: pl.Expr


def length(days: pl.Expr) -> Length:
    """Round days to the unit in which people would say them; at least one of it."""
    is_week = days.is_between(6.5, 7.5)
    unit = (
        pl.when(is_week)
        .then(1)
        .when(days < UPTO[0])
        .then(0)
        .when(days < UPTO[1])
        .then(1)
        .when(days < UPTO[2])
        .then(2)
        .otherwise(3)
    )
    return in_unit(days, unit)


def in_unit(days: pl.Expr, unit: pl.Expr) -> Length:
    """Round days to a given unit, at least one of it."""
    size = unit.replace_strict(dict(enumerate(DAYS)), return_dtype=pl.Float64)
    return Length((days / size).round().clip(1).cast(pl.Int64), unit)


def beside(days: pl.Expr, other: Length) -> Length:
    """Say days in the unit of another length while the count stays speakable, and never as the same count.

    "Every two weeks, and now silent for two weeks" would be nonsense; then it is said in a finer unit.
    """
    shared = in_unit(days, other.unit)
    most = other.unit.replace_strict(dict(enumerate((*LONGEST_IN_UNIT, 10_000))), return_dtype=pl.Int64)
    own = length(days)
    unit = pl.when(shared.count > most).then(own.unit).otherwise(other.unit)
    same = (in_unit(days, unit).count == other.count) & (unit == other.unit)
    return in_unit(days, pl.when(same).then((unit - 1).clip(0)).otherwise(unit))


def number_in_words(count: pl.Expr, *, language: str) -> pl.Expr:
    """Numbers up to twelve in words, above that in digits."""
    words = {i: word for i, word in enumerate(NUMBERS[language]) if i}
    return count.replace_strict(words, default=count.cast(pl.String), return_dtype=pl.String)


def _unit_name(of: Length, *, language: str) -> pl.Expr:
    one, many = (dict(enumerate(name[i] for name in NAMES[language])) for i in (0, 1))
    singular, plural = (of.unit.replace_strict(names, return_dtype=pl.String) for names in (one, many))
    return pl.when(of.count == 1).then(singular).otherwise(plural)


def lasting(of: Length, *, language: str) -> pl.Expr:
    """ "acht weken", "een maand" / "eight weeks", "a month"."""
    article = "een" if language == "nl" else "a"
    number = number_in_words(of.count, language=language)
    return pl.concat_str(
        pl.when(of.count == 1).then(pl.lit(article)).otherwise(number),
        pl.lit(" "),
        _unit_name(of, language=language),
    )


def every(of: Length, *, language: str) -> pl.Expr:
    """ "elke vijf weken", "elk jaar" / "every five weeks", "every year"."""
    number = pl.when(of.count == 1).then(pl.lit("")).otherwise(number_in_words(of.count, language=language) + " ")
    word = pl.lit("every ")
    if language == "nl":
        word = pl.when((of.unit == 3) & (of.count == 1)).then(pl.lit("elk ")).otherwise(pl.lit("elke "))
    return pl.concat_str(word, number, _unit_name(of, language=language))


def ago(days: pl.Expr, *, language: str) -> pl.Expr:
    """ "gisteren", "drie weken geleden" / "yesterday", "three weeks ago"."""
    yesterday, back = ("gisteren", " geleden") if language == "nl" else ("yesterday", " ago")
    spoken = lasting(length(days), language=language) + back
    return pl.when(days <= 1).then(pl.lit(yesterday)).otherwise(spoken)


def until(on: pl.Expr, *, today: date, language: str) -> pl.Expr:
    """Say a day within three weeks exactly, one further off as "half februari" / "mid-February"."""
    part = pl.when(on.dt.day() <= 10).then(0).when(on.dt.day() <= 20).then(1).otherwise(2)
    about = part.replace_strict(dict(enumerate(PARTS[language])), return_dtype=pl.String)
    exact = on.dt.day().cast(pl.String) + " "
    soon = (on - pl.lit(today)).dt.total_days() <= SOON_DAYS
    spoken = pl.concat_str(pl.when(soon).then(exact).otherwise(about), month(on, language=language))
    other_year = pl.concat_str(spoken, pl.lit(" "), on.dt.year().cast(pl.String))
    return pl.when(on.dt.year() == today.year).then(spoken).otherwise(other_year)


def month(on: pl.Expr, *, language: str) -> pl.Expr:
    """The month's name."""
    names = {i + 1: name for i, name in enumerate(MONTHS[language])}
    return on.dt.month().cast(pl.Int64).replace_strict(names, return_dtype=pl.String)
