"""Files are opened in a child process with limits; this is the parent's side of it."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from karma.imports.child import SECONDS

logger = logging.getLogger(__name__)
PATIENCE = 3
"""The child may wait for a busy machine: this many times its processor time."""
STOPPED = {signal.SIGABRT, signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ}
"""How a process ends that asked for more than its limits; any other end is a fault of our own."""


class FileFault(Exception):  # noqa: N818 (said to the person who gave the file)
    """A file that cannot be read as a whole; `code` and `parameters` are those of karma_files."""

    def __init__(self, code: str, parameters: Mapping[str, Any], *, seen: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = dict(parameters)
        self.seen = dict(seen or {})


@dataclass(frozen=True)
class Looked:
    """What a table holds, and which kinds it may be, the likeliest first."""

    columns: list[dict[str, Any]]
    candidates: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    choices: dict[str, Any]


@dataclass(frozen=True)
class Read:
    """What became of a file's rows; the rows themselves stand in the files that were named."""

    rows: int
    rejected: int
    ignored: dict[str, int]
    currency: str
    missing: list[str]
    columns: dict[str, str]
    notices: list[dict[str, Any]]
    seen: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A file and how it is to be read."""

    path: Path
    name: str
    time_zone: str
    kind: str = ""
    mapping: Mapping[str, Any] = field(default_factory=dict)
    currency: str = ""
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def look_at(request: Request) -> Looked:
    """Open a file. Raises FileFault where it is no table that can be read."""
    return Looked(**_ask({"task": "look", **_said(request)}, request))


def read_as(request: Request, *, staged: Path, rejected: Path) -> Read:
    """Read a file as its kind into `staged` and `rejected`. Raises FileFault; neither file counts then."""
    asked = {"task": "read", **_said(request), "staged": str(staged), "rejected": str(rejected)}
    return Read(**_ask(asked, request))


def _said(request: Request) -> dict[str, Any]:
    return {
        "path": str(request.path),
        "name": request.name,
        "kind": request.kind,
        "mapping": dict(request.mapping),
        "currency": request.currency,
        "time_zone": request.time_zone,
        "others": {name: dict(other) for name, other in request.others.items()},
    }


def _ask(asked: dict[str, Any], request: Request) -> dict[str, Any]:
    answer = answer_of_child(asked, request)
    if "fault" in answer:
        fault = answer["fault"]
        parameters = {"name": request.name, **fault["parameters"]}
        raise FileFault(fault["code"], parameters, seen=answer.get("seen"))
    return answer


def answer_of_child(asked: dict[str, Any], request: Request) -> dict[str, Any]:
    """What a fresh child says to a request. Raises FileFault where its limits stopped it, and where it broke.

    It writes no bytecode (-B): its limit on files would cut that off, and every later process would trip over it.
    """
    patience = PATIENCE * (SECONDS + request.path.stat().st_size // 1_000_000)
    try:
        ended = subprocess.run(
            [sys.executable, "-I", "-B", "-m", "karma.imports.child"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=patience,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much(request) from None
    if -ended.returncode in STOPPED:
        logger.warning("The child that reads files was stopped by its limits: %s", ended.returncode)
        raise _too_much(request)
    answer: dict[str, Any] = json.loads(ended.stdout) if ended.returncode == 0 else {"broke": ended.returncode}
    if "broke" in answer:
        logger.error("The child that reads files broke: %s", answer["broke"])
        raise FileFault("broke", {"name": request.name})
    return answer


def _environment() -> dict[str, str]:
    """Nothing of ours: no key, no database. Few threads, since each takes part of the two gigabytes."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    return {**kept, "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1"}


def _too_much(request: Request) -> FileFault:
    """The child was stopped by its limits: the file asks more than a table should."""
    limit = {"limit": "2", "unit_en": "GB of memory or its time", "unit_nl": "GB geheugen of zijn tijd"}
    return FileFault("too_large", {"name": request.name, **limit})
