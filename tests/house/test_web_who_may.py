"""Walks every address with every method as every kind of person, and compares with the who-may table."""

import copy
import re

import pytest
from allauth.mfa.webauthn.internal import auth as webauthn
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.factories.who_may import METHODS, WHO, address_of, make_objects, read_table, real_urls

TABLE = read_table()
CANARY = "kanarienoord"


def test_table_names_every_address_and_no_other():
    assert {line.name: _plain(line.path) for line in TABLE} == {
        name: _plain(path) for name, path in real_urls().items()
    }


def _plain(path: str) -> str:
    return (
        re.sub(r"\(\?P(<\w+>)[^)]*\)|<\w+:(\w+)>", lambda found: found[1] or f"<{found[2]}>", path)
        .replace("^", "")
        .strip("$/\\Z")
    )


@pytest.fixture
def browsers(house, dossiers, sign_in, monkeypatch):
    monkeypatch.setattr(webauthn, "get_credentials", lambda _user: [])  # the planted key is no real one
    people = dict(zip(WHO, (None, house.anna, house.otto, house.joost, house.bea), strict=True))
    return {who: sign_in(person) for who, person in people.items()}


@pytest.fixture
def objects(house, dossiers):
    return make_objects(house, dossiers)


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.name)
def test_address_lets_in_whom_the_table_says(line, browsers, objects):
    address = address_of(line, objects, reverse)
    given = {
        (who, method): _answer(browsers[who], method, address, is_gone=line.answers[who] == "no")
        for who in WHO
        for method in METHODS
    }
    expected = {
        (who, method): _expected(line.answers[who], has_method=method in line.methods)
        for who in WHO
        for method in METHODS
    }
    assert given == expected


def _expected(answer: str, *, has_method: bool) -> str:
    return answer if answer in ("sign in", "no") or has_method else "no such method"


def _answer(browser: Client, method: str, address: str, *, is_gone: bool) -> str:
    """What one request gave; whatever it wrote is taken back."""
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        response = browser.generic(method, address)
        transaction.set_rollback(True)
    browser.cookies = cookies
    if response.status_code == 302 and response.url.startswith("/account/login/?next="):
        return "sign in"
    if response.status_code == 405:
        return "no" if is_gone else "no such method"
    return "no" if response.status_code in (403, 404) else "yes"


def test_nobody_of_another_team_ever_reads_the_canary(browsers, objects):
    pages = [address_of(line, objects, reverse) for line in TABLE if "GET" in line.methods]
    pages += [f"{page}?q={CANARY}" for page in pages]
    seen = {
        (who, page)
        for who in ("stranger", "otto")
        for page in pages
        if CANARY in _body(browsers[who], page, without=f"q={CANARY}")
    }
    assert seen == set()
    assert any(CANARY in _body(browsers["anna"], page, without=f"q={CANARY}") for page in pages), (
        "nobody planted it"
    )


def _body(browser: Client, page: str, *, without: str) -> str:
    """A page's text, with what the viewer typed into the search taken out."""
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        response = browser.get(page)
        transaction.set_rollback(True)
    browser.cookies = cookies
    content = getattr(response, "content", b"").decode()
    for echo in (without, f'value="{CANARY}"', f"“{CANARY}”"):
        content = content.replace(echo, "")
    return content


def test_foreign_and_absent_look_alike(browsers, objects):
    objects_absent = {
        **objects,
        "customer_id": 999_999,
        "deal_id": 999_999,
        "job_id": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
    }
    for line in TABLE:
        if line.answers["otto"] != "no" or line.answers["anna"] != "yes" or "GET" not in line.methods:
            continue
        foreign = browsers["otto"].get(address_of(line, objects, reverse))
        absent = browsers["otto"].get(address_of(line, objects_absent, reverse))
        assert (foreign.status_code, _same(foreign)) == (absent.status_code, _same(absent)), line.name


def _same(response) -> bytes:
    return re.sub(rb'"X-CSRFToken": "\w+"|name="csrfmiddlewaretoken" value="\w+"', b"", response.content)
