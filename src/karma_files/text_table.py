"""Delimited text as a table: every record accounted for, whatever its dialect."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_files.dialect import (
    Bools,
    Records,
    cells,
    check_lengths,
    choose_delimiter,
    line_of,
    rewrite_loose,
    scan,
)
from karma_files.encodings import Text, to_utf8
from karma_files.headers import LOOK_AT, check_header, find_header, name_columns
from karma_files.limits import Limits
from karma_files.mapping import Mapping
from karma_files.phrases import FileError, Notice
from karma_files.rows import says_footer, set_aside_rows
from karma_files.tables import LINE, REJECTIONS, RawTable

SHOWN = 120


@dataclass(frozen=True)
class Layout:
    """How the text is to be read: its records, its dialect, and what should be said about them."""

    name: str
    data: bytes
    delimiter: str
    quoted: bool
    records: Records
    notes: tuple[Notice, ...]


def read_text(data: bytes, *, name: str, mapping: Mapping, limits: Limits) -> RawTable:
    """Read CSV, however it is encoded and separated. Raises FileError where the file as a whole cannot be read."""
    text = to_utf8(data, name=name, encoding=mapping.encoding)
    if len(text.data) > limits.record_bytes and b"\n" not in text.data:
        raise FileError("line_too_long", name=name, line=1, limit=limits.record_bytes)
    layout = _layout(text, name=name, mapping=mapping, limits=limits)
    header_at, names, made = _header(layout, mapping=mapping, limits=limits)
    if len(layout.records) * len(names) > limits.cells:
        millions = limits.cells // 1_000_000
        raise FileError("too_large", name=name, limit=millions, unit_en="million cells", unit_nl="miljoen cellen")
    body = _body(layout, header_at, width=len(names), names=names)
    notes = (*text.notes, *layout.notes)
    if made:
        notes = (*notes, Notice("headers_renamed", {"columns": ", ".join(made)}, warning=False))
    ignored = {"title": _filled_before(layout, header_at)} | body.ignored
    if not body.frame.height and not body.rejections.height:
        raise FileError("header_only", name=name)
    return RawTable(
        name=name,
        format="csv",
        frame=body.frame.lazy(),
        columns=names,
        encoding=text.encoding,
        delimiter=layout.delimiter,
        ignored={reason: count for reason, count in ignored.items() if count},
        rejections=body.rejections,
        notes=notes,
    )


def _layout(text: Text, *, name: str, mapping: Mapping, limits: Limits) -> Layout:
    data, delimiter = _sep_line(text.data)
    delimiter = mapping.delimiter or delimiter or choose_delimiter(data, name=name)
    layout = _quoting(data, delimiter=delimiter, name=name)
    check_lengths(layout.records, name=name, limits=limits)
    return layout


def _sep_line(data: bytes) -> tuple[bytes, str | None]:
    """Excel's own first line, "sep=;": blanked so that line numbers stay."""
    first = data[: data.find(b"\n")] if b"\n" in data[:20] else b""
    plain = first.strip().strip(b'"')
    if plain.lower().startswith(b"sep=") and len(plain) == 5:
        return data[len(first) :], chr(plain[4])
    return data, None


def _quoting(data: bytes, *, delimiter: str, name: str) -> Layout:
    found = scan(data, delimiter=delimiter, quoted=True)
    if found.stray < 0 and found.open_at < 0:
        return Layout(name, data, delimiter, True, found.records, ())
    if not found.opens_cell:
        literal = scan(data, delimiter=delimiter, quoted=False)
        notice = Notice("quotes_literal", {"name": name}, warning=False)
        return Layout(name, data, delimiter, False, literal.records, (notice,))
    rewritten, records = rewrite_loose(data, delimiter=delimiter, name=name)
    notices = (
        (Notice("quotes_loose", {"name": name, "line": line_of(data, found.stray)}),) if found.stray >= 0 else ()
    )
    return Layout(name, rewritten, delimiter, True, records, notices)


def _header(layout: Layout, *, mapping: Mapping, limits: Limits) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    rows = list(
        cells(
            layout.data, _part(layout.records, slice(0, LOOK_AT)), delimiter=layout.delimiter, quoted=layout.quoted
        )
    )
    at = find_header(rows)
    widest = int(layout.records.widths.max())
    if widest > limits.columns and len(rows[at]) > limits.columns:
        raise FileError("too_many_columns", name=layout.name, found=len(rows[at]), limit=limits.columns)
    if mapping.header:
        return at - 1, *_given_header(mapping.header, rows[at], name=layout.name)
    if len(rows[at]) < 2:
        raise FileError("one_column", name=layout.name)
    check_header(rows[at], name=layout.name)
    return at, *name_columns(rows[at])


def _given_header(
    header: Sequence[str], row: Sequence[str | None], *, name: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if len(header) != len(row):
        raise FileError("header_width", name=name, found=len(row), given=len(header))
    return tuple(header), ()


def _part(records: Records, which: slice | Bools) -> Records:
    return Records(records.starts[which], records.ends[which], records.lines[which], records.widths[which])


def _filled_before(layout: Layout, header_at: int) -> int:
    above = _part(layout.records, slice(0, max(header_at, 0)))
    return int((above.ends > above.starts).sum())


@dataclass(frozen=True)
class Body:
    """The records below the header: those that fit, those that do not, and what is no record."""

    frame: pl.DataFrame
    rejections: pl.DataFrame
    ignored: dict[str, int]


def _body(layout: Layout, header_at: int, *, width: int, names: tuple[str, ...]) -> Body:
    below = _part(layout.records, slice(header_at + 1, None))
    blank = below.ends <= below.starts
    fits = (below.widths == width) & ~blank
    frame = _read_fitting(layout, below, fits, names=names)
    odd = _part(below, ~fits & ~blank)
    mended, footers, rejections = _odd_records(layout, odd, width=width, names=names, last=_last_line(below, fits))
    if mended.height:
        frame = pl.concat([frame, mended]).sort(LINE)
    frame, aside = set_aside_rows(frame, columns=names)
    blanks = int(blank.sum())
    aside["blank"] = blanks + aside.get("blank", 0)
    aside["footer"] = footers + aside.get("footer", 0)
    return Body(frame, rejections, aside)


def _last_line(below: Records, fits: Bools) -> int:
    lines = below.lines[fits]
    return int(lines[-1]) if len(lines) else 0


def _read_fitting(layout: Layout, below: Records, fits: Bools, *, names: tuple[str, ...]) -> pl.DataFrame:
    text = _slices(layout.data, below, fits)
    schema = dict.fromkeys(names, pl.String)
    if not text:
        return pl.DataFrame(schema={LINE: pl.Int64, **schema})
    try:
        frame = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            new_columns=list(names),
            separator=layout.delimiter,
            quote_char='"' if layout.quoted else None,
            infer_schema=False,
            null_values="",
        )
    except pl.exceptions.PolarsError:
        raise FileError("damaged", name=layout.name) from None
    lines = below.lines[fits]
    if frame.height != len(lines):
        raise AssertionError(f"{layout.name}: {len(lines)} records were counted and {frame.height} were read")
    return frame.insert_column(0, pl.Series(LINE, lines, dtype=pl.Int64))


def _slices(data: bytes, below: Records, fits: Bools) -> bytes:
    """The bytes of the records that fit, cut out in as few runs as there are."""
    if not fits.any():
        return b""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], fits, [False]))))
    starts, stops = edges[0::2], edges[1::2] - 1
    runs = [data[below.starts[a] : below.ends[b]] for a, b in zip(starts, stops, strict=True)]
    return b"\n".join(runs) + b"\n"


def _odd_records(
    layout: Layout, odd: Records, *, width: int, names: tuple[str, ...], last: int
) -> tuple[pl.DataFrame, int, pl.DataFrame]:
    mended: list[list[object]] = []
    rejected: list[tuple[object, ...]] = []
    footers = 0
    rows = cells(layout.data, odd, delimiter=layout.delimiter, quoted=layout.quoted)
    for row, start, end, line in zip(rows, odd.starts, odd.ends, odd.lines, strict=True):
        at = int(line)
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            mended.append([at, *(cell or None for cell in row[:width])])
        elif at > last and _is_footer(row, at_end=_cut_off(layout, int(end))):
            footers += 1
        elif at > last and len(row) < width and _cut_off(layout, int(end)):
            raise FileError("cut_off", name=layout.name, line=at)
        else:
            shown = layout.data[start:end][:SHOWN].decode(errors="ignore")
            reason = "too_few_fields" if len(row) < width else "too_many_fields"
            rejected.append((layout.name, at, None, shown, reason))
    schema = {LINE: pl.Int64, **dict.fromkeys(names, pl.String)}
    return (
        pl.DataFrame(mended, schema=schema, orient="row"),
        footers,
        pl.DataFrame(rejected, schema=REJECTIONS, orient="row"),
    )


def _is_footer(row: list[str], *, at_end: bool) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return len(filled) <= 1 and (not at_end or says_footer(filled[0] if filled else ""))


def _cut_off(layout: Layout, end: int) -> bool:
    """Whether this record runs to the very end of a file that does not end its last line."""
    return end == len(layout.data) and not layout.data.endswith(b"\n")
