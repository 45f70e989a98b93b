"""Signing in and staying in: limits, no telling who has an account, and no session that outlives its right."""

import json
import re

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.people import NOW, PASSWORD, TODAY

from karma.common.models import Job
from karma.people import operations
from karma.working import work

pytestmark = pytest.mark.django_db
ANNA = "anna@noorderlicht.example"
_VARYING = re.compile(r"[\w.]+@[\w.]+|\"X-CSRFToken\": \"\w+\"|value=\"\w{64}\"")


@pytest.fixture(autouse=True)
def no_limits_left():
    cache.clear()


def _try(browser: Client, login: str, password: str, **headers: str):
    return browser.post("/account/login/", {"login": login, "password": password}, headers=headers)


def test_sign_in_with_capitals_in_the_address(house):
    assert _try(Client(), "ANNA@Noorderlicht.example", PASSWORD).status_code == 302


def test_unknown_and_known_addresses_get_the_same_answer(house):
    bodies = [
        _VARYING.sub("", _try(Client(), who, "verkeerd").content.decode())
        for who in (ANNA, "niemand@noorderlicht.example")
    ]
    assert bodies[0] == bodies[1]


def test_guessing_one_password_stops(house):
    for number in range(12):
        _try(Client(), ANNA, f"gok nummer {number}")
    assert _try(Client(), ANNA, PASSWORD).status_code != 302


def test_forged_forwarding_header_does_not_lift_the_limit(house):
    for number in range(40):
        last = _try(Client(), f"wie{number}@example.nl", "gok", x_forwarded_for=f"10.0.0.{number}")
    assert last.status_code == 429


def test_reset_mail_is_the_same_for_unknown_addresses(house, settings):
    settings.MAIL_IS_SENT = True
    asked = (Client().post("/account/password/reset/", {"email": who}) for who in (ANNA, "x@example.nl"))
    answers = [(answer.status_code, answer.url) for answer in asked]
    assert (answers[0], len(mail.outbox)) == (answers[1], 0)
    work(until_empty=True)
    assert [message.to for message in mail.outbox] == [[ANNA]]
    assert [job.arguments for job in Job.objects.all()] == [{}, {}]


def test_reset_link_comes_from_the_settings_not_from_the_host_header(house, settings):
    settings.MAIL_IS_SENT = True
    Client().post("/account/password/reset/", {"email": ANNA}, headers={"host": "localhost"})
    work(until_empty=True)
    assert "http://127.0.0.1:8000/account/password/reset/key/" in mail.outbox[0].body


def test_foreign_host_is_refused(house):
    assert Client().get("/account/login/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "%2F%2Fevil.example"]
)
def test_next_leads_nowhere_else(house, target):
    answer = Client().post(f"/account/login/?next={target}", {"login": ANNA, "password": PASSWORD, "next": target})
    assert "evil" not in answer.url.removeprefix("/") or answer.url.startswith("/%2F") is False
    assert not answer.url.startswith(("//", "http", "/\\"))


def test_session_gets_a_new_key_at_sign_in(house):
    browser = Client()
    browser.get("/account/login/")
    session = browser.session
    session["planted"] = True
    session.save()
    before = session.session_key
    _try(browser, ANNA, PASSWORD)
    assert browser.session.session_key != before


def test_person_let_go_is_out_at_the_next_request(house, sign_in):
    browser = sign_in(house.anna)
    assert browser.get("/teams/").status_code == 200
    operations.let_go(house.anna, on=TODAY, by=house.bea, at=NOW)
    assert browser.get("/teams/").status_code == 302


def test_administrator_who_is_one_no_more_is_out_at_the_next_request(house, sign_in):
    operations.describe_person(house.joost, changes={"role": "administrator"}, by=house.bea, at=NOW)
    browser = sign_in(house.joost)
    assert browser.get("/administration/audit/").status_code == 200
    operations.describe_person(house.joost, changes={"role": "member"}, by=house.bea, at=NOW)
    assert browser.get("/administration/audit/").status_code == 404


def test_new_password_ends_the_other_sessions(house, sign_in):
    here, elsewhere = sign_in(house.anna), sign_in(house.anna)
    form = {
        "oldpassword": PASSWORD,
        "password1": "weer een lange nieuwe zin",
        "password2": "weer een lange nieuwe zin",
    }
    assert here.post("/account/password/change/", form).status_code == 302
    assert (here.get("/teams/").status_code, elsewhere.get("/teams/").status_code) == (200, 302)


def test_idle_session_ends(house, sign_in, settings):
    browser = sign_in(house.anna)
    browser.get("/teams/")
    session = browser.session
    session["seen"] -= settings.SESSION_IDLE_SECONDS + 1
    session.save()
    assert browser.get("/teams/").status_code == 302


def test_ordinary_page_writes_nothing(house, sign_in):
    browser = sign_in(house.anna)
    browser.get("/teams/")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/teams/")
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_session_elsewhere_can_be_ended(house):
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        _try(browser, ANNA, PASSWORD)
    other = UserSession.objects.get(session_key=elsewhere.session.session_key)
    assert here.post(f"/me/sessions/{other.pk}/end/").status_code == 302
    assert (here.get("/teams/").status_code, elsewhere.get("/teams/").status_code) == (200, 302)


def test_export_asks_the_password_again(house):
    browser = Client()
    browser.force_login(house.anna)
    assert browser.get("/me/export/").url.startswith("/account/reauthenticate/")


def test_export_holds_only_what_is_ones_own(house, sign_in):
    document = json.loads(sign_in(house.anna).get("/me/export/").content)
    assert document["person"]["email"] == ANNA
    assert "password" not in document["person"]
    assert "otto" not in json.dumps(document).lower()
