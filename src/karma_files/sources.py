"""Which sort of file it is, told by its first bytes and never by its name."""

import gzip
import io
import os
import zlib
from pathlib import Path

from karma_files.limits import Limits
from karma_files.phrases import FileError

HEAD_BYTES = 4096
CHUNK_BYTES = 1 << 20
ZIP, PARQUET, GZIP, OLE = b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"

_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", "een pdf"),
    (b"\x89PNG", "a picture", "een plaatje"),
    (b"\xff\xd8\xff", "a picture", "een plaatje"),
    (b"GIF8", "a picture", "een plaatje"),
    (b"BM\x00", "a picture", "een plaatje"),
    (b"II*\x00", "a picture", "een plaatje"),
    (b"MM\x00*", "a picture", "een plaatje"),
    (b"RIFF", "sound, film or a picture", "geluid, film of een plaatje"),
    (b"ID3", "sound", "geluid"),
    (b"OggS", "sound", "geluid"),
    (b"fLaC", "sound", "geluid"),
    (b"\x00\x00\x00\x18ftyp", "film", "film"),
    (b"\x00\x00\x00\x20ftyp", "film", "film"),
    (b"MZ", "a program", "een programma"),
    (b"\x7fELF", "a program", "een programma"),
    (b"Rar!", "an archive", "een archief"),
    (b"7z\xbc\xaf", "an archive", "een archief"),
    (b"\xfd7zXZ", "an archive", "een archief"),
    (b"BZh", "an archive", "een archief"),
    (b"PK\x05\x06", "an empty archive", "een leeg archief"),
    (b"SQLite format 3", "a database", "een database"),
    (b"{\\rtf", "a text document", "een tekstdocument"),
    (b"BEGIN:VC", "a calendar or address card", "een agenda of adreskaart"),
    (b"WEBVTT", "a transcript", "een transcript"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta")


def head_of(source: Path | bytes, *, name: str) -> bytes:
    """The first bytes. Raises FileError where there is nothing to read."""
    if isinstance(source, bytes):
        head = source[:HEAD_BYTES]
    else:
        try:
            with source.open("rb") as opened:
                head = opened.read(HEAD_BYTES)
        except FileNotFoundError:
            raise FileError("not_found", name=name) from None
        except OSError as error:
            raise FileError("unreadable", name=name, cause=error.strerror or "unknown") from None
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileError("empty", name=name)
    return head


def refuse_other_kinds(head: bytes, *, name: str) -> None:
    """Raise FileError that names what the file is, where it is no table."""
    if head.startswith(OLE):
        raise FileError("old_excel", name=name)
    for magic, english, dutch in _OTHERS:
        if head.startswith(magic):
            raise FileError("wrong_kind", name=name, what_en=english, what_nl=dutch)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:40].lower()
    if start.startswith(_MARKUP):
        raise FileError("html", name=name)
    if start.startswith((b"<?xml", b"<svg")):
        raise FileError("wrong_kind", name=name, what_en="XML", what_nl="XML")
    if start.startswith((b'{"', b"[{", b"{\n", b"{\r", b"{ ")):
        raise FileError("wrong_kind", name=name, what_en="JSON", what_nl="JSON")


def check_first_line(source: Path | bytes, *, name: str, limits: Limits) -> None:
    """Raise FileError where the first line does not end within what a record may take, before more is read."""
    if isinstance(source, bytes):
        start = source[: limits.record_bytes + 1]
    else:
        with source.open("rb") as opened:
            start = opened.read(limits.record_bytes + 1)
    if len(start) > limits.record_bytes and b"\n" not in start and b"\r" not in start:
        raise FileError("line_too_long", name=name, line=1, limit=limits.record_bytes)


def read_all(source: Path | bytes, *, name: str, limits: Limits) -> bytes:
    """All bytes, unpacked where they are gzipped, never more than the limit."""
    data = source if isinstance(source, bytes) else _read_path(source, name=name, limits=limits)
    if len(data) > limits.bytes:
        raise _too_large(name, limits.bytes)
    return unzipped(data, name=name, limits=limits) if data.startswith(GZIP) else data


def _read_path(path: Path, *, name: str, limits: Limits) -> bytes:
    try:
        with path.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size  # read(n) takes n bytes of memory whatever the file holds
            return opened.read(min(limits.bytes, size) + 1)
    except OSError as error:
        raise FileError("unreadable", name=name, cause=error.strerror or "unknown") from None


def unzipped(data: bytes, *, name: str, limits: Limits) -> bytes:
    """Unpack gzip, counting while it streams."""
    parts: list[bytes] = []
    total = 0
    allowed = max(limits.ratio_from_bytes, limits.archive_ratio * len(data))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while part := stream.read(CHUNK_BYTES):
                total += len(part)
                if total > min(limits.bytes, allowed):
                    raise _too_large(name, min(limits.bytes, allowed))
                parts.append(part)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise FileError("damaged", name=name) from None
    return b"".join(parts)


def _too_large(name: str, limit: int) -> FileError:
    return FileError("too_large", name=name, limit=f"{limit // 1_000_000}", unit_en="MB", unit_nl="MB")
