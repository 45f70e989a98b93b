"""Log lines without personal data: addresses and anything that looks like a token are taken out."""

import logging
import re
import traceback
from collections.abc import Iterator

_ADDRESS = re.compile(r"[^\s@/<>\"']+@[^\s@/<>\"']+\.[A-Za-z]{2,}")
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{28,}")
_QUERY = re.compile(r"\?[^\s\"']+")


def impersonal(line: str) -> str:
    """The line with addresses, tokens and query strings replaced."""
    return _TOKEN.sub("[token]", _ADDRESS.sub("[address]", _QUERY.sub("?[query]", line)))


class Impersonal(logging.Filter):
    """Rewrites each record; a traceback keeps its places in the code, not the values in its message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = impersonal(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = impersonal("".join(_places(record.exc_info[1])).rstrip())
        return True


def _places(fault: BaseException | None) -> Iterator[str]:
    """Where each fault of a chain came up, the first one first, and its kind; what it says may be data."""
    if fault is None:
        return
    yield from _places(fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__))
    yield from traceback.format_tb(fault.__traceback__)
    yield f"{type(fault).__module__}.{type(fault).__qualname__}\n"
