"""Keep child processes running: what `karma serve` does with its web server and its worker."""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from gunicorn.util import parse_address  # type: ignore[import-untyped]

from karma.web import THREADS

logger = logging.getLogger(__name__)
_STOPS = (signal.SIGTERM, signal.SIGINT)
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)
PATIENCE_SECONDS = 10.0  # a job that is cut off goes on where it was, so nobody has to wait for it


@dataclass
class Child:
    """One process that has to run: its command, and the process while there is one."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    wait_until: float = field(default=0.0)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts children, starts them again when they die, and ends them when it is told to stop."""

    def __init__(self, children: Sequence[Child], *, environ: Mapping[str, str]) -> None:
        self.children = children
        self.environ = dict(environ)
        self.is_stopping = False

    def run(self) -> None:
        """Watch until SIGTERM or SIGINT, then end the children and return."""
        for stop in _STOPS:
            signal.signal(stop, self._stop)
        while not self.is_stopping:
            self.look_after(at=time.monotonic())
            time.sleep(0.2)
        self.end()

    def look_after(self, *, at: float) -> None:
        """Start each child that does not run; one that keeps dying waits longer each time, a minute at most."""
        for child in self.children:
            if child.is_running() or at < child.wait_until:
                continue
            if child.process is not None:
                logger.warning(
                    "%s ended with status %s and is started again", child.name, child.process.returncode
                )
            child.process = subprocess.Popen(
                list(child.command), env=self.environ, preexec_fn=_die_with_parent if os.name == "posix" else None
            )
            child.starts += 1
            child.wait_until = at + min(2.0 ** min(child.starts - 1, 6), 60.0)

    def end(self) -> None:
        """Ask the children to stop, and end those that do not within PATIENCE_SECONDS."""
        running = [child.process for child in self.children if child.process and child.is_running()]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True


def refuse_taken(bind: str) -> None:
    """Raise OSError where nothing can listen: the port is taken or forbidden, or the address is none of ours.

    Gunicorn would try again for ever, and its supervisor with it.
    """
    try:
        address = parse_address(bind)
    except RuntimeError as fault:
        raise OSError(str(fault)) from None
    if not isinstance(address, tuple):
        return
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def web_command(*, bind: str, processes: int) -> list[str]:
    """Gunicorn with threads; it writes no access log, since that would hold addresses of people."""
    return [
        sys.executable, "-m", "gunicorn", "karma.wsgi:application",
        "--bind", bind, "--worker-class", "karma.web.Worker", "--workers", str(processes),
        "--threads", str(THREADS),
        "--no-control-socket", "--timeout", "60", "--graceful-timeout", "8",
        "--max-requests", "5000", "--max-requests-jitter", "500",
        "--limit-request-line", "4094", "--limit-request-fields", "60", "--log-level", "warning",
    ]  # fmt: skip


def worker_command() -> list[str]:
    return [sys.executable, "-m", "karma", "worker"]


def _die_with_parent() -> None:
    """On Linux: no child outlives a supervisor that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DIES_WITH_PARENT, signal.SIGTERM)
