"""Django's SQLite, where whoever waits to write asks again every few milliseconds.

SQLite itself lets a waiting process look ten times a second. Where others write all the time it then comes too
late again and again, and gives up after five seconds although the lock was free a hundred times.
"""

import random
import time

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

PATIENCE_SECONDS = 5.0
ASK_AGAIN_SECONDS = 0.004


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits its five seconds in small steps."""

    def _start_transaction_under_autocommit(self) -> None:
        """Begin, as soon as nobody else writes. Raises OperationalError after PATIENCE_SECONDS, as Django does."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._wait_inside_sqlite(seconds=0.0)
        try:
            while not self._has_begun(is_last=time.monotonic() >= deadline):
                time.sleep(ASK_AGAIN_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
        finally:
            self._wait_inside_sqlite(seconds=PATIENCE_SECONDS)

    def _has_begun(self, *, is_last: bool) -> bool:
        before = self.errors_occurred
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except OperationalError as fault:
            if is_last or "locked" not in str(fault):
                raise
            self.errors_occurred = before
            return False
        return True

    def _wait_inside_sqlite(self, *, seconds: float) -> None:
        """How long a statement outside a transaction waits by itself; said past Django's log of statements."""
        self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
