"""The named people and customers, for every test in this folder."""

from tests.factories.fixtures import audit_guard, django_db_setup, dossiers, house, one_connection, sign_in

__all__ = ["audit_guard", "django_db_setup", "dossiers", "house", "one_connection", "sign_in"]
