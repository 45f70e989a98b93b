"""Whoever waits to write on SQLite begins soon after the other is done, and is refused in time if not."""

import threading
import time

import pytest
from django.db.utils import OperationalError

from karma.sqlite import base


def _connection(path) -> base.DatabaseWrapper:
    settings = {
        "ENGINE": "karma.sqlite", "NAME": path, "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None, "TEST": {"MIGRATE": True},
        "OPTIONS": {"timeout": 5, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }  # fmt: skip
    return base.DatabaseWrapper(settings, alias="other")


@pytest.fixture
def both(tmp_path):
    made = [_connection(tmp_path / "x.sqlite3") for _ in range(2)]
    for each in made:
        each.inc_thread_sharing()
        each.ensure_connection()
    yield made
    for each in made:
        each.close()


def _begin(connection: base.DatabaseWrapper) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def _end(connection: base.DatabaseWrapper) -> None:
    connection.rollback()
    connection.set_autocommit(True)


@pytest.mark.django_db
def test_waiting_writer_begins_as_soon_as_the_other_ends(both):
    first, second = both
    _begin(first)
    ended: list[float] = []

    def end() -> None:
        time.sleep(0.3)
        _end(first)
        ended.append(time.monotonic())

    other = threading.Thread(target=end)
    other.start()
    _begin(second)
    begun = time.monotonic()
    other.join()
    _end(second)
    assert begun - ended[0] < 0.5
    assert second.errors_occurred is False


@pytest.mark.django_db
def test_writer_who_waits_in_vain_is_refused_in_time_and_waits_as_before(both, monkeypatch):
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0.2)
    first, second = both
    _begin(first)
    with pytest.raises(OperationalError, match="locked"):
        _begin(second)
    second.needs_rollback = False
    waits = second.connection.execute("PRAGMA busy_timeout").fetchone()[0]
    _end(first)
    assert waits == 200
