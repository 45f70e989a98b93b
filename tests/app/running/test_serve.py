"""`karma serve` itself: what dies comes back, what is told to stop stops, and a taken port is said at once."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PATIENCE = 60


@pytest.fixture(scope="module")
def environ(tmp_path_factory) -> dict[str, str]:
    """An installation of its own, on SQLite whatever the other tests run on."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = tmp_path_factory.mktemp("served")
    given = {
        **kept, "KARMA_HOME": str(home), "KARMA_MODE": "test", "KARMA_WEB_PROCESSES": "1", "KARMA_LANGUAGE": "en",
    }  # fmt: skip
    command = [sys.executable, "-m", "karma", "init", "--email", "bea@noorderlicht.example", "--name", "Bea"]
    subprocess.run(command, env=given, check=True, capture_output=True)
    (home / "static").mkdir(exist_ok=True)
    return given


def serve(environ: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "karma", "serve", "--bind", f"127.0.0.1:{port}"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def served(environ, port):
    process = serve(environ, port)
    yield process
    process.kill()
    process.communicate()


def children(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """The direct children by what they run."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except (OSError, ValueError):
            continue
        if parent == process.pid:
            found["web" if "gunicorn" in " ".join(words) else "worker"] = int(folder.name)
    return found


def is_well(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return bool(json.loads(connection.getresponse().read()) == {"well": True})
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()  # also after a timeout on a busy machine: a socket left open fails the test by luck


def wait_until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc (Linux) to find the children")
def test_killed_children_come_back_and_all_end_when_told_to(served, port):
    assert wait_until(lambda: is_well(port) and len(children(served)) == 2)
    before = children(served)
    for killed in before.values():
        os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: is_well(port) and len(children(served)) == 2)
    after = children(served)
    assert not set(before.values()) & set(after.values())
    begun = time.monotonic()
    served.terminate()
    assert served.wait(timeout=20) == 0
    assert time.monotonic() - begun < 15
    assert [each for each in after.values() if Path(f"/proc/{each}").exists()] == []


HEAD = b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
DOUBLE = (
    HEAD + b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nx=12",
    HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    HEAD + b"Content-Length: +4\r\n\r\nx=12",
)


def test_request_that_gives_two_lengths_is_refused(served, port):
    assert wait_until(lambda: is_well(port))
    assert [_status(port, request) for request in DOUBLE] == [True] * len(DOUBLE)
    assert is_well(port)


def _status(port: int, request: bytes) -> bool:
    """Whether the server refuses a request and hangs up, so that nothing behind it is read as another."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request + b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    return answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")) and answer.count(b"HTTP/1.1") == 1


def test_taken_port_is_said_in_one_sentence(environ, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        process = serve(environ, port)
        said = process.communicate(timeout=PATIENCE)[1].decode()
    assert process.returncode == 2
    assert f"Nothing can listen on 127.0.0.1:{port}: Address already in use." in " ".join(said.split())
    assert said.count("\n") <= 2
