"""Tables written for people: whole or not at all, and never as a formula that a spreadsheet would run."""

import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import polars as pl

ENDINGS = (".csv", ".parquet")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_FORMULA = ("=", "+", "-", "@", "|", "%")
_STARTS = re.compile(
    '(^|[;,\t\r\n"|])(?=[\\s\u200b\u200c\u200d\u2060\ufeff\u00ad"]*[=+\\-@|%＝＋－＠｜％])|^(?=[\t\r\n])'
)
"""Where a cell could begin that runs, with whatever separator a spreadsheet opens the table."""


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as CSV or Parquet, by the file's ending, replacing the file in one go.

    In CSV a text that a spreadsheet could take for a formula gets an apostrophe before it; numbers stay numbers.
    """
    if path.suffix.lower() == ".parquet":
        write_whole(path, lambda target: frame.write_parquet(target))
    else:
        safe = frame.with_columns(_guarded(frame, column) for column in _texts(frame))
        write_whole(path, lambda target: safe.write_csv(target, include_bom=True, quote_style="non_numeric"))


def write_text(text: str, path: Path) -> None:
    """Write a text, replacing the file in one go."""
    write_whole(path, lambda target: target.write_text(text, encoding="utf-8"))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a new file beside `path`, then put it in its place; a failure leaves nothing behind."""
    with NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as fresh:
        target = Path(fresh.name)
    try:
        write(target)
        with target.open("rb") as written:
            os.fsync(written.fileno())
        target.chmod(0o644)
        target.replace(path)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def harmless(text: str) -> str:
    """The text with an apostrophe before everything in it that a spreadsheet could run; other texts as they are.

    Also behind separators within the text, since a spreadsheet may cut the table by another one than we wrote.

    >>> harmless("=1+1"), harmless("De Vries"), harmless("a;=1+1")
    ("'=1+1", 'De Vries', "'a;'=1+1")
    """
    return "'" + _STARTS.sub(r"\1'", text).removeprefix("'") if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could run the text, also behind white space, wide or invisible characters.

    >>> is_formula("\\t=1+1"), is_formula("＝1+1"), is_formula("De Vries"), is_formula("a;=1+1")
    (True, True, False, True)
    """
    cells = unicodedata.normalize("NFKC", text).replace(";", "\n").replace(",", "\n").split("\n")
    return text[:1] in ("\t", "\r", "\n") or any(
        cell.strip().strip(_INVISIBLE).strip().startswith(_FORMULA) for cell in cells
    )


def _texts(frame: pl.DataFrame) -> list[str]:
    return [name for name, dtype in frame.schema.items() if dtype == pl.String]


def _guarded(frame: pl.DataFrame, column: str) -> pl.Series:
    """The column with an apostrophe before what could run; the distinct texts are looked at once."""
    risky = [text for text in frame[column].unique().drop_nulls().to_list() if is_formula(text)]
    return frame[column].replace(risky, [harmless(text) for text in risky]) if risky else frame[column]
