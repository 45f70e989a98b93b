"""The demo as a newcomer meets it: made and served by the real command, looked at as each of its people.

With KARMA_PICTURES=FOLDER it makes the documentation's pictures, of a company of KARMA_DEMO_CUSTOMERS customers.
"""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.journeys.conftest import SCREENS, WATCH, Visit

from karma.demo.cast import CAST

pytestmark = pytest.mark.slow
CUSTOMERS = os.environ.get("KARMA_DEMO_CUSTOMERS", "240")
PICTURES = os.environ.get("KARMA_PICTURES")
PATIENCE_SECONDS = 60
MONEY = re.compile(r"€|\bEUR\b|\d\s?%")
SEEN = {
    "anna.de.boer": ("/today/", "/team/", "/plan/", "/customers/"),
    "marijke.hoekstra": ("/team/", "/plan/", "/customers/"),
    "joost.verhagen": ("/team/", "/plan/", "/customers/"),
    "fenna.dijkstra": ("/team/", "/customers/"),
    "karim.el.amrani": ("/teams/", "/me/"),
    "sanne.willems": ("/team/", "/imports/", "/people/", "/administration/audit/"),
}


def karma(*words: str, folder: Path, **options) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "karma", *words]
    return subprocess.Popen(command, cwd=folder, env={**kept, "KARMA_LANGUAGE": "nl"}, text=True, **options)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_well(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/healthz")
        answered = asked.getresponse()
        answered.read()
    except OSError:
        return False
    else:
        return answered.status == 200
    finally:
        asked.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The address of a served demo."""
    folder, port = tmp_path_factory.mktemp("newcomer"), free_port()
    making = karma("demo", "--only-make", "--customers", CUSTOMERS, folder=folder, stdout=subprocess.PIPE)
    told, _ = making.communicate(timeout=600)
    assert making.returncode == 0, told
    serving = karma("demo", "--port", f"{port}", folder=folder, stdout=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_well(port) and time.monotonic() < until:
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    serving.terminate()
    serving.wait(timeout=30)


@pytest.fixture
def newcomer(browser, demo, manner):
    language, screen, light = manner.split("-")
    context = browser.new_context(
        viewport=SCREENS[screen], color_scheme=light, locale="nl-NL" if language == "nl" else "en-GB"
    )
    context.add_init_script(WATCH)
    yield Visit(context.new_page(), demo, manner)
    context.close()


def become(newcomer: Visit, part) -> None:
    newcomer.page.context.clear_cookies()
    newcomer.open("/account/login/")
    newcomer.page.click(f".languages button[name=language][value={newcomer.manner[:2]}]")
    newcomer.page.click(f"form:has(input[value='{part.email}']) button")
    newcomer.page.wait_for_load_state()


def speak(newcomer: Visit) -> None:
    """Read in the language of this walk from now on, as one chooses it on one's own page."""
    newcomer.open("/me/")
    newcomer.page.select_option("[name=language]", newcomer.manner[:2])
    newcomer.page.click("form:has([name=language]) .btn-primary")


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.email.partition("@")[0])
def test_each_of_the_cast_finds_what_exists_for_them(newcomer, part):
    become(newcomer, part)
    speak(newcomer)
    newcomer.open("/")
    assert newcomer.page.url.removeprefix(newcomer.base).startswith(SEEN[part.email.partition("@")[0]][0])
    for path in SEEN[part.email.partition("@")[0]]:
        newcomer.open(path)
        newcomer.look(f"demo-{part.email.partition('.')[0]}-{path.strip('/').replace('/', '-')}")


def test_anna_reads_no_amount_while_she_works_for_a_customer(newcomer):
    become(newcomer, CAST[0])
    newcomer.open("/today/")
    assert MONEY.findall(newcomer.page.inner_text("main")) == []


def test_every_menu_entry_leads_to_a_page(newcomer):
    for part in CAST:
        become(newcomer, part)
        entries = newcomer.page.eval_on_selector_all("nav a[href]", "all => all.map(a => a.getAttribute('href'))")
        for href in {entry for entry in entries if "logout" not in entry}:
            assert newcomer.page.request.get(newcomer.base + href).status == 200, f"{part.name}: {href}"


if PICTURES:

    def wait_for_the_record(guest: Visit) -> None:
        """Look at Plan until how good it was before has been worked out."""
        for _ in range(300):
            guest.open("/plan/")
            if guest.page.locator("#before").count():
                return
            guest.page.wait_for_timeout(3000)
        raise AssertionError("Plan has no record yet")

    def test_pictures_of_the_documentation(browser, demo):
        for language in ("nl", "en"):
            context = browser.new_context(viewport={"width": 1240, "height": 860}, locale=f"{language}-NL")
            guest = Visit(context.new_page(), demo, f"{language}-desk-light")
            for part, pages in ((CAST[0], ("today",)), (CAST[1], ("plan", "team"))):
                become(guest, part)
                speak(guest)
                for page in pages:
                    if page == "plan":
                        wait_for_the_record(guest)
                    guest.open(f"/{page}/")
                    guest.page.screenshot(path=f"{PICTURES}/{page}-{language}.png")
            context.close()
