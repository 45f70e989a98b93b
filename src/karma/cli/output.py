"""What the command line prints: one JSON document on standard output, the rest on standard error."""

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

aside = Console(stderr=True, highlight=False)
answer = Console(highlight=False, soft_wrap=True)


def complain(message: str) -> int:
    """Say on standard error what cannot be done; return the exit status that belongs to it."""
    aside.print(message, style="bold", markup=False, soft_wrap=True)
    return 2


def print_json(document: dict[str, Any]) -> None:
    """Print exactly one document; a number that is none becomes null."""
    sys.stdout.write(json.dumps(_plain(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@contextmanager
def step(message: str) -> Iterator[None]:
    """Show that a longer step runs, on a terminal only."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=aside, transient=True, disable=not aside.is_terminal) as progress:
        progress.add_task(message, total=None)
        yield


def tell_notes(title: str, notes: list[str]) -> None:
    """Print remarks under a title, one a line; nothing where there are none."""
    if notes:
        answer.print(f"\n{title}", style="bold", markup=False)
    for note in notes:
        answer.print(f"- {note}", markup=False)
