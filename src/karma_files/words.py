"""Words with a fixed meaning: yes and no, outcomes, channels, the status of a line, currencies."""

from collections.abc import Mapping

import polars as pl

from karma_files.dates import TEXT, VALUE, WHY

NULLS = ("", "null", "(null)", "none", "n/a", "#n/a", "n.v.t.", "nvt", "nan", "-", "--", "#ref!", "#value!", "\\n")
AS_WRITTEN = sorted({form for word in NULLS for form in (word, word.upper(), word.capitalize(), "NaN")})
SPACES = " \t\r\n\ufeff\u200b\u00a0"
TRUE = ("true", "yes", "y", "ja", "j", "1", "waar", "x", "won", "gewonnen", "t")
FALSE = ("false", "no", "n", "nee", "0", "onwaar", "f")

OUTCOMES = {
    **dict.fromkeys(
        (
            "open",
            "new",
            "nieuw",
            "active",
            "actief",
            "in progress",
            "lopend",
            "in behandeling",
            "pending",
            "on hold",
        ),
        "open",
    ),
    **dict.fromkeys(
        (
            "won",
            "gewonnen",
            "closed won",
            "closedwon",
            "gesloten gewonnen",
            "gesloten - gewonnen",
            "closed - won",
            "success",
            "accepted",
            "geaccepteerd",
        ),
        "won",
    ),
    **dict.fromkeys(
        (
            "lost",
            "verloren",
            "closed lost",
            "closedlost",
            "gesloten verloren",
            "gesloten - verloren",
            "closed - lost",
            "rejected",
            "afgewezen",
            "refused",
        ),
        "lost",
    ),
    "deleted": "deleted",
    "verwijderd": "deleted",
}
STATUSES = {
    **dict.fromkeys(
        ("cancelled", "canceled", "geannuleerd", "vervallen", "void", "voided", "storno", "ingetrokken"),
        "cancelled",
    ),
    **dict.fromkeys(("draft", "concept", "quote", "offerte", "proforma", "pro forma"), "draft"),
}
CHANNELS = {
    **dict.fromkeys(
        ("call", "phone", "phone call", "telefoon", "telefoongesprek", "gebeld", "bellen", "belafspraak"), "call"
    ),
    **dict.fromkeys(("email", "e-mail", "mail", "incoming email", "forwarded email", "listemail"), "email"),
    **dict.fromkeys(("meeting", "afspraak", "vergadering", "event", "appointment", "overleg", "lunch"), "meeting"),
    **dict.fromkeys(("visit", "bezoek", "klantbezoek"), "visit"),
    **dict.fromkeys(("note", "notitie"), "note"),
    **dict.fromkeys(("task", "taak", "to-do", "todo", "deadline"), "task"),
}
WORDS: dict[tuple[str, str], Mapping[str, str]] = {
    ("deals", "outcome"): OUTCOMES,
    ("purchases", "status"): STATUSES,
    ("contact_moments", "channel"): CHANNELS,
}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "euro's": "EUR", "us dollar": "USD", "pound": "GBP"}


def read_words(texts: pl.Series, *, meanings: Mapping[str, str], why: str | None) -> pl.DataFrame:
    """Look distinct texts up, whatever their case: columns `text`, `value` (String) and `why`."""
    known = {" ".join(word.split()).casefold(): meaning for word, meaning in meanings.items()}
    values = [known.get(" ".join(text.split()).casefold()) for text in texts.to_list()]
    reasons = [why if value is None else None for value in values]
    return pl.DataFrame(
        {TEXT: texts, VALUE: values, WHY: reasons}, schema={TEXT: pl.String, VALUE: pl.String, WHY: pl.String}
    )


def read_flags(texts: pl.Series) -> pl.DataFrame:
    """Yes and no: `value` is Boolean."""
    meanings = dict.fromkeys(TRUE, "1") | dict.fromkeys(FALSE, "0")
    return read_words(texts, meanings=meanings, why="not_a_choice").with_columns(pl.col(VALUE) == "1")


def read_currencies(texts: pl.Series) -> pl.DataFrame:
    """Currencies by code, sign or word: `value` is the three letters."""
    codes = {
        text: text.strip().upper() for text in texts.to_list() if text.strip().isalpha() and len(text.strip()) == 3
    }
    return read_words(texts, meanings=_SIGNS | codes, why="not_a_currency")


def cleaned(column: pl.Expr) -> pl.Expr:
    """Text without spaces around it; null where it only says that there is nothing."""
    plain = column.str.strip_chars(SPACES)
    return pl.when(~plain.is_in(AS_WRITTEN)).then(plain)
