"""Find anything: each app adds a source when it is ready; a source only searches what the viewer may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from karma.common.text import Text

LONGEST = 100
HITS_EACH = 8


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, where it opens, and a few words that tell it from its namesakes."""

    name: str
    url: str
    hint: str = ""


@dataclass(frozen=True)
class Source:
    """A kind of thing that can be found. `find(user, words, limit)` returns the first hits, scoped to the user."""

    name: Text
    icon: str
    order: int
    find: Callable[[object, str, int], Iterable[Hit]]


@dataclass(frozen=True)
class Found:
    """The hits of one source."""

    source: Source
    hits: tuple[Hit, ...]


SOURCES: list[Source] = []


def add_source(source: Source) -> None:
    """Add a source; the same source twice is one source."""
    if source not in SOURCES:
        SOURCES.append(source)


def search(user: object, words: str) -> list[Found]:
    """What all sources find, sources without a hit left out; nothing for fewer than two characters."""
    plain = " ".join(words.split())[:LONGEST]
    if len(plain) < 2:
        return []
    found = [Found(source, tuple(source.find(user, plain, HITS_EACH))) for source in SOURCES]
    return sorted((each for each in found if each.hits), key=lambda each: each.source.order)
