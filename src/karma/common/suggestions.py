"""Suggestions for a filter, remembered for a minute by each process.

Reading the few different words of a hundred thousand rows costs more than the page they stand on. A new word may
come a minute late; what one may see never does, since the key says for whom it was read.
"""

from collections.abc import Iterable

from django.core.cache import caches

SECONDS = 60
MOST = 200


def remembered(name: str, words: Iterable[str], *, scope: str) -> tuple[str, ...]:
    """The words, or those read less than a minute ago for the same scope; `words` is read only if it must be."""
    memory, key = caches["memory"], f"{name}:{scope}"
    known: tuple[str, ...] | None = memory.get(key)
    if known is None:
        known = tuple(words)
        memory.set(key, known, SECONDS)
    return known
