"""A database of another version: said everywhere, and worked on only after `karma init` brought it up to date."""

import os
import sqlite3
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
DUE = 'The tables are not those of this version. Run "karma init" first.'
NEWER = "The tables are of a newer version. Install that version, or put back a backup of before it."


@pytest.fixture
def installed(tmp_path):
    """An installation on SQLite, and how to run a command in it."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environ = {
        **kept, "KARMA_HOME": str(tmp_path), "KARMA_MODE": "test", "KARMA_LANGUAGE": "en",
        "DJANGO_SETTINGS_MODULE": "karma.settings",
    }  # fmt: skip

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", *words]
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        return ran.returncode, " ".join((ran.stdout + ran.stderr).split())

    assert run("karma", "init", "--email", "bea@noorderlicht.example", "--name", "Bea")[0] == 0
    return run, tmp_path / "karma.sqlite3"


def ask(file, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as database:
        return database.execute(statement).fetchall()


def test_earlier_database_is_refused_until_init_brings_it_up_to_date(installed):
    run, file = installed
    assert run("django", "migrate", "deals", "0002")[0] == 0
    assert run("karma", "serve", "--bind", "127.0.0.1:1") == (2, DUE)
    assert run("karma", "worker", "--until-empty") == (2, DUE)
    assert 'tables: not well. They are of an earlier version. Run "karma init".' in run("karma", "doctor")[1]
    assert run("karma", "init")[0] == 0
    assert "tables: well." in run("karma", "doctor")[1]
    assert ask(file, "SELECT name, email FROM people_person") == [("Bea", "bea@noorderlicht.example")]


def test_newer_database_is_left_alone(installed):
    run, file = installed
    ask(file, "INSERT INTO django_migrations (app, name, applied) VALUES ('deals', '0999_of_later', '2030-01-01')")
    assert run("karma", "serve", "--bind", "127.0.0.1:1") == (2, NEWER)
    assert "tables: not well. They are of a newer version." in run("karma", "doctor")[1]
    assert run("karma", "init") == (2, NEWER)
