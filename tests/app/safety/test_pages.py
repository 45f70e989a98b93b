"""What holds for every page: headers, forged requests, odd input, and errors that tell nothing."""

import pytest
from allauth.mfa.webauthn.internal import auth as webauthn
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.who_may import address_of, make_objects, read_table

from karma.common.logs import impersonal
from karma.people.models import Person, Team

pytestmark = pytest.mark.django_db
TABLE = read_table()
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% debug %}",
    "{0.__class__}%s",
    "<div hx-get='/me/export/' hx-trigger='load'>",
    "javascript:alert(1)",
    "' OR 1=1 --",
)


@pytest.fixture
def objects(house, dossiers, monkeypatch):
    monkeypatch.setattr(webauthn, "get_credentials", lambda _user: [])  # the planted keys are no real ones
    return make_objects(house, dossiers)


def test_every_page_is_private_and_strict(house, sign_in):
    headers = sign_in(house.anna).get("/teams/").headers
    assert headers["Cache-Control"] == "no-store, private"
    assert "HX-Request" in headers["Vary"]
    assert headers["X-Frame-Options"] == "DENY"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert {policy["default-src"], policy["script-src"], policy["style-src"], policy["img-src"]} == {"'self'"}
    assert (policy["object-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'",) * 3


def test_every_post_without_its_token_is_refused(house, objects):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(house.bea)
    answers = {
        line.name: browser.post(address_of(line, objects, reverse)).status_code
        for line in TABLE
        if "POST" in line.methods and line.answers["bea"] == "yes"
    }
    assert set(answers.values()) == {403}


def test_no_get_changes_anything(house, objects, sign_in):
    browser = sign_in(house.bea)
    browser.get("/teams/")
    pages = [line for line in TABLE if "GET" in line.methods and line.answers["bea"] == "yes"]
    written = {line.name: _writes(browser, address_of(line, objects, reverse)) for line in pages}
    del written["my-export"]  # it records that somebody took the data along
    del written["mfa_view_recovery_codes"]  # allauth marks the codes as seen
    assert {name: statements for name, statements in written.items() if statements} == {}


def _writes(browser: Client, page: str) -> list[str]:
    """The statements of a page that change something, but for the session and the limits on guessing."""
    with CaptureQueriesContext(connection) as queries:
        browser.get(page)
    changing = [query["sql"][:80] for query in queries if query["sql"].startswith(("UPDATE", "DELETE", "INSERT"))]
    return [sql for sql in changing if "django_session" not in sql and "karma_cache" not in sql]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_typed_text_is_shown_as_text(payload, house, sign_in):
    browser = sign_in(house.bea)
    Team.objects.filter(pk=house.north.pk).update(name=payload)
    Person.objects.filter(pk=house.anna.pk).update(name=payload)
    for page in (
        "/teams/",
        f"/teams/{house.north.pk}/",
        "/people/",
        f"/people/{house.anna.pk}/",
        f"/search/?q={payload}",
    ):
        body = browser.get(page).content.decode()
        if "<" in payload:
            assert payload not in body
        assert "49{" not in body


def test_extra_fields_in_a_form_are_ignored(house, sign_in):
    form = {
        "name": "Anna de Boer", "language": "nl", "appearance": "dark",
        "role": "administrator", "is_active": "", "email": "x@example.nl", "function": "director",
    }  # fmt: skip
    assert sign_in(house.anna).post("/me/", form).status_code == 302
    house.anna.refresh_from_db()
    assert (house.anna.role, house.anna.is_active, house.anna.email, house.anna.function) == (
        "member", True, "anna@noorderlicht.example", "account_manager",
    )  # fmt: skip


@pytest.mark.parametrize("extra", ["?user=5", "?as=5", "?person_id=5"])
def test_acting_as_another_is_ignored(extra, house, sign_in):
    page = sign_in(house.anna).get(f"/me/{extra}", headers={"HX-Request": "true", "X-User": str(house.bea.pk)})
    assert "Anna de Boer" in page.content.decode()


@pytest.mark.parametrize(
    "query", ["?page=1000000000", "?page=-1", "?page=x", "?q=" + "a" * 5000, "?function=zz&left=%00"]
)
def test_odd_queries_are_answered(query, house, sign_in):
    assert sign_in(house.bea).get(f"/people/{query}").status_code == 200


def test_error_page_tells_nothing(house, sign_in, monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError("geheim-woord anna@noorderlicht.example")

    monkeypatch.setattr("karma.people.views.team_lines", break_down)
    browser = sign_in(house.anna)
    browser.raise_request_exception = False
    answer = browser.get("/teams/?q=geheim-woord")
    assert (answer.status_code, b"geheim-woord" in answer.content, b"Traceback" in answer.content) == (
        500,
        False,
        False,
    )


def test_error_page_stands_without_a_database(house, sign_in):
    """Where the database is away, who looks cannot be asked either; the page says its words all the same."""
    browser = sign_in(house.anna)
    browser.raise_request_exception = False

    def away(execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(away):
        answer = browser.get("/teams/")
    assert (answer.status_code, b"entrance" in answer.content) == (500, True)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Not Found: /invitation/0569QuUy6ScnVB5Dn1XTIO_bjWmn6LBb/", "Not Found: /invitation/[token]/"),
        ("no anna@example.nl here", "no [address] here"),
        ("GET /search/?q=De+Vries done", "GET /search/?[query] done"),
    ],
)
def test_log_lines_are_impersonal(line, kept):
    assert impersonal(line) == kept


def test_health_says_only_that_it_is_well(db):
    assert Client().get("/healthz").json() == {"well": True}
