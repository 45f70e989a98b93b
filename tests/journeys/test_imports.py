"""Bea brings exports in on an installation that really runs: web, worker and all; and takes one back."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
FOUND = """
import sys, django
django.setup()
from tests.factories.people import make_house
from karma.people.models import Person
make_house()
Person.objects.filter(name="Bea Bakker").update(language=sys.argv[1])
"""
NAMES = ("medewerkers", "klanten", "verantwoordelijken", "verkoopregels", "jaarplannen")
WORDS = {
    "nl": {"write": "Schrijf het", "written": "Geschreven", "back": "Draai het terug", "undone": "Teruggedraaid"},
    "en": {"write": "Write it", "written": "Written", "back": "Take it back", "undone": "Taken back"},
}


def karma(home: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "karma", *words], env=environ(home), check=True, capture_output=True)


def environ(home: Path, address: str = "http://127.0.0.1:8000") -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept, "KARMA_HOME": str(home), "KARMA_MODE": "test", "DJANGO_SETTINGS_MODULE": "karma.settings",
        "KARMA_URL": address, "KARMA_WEB_PROCESSES": "1", "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip


@pytest.fixture
def installation(tmp_path: Path, manner: str) -> Iterator[str]:
    """An installation with the named people, served as its users have it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    karma(tmp_path, "init", "--email", "first@noorderlicht.example", "--name", "First")
    subprocess.run([sys.executable, "-c", FOUND, manner[:2]], env=environ(tmp_path), check=True)
    command = [sys.executable, "-m", "karma", "serve"]
    server = subprocess.Popen(command, env=environ(tmp_path, address), stderr=subprocess.DEVNULL)
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=40)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(f"{address}/healthz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the installation does not answer")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The invented company's own exports."""
    folder = tmp_path / "company"
    karma(tmp_path, "simulate", str(folder), "--customers", "80", "--years", "2", "--seed", "3",
          "--ends-on", "2026-03-01")  # fmt: skip
    return folder


@pytest.fixture
def bea(visit, installation: str, house) -> Callable[..., object]:
    def begin(**how: bool):
        visitor = visit(**how)
        visitor.base = installation
        visitor.sign_in(house.bea)
        return visitor

    return begin


def bring(visitor, source: str, files: list[Path]) -> None:
    """Choose files and go to the step where one says what they are."""
    visitor.open("/imports/new/")
    visitor.page.fill("[name=source]", source)
    visitor.page.set_input_files("[name=uploads]", [str(path) for path in files])
    visitor.page.click("form .btn-primary")
    reach(visitor.page, "/files/")


def reach(page: Page, *ends: str) -> str:
    """Wait, while a worker works, until one of these steps is there."""
    for _ in range(600):
        reached = next((end for end in ends if page.url.endswith(end)), None)
        if reached:
            page.wait_for_load_state()
            return reached
        page.wait_for_timeout(150)
        if page.locator("noscript a").count() and not page.locator("progress").count():
            page.wait_for_timeout(50)
    raise AssertionError(f"{page.url} never became {ends}: {page.inner_text('main')}")


def to_preview(visitor, name: str = "") -> None:
    """Straight on, past the words where there are any."""
    visitor.page.click("button[name=read]")
    if reach(visitor.page, "/values/", "/preview/") == "/values/":
        if name:
            visitor.look(f"import-words-{name}")
        visitor.page.click("form .btn-primary")
        reach(visitor.page, "/preview/")


def counted(page: Page, column: int) -> int:
    """The sum of a column of the counts by file: 2 new, 3 changed, 4 the same, 5 set aside."""
    cells = page.locator(f"table.list tbody tr td:nth-child({column})").all_inner_texts()
    return sum(int("".join(sign for sign in cell if sign.isdigit())) for cell in cells)


def write(visitor, words: dict[str, str]) -> None:
    visitor.page.click(f"button:has-text('{words['write']}')")
    expect(visitor.page.locator("h1")).to_have_text(words["written"], timeout=90_000)


def test_invented_company_comes_in_twice_and_one_import_goes_back(bea, company, manner):
    words, visitor = WORDS[manner[:2]], bea()
    hubspot = sorted((company / "hubspot").glob("*.csv"))
    erp = [company / "erp" / f"{name}.csv" for name in NAMES]
    visitor.open("/imports/")
    visitor.look("imports-empty")
    bring(visitor, "HubSpot", hubspot)
    visitor.look("import-files")
    visitor.page.click("button[name=columns]")
    visitor.look("import-columns")
    visitor.page.click("button[name=read]")
    reach(visitor.page, "/values/")
    visitor.look("import-words")
    visitor.page.click("form .btn-primary")
    reach(visitor.page, "/preview/")
    visitor.look("import-preview")
    write(visitor, words)
    visitor.look("import-result")
    bring(visitor, "ERP", erp)
    to_preview(visitor)
    write(visitor, words)
    result = visitor.page.url
    visitor.open("/customers/")
    visitor.look("customers-imported")
    assert "Anna de Boer, Team Noord" in visitor.page.inner_text("main")
    bring(visitor, "HubSpot", hubspot)
    to_preview(visitor)
    assert (counted(visitor.page, 3), counted(visitor.page, 4)) == (0, 0)
    visitor.page.goto(result + "undo/")
    visitor.look("import-undo")
    visitor.page.click("main form .btn-primary")
    expect(visitor.page.locator("h1")).to_have_text(words["undone"], timeout=90_000)
    visitor.look("import-undone")
    visitor.open("/imports/")
    visitor.look("imports")


@pytest.mark.parametrize("manner", ["nl-phone-light"])
def test_import_is_walked_without_javascript(bea, company, manner):
    visitor = bea(javascript=False)
    bring(visitor, "HubSpot", [company / "hubspot" / "companies.csv"])
    to_preview(visitor)
    visitor.page.click(f"button:has-text('{WORDS['nl']['write']}')")
    expect(visitor.page.locator("h1")).to_have_text("Geschreven", timeout=90_000)


@pytest.mark.data
@pytest.mark.parametrize(
    ("manner", "folder", "names", "created"),
    [
        ("nl-desk-dark", "crm_regional_sales", ("Accounts", "Owners", "Opportunities"), 20_320),
        ("en-phone-light", "adventureworks", ("Resellers", "FactResellerSales"), 58_552),
    ],
)
def test_known_companies_come_in(bea, sample_data, manner, folder, names, created):
    words, visitor = WORDS[manner[:2]], bea()
    bring(visitor, folder, [sample_data(folder) / f"{name}.csv" for name in names])
    to_preview(visitor, folder)
    visitor.look(f"import-preview-{folder}")
    assert counted(visitor.page, 3) == created
    write(visitor, words)
    visitor.look(f"import-result-{folder}")
