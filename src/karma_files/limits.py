"""How large a file may be before it is refused unread."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Caps on what is opened, counted while reading and never trusted from the file's own word.

    An archive may hold 200 parts and unpack to 300 MB at most (a workbook of a million honest rows needs about
    250 MB); a part that unpacks to more than 10 MB may be at most 100 times its packed size.
    """

    bytes: int = 2_000_000_000
    unpacked_bytes: int = 300_000_000
    text_bytes: int = 1_000_000_000
    archive_parts: int = 200
    archive_ratio: int = 100
    ratio_from_bytes: int = 10_000_000
    record_bytes: int = 1_000_000
    columns: int = 1_000
    rows: int = 30_000_000
    cells: int = 600_000_000
