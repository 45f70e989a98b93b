"""Sixty texts that would run as script, in every field, in a real browser: nothing runs, nothing is fetched."""

import pytest
from allauth.mfa.webauthn.internal import auth as webauthn
from django.urls import reverse
from tests.factories.customers import make_dossier
from tests.factories.imports import begun
from tests.factories.payloads import payloads, plant
from tests.factories.who_may import Line, address_of, make_objects, read_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
APART = (
    *("my-export", "imports-rejected", "account_logout"),
    *("mfa_authenticate", "mfa_webauthn_add", "healthz", "today-worker"),
)
"""Downloads, what ends the visit, what asks for a device, and what is no page: a browser asks that for an icon."""


@pytest.mark.parametrize("manner", ["nl-desk-light"])
def test_no_text_of_people_or_files_runs_in_a_browser(visit, house, dossiers, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(webauthn, "get_credentials", lambda _user: [])  # the planted keys are no real ones
    settings.MEDIA_ROOT = tmp_path
    ran, visits = [], {}
    for person in (house.bea, house.anna):
        visits[person] = visit()
        visits[person].page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        visits[person].sign_in(person)
    for text in payloads():
        make_dossier(text, team=house.north, person=house.anna, canary=text[:40])
    plant(dossiers[0], house, payloads())
    brought = _brought()
    objects = make_objects(house, dossiers)
    for person, visitor in visits.items():
        pages = _pages("bea" if person is house.bea else "anna")
        seen = [visitor.page.goto(visitor.base + address_of(line, objects, reverse)) for line in pages]
        assert len([answer for answer in seen if answer and answer.status == 200]) > 15
        for path in (
            "/customers/?page=2",
            "/customers/?q=alert",
            "/search/?q=alert",
            "/deals/?outcome=all&q=alert",
        ):
            visitor.open(path)
    for path in brought:
        visits[house.bea].open(path)
    visits[house.bea].page.wait_for_timeout(300)
    assert (ran, [visitor.complaints for visitor in visits.values()]) == ([], [[], []])


def _pages(who: str) -> list[Line]:
    return [
        line for line in read_table()
        if "GET" in line.methods and line.answers[who] == "yes" and line.name not in APART
    ]  # fmt: skip


def _brought() -> list[str]:
    """Pages of an import whose file name, headers and cells are such texts."""
    texts = [text.replace('"', '""') for text in payloads()]
    head = ",".join(["Klantnummer", "Klantnaam", *(f'"{text}"' for text in texts)])
    cells = ",".join(["1", f'"{texts[0]}"', *(f'"{text}"' for text in texts)])
    run = begun({f"{payloads()[0]}.csv": f"{head}\n{cells}\n"}, source=payloads()[1][:60])
    file = run.files.get()
    return [reverse("imports-files", args=[run.pk]), reverse("imports-columns", args=[run.pk, file.pk])]
