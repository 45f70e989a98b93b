"""Room for people while an import writes on SQLite, where one transaction at a time writes.

An import that begins its next chunk at once is always there first: with two of them people waited longer than
the five seconds that they may. So an import lets go for a moment after every half second, and a second one waits
for its turn apart, by a lock on a file that the system frees when its holder dies.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

TURN_SECONDS = 0.5
ROOM_SECONDS = 0.05


@contextmanager
def taking_turns() -> Iterator[Callable[[], None]]:
    """Give a function to call before each chunk. On PostgreSQL it does nothing: there rows do not wait."""
    if connection.vendor != "sqlite":
        yield lambda: None
        return
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "imports.turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield _Turn(file)


class _Turn:
    """One import's turn: over after TURN_SECONDS, then there is room, then the next import has its turn."""

    def __init__(self, file: IO[str]) -> None:
        self.file, self.begun = file, time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self.begun < TURN_SECONDS:
            return
        time.sleep(ROOM_SECONDS)
        fcntl.flock(self.file, fcntl.LOCK_UN)
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.begun = time.monotonic()
