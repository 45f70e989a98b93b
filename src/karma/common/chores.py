"""What the worker tidies once a day: each app adds what it has kept long enough, as its register says."""

from collections.abc import Callable
from datetime import datetime

Chore = Callable[[datetime], None]
CHORES: list[Chore] = []


def add_chore(chore: Chore) -> None:
    """Add a chore; the same one twice is one."""
    if chore not in CHORES:
        CHORES.append(chore)


def tidy(at: datetime) -> None:
    """Do every chore, in the order in which they were added."""
    for chore in CHORES:
        chore(at)
