"""Open whatever was given: CSV, XLSX, Parquet or Delta, by what it holds and not by what it is called."""

from pathlib import Path

from karma_files.limits import Limits
from karma_files.mapping import Mapping
from karma_files.parquet_table import is_delta_table, is_parquet_folder, read_parquet
from karma_files.phrases import FileError
from karma_files.sources import GZIP, PARQUET, ZIP, check_first_line, head_of, read_all, refuse_other_kinds
from karma_files.tables import RawTable
from karma_files.text_table import read_text
from karma_files.workbook import read_workbook


def open_table(
    source: Path | bytes, *, name: str | None = None, mapping: Mapping | None = None, limits: Limits | None = None
) -> RawTable:
    """Open a table from a local path or from bytes.

    `name` is what messages call it (default: the path's own name). Of the mapping count encoding, delimiter,
    sheet and header. Parquet and Delta from a path are scanned, not read. Raises FileError with a sentence for the
    person who gave the file.
    """
    mapping, limits = mapping or Mapping(), limits or Limits()
    name = name or (source.name if isinstance(source, Path) else "file")
    if isinstance(source, Path) and source.is_dir():
        if not (is_delta_table(source) or is_parquet_folder(source)):
            raise FileError("directory", name=name)
        return read_parquet(source, name=name, limits=limits)
    head = head_of(source, name=name)
    if head.startswith(PARQUET):
        return read_parquet(source, name=name, limits=limits)
    if head.startswith(ZIP):
        return read_workbook(read_all(source, name=name, limits=limits), name=name, mapping=mapping, limits=limits)
    refuse_other_kinds(head, name=name)
    if not head.startswith(GZIP):
        check_first_line(source, name=name, limits=limits)
    data = read_all(source, name=name, limits=limits)
    refuse_other_kinds(data[:4096], name=name)
    return read_text(data, name=name, mapping=mapping, limits=limits)
