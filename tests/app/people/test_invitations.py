"""Invitations: a link works once, for whom it was meant, and only a POST acts."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from tests.factories.people import NOW, PASSWORD, TODAY

from karma.common.models import AuditEvent
from karma.people import invitations, operations
from karma.people.invitations import Newcomer, hash_of, invitation_for, invite
from karma.people.models import Invitation, Person
from karma.people.operations import Refused

pytestmark = pytest.mark.django_db
NIEK = Newcomer("Niek@Noorderlicht.example", "Niek Jonker", "service", "member")


@pytest.fixture
def invited(house, monkeypatch):
    """Niek, and the token of his invitation, at a moment when it works."""
    for module in ("karma.people.views", "karma.people.own_views"):
        monkeypatch.setattr(f"{module}.now", lambda: NOW)
    return invite(NIEK, by=house.bea, at=NOW)


def test_only_the_hash_of_the_token_is_kept(invited):
    _niek, token = invited
    kept = Invitation.objects.get()
    assert (kept.token_hash, token in str(vars(kept))) == (hash_of(token), False)


def test_token_has_192_bits(invited):
    assert len(invited[1]) == 32


def test_opening_the_link_changes_nothing(invited):
    niek, token = invited
    for _visit in range(3):
        assert Client().get(f"/invitation/{token}/").status_code == 200
    niek.refresh_from_db()
    assert (niek.has_joined, Invitation.objects.get().accepted_at) == (False, None)


def test_password_lets_the_person_in(invited):
    niek, token = invited
    browser = Client()
    assert browser.post(f"/invitation/{token}/", {"password": PASSWORD}).status_code == 302
    assert browser.get("/teams/").status_code == 200
    niek.refresh_from_db()
    assert (niek.check_password(PASSWORD), niek.email) == (True, "niek@noorderlicht.example")


def test_link_works_once(invited):
    _niek, token = invited
    Client().post(f"/invitation/{token}/", {"password": PASSWORD})
    again = Client().post(f"/invitation/{token}/", {"password": "een heel andere lange zin"})
    assert again.status_code == 404


@pytest.mark.parametrize("password", ["kort", "password1234", "niek@noorderlicht.example"])
def test_easy_password_is_refused(invited, password):
    niek, token = invited
    assert Client().post(f"/invitation/{token}/", {"password": password}).status_code == 422
    niek.refresh_from_db()
    assert not niek.has_joined


@pytest.mark.parametrize("change", [str.swapcase, lambda token: token[:-1], lambda token: token + "A"])
def test_changed_token_opens_nothing(invited, change):
    assert Client().get(f"/invitation/{change(invited[1])}/").status_code == 404


def test_link_stops_after_its_days(invited):
    _niek, token = invited
    assert invitation_for(token, at=NOW + timedelta(days=14)) is None


def test_new_link_ends_the_earlier_one(house, invited):
    niek, token = invited
    newer = invitations.invite_again(niek, by=house.bea, at=NOW)
    assert (invitation_for(token, at=NOW), invitation_for(newer, at=NOW).person) == (None, niek)


def test_link_of_somebody_let_go_stops(house, invited):
    niek, token = invited
    operations.let_go(niek, on=TODAY, by=house.bea, at=NOW)
    assert invitation_for(token, at=NOW) is None


def test_inviting_who_has_joined_is_refused(house):
    with pytest.raises(Refused):
        invite(Newcomer("ANNA@noorderlicht.example", "Anna", "other", "administrator"), by=house.bea, at=NOW)
    house.anna.refresh_from_db()
    assert house.anna.role == "member"


def test_inviting_somebody_known_from_an_import_keeps_the_person(house):
    known = Person.objects.create(name="N. Jonker", email="niek@noorderlicht.example")
    person, _token = invite(NIEK, by=house.bea, at=NOW)
    assert person.pk == known.pk


def test_invitation_is_mailed_with_the_address_of_the_settings(house, sign_in, settings):
    settings.MAIL_IS_SENT = True
    form = {"name": "Niek", "email": "niek@noorderlicht.example", "function": "service", "role": "member"}
    page = sign_in(house.bea).post("/people/invite/", form, headers={"host": "localhost"})
    assert page.status_code == 200
    assert "http://127.0.0.1:8000/invitation/" in mail.outbox[0].body


def test_token_is_not_in_the_audit_list(invited):
    assert invited[1] not in str(list(AuditEvent.objects.values()))
