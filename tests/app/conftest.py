"""The named people and customers, for every test in this folder."""

from django.conf import settings
from tests.factories.fixtures import audit_guard, django_db_setup, dossiers, house, one_connection, sign_in

__all__ = ["audit_guard", "django_db_setup", "dossiers", "house", "one_connection", "sign_in"]


def pytest_collection_modifyitems(config, items):
    """Leave to SQLite what only SQLite can be told, such as how many pages it may take."""
    if settings.DATABASES["default"]["ENGINE"] == "karma.sqlite":
        return
    own = [item for item in items if item.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=own)
    items[:] = [item for item in items if item not in own]
