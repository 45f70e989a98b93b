"""Where the header of a table stands, and what its columns are called."""

import re
import statistics
from collections.abc import Sequence

from karma_files.phrases import FileError

LOOK_AT = 30
_VALUE = re.compile(
    r"[-+(]?[€$£]?\s*\d[\d.,' ]*%?\)?-?|[.,]\d+"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}"
)
_YEAR = re.compile(r"(19|20)\d\d")


def find_header(rows: Sequence[Sequence[str | None]]) -> int:
    """The index of the first row that is about as full as the table is; those above it are titles.

    Takes the first rows of a table (about thirty), text or None a cell.

    >>> find_header([["Sales 2026", "", ""], ["", "", ""], ["Customer", "Date", "Amount"], ["a", "b", "c"]])
    2
    """
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in rows]
    several = [count for count in filled if count > 1]
    if not several:
        return next((i for i, count in enumerate(filled) if count), 0)
    enough = max(2.0, 0.6 * statistics.median(several))
    return next(i for i, count in enumerate(filled) if count >= enough)


def check_header(cells: Sequence[str | None], *, name: str) -> None:
    """Raise FileError where a third or more of the cells read as numbers or dates: there is no header then."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    values = [cell for cell in filled if _VALUE.fullmatch(cell) and not _YEAR.fullmatch(cell)]
    if filled and len(values) * 3 >= len(filled):
        sample = " | ".join(cell[:20] for cell in filled[:5])
        raise FileError("no_header", name=name, sample=sample)


def name_columns(cells: Sequence[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give every column a name of its own; returns the names, and those that were made here.

    >>> name_columns(["Name", "", "Name", " Amount "])
    (('Name', 'column 2', 'Name (2)', 'Amount'), ('column 2', 'Name (2)'))
    """
    names: list[str] = []
    made: list[str] = []
    for position, cell in enumerate(cells, start=1):
        plain = " ".join((cell or "").split()) or f"column {position}"
        name, count = plain, 1
        while name in names or name == "line":
            count += 1
            name = f"{plain} ({count})"
        names.append(name)
        if name != " ".join((cell or "").split()):
            made.append(name)
    return tuple(names), tuple(made)
