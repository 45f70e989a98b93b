"""Which deals were won, lost, or are still open: the outcome's own value decides."""

from dataclasses import dataclass

import polars as pl

from karma_core.errors import FrameError
from karma_core.words import Sentence

OPEN_WORDS = frozenset(
    "open opened new nieuw lopend loopt pending active actief ongoing prospect qualified offerte proposal".split()  # noqa: SIM905 (a list of words reads best so)
) | {"in progress", "in behandeling", "on hold", "still open"}
LOST_WORDS = frozenset(
    "lost verloren 0 false no nee n l cancelled canceled rejected afgewezen declined abandoned".split()  # noqa: SIM905 (a list of words reads best so)
) | {"closed lost", "closed-lost", "closedlost", "niet gewonnen", "not won"}


@dataclass(frozen=True)
class Outcomes:
    """Per row: `closed` says whether it is won or lost, `won` whether it is won; with what was assumed."""

    won: pl.Series
    closed: pl.Series
    warnings: tuple[Sentence, ...]

    @property
    def open_deals(self) -> int:
        """How many deals are still open."""
        return len(self.closed) - int(self.closed.sum())


def read_outcomes(column: pl.Series, *, won: str, lost: str | None) -> Outcomes:
    """Read a column of outcomes. Without `lost`, one other value is lost; of more, known words decide.

    An empty cell is an open deal. Raises FrameError where `won` or `lost` does not occur, where they are the same,
    or where a value is neither known to be open nor lost.

    >>> read = read_outcomes(pl.Series("Status", ["Won", "Lost", "Open", None]), won="Won", lost=None)
    >>> read.won.to_list(), read.open_deals
    ([True, False, False, False], 2)
    """
    texts = plain(column)
    values = texts.drop_nulls().unique(maintain_order=True).to_list()
    won_value = _find(values, won, column=column.name)
    others = [value for value in values if value != won_value]
    lost_values = (
        [_find(values, lost, column=column.name)] if lost is not None else _lost(others, column=column.name)
    )
    if won_value in lost_values:
        raise FrameError(
            f'"{won_value}" cannot mean both won and lost; name another value.',
            nl=f'"{won_value}" kan niet allebei betekenen, gewonnen en verloren; noem een andere waarde.',
        )
    is_won = (texts == won_value).fill_null(False)
    is_closed = is_won | texts.is_in(lost_values).fill_null(False)
    return Outcomes(is_won, is_closed, _assumed(others, lost_values, lost))


def plain(column: pl.Series) -> pl.Series:
    """A column as trimmed text; empty text is missing, a whole number has no decimals.

    >>> plain(pl.Series("x", [1.0, 0.0])).to_list(), plain(pl.Series("x", [" a ", ""])).to_list()
    (['1', '0'], ['a', None])
    """
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if column.dtype.is_float():
        column = column.cast(pl.String).str.strip_suffix(".0")
    texts = column.cast(pl.String).str.strip_chars()
    return texts.set(texts == "", None)


def _find(values: list[str], wanted: str, *, column: str) -> str:
    aliases = {"true": "1", "false": "0"}
    wish = wanted.strip().casefold().removesuffix(".0")
    for value in values:
        if value.casefold() in (wish, aliases.get(wish)):
            return value
    seen = ", ".join(values[:8])
    raise FrameError(
        f'Column "{column}" has no value "{wanted}". It has: {seen or "nothing"}.',
        nl=f'Kolom "{column}" heeft geen waarde "{wanted}". Er staat in: {seen or "niets"}.',
    )


def _lost(others: list[str], *, column: str) -> list[str]:
    if len(others) <= 1:
        return [value for value in others if value.casefold() not in OPEN_WORDS]
    unclear = [v for v in others if v.casefold() not in OPEN_WORDS | LOST_WORDS]
    if unclear:
        seen = ", ".join(unclear[:8])
        raise FrameError(
            f'Column "{column}" also holds {seen}. Say which value means lost with --lost; the rest is then open.',
            nl=f'In kolom "{column}" staat ook {seen}. Zeg met --lost wat verloren is; de rest is dan open.',
        )
    return [value for value in others if value.casefold() in LOST_WORDS]


def _assumed(others: list[str], lost_values: list[str], lost: str | None) -> tuple[Sentence, ...]:
    left = [value for value in others if value not in lost_values]
    if lost is not None or not left:
        return ()
    names = ", ".join(left)
    return (
        Sentence(
            nl=f'"{names}" is gelezen als nog open, {", ".join(lost_values) or "niets"} als verloren.',
            en=f'"{names}" was read as still open, {", ".join(lost_values) or "nothing"} as lost.',
        ),
    )
