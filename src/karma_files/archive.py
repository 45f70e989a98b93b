"""The directory of a workbook's archive, judged before anything in it is opened."""

import io
import re
import stat
import zipfile
import zlib
from itertools import pairwise

from karma_files.limits import Limits
from karma_files.phrases import FileError
from karma_files.shared_strings import text_in_cells

CHUNK_BYTES = 1 << 20
_ARCHIVES = (".zip", ".7z", ".gz", ".rar", ".tar", ".xlsx", ".xlsm", ".jar", ".docx")
_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"')
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
ENCRYPTED = 0x1


def check_workbook(data: bytes, *, name: str, limits: Limits) -> None:
    """Raise FileError where the archive is unsafe, too large once unpacked, or no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_directory(parts, size=len(data), name=name, limits=limits)
            _check_is_workbook(archive, name=name)
            _check_contents(archive, parts, name=name, limits=limits)
            _check_text(archive, name=name, limits=limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise FileError("damaged", name=name) from None


def _unsafe(name: str, english: str, dutch: str) -> FileError:
    return FileError("unsafe_archive", name=name, why_en=english, why_nl=dutch)


def _too_big(name: str, limits: Limits) -> FileError:
    size = limits.unpacked_bytes // 1_000_000
    return _unsafe(name, f"it unpacks to more than {size} MB", f"het wordt uitgepakt groter dan {size} MB")


def _too_dense(name: str, limits: Limits) -> FileError:
    ratio = limits.archive_ratio
    return _unsafe(
        name,
        f"it unpacks to more than {ratio} times its size",
        f"het wordt uitgepakt meer dan {ratio} keer zo groot",
    )


def _check_directory(parts: list[zipfile.ZipInfo], *, size: int, name: str, limits: Limits) -> None:
    if len(parts) > limits.archive_parts:
        count = limits.archive_parts
        raise _unsafe(name, f"it has more than {count} parts", f"het heeft meer dan {count} delen")
    names = [part.filename.lower() for part in parts]
    if len(set(names)) < len(names):
        raise _unsafe(name, "two of its parts share a name", "twee delen hebben dezelfde naam")
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise FileError("locked", name=name)
    if any(_leads_outside(part) for part in parts):
        raise _unsafe(name, "a part of it points outside it", "een deel ervan wijst naar buiten")
    if any(path.endswith(_ARCHIVES) and "/embeddings/" not in path for path in names):
        raise _unsafe(name, "it holds another archive", "er zit een ander archief in")
    if sum(part.compress_size for part in parts) > size or _overlap(parts):
        raise _unsafe(name, "its parts overlap", "de delen overlappen elkaar")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise _too_big(name, limits)
    if any(_is_dense(part.file_size, part.compress_size, limits) for part in parts):
        raise _too_dense(name, limits)


def _leads_outside(part: zipfile.ZipInfo) -> bool:
    path = part.filename.replace("\\", "/")
    is_link = stat.S_ISLNK(part.external_attr >> 16)
    return is_link or path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def _overlap(parts: list[zipfile.ZipInfo]) -> bool:
    ordered = sorted(parts, key=lambda part: part.header_offset)
    return any(
        before.header_offset + before.compress_size > after.header_offset for before, after in pairwise(ordered)
    )


def _is_dense(unpacked: int, packed: int, limits: Limits) -> bool:
    return unpacked > limits.ratio_from_bytes and unpacked > limits.archive_ratio * max(packed, 1)


def _check_is_workbook(archive: zipfile.ZipFile, *, name: str) -> None:
    names = set(archive.namelist())
    if "[Content_Types].xml" not in names or not any(path.startswith("xl/workbook.") for path in names):
        raise FileError("no_workbook", name=name)


def _check_contents(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], *, name: str, limits: Limits) -> None:
    total = 0
    for part in parts:
        total += _check_part(archive, part, name=name, limits=limits, before=total)


def _check_text(archive: zipfile.ZipFile, *, name: str, limits: Limits) -> None:
    """Refuse a long text that stands in very many cells: small to unpack, and enormous as a table."""
    sheets = [path for path in archive.namelist() if path.startswith("xl/worksheets/sheet")]
    if text_in_cells(archive, sheets) > limits.text_bytes:
        size = limits.text_bytes // 1_000_000
        raise _unsafe(name, f"its cells hold more than {size} MB of text", f"er staat meer dan {size} MB tekst in")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, name: str, limits: Limits, before: int) -> int:
    """Stream one part: count its bytes, look for entities, and see how far its cells reach."""
    size, tail, reach = 0, b"", (0, 0)
    is_sheet = part.filename.startswith("xl/worksheets/")
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            if before + size > limits.unpacked_bytes:
                raise _too_big(name, limits)
            if _is_dense(size, part.compress_size, limits):
                raise _too_dense(name, limits)
            if _ENTITY.search(tail + chunk) and part.filename.endswith((".xml", ".rels")):
                raise _unsafe(name, "it defines entities of its own", "het definieert eigen entiteiten")
            if is_sheet:
                reach = _reach(tail + chunk, reach)
            tail = chunk[-64:]
    if reach[0] * reach[1] > limits.cells // 10:
        raise _unsafe(name, "its cells lie too far apart", "de cellen liggen te ver uit elkaar")
    return size


def _reach(chunk: bytes, reach: tuple[int, int]) -> tuple[int, int]:
    columns, rows = reach
    found = _CELL.findall(chunk)
    if found:
        columns = max(columns, *(_column_number(letters) for letters in {letters for letters, _ in found}))
        rows = max(rows, *(int(row) for row in {row for _, row in found}))
    return columns, rows


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
