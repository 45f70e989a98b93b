"""The house's own rules for the web product: fail until a newcomer is classified, translated and documented."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.core import checks
from django.core.management import call_command
from tools.web_messages import faults

from karma.cli import house as commands
from karma.common.access import all_patterns, declared_for
from karma.common.models import AuditEvent
from karma.common.phrases import ACTION_WORDS
from karma.common.register import Privacy, register_of
from karma.configuration import SETTINGS

PROJECT = Path(__file__).resolve().parents[2]
PRODUCT = PROJECT / "src" / "karma"
RANKING = re.compile(
    r"\b(leaderboard|ranglijst|ranking|top\s?10|beste verkoper|best seller|high score)\b", re.IGNORECASE
)
APP_ORDER = (
    "common", "people", "customers", "deals", "promises", "imports", "facts", "readings", "plans",
    "team", "today", "coaching", "learning", "rewards", "reports",
)  # fmt: skip


@pytest.mark.parametrize("model", apps.get_models(include_auto_created=True), ids=lambda model: model._meta.label)
def test_model_says_owner_privacy_and_retention(model):
    line = register_of(model)
    assert line is not None, "give it a `register` (karma.common.register)"
    assert all((line.owner, line.retention))


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_personal_columns_stand_in_the_register(model):
    line = register_of(model)
    names = {field.name for field in model._meta.get_fields()}
    assert set(line.personal) <= names
    people = {
        field.name for field in model._meta.concrete_fields if field.name in ("email", "phone", "person", "actor")
    }
    assert line.privacy in (Privacy.COMPANY, Privacy.SECRET) or people <= {*line.personal, "user"}


def test_every_address_says_who_may():
    assert [path for path, entry in all_patterns() if declared_for(entry.callback, entry.name) is None] == []


def test_django_finds_no_fault():
    assert checks.run_checks() == []


@pytest.mark.django_db
def test_migrations_do_not_drift():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_intent():
    names = [path.stem for path in PRODUCT.glob("*/migrations/[0-9]*.py")]
    assert [name for name in names if "auto" in name] == []


def test_landed_migrations_stay_as_they_are():
    """Databases have them already. A change is a migration of its own, and gets its line here when it lands:

    sha256sum src/karma/*/migrations/[0-9]*.py > tests/house/migrations.sha256
    """
    lines = (PROJECT / "tests/house/migrations.sha256").read_text("utf-8").splitlines()
    landed = {path: digest for digest, path in (line.split() for line in lines)}
    found = {
        str(path.relative_to(PROJECT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in PRODUCT.glob("*/migrations/[0-9]*.py")
    }
    assert found == landed


def test_every_message_has_its_dutch():
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is not on this machine (apt install gettext)")
    assert faults() == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_setting_is_documented(setting):
    assert f"`{setting.name}`" in (PROJECT / "docs" / "reference" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("command", ["init", "serve", "worker", "doctor"])
def test_command_is_documented(command):
    assert callable(getattr(commands, command))
    assert f"`karma {command}" in (PROJECT / "docs" / "reference" / "running.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(PRODUCT.rglob("*.html")), ids=lambda path: path.name)
def test_page_ranks_nobody_and_needs_no_exception(path):
    page = path.read_text("utf-8")
    assert RANKING.findall(page) == []
    assert re.findall(r"\sstyle=|\son\w+=|<style|javascript:", page) == [], (
        "the CSP allows no inline style or script"
    )
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", page) == []


def test_scripts_of_passkeys_are_those_of_the_package():
    parts = ("mfa/js/webauthn-json.js", "mfa/js/webauthn.js", "account/js/onload.js")
    package = ";\n".join(Path(str(finders.find(part))).read_text("utf-8") for part in parts)
    assert (PRODUCT / "static/vendor/allauth/passkeys.js").read_text("utf-8") == package


LAYERS = ("phrases", "enums", "models", "rules", "queries", "operations", "forms", "views", "urls")


def test_module_imports_only_to_its_right():
    wrong = {
        f"{path.relative_to(PRODUCT)} imports {name}"
        for app in APP_ORDER
        for layer in LAYERS
        for path in [PRODUCT / app / f"{layer}.py"]
        if path.exists()
        for name in re.findall(rf"from karma\.{app}\.(\w+)", path.read_text("utf-8"))
        if name in LAYERS and LAYERS.index(name) > LAYERS.index(layer)
    }
    assert wrong == set()


def test_every_action_in_the_code_has_words():
    written = {
        action
        for path in PRODUCT.rglob("*.py")
        for action in re.findall(r'record\(\s*"([a-z]+\.[a-z_]+)"', path.read_text("utf-8"))
    }
    assert written - set(ACTION_WORDS) == set()
    assert AuditEvent._meta.get_field("action").max_length >= max(map(len, ACTION_WORDS))
