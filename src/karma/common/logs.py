"""Log lines without personal data: addresses and anything that looks like a token are taken out."""

import logging
import re

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
            record.exc_text = impersonal(logging.Formatter().formatException(record.exc_info))
        return True
