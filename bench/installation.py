"""An installation of its own for a bench: a folder, who signs in, and `karma serve` while it lasts."""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 90


@dataclass(frozen=True)
class Installation:
    """Where it lies and where it listens; loopback only."""

    home: Path
    port: int

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept, "KARMA_HOME": str(self.home), "KARMA_URL": f"http://127.0.0.1:{self.port}",
            "DJANGO_SETTINGS_MODULE": "karma.settings", "KARMA_LANGUAGE": "en", "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1", "KARMA_WEB_PROCESSES": os.environ.get("KARMA_WEB_PROCESSES", "2"),
        }  # fmt: skip

    def run(self, *words: str) -> str:
        """Run Python with these words to its end; returns what it wrote."""
        done = subprocess.run([sys.executable, *words], env=self.environ, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode()

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "karma", *words], env=self.environ, stdout=subprocess.DEVNULL
        )


def found(home: Path) -> Installation:
    """Make the folder, the key and the tables."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    installation = Installation(home, port)
    installation.run("-m", "karma", "init", "--email", "first@bench.example", "--name", "First")
    return installation


@contextmanager
def served(installation: Installation, *, workers: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """Run `karma serve`, and so many workers beside its own; all end with the block."""
    processes = [installation.start("serve")]
    try:
        _wait(installation, processes[0])
        processes += [installation.start("worker") for _ in range(workers)]
        yield processes[0]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def _wait(installation: Installation, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if get(installation, "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("karma serve does not answer")


def get(
    installation: Installation,
    address: str,
    *,
    cookie: str = "",
    browser: http.client.HTTPConnection | None = None,
    is_htmx: bool = False,
) -> tuple[int, bytes]:
    """One visit; a browser that is given is kept open for the next. `is_htmx` asks for the part that changes."""
    connection = browser or http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
    headers = {**({"Cookie": cookie} if cookie else {}), **({"HX-Request": "true"} if is_htmx else {})}
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    if browser is None:
        connection.close()
    return answer.status, body


def filled(installation: Installation, script: Path, *words: str) -> dict[str, Any]:
    """Let a script fill the database; it prints the cookies of those who sign in, as JSON."""
    answer: dict[str, Any] = json.loads(installation.run(str(script), *words).splitlines()[-1])
    return answer


def in_short(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile of seconds, in milliseconds, and of how many."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 1),
        "p95_ms": round(p95 * 1000, 1),
        "n": len(ordered),
    }
