"""Where the records of a delimited text begin and end, found on the bytes in one pass."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from karma_files.limits import Limits
from karma_files.phrases import FileError

DELIMITERS = (";", ",", "\t", "|")
QUOTE, NEWLINE, RETURN = 34, 10, 13
SAMPLE_BYTES = 200_000
_END = "end of the text"

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Records:
    """Byte offsets of each record (`ends` before its line end), its first line and its number of cells."""

    starts: Ints
    ends: Ints
    lines: Ints
    widths: Ints

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes says about quotation marks.

    `stray` is the offset of the first quotation mark that neither opens nor closes a cell, or -1; `open_at` is
    the offset of the one that is never closed, or -1; `opens_cell` is whether any stands where a cell begins.
    """

    records: Records
    stray: int
    open_at: int
    opens_cell: bool


def scan(data: bytes, *, delimiter: str, quoted: bool) -> Scan:
    """Find records, honouring quotation marks or (`quoted=False`) taking them as text."""
    text = np.frombuffer(data, np.uint8)
    at, kind = _marks(text, delimiter=delimiter, quoted=quoted)
    is_quote = kind == QUOTE
    counted = np.cumsum(is_quote)
    outside = (counted & 1) == 0
    ending = (kind == NEWLINE) & outside
    records = _records(text, at, newline=kind == NEWLINE, ending=ending, cell=(kind == ord(delimiter)) & outside)
    open_at = int(at[is_quote][-1]) if len(at) and counted[-1] & 1 else -1
    quotes = at[is_quote]
    stray, opens_cell = _judge_quotes(text, quotes, delimiter=ord(delimiter))
    return Scan(records, stray, open_at, opens_cell)


def _marks(text: npt.NDArray[np.uint8], *, delimiter: str, quoted: bool) -> tuple[Ints, npt.NDArray[np.uint8]]:
    wanted = np.zeros(256, np.bool_)
    wanted[[NEWLINE, ord(delimiter), *([QUOTE] if quoted else [])]] = True
    at = np.flatnonzero(wanted[text])
    return at, text[at]


def _records(text: npt.NDArray[np.uint8], at: Ints, *, newline: Bools, ending: Bools, cell: Bools) -> Records:
    ends = at[ending]
    lines_before = np.cumsum(newline)[ending]
    cells_before = np.cumsum(cell)[ending]
    if len(text) and (not len(ends) or ends[-1] != len(text) - 1):
        ends = np.append(ends, len(text))
        lines_before = np.append(lines_before, int(newline.sum()))
        cells_before = np.append(cells_before, int(cell.sum()))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else np.zeros(0, np.int64)
    lines = np.concatenate(([1], lines_before[:-1] + 1)) if len(ends) else np.zeros(0, np.int64)
    widths = np.diff(cells_before, prepend=0) + 1
    after_return = (ends > starts) & (text[np.maximum(ends - 1, 0)] == RETURN) if len(ends) else ends > starts
    return Records(starts, ends - after_return, lines, widths)


def _judge_quotes(text: npt.NDArray[np.uint8], quotes: Ints, *, delimiter: int) -> tuple[int, bool]:
    before = np.where(quotes > 0, text[np.maximum(quotes - 1, 0)], NEWLINE)
    after = np.where(quotes < len(text) - 1, text[np.minimum(quotes + 1, len(text) - 1)], NEWLINE)
    opening = np.arange(len(quotes)) % 2 == 0
    opens = np.isin(before, [delimiter, NEWLINE, RETURN, QUOTE])
    closes = np.isin(after, [delimiter, NEWLINE, RETURN, QUOTE])
    stray = quotes[np.where(opening, ~opens, ~closes)]
    begins = np.isin(before, [delimiter, NEWLINE])
    return (int(stray[0]) if len(stray) else -1), bool(begins.any())


def line_of(data: bytes, offset: int) -> int:
    """The physical line, from 1, on which a byte stands."""
    return data.count(b"\n", 0, offset) + 1


def cells(data: bytes, records: Records, *, delimiter: str, quoted: bool) -> Iterator[list[str]]:
    """The cells of each record, read one by one: for headers and for the few records that do not fit."""
    for start, end in zip(records.starts, records.ends, strict=True):
        text = data[start:end].decode()
        yield next(csv.reader([text], delimiter=delimiter), []) if quoted else text.split(delimiter)


def rewrite_loose(data: bytes, *, delimiter: str, name: str) -> tuple[bytes, Records]:
    """Text with quotation marks inside its cells, written anew with every cell quoted; lines as they were.

    A quotation mark counts only where a cell begins, as most programs read it. Raises FileError where one that
    opens a cell is never closed.
    """
    rows, lines = [], []
    reader = csv.reader(io.StringIO(f"{data.decode()}\n{_END}\n", newline=""), delimiter=delimiter)
    start = 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error:
        rows.append([])
        lines.append(start)
    if rows[-1] != [_END]:
        raise FileError("unclosed_quote", name=name, line=lines[-1])
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows[:-1])
    rewritten = written.getvalue().encode()
    records = scan(rewritten, delimiter=delimiter, quoted=True).records
    return rewritten, replace(records, lines=np.array(lines[: len(records)], np.int64))


def choose_delimiter(data: bytes, *, name: str) -> str:
    """The delimiter that gives most records the same number of cells, the first of them included.

    Raises FileError where every record stays one cell.
    """
    sample = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n") + 1]
    scores = {delimiter: _score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best][1] < 2:
        raise FileError("one_column", name=name)
    return best


def _score(sample: bytes, delimiter: str) -> tuple[float, int]:
    widths = scan(sample, delimiter=delimiter, quoted=True).records.widths[:200]
    wide = widths[widths > 1]
    if not len(wide):
        return 0.0, 1
    values, counts = np.unique(wide, return_counts=True)
    typical = int(values[np.argmax(counts)])
    first = int(wide[0]) == typical
    return float(counts.max() / len(widths)) + (0.5 if first else 0.0), typical


def check_lengths(records: Records, *, name: str, limits: Limits) -> None:
    """Raise FileError where a record is longer than any honest one, or there are too many of them."""
    lengths = records.ends - records.starts
    if len(lengths) and int(lengths.max()) > limits.record_bytes:
        line = int(records.lines[np.argmax(lengths)])
        raise FileError("line_too_long", name=name, line=line, limit=limits.record_bytes)
    if len(records) > limits.rows:
        raise FileError("too_large", name=name, limit=limits.rows, unit_en="rows", unit_nl="regels")
