"""The options that commands share, and the days and amounts that people type in them."""

import csv
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from karma.cli.language import _
from karma_core.errors import KarmaError
from karma_core.periods import after


class DecimalSign(StrEnum):
    """What stands before the cents."""

    comma = "comma"
    point = "point"

    @property
    def sign(self) -> str:
        """The sign itself."""
        return "," if self is DecimalSign.comma else "."


class DayOrder(StrEnum):
    """In which order day, month and year are written."""

    dmy = "dmy"
    mdy = "mdy"
    ymd = "ymd"


Files = Annotated[
    list[Path], typer.Argument(help=_("Files of one kind: CSV, XLSX or Parquet."), metavar="FILE...")
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help=_("A map.toml that says which column is what."), metavar="FILE")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help=_("Only what is dated before this day exists."), metavar="DATE")
]
Through = Annotated[str | None, typer.Option("--through", help=_("The same, this day included."), metavar="DATE")]
Currency = Annotated[
    str | None, typer.Option("--currency", help=_("The currency of the amounts, such as EUR."), metavar="CODE")
]
DateOrder = Annotated[
    DayOrder | None,
    typer.Option("--date-order", help=_("How dates are written, where the file leaves it open: dmy, mdy or ymd.")),
]
Decimal = Annotated[
    DecimalSign | None,
    typer.Option("--decimal", help=_("The decimal sign, where the file leaves it open: comma or point.")),
]
Opened = Annotated[str | None, typer.Option(help=_("The day a deal was opened."), metavar="COL")]
Closed = Annotated[str | None, typer.Option(help=_("The day it was won or lost."), metavar="COL")]
Outcome = Annotated[str | None, typer.Option(help=_("The column that says won or lost."), metavar="COL")]
Won = Annotated[str | None, typer.Option(help=_("Its value for won."), metavar="VALUE")]
Lost = Annotated[str | None, typer.Option(help=_("Its value for lost; others are open."), metavar="VALUE")]
Margin = Annotated[str | None, typer.Option(help=_("Margin as agreed."), metavar="COL")]
Realised = Annotated[str | None, typer.Option(help=_("Margin that was left of it."), metavar="COL")]
Allow = Annotated[str | None, typer.Option(help=_("Columns to use although they look ahead."), metavar="COL,COL")]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document instead of sentences."))]
Plot = Annotated[Path | None, typer.Option("--plot", help=_("Write a picture to this file."), metavar="FILE.svg")]
Rejected = Annotated[
    Path | None,
    typer.Option("--rejected", help=_("Write the rows that were set aside to this file."), metavar="FILE"),
]
Seed = Annotated[
    int, typer.Option("--seed", help=_("Start of the random draws; the same seed, the same answer."), metavar="N")
]


def listed(text: str | None) -> tuple[str, ...]:
    """The names in an option such as COL,COL; a name that holds a comma stands in double quotes.

    >>> listed('segment, "size, in staff"')
    ('segment', 'size, in staff')
    """
    names = next(csv.reader([text or ""], skipinitialspace=True), [])
    return tuple(name.strip() for name in names if name.strip())


class OptionError(KarmaError):
    """An option that cannot be used as it was typed."""


def parse_day(text: str, *, option: str) -> date:
    """Read a day typed as 2026-11-22, or say how to type it."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise OptionError(
            _('{option} "{text}" is not a day. Type it as year-month-day: 2026-11-22.').format(
                option=option, text=text
            )
        ) from None


def parse_number(text: str, *, option: str) -> float:
    """Read a number of zero or more, typed with a comma or a point, or say how to type it."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = -1.0
    if 0 <= number < float("inf"):
        return number
    raise OptionError(
        _('{option} "{text}" is not a number of zero or more. Type it as 12 or 2.5.').format(
            option=option, text=text
        )
    )


@dataclass(frozen=True)
class Moment:
    """How a command was told as of when to speak."""

    as_of: str | None
    through: str | None

    @property
    def is_given(self) -> bool:
        """Whether any day was named."""
        return self.as_of is not None or self.through is not None

    def day(self) -> date:
        """The as-of date; raise OptionError when none or both were given."""
        if (self.as_of is None) == (self.through is None):
            raise OptionError(
                _(
                    "Say as of which day to speak: --as-of DATE (only what is dated before it) or "
                    "--through DATE (that day included), one of the two."
                )
            )
        if self.as_of is not None:
            return parse_day(self.as_of, option="--as-of")
        return after(parse_day(self.through or "", option="--through"))


def check_writable(path: Path | None, *, option: str, endings: tuple[str, ...]) -> None:
    """Refuse, before any work is done, a file that could not be written in the end."""
    if path is None:
        return
    if path.suffix.lower() not in endings:
        raise OptionError(
            _("{option} {path}: give it a name that ends in {endings}.").format(
                option=option, path=path, endings=", ".join(endings)
            )
        )
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OptionError(
            _("{option} {path}: that folder does not exist. Make it first, or choose another.").format(
                option=option, path=path
            )
        )


@dataclass(frozen=True)
class Reading:
    """How files are to be read, as the command line was told."""

    mapping: Path | None
    currency: str | None
    date_order: DayOrder | None
    decimal: DecimalSign | None = None
    columns: dict[str, str | None] = field(default_factory=dict)
    needs_amounts: bool = True
