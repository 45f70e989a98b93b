"""XLSX as a table: every cell as text first, so that leading zeros survive."""

import fastexcel
import polars as pl

from karma_files.archive import check_workbook
from karma_files.headers import LOOK_AT, check_header, find_header, name_columns
from karma_files.limits import Limits
from karma_files.mapping import Mapping
from karma_files.phrases import FileError, Notice
from karma_files.rows import set_aside_rows
from karma_files.tables import LINE, RawTable

_NUMBERS = ("int", "float")


def read_workbook(data: bytes, *, name: str, mapping: Mapping, limits: Limits) -> RawTable:
    """Read one sheet. Raises FileError where the archive is unsafe, damaged, or has no such sheet."""
    check_workbook(data, name=name, limits=limits)
    try:
        return _read(data, name=name, mapping=mapping, limits=limits)
    except fastexcel.FastExcelError:
        raise FileError("damaged", name=name) from None


def _read(data: bytes, *, name: str, mapping: Mapping, limits: Limits) -> RawTable:
    reader = fastexcel.read_excel(data)
    sheet, cells, notes = _choose_sheet(reader, name=name, wanted=mapping.sheet)
    if cells.width > limits.columns:
        raise FileError("too_many_columns", name=name, found=cells.width, limit=limits.columns)
    at, columns, made = _header(cells, name=name, mapping=mapping)
    if made:
        notes = (*notes, Notice("headers_renamed", {"columns": ", ".join(made)}, warning=False))
    frame = cells[at + 1 :].rename(dict(zip(cells.columns, columns, strict=True)))
    frame = frame.insert_column(0, pl.int_range(at + 2, at + 2 + frame.height, eager=True).alias(LINE))
    frame, ignored = set_aside_rows(frame, columns=columns)
    if not frame.height:
        raise FileError("header_only", name=name)
    titles = cells[: max(at, 0)].filter(pl.any_horizontal(pl.all().is_not_null())).height
    return RawTable(
        name=name,
        format="xlsx",
        frame=frame.lazy(),
        columns=columns,
        sheet=sheet,
        ignored=({"title": titles} if titles else {}) | ignored,
        number_columns=_number_columns(reader, sheet, cells, at, columns),
        notes=notes,
    )


def _choose_sheet(
    reader: fastexcel.ExcelReader, *, name: str, wanted: str | None
) -> tuple[str, pl.DataFrame, tuple[Notice, ...]]:
    names = reader.sheet_names
    if wanted is not None:
        if wanted not in names:
            raise FileError("no_sheet", name=name, sheet=wanted, sheets=", ".join(names))
        return wanted, _cells(reader, wanted), ()
    filled = [(sheet, cells) for sheet in names if (cells := _cells(reader, sheet)).height]
    if not filled:
        raise FileError("empty", name=name)
    sheet, cells = filled[0]
    if len(filled) == 1:
        return sheet, cells, ()
    listed = ", ".join(sheet for sheet, _ in filled)
    return sheet, cells, (Notice("sheet_chosen", {"name": name, "sheet": sheet, "sheets": listed}),)


def _cells(reader: fastexcel.ExcelReader, sheet: str) -> pl.DataFrame:
    """All cells as text; the first row of the frame is the first row of the sheet."""
    loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    frame: pl.DataFrame = loaded.to_polars()
    return frame


def _header(cells: pl.DataFrame, *, name: str, mapping: Mapping) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    rows = cells[:LOOK_AT].rows()
    at = find_header(rows)
    if mapping.header:
        if len(mapping.header) != cells.width:
            raise FileError("header_width", name=name, found=cells.width, given=len(mapping.header))
        return at - 1, mapping.header, ()
    if cells.width < 2:
        raise FileError("one_column", name=name)
    check_header(rows[at], name=name)
    return at, *name_columns(rows[at])


def _number_columns(
    reader: fastexcel.ExcelReader, sheet: str, cells: pl.DataFrame, at: int, columns: tuple[str, ...]
) -> frozenset[str]:
    """The columns whose cells below the header are all numbers, where a point can only be a decimal point.

    A column without values is not asked about: fastexcel has no answer, and says so on standard error.
    """
    below = cells[at + 1 :]
    filled = [place for place, column in enumerate(below) if (column.fill_null("") != "").any()]
    typed = reader.load_sheet(
        sheet, header_row=None, skip_rows=at + 1, schema_sample_rows=None, use_columns=filled
    )
    return frozenset(columns[info.index] for info in typed.selected_columns if info.dtype in _NUMBERS)
