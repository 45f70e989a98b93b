"""Bytes into UTF-8, by evidence: a mark, strict UTF-8, then what Dutch programs write."""

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from karma_files.phrases import FileError, Notice

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_LINES = 200


@dataclass(frozen=True)
class Text:
    """Text as UTF-8 bytes without a mark, the encoding it came in, and what should be said about that."""

    data: bytes
    encoding: str
    notes: tuple[Notice, ...] = ()


def to_utf8(data: bytes, *, name: str, encoding: str | None) -> Text:
    """Decode by the encoding given, else by evidence; line ends of the old Macintosh become newlines.

    Raises FileError for bytes that do not fit, for mixed encodings, and for text with NUL in it.
    """
    text = _decoded(data, name=name, encoding=encoding)
    nul = text.data.find(b"\0")
    if nul >= 0:
        raise FileError("nul", name=name, line=_line(text.data, nul))
    if b"\n" not in text.data and b"\r" in text.data:
        return Text(text.data.replace(b"\r", b"\n"), text.encoding, text.notes)
    return text


def _decoded(data: bytes, *, name: str, encoding: str | None) -> Text:
    if encoding is not None:
        return Text(_recode(data, encoding=encoding, name=name), _canonical(encoding))
    for mark, marked in MARKS:
        if data.startswith(mark):
            return Text(_recode(data, encoding=marked, name=name), marked)
    if _looks_like_utf16(data):
        raise FileError("utf16_without_mark", name=name)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _by_evidence(data, name=name)
    return Text(data, "utf-8")


def _canonical(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise FileError("unknown_encoding", encoding=encoding) from None


def _recode(data: bytes, *, encoding: str, name: str) -> bytes:
    canonical = _canonical(encoding)
    plain = "utf-8-sig" if canonical == "utf-8" else canonical
    try:
        return data.decode(plain).lstrip("\ufeff").encode()
    except UnicodeDecodeError as error:
        raise FileError("encoding", name=name, encoding=encoding, line=_line(data, error.start)) from None
    except UnicodeEncodeError:
        raise FileError("encoding", name=name, encoding=encoding, line=1) from None


def _looks_like_utf16(data: bytes) -> bool:
    head = data[:1000]
    return len(head) >= 4 and max(head[0::2].count(0), head[1::2].count(0)) * 3 > len(head)


def _by_evidence(data: bytes, *, name: str) -> Text:
    lines = _lines_beyond_ascii(data)
    utf8 = [number for number, line in lines if _is_utf8(line)]
    other = [(number, line) for number, line in lines if not _is_utf8(line)]
    if utf8:
        raise FileError("mixed_encodings", name=name, utf8_line=utf8[0], other_line=other[0][0])
    sample = b"\n".join(line for _, line in other)
    best = from_bytes(sample, cp_isolation=["cp1252", "cp850"]).best()
    encoding = best.encoding if best is not None else "cp1252"
    number, line = other[0]
    shown = line.decode(encoding, errors="replace")[:80].strip()
    notice = Notice("encoding_guessed", {"name": name, "encoding": encoding, "line": number, "sample": shown})
    return Text(_recode(data, encoding=encoding, name=name), encoding, (notice,))


def _lines_beyond_ascii(data: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            found.append((number, line))
    return _thinned(found)


def _thinned(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Some lines of all kinds, since one kind may stand at the end only."""
    broken = [item for item in found if not _is_utf8(item[1])][:SAMPLE_LINES]
    valid = [item for item in found if _is_utf8(item[1])][:SAMPLE_LINES]
    return sorted(broken + valid)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
