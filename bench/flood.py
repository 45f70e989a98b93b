"""What a visitor who floods the server does to another: expensive searches, large uploads, many slow clients.

    python bench/flood.py --out bench/results/flood.json

The data of `bench/pages.py` in a folder of their own, `karma serve` in production mode on loopback. Somebody looks
at a bare page and at two lists a few times a second, first in peace and then under each attack; every attack is
bounded in clients and seconds. What counts is that person's p95 under attack (aim: 600 ms) beside that in peace.
"""

import argparse
import http.client
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from installation import Installation, filled, found, get, in_short, served

HERE = Path(__file__).resolve().parent
BARE = "/keys/"
LOOKED_AT = (BARE, "/customers/", "/deals/")
LONG = "bedrijf 0" + "x" * 3900
EXPENSIVE = (
    f"/customers/?q={LONG.replace(' ', '+')}", "/customers/?q=99", "/deals/?outcome=all&q=99&order=title",
    "/search/?q=bedrijf+09", "/customers/?page=1000000000&per_page=1000000", "/deals/?outcome=all&order=-title",
)  # fmt: skip
SAYS_NO = (429, 503)
TOKEN = f"karma_csrf={'a' * 32}"
"""With it the server reads what was sent before it refuses it."""


class Flood:
    """So many clients that all do one thing until they are told to stop; counts what they were answered."""

    def __init__(self, act: Callable[["Flood", int], None], *, clients: int) -> None:
        self.answers: Counter[str] = Counter()
        self.is_over = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(act, number), daemon=True) for number in range(clients)
        ]

    def _run(self, act: Callable[["Flood", int], None], number: int) -> None:
        while not self.is_over.is_set():
            try:
                act(self, number)
            except (OSError, http.client.HTTPException) as fault:
                self.answers[type(fault).__name__] += 1
                self.is_over.wait(0.05)

    def __enter__(self) -> "Flood":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join(timeout=70)


def searching(installation: Installation, cookie: str) -> Callable[[Flood, int], None]:
    """Expensive pages, one after the other, on one connection."""

    def act(flood: Flood, number: int) -> None:
        browser = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
        while not flood.is_over.is_set():
            address = EXPENSIVE[(number + flood.answers.total()) % len(EXPENSIVE)]
            status, _body = get(installation, address, cookie=cookie, browser=browser)
            flood.answers[str(status)] += 1
            if status in SAYS_NO:
                break
        browser.close()

    return act


def uploading(installation: Installation, cookie: str, *, megabytes: int) -> Callable[[Flood, int], None]:
    """A form with one large file, again and again."""
    head = b'--x\r\nContent-Disposition: form-data; name="uploads"; filename="a.csv"\r\n\r\n'
    body = head + b"a;b\n" * (megabytes * 262_144) + b"\r\n--x--\r\n"
    headers = {"Cookie": f"{cookie}; {TOKEN}", "Content-Type": "multipart/form-data; boundary=x"}

    def act(flood: Flood, _number: int) -> None:
        browser = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
        with suppress(ConnectionError):  # an answer may come before all was sent
            browser.request("POST", "/imports/new/", body=body, headers=headers)
        flood.answers[str(browser.getresponse().status)] += 1
        browser.close()

    return act


def dribbling(installation: Installation, first: bytes) -> Callable[[Flood, int], None]:
    """Begin a request, and send one byte a second of the rest."""

    def act(flood: Flood, _number: int) -> None:
        with socket.create_connection(("127.0.0.1", installation.port), timeout=60) as client:
            client.sendall(first)
            client.settimeout(1.0)
            while not flood.is_over.is_set():
                client.sendall(b"x")
                with suppress(TimeoutError):
                    answer = client.recv(64)
                    flood.answers[answer[9:12].decode() or "closed"] += 1
                    return

    return act


def idling(installation: Installation) -> Callable[[Flood, int], None]:
    """Open a connection and say nothing."""

    def act(flood: Flood, _number: int) -> None:
        with socket.create_connection(("127.0.0.1", installation.port), timeout=60) as client:
            client.settimeout(1.0)
            while not flood.is_over.is_set():
                with suppress(TimeoutError):
                    client.recv(64)
                    flood.answers["closed"] += 1
                    return

    return act


def attacks(installation: Installation, cookie: str) -> dict[str, tuple[Callable[[Flood, int], None], int]]:
    """Each attack, and by how many clients at once."""
    head = f"GET /customers/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nX-A: ".encode()
    body = (
        f"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {TOKEN}\r\nContent-Length: 100000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ).encode()
    return {
        "expensive searches": (searching(installation, cookie), 24),
        "uploads of 20 MB": (uploading(installation, cookie, megabytes=20), 4),
        "slow bodies": (dribbling(installation, body), 50),
        "slow heads": (dribbling(installation, head), 50),
        "idle connections": (idling(installation), 200),
    }


def look(installation: Installation, cookie: str, *, seconds: float) -> dict[str, dict[str, float]]:
    """Visit the pages in turn, five times a second, each on a connection of its own as a browser's first."""
    times: dict[str, list[float]] = {address: [] for address in LOOKED_AT}
    faults: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for address in LOOKED_AT:
            begun = time.perf_counter()
            try:
                status = get(installation, address, cookie=cookie)[0]
            except OSError as fault:
                status = type(fault).__name__
            if status != 200:
                faults[f"{address} {status}"] += 1
            times[address].append(time.perf_counter() - begun)
            time.sleep(0.2)
    measured = {address: in_short(each) for address, each in times.items()}
    return {**measured, "no": dict(faults)} if faults else measured


def study(installation: Installation, cookies: dict[str, list[str]], *, seconds: float) -> dict[str, object]:
    """The same visits in peace and under each attack."""
    look(installation, cookies["Klein"][0], seconds=3)
    found = {"in peace": {"pages": look(installation, cookies["Klein"][0], seconds=seconds)}}
    print(json.dumps(found), flush=True)
    for name, (act, clients) in attacks(installation, cookies["Anna"][0]).items():
        with Flood(act, clients=clients) as flood:
            time.sleep(1)
            pages = look(installation, cookies["Klein"][0], seconds=seconds)
        found[name] = {"clients": clients, "pages": pages, "answers": dict(flood.answers)}
        print(json.dumps({name: found[name]}), flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--home", type=Path, help="a folder to make the data in, or to use them again")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        installation, kept = found(home), home / "cookies.json"
        if not kept.exists():
            kept.write_text(json.dumps(filled(installation, HERE / "pages_data.py", str(options.rows))))
        load = round(os.getloadavg()[0], 1)
        with served(installation):
            seen = study(installation, json.loads(kept.read_text()), seconds=options.seconds)
    result = {
        "on": datetime.now(UTC).date().isoformat(), "rows": options.rows, "cores": os.cpu_count(),
        "load_before": load, "load_at_end": round(os.getloadavg()[0], 1), "goal_ms": 600, "seen": seen,
    }  # fmt: skip
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    worst = max(page["p95_ms"] for each in seen.values() for page in each["pages"].values() if "p95_ms" in page)
    return 0 if worst < result["goal_ms"] and not any("no" in each["pages"] for each in seen.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
