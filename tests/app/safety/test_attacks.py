"""Attacks that go through many pages at once: foreign rows, other keys, fields that no form has, broken pages."""

import io
import logging
import re
import statistics
import time
import unicodedata

import polars as pl
import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.factories.payloads import payloads, plant
from tests.factories.people import NOW, PASSWORD, TODAY
from tests.factories.who_may import address_of, make_objects, read_table

from karma.common.logs import Impersonal
from karma.common.models import AuditEvent, SavedView
from karma.customers.models import Customer, Guest, Responsibility
from karma.exports import is_formula, write_table
from karma.imports.models import ImportFile
from karma.people.models import Membership, Organisation, Person, Team
from karma.working import work

pytestmark = pytest.mark.django_db
TABLE = read_table()
SECRET = "geheim-woord-8817"


@pytest.fixture
def objects(house, dossiers, monkeypatch):
    monkeypatch.setattr(webauthn, "get_credentials", lambda _user: [])  # the planted keys are no real ones
    return make_objects(house, dossiers)


@pytest.fixture
def without_limits():
    cache.clear()
    yield
    cache.clear()


# A01: a foreign id in an address


def test_asking_for_a_foreign_row_is_in_the_audit_list_once(house, dossiers, sign_in):
    otto = sign_in(house.otto)
    for _ in range(3):
        assert otto.get(f"/customers/{dossiers[0].customer.pk}/").status_code == 404
    otto.post(f"/customers/{dossiers[0].customer.pk}/contact/", {"kind": "call"})
    rows = AuditEvent.objects.filter(action="common.page_refused").order_by("id")
    assert [(row.actor, row.object_kind, row.object_id) for row in rows] == [
        (house.otto, "customers-page", str(dossiers[0].customer.pk)),
        (house.otto, "customers-contact", str(dossiers[0].customer.pk)),
    ]


def test_trying_many_numbers_does_not_fill_the_audit_list(house, sign_in, monkeypatch):
    monkeypatch.setattr("karma.common.audit._MOST_A_DAY", 3)
    otto = sign_in(house.otto)
    for number in range(5):
        otto.get(f"/customers/{900_000 + number}/")
    assert AuditEvent.objects.filter(action="common.page_refused").count() == 3


# A03: another key of the same thing


def test_foreign_rows_are_reached_by_no_other_key(house, dossiers, sign_in):
    otto, customer = sign_in(house.otto), dossiers[0].customer
    SavedView.objects.create(person=house.anna, page="customers", name="kanarienoord", query="q=kanarienoord")
    tried = [
        f"/customers/{customer.number}/", f"/customers/?q={customer.number}", f"/customers/?team={house.north.pk}",
        f"/customers/?person={house.anna.pk}", "/customers/?segment=segment kanarienoord",
        f"/customers/{dossiers[1].customer.pk}/?customer_id={customer.pk}", f"/deals/?q={customer.number}",
        "/deals/?stage=kanarienoord&outcome=all", "/search/?q=mevrouw", f"/search/?q={customer.pk}",
        f"/search/?q={dossiers[0].contact_person.email}", "/search/?q=warmtepomp", f"/people/{house.anna.pk}/",
        f"/teams/{house.north.pk}/",
    ]  # fmt: skip
    typed = re.compile(r'value="[^"]*"|“[^”]*”|\?[\w=&;%.+@-]*')
    bodies = {address: typed.sub("", otto.get(address).content.decode()) for address in tried}
    assert [address for address, body in bodies.items() if "kanarienoord" in body] == []


# A05: fields that no form has


def test_no_post_takes_a_field_that_gives_more(house, objects, sign_in):
    """Anna posts to every address that she may post to, with every field that would give her more."""
    anna, before = sign_in(house.anna), _rights()
    extra = {
        "role": "administrator", "is_active": "", "is_staff": "1", "is_superuser": "1", "function": "director",
        "team": house.south.pk, "team_id": house.south.pk, "is_lead": "on", "email": "x@evil.example",
        "person": house.bea.pk, "person_id": house.bea.pk, "asked_by": house.bea.pk, "last_run": "1",
        "source": "evil", "approved": "1", "bonus": "1000000", "joined_at": "2020-01-01", "password": "x" * 20,
        "name": "Anna de Boer", "kind": "call", "summary": "x", "customers": [1, 2], "from_on": "2020-01-01",
    }  # fmt: skip
    posts = [line for line in TABLE if "POST" in line.methods and line.answers["anna"] == "yes"]
    others = ("account_", "mfa_", "invitation")  # of others, and the page where a newcomer chooses a password
    posts = [line for line in posts if not line.name.startswith(others)]
    assert len(posts) > 8
    for line in posts:
        with transaction.atomic():
            anna.post(address_of(line, objects, reverse), extra)
            assert _rights() == before, line.name
            transaction.set_rollback(True)


def _rights() -> dict[str, list[object]]:
    """Everything that decides who may see and do what."""
    people = Person.objects.order_by("pk").values(
        "role", "is_active", "email", "function", "password", "joined_at"
    )
    tables = (Membership, Responsibility, Guest, Team, Organisation)
    rows = {each.__name__: list(each._default_manager.order_by("pk").values()) for each in tables}
    return {"people": list(people), **rows}


# A07 and A27: nothing to be learned from how long it takes


def _medians(ask, kinds, *, rounds: int) -> dict[str, float]:
    """The median processor time of each kind of request, asked in turns so that both meet the same machine."""
    spent: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds if number % 2 else reversed(kinds):
            begun = time.thread_time()
            ask(kind, number)
            spent[kind].append(time.thread_time() - begun)
    return {kind: statistics.median(times) for kind, times in spent.items()}


def _is_alike(ask, kinds, *, rounds: int, within: float) -> bool:
    """Whether the medians lie this near; a busy machine gets three chances, a real difference stays in all."""
    for _ in range(3):
        first, second = _medians(ask, kinds, rounds=rounds).values()
        if abs(first / second - 1) < within:
            return True
    return False


def test_foreign_and_absent_take_equally_long(house, dossiers, sign_in):
    otto = sign_in(house.otto)
    foreign = dossiers[0].customer.pk

    def ask(kind: str, number: int) -> None:
        otto.get(f"/customers/{foreign if kind == 'foreign' else 800_000 + number % 2}/")

    for kind in ("foreign", "absent"):
        ask(kind, 0), ask(kind, 1)
    counts = []
    for kind in ("foreign", "absent"):
        with CaptureQueriesContext(connection) as queries:
            ask(kind, 0)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert _is_alike(ask, ("foreign", "absent"), rounds=24, within=0.05)


@pytest.mark.slow
def test_a_thousand_foreign_and_a_thousand_absent_customers_answer_alike(house, dossiers, sign_in, monkeypatch):
    """Another foreign and another absent number each time: page, length and time tell nothing."""
    monkeypatch.setattr("karma.common.audit._MOST_A_DAY", 100_000)
    made = Customer.objects.bulk_create(Customer(name=f"K{n}", created_at=NOW) for n in range(1000))
    Responsibility.objects.bulk_create(
        Responsibility(customer=each, team=house.north, person=house.anna, from_on=TODAY) for each in made
    )
    numbers = {"foreign": [each.pk for each in made], "absent": range(500_000, 501_000)}
    otto, answers = sign_in(house.otto), set()

    def ask(kind: str, number: int) -> None:
        answer = otto.get(f"/customers/{numbers[kind][number]}/")
        answers.add((answer.status_code, len(answer.content)))

    ask("foreign", 0), ask("absent", 0)
    assert _is_alike(ask, ("foreign", "absent"), rounds=1000, within=0.05)
    assert len(answers) == 1


@pytest.mark.parametrize("address", ["/account/login/", "/account/password/reset/"])
def test_known_and_unknown_addresses_take_equally_long(house, settings, without_limits, address):
    settings.MAIL_IS_SENT = True
    settings.PASSWORD_HASHERS = ["tests.factories.passwords.Measurable"]
    for person in Person.objects.all():
        person.set_password(PASSWORD)
        person.save()

    def ask(kind: str, number: int) -> None:
        cache.clear()
        who = "anna@noorderlicht.example" if kind == "known" else f"x{number}@noorderlicht.example"
        Client().post(address, {"login": who, "password": "verkeerd", "email": who})

    for kind in ("known", "unknown"):
        ask(kind, 0)
    assert _is_alike(ask, ("known", "unknown"), rounds=8, within=0.1)
    assert mail.outbox == []


# A22: formulas

STARTS = ("", "\t", "\r", "\n", " ", "\u00a0", "\u200b", "\ufeff", "\u2003", "a;", "a,", '";', "x\n")
BODIES = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "＝1+1", "＋1", "－1", "＠SUM(1)", "=cmd|' /C calc'!A0", "|calc",
          "%0A=1", "=HYPERLINK(\"http://evil.example\")", "-2+3+cmd|' /C calc'!A0", "=IMPORTXML(1)",
          "@A1", "+A1*2")  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
def test_two_hundred_formulas_are_known_for_what_they_are(start):
    assert [body for body in BODIES if not is_formula(start + body)] == []


def test_downloaded_rows_hold_no_formula(house, sign_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cells = [(start + body).replace('"', '""') for start in STARTS for body in BODIES if "\x00" not in start]
    rows = [f'{number},"{cell}",not-a-date,5' for number, cell in enumerate(cells)]
    text = "\n".join(["Klantnummer,Klantnaam,Factuurdatum,Bedrag", "1,X,2026-01-31,5", *rows]) + "\n"
    bea = sign_in(house.bea)
    upload = SimpleUploadedFile("regels.csv", text.encode())
    answer = bea.post("/imports/new/", {"source": "ERP", "uploads": [upload]})
    work(until_empty=True)
    file = ImportFile.objects.get()
    bea.post(f"{answer.url}files/", {f"kind{file.pk}": "purchases"})
    work(until_empty=True)
    page = bea.get(f"/imports/{file.run_id}/rejected/{file.pk}/")
    table = b"".join(page.streaming_content).decode("utf-8-sig")
    for separator in ";,\t|":
        cells = opened(table, separator=separator)
        assert len(cells) > 400
        assert [cell for cell in cells if runs(cell)] == [], separator


def test_written_table_holds_no_formula(tmp_path):
    texts = [start + body for start in STARTS for body in BODIES]
    write_table(pl.DataFrame({"name": texts, "amount": range(len(texts))}), tmp_path / "t.csv")
    table = (tmp_path / "t.csv").read_text("utf-8-sig")
    assert [cell for each in ";,\t|" for cell in opened(table, separator=each) if runs(cell)] == []


def opened(table: str, *, separator: str) -> list[str]:
    """The cells that a spreadsheet makes of a text table with its own separator, whatever it was written with.

    A quote counts where a cell begins with it, and doubled within such a cell; white space before it does not.
    """
    cells, cell, is_quoted = [], "", False
    for sign in [*table, "\n"]:
        if sign == '"' and (is_quoted or not cell):
            is_quoted = not is_quoted
        elif not is_quoted and sign in (separator, "\n", "\r"):
            cells.append(cell)
            cell = ""
        else:
            cell += sign
    return cells


def runs(cell: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula: by its first sign, also a wide one."""
    plain = unicodedata.normalize("NFKC", cell).strip().strip("\u200b\ufeff").strip()
    return plain.startswith(("=", "+", "-", "@")) and not plain.lstrip("+-").replace(".", "").isdigit()


# A28: the same thing twice


def test_code_of_an_app_works_once(house, without_limits):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(house.anna, secret)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    answers = []
    for _ in range(2):
        browser = Client()
        browser.post("/account/login/", {"login": "anna@noorderlicht.example", "password": PASSWORD})
        browser.post("/account/2fa/authenticate/", {"code": code})
        answers.append(browser.get("/teams/").status_code)
    assert answers == [200, 302]


def test_reset_link_works_once(house, settings, without_limits):
    settings.MAIL_IS_SENT = True
    Client().post("/account/password/reset/", {"email": "anna@noorderlicht.example"})
    work(until_empty=True)
    link = re.search(r"http://\S+", mail.outbox[0].body)[0]
    opened = []
    for number in range(2):
        browser = Client()
        page = browser.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
        new = f"weer een nieuwe lange zin {number}"
        browser.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
        opened.append(Person.objects.get(pk=house.anna.pk).check_password(new))
    assert opened == [True, False]


# A53: what a broken page tells


def test_no_page_that_breaks_tells_what_it_was_given(house, objects, sign_in, monkeypatch, settings):
    def break_down(*_args, **_kwargs):
        raise RuntimeError(f"{SECRET} anna@noorderlicht.example")

    bea = sign_in(house.bea)
    bea.raise_request_exception = False
    monkeypatch.setattr("karma.common.middleware.declared_for", break_down)
    told, logged = [], log_of(settings.LOGGING, monkeypatch)
    bea.cookies["other"] = SECRET
    for line in TABLE:
        for method in set(line.methods) & {"GET", "POST"}:
            address = f"{address_of(line, objects, reverse)}?q={SECRET}"
            form = {"data": f"password={SECRET}", "content_type": "application/x-www-form-urlencoded"}
            answer = bea.generic(method, address, headers={"X-Secret": SECRET}, **form)
            body = answer.content.decode()
            if answer.status_code != 500 or any(word in body for word in (SECRET, "Traceback", "RuntimeError")):
                told.append((line.name, method, answer.status_code))
    assert told == []
    lines = logged.getvalue()
    assert ("Shown to someone as" in lines, "builtins.RuntimeError" in lines) == (True, True)
    assert [word for word in (SECRET, "anna@", bea.session.session_key) if word in lines] == []


def log_of(described, monkeypatch) -> io.StringIO:
    """All that the log of an installation would hold, from now on: its own handler, on a text of ours."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.addFilter(Impersonal())
    handler.setFormatter(logging.Formatter(described["formatters"]["line"]["format"]))
    monkeypatch.setattr(logging.root, "handlers", [handler])
    for name in described["loggers"]:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.WARNING)
    return text


def test_log_keeps_the_kind_of_every_fault_in_a_chain_and_none_of_what_they_say(monkeypatch, settings):
    logged = log_of(settings.LOGGING, monkeypatch)
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as fault:
            raise ValueError(SECRET) from fault
    except ValueError:
        logging.getLogger("karma").exception("A job stopped")
    kept = [word in logged.getvalue() for word in ("builtins.KeyError", "builtins.ValueError", "test_attacks.py")]
    assert (kept, SECRET in logged.getvalue()) == ([True, True, True], False)


# A54: requests that cost much


@pytest.mark.django_db(transaction=True)  # the end of an answer may close the connection
def test_second_download_waits_for_the_first(house, objects, sign_in):
    bea = sign_in(house.bea)
    address = reverse("imports-rejected", args=[objects["run_id"], objects["file_id"]])
    first = bea.get(address)
    refused = [bea.get(address), bea.get("/me/export/")]
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in refused] == [(429, "5")] * 2
    assert sign_in(house.anna).get("/me/export/").status_code == 200
    first.close()
    assert [bea.get("/me/export/").status_code for _ in range(2)] == [200, 200]


@pytest.mark.django_db(transaction=True)  # the end of an answer may close the connection
def test_download_whose_reader_went_away_halfway_does_not_stand_in_the_way(house, objects, sign_in):
    bea = sign_in(house.bea)
    address = reverse("imports-rejected", args=[objects["run_id"], objects["file_id"]])
    answer = bea.get(address)
    next(iter(answer.streaming_content))
    answer.close()
    assert bea.get(address).status_code == 200


def test_download_that_breaks_does_not_stand_in_the_way(house, sign_in, monkeypatch):
    bea = sign_in(house.bea)
    bea.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("karma.people.own_views.export_of", lambda _person: 1 / 0)
        assert bea.get("/me/export/").status_code == 500
    assert bea.get("/me/export/").status_code == 200


# A15: the texts that people and files bring, on every page; the browser's own answer is in tests/journeys

RAW = re.compile(
    r"<(?:script>|img src=x|svg/onload|body onload|iframe|math|input autofocus|details open ontoggle|video|base|"
    r"meta http-equiv=refresh|form action=//|style>|div hx-get='/me|template|object|embed|"
    r"link rel=stylesheet href=//|ScRiPt)"
)
PAGES = ("customers", "customers-page", "customers-assign", "customers-purchases", "customers-hand-over", "deals",
         "deals-page", "search", "people", "people-person", "teams", "teams-page", "me", "more", "audit",
         "imports")  # fmt: skip


@pytest.mark.parametrize("part", range(4))
def test_sixty_payloads_are_text_on_every_page(house, dossiers, objects, sign_in, part):
    ours = payloads()[part * 15 : part * 15 + 15]
    plant(dossiers[0], house, ours)
    for person in (house.anna, house.bea):
        browser = sign_in(person)
        for line in TABLE:
            if line.name in PAGES and line.answers[person.name.split()[0].lower()] == "yes":
                body = browser.get(
                    address_of(line, objects, reverse), {"q": ours[0]}, follow=True
                ).content.decode()
                body += browser.get(address_of(line, objects, reverse), follow=True).content.decode()
                assert RAW.findall(body) == [], line.name
