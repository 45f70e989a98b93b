"""How much text a workbook's cells hold together, since one long text can stand in a million cells."""

import re
import zipfile

import numpy as np

_ITEM = re.compile(rb"<si\b[^>]*/>|<si\b[^>]*>(.*?)</si>", re.DOTALL)
_WORTH_COUNTING = 1_000_000_000
_POINTS_AT = re.compile(rb'<c\b[^>]*\bt="s"[^>]*>\s*<v>(\d{1,9})</v>')


def text_in_cells(archive: zipfile.ZipFile, sheets: list[str]) -> int:
    """Bytes of text that the cells of these sheets take at most, each cell with a text of its own.

    Counted cell by cell only where the longest text in every cell would be more than a gigabyte.
    """
    shared = "xl/sharedStrings.xml"
    if shared not in archive.namelist():
        return 0
    lengths = np.array([len(item.group(1) or b"") for item in _ITEM.finditer(archive.read(shared))], np.int64)
    if not len(lengths):
        return 0
    contents = [archive.read(sheet) for sheet in sheets]
    at_most = int(lengths.max()) * sum(content.count(b't="s"') for content in contents)
    return at_most if at_most <= _WORTH_COUNTING else sum(_pointed_at(content, lengths) for content in contents)


def _pointed_at(sheet: bytes, lengths: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> int:
    numbers = np.array([int(found) for found in _POINTS_AT.findall(sheet)], np.int64)
    return int(lengths[numbers[numbers < len(lengths)]].sum())
