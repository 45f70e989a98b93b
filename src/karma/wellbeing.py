"""What `karma doctor` looks at: each finding says what is well, or what is not and what to do."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from karma.common.queries import (
    database_answers,
    home_folder,
    migrations_of_a_newer_version,
    missing_migrations,
    waiting_too_long,
)
from karma.people.enums import Role
from karma.people.models import Person
from karma.people.queries import administrators_without_second_step

SPACE = 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_well: bool
    advice: str = ""


def look() -> list[Finding]:
    """Look at everything; later findings need the database and are left out where it does not answer."""
    findings = [*_home(), *_checks()]
    try:
        database_answers()
    except DatabaseError as fault:
        return [
            *findings,
            Finding("database", is_well=False, advice=_("It does not answer: %(fault)s") % {"fault": fault}),
        ]
    return [*findings, *_database()]


def _home() -> Iterator[Finding]:
    home = home_folder()
    is_writable = home.is_dir() and os.access(home, os.W_OK)
    yield Finding(
        "KARMA_HOME", is_writable, "" if is_writable else _("%(home)s cannot be written to.") % {"home": home}
    )
    if home.is_dir():
        free = shutil.disk_usage(home).free
        yield Finding("disk", free > SPACE, "" if free > SPACE else _("Less than 1 GB is free."))
    key = home / "secret_key"
    if key.is_file():
        is_private = not key.stat().st_mode & 0o077
        advice = _("Others can read it: chmod 600 %(key)s") % {"key": key}
        yield Finding("secret key", is_private, "" if is_private else advice)
    is_sent = settings.MAIL_IS_SENT
    yield Finding("mail", is_sent, "" if is_sent else _("No mail is sent: KARMA_MAIL_URL."))


def _checks() -> Iterator[Finding]:
    faults = [fault for fault in checks.run_checks() if fault.level >= checks.ERROR]
    yield Finding("settings", not faults, " ".join(str(fault.msg) for fault in faults))


def _database() -> Iterator[Finding]:
    missing, newer = missing_migrations(), migrations_of_a_newer_version()
    advice = _("They are of a newer version.") if newer else _('They are of an earlier version. Run "karma init".')
    yield Finding("tables", not (missing or newer), advice if missing or newer else "")
    if missing or newer:
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            answer = str(cursor.fetchone()[0])
        yield Finding("database file", answer == "ok", "" if answer == "ok" else answer)
    waiting = waiting_too_long()
    advice = _("Jobs that wait: %(count)s. Does karma serve run?") % {"count": waiting}
    yield Finding("worker", not waiting, "" if not waiting else advice)
    has_one = Person.objects.filter(role=Role.ADMINISTRATOR, is_active=True, joined_at__isnull=False).exists()
    yield Finding("administrator", has_one, "" if has_one else _('Nobody has joined. Run "karma init".'))
    yield _second_step()


def _second_step() -> Finding:
    """Whoever may do everything should need more than a password; advised, not forced."""
    bare = administrators_without_second_step().count()
    advice = _("Administrators who sign in with a password alone: %(count)s. An app or a passkey: My settings.")
    return Finding("second step", not bare, advice % {"count": bare} if bare else "")
