"""Fixtures for everything that needs the product's database."""

import importlib
import time
from collections.abc import Callable

import pytest
from allauth.account.internal.flows import login as login_flow
from django.db import connection
from django.test import Client
from tests.factories.customers import Dossier, make_dossiers
from tests.factories.people import House, make_house

from karma.people.models import Person

SignIn = Callable[[Person | None], Client]


@pytest.fixture
def house(db) -> House:
    return make_house()


@pytest.fixture
def dossiers(house) -> tuple[Dossier, Dossier]:
    return make_dossiers(house)


@pytest.fixture
def sign_in(db) -> SignIn:
    """A browser in which a person is signed in; None is a stranger."""

    def browser(person: Person | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
            just_now = {"method": "password", "at": time.time(), "reauthenticated": True}
            session = client.session
            session[login_flow.AUTHENTICATION_METHODS_SESSION_KEY] = [just_now]
            session[login_flow._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
            session.save()
        return client

    return browser


GUARD = importlib.import_module("karma.common.migrations.0002_audit_only_grows")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let SQLite's flush between tests empty the audit list; PostgreSQL's TRUNCATE passes its guard."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            _run("DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete")


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """Let a worker that runs inside a test keep the test's connection, as Django's test browser does."""
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)


@pytest.fixture
def audit_guard(db):
    """The guard on the audit list, as every installation has it."""
    if connection.vendor == "sqlite":
        _run(*GUARD.SQLITE)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
