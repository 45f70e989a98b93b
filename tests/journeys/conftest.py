"""A real browser on a real server, in both languages, on a desk and on a phone."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page
from tests.factories.fixtures import audit_guard, django_db_setup, dossiers, house, one_connection, sign_in
from tests.factories.people import PASSWORD

from karma.people.models import Person

__all__ = ["audit_guard", "django_db_setup", "dossiers", "house", "one_connection", "sign_in"]

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in this thread
CHROMIUM = Path("/usr/bin/chromium")
SCREENS = {"desk": {"width": 1366, "height": 820}, "phone": {"width": 375, "height": 760}}
SHOTS = os.environ.get("KARMA_SCREENSHOTS")
AT_HOME = "--no-sandbox --disable-background-networking --disable-component-update --disable-sync"
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium, which calls nobody."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not on this machine (apt install chromium)")
    return {"executable_path": str(CHROMIUM), "args": AT_HOME.split()}


@pytest.fixture(params=["nl-desk-light", "en-phone-dark"])
def manner(request: pytest.FixtureRequest) -> str:
    """The language, the screen and the light in which a journey is walked."""
    return str(request.param)


@dataclass
class Visit:
    """A page that somebody looks at, with what the browser complained of."""

    page: Page
    base: str
    manner: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def sign_in(self, person: Person) -> None:
        self.open("/account/login/")
        self.page.fill("[name=login]", person.email or "")
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form .btn-primary")
        self.page.wait_for_load_state()

    def look(self, name: str) -> None:
        """Nothing may be wrong with what one sees: no barrier, no sideways scrolling, no complaint."""
        found = Axe().run(self.page)
        sideways = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.manner}.png", full_page=True, caret="initial")
        assert (found.violations_count, sideways, self.complaints) == (0, 0, []), found.generate_report()


@pytest.fixture
def visit(browser: Browser, live_server, manner: str) -> Iterator[Callable[[], Visit]]:
    """Begin a visit; each has a browser window of its own."""
    language, screen, light = manner.split("-")
    contexts = []

    def begin(*, javascript: bool = True) -> Visit:
        context = browser.new_context(
            viewport=SCREENS[screen],
            color_scheme=light,
            locale="nl-NL" if language == "nl" else "en-GB",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        begun = Visit(page, live_server.url, manner)

        def note(message: ConsoleMessage) -> None:
            if message.type == "error":
                begun.complaints.append(f"{message.text} {message.location['url']}".strip())

        page.on("console", note)
        page.on("pageerror", lambda fault: begun.complaints.append(str(fault)))
        return begun

    yield begin
    for context in contexts:
        context.close()
