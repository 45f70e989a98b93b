"""How long pages take at 100,000 customers and 100,000 deals, for one visitor and for eight at once.

    python bench/pages.py --out bench/results/pages.json
    python bench/pages.py --home FOLDER --readings --out bench/results/pages-readings.json

The second measures Plan, Team and Today in a folder that `bench/analysis.py --home FOLDER` has left behind.

The data are made once in a folder of their own, `karma serve` serves them in production mode on loopback, and each
page is measured beside a bare one in the same run. Absolute times hold for this machine only.
"""

import argparse
import http.client
import json
import os
import re
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from installation import Installation, filled, found, get, in_short, served

HERE = Path(__file__).resolve().parent
BARE = "/keys/"
WHAT_IF = "/plan/?amount=450.000"
"""As htmx asks it while somebody types: only the part that changes."""
FIRST = "/customers/<the first>/"
PAGES = (
    BARE, "/healthz", "/customers/", "/customers/?page=20", "/customers/?page=1000000000&per_page=1000000",
    "/customers/?q=bedrijf", "/customers/?q=099999", "/customers/?order=-city", "/customers/?segment=Segment+7",
    "/deals/", "/deals/?page=1000000000&per_page=1000000", "/deals/?outcome=all",
    "/deals/?outcome=all&order=close",
    "/deals/?order=title", "/deals/?stage=Fase+3", "/deals/?outcome=all&q=99999",
)  # fmt: skip
OF_ALL_VIEWERS = (
    "/customers/",
    "/deals/",
    "/customers/?q=bedrijf",
    "/customers/?order=-city",
    "/deals/?order=title",
)

OF_READINGS = (BARE, "/plan/", "/plan/?period=year", WHAT_IF, "/team/", "/today/", FIRST)


def visit(
    installation: Installation, address: str, cookie: str, times: list[float], *, until: float, most: int
) -> None:
    """Visit a page `most` times or until a moment, on one open connection."""
    browser = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
    for _ in range(most):
        begun = time.perf_counter()
        status, _body = get(installation, address, cookie=cookie, browser=browser, is_htmx=address == WHAT_IF)
        times.append(time.perf_counter() - begun)
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")
        if time.monotonic() > until:
            break
    browser.close()


def measure(installation: Installation, address: str, cookies: list[str], *, seconds: float) -> dict[str, float]:
    """Milliseconds of one page, for a client with each cookie, after two visits that warm it."""
    visit(installation, address, cookies[0], [], until=time.monotonic() + 20, most=2)
    times: list[float] = []
    until = time.monotonic() + seconds
    options = {"until": until, "most": 40}
    threads = [
        threading.Thread(target=visit, args=(installation, address, cookie, times), kwargs=options)
        for cookie in cookies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return in_short(times)


def look(
    installation: Installation, cookies: dict[str, list[str]], *, seconds: float, readings: bool
) -> list[dict[str, object]]:
    looked = []
    for who, own in cookies.items():
        _status, body = get(installation, "/customers/", cookie=own[0])
        first = re.search(rb"/customers/\d+/", body)
        pages = PAGES if who == "Beheer" else (BARE, *OF_ALL_VIEWERS)
        for page in OF_READINGS if readings else pages:
            address = first.group().decode() if page == FIRST and first else page
            _status, body = get(installation, address, cookie=own[0], is_htmx=address == WHAT_IF)
            row: dict[str, object] = {"who": who, "page": page, "bytes": len(body)}
            for clients in (1, 8):
                row[f"clients_{clients}"] = measure(installation, address, own[:clients], seconds=seconds)
            looked.append(row)
            print(json.dumps(row), flush=True)
    return looked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--home", type=Path, help="a folder to make the data in, or to use them again")
    parser.add_argument(
        "--readings", action="store_true", help="Plan, Team and Today, in a folder that was analysed"
    )
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        kept = home / "cookies.json"
        installation = found(home)
        if not kept.exists():
            kept.write_text(json.dumps(filled(installation, HERE / "pages_data.py", str(options.rows))))
        with served(installation):
            pages = look(
                installation, json.loads(kept.read_text()), seconds=options.seconds, readings=options.readings
            )
    result = {
        "on": datetime.now(UTC).date().isoformat(), "rows": options.rows, "cores": os.cpu_count(),
        "load_at_end": round(os.getloadavg()[0], 1), "bare": BARE, "pages": pages,
    }  # fmt: skip
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
