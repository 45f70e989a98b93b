"""Sentences about imports, and words for kinds and fields, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from karma.common.text import Text
from karma.imports.undoing import Obstacle
from karma_files import KINDS, FileError, Notice, ignored_text, reason_text


def reader() -> str:
    """The language that the file readers' own sentences are wanted in."""
    return "nl" if (translation.get_language() or "nl").startswith("nl") else "en"


def kind_words(kind: str) -> str:
    """What a kind of file is called on a screen."""
    names = {
        "customers": _("customers"),
        "contacts": _("contact persons"),
        "people": _("people of ours"),
        "deals": _("deals"),
        "stage_history": _("stage changes"),
        "purchases": _("lines of sale"),
        "responsibilities": _("who answers for which customer"),
        "contact_moments": _("contact moments"),
    }
    return names.get(kind, kind)


def field_words(kind: str, field: str) -> str:
    """What a field is called: the file readers' own word for it."""
    found = KINDS[kind].field(field)
    return found.dutch if reader() == "nl" else found.english


def notice_words(notice: Mapping[str, Any]) -> str:
    return Notice(notice["code"], dict(notice["parameters"])).say(reader())


def fault_words(fault: Mapping[str, Any]) -> str:
    """Why a file cannot be read, as a sentence; empty where it can."""
    if fault.get("code") == "broke":
        return _(
            "“%(name)s” could not be read, and that is our own fault. The file is as it was and nothing was "
            "written. Try again or leave it out, and have your administrator look at the log."
        ) % {"name": fault["parameters"]["name"]}
    return FileError(fault["code"], **fault["parameters"]).say(reader()) if fault else ""


def reason_words(reason: str) -> str:
    return reason_text(reason, reader())


def ignored_words(ignored: Mapping[str, int]) -> str:
    """What was left out since it is no record: "2 totals and footers, 1 empty rows"."""
    return ", ".join(
        f"{formats.localize(count)} {ignored_text(code, reader())}" for code, count in ignored.items()
    )


def obstacle_words(obstacle: Obstacle) -> Text:
    """Why a row cannot be taken back any more, with the name of who changed it."""
    named = {"name": obstacle.name, "person": obstacle.by_person, "run": obstacle.by_run}
    if obstacle.by_person and obstacle.on:
        day = formats.date_format(timezone.localtime(obstacle.on), "j F")
        return _("%(person)s changed “%(name)s” on %(day)s.") % {**named, "day": day}
    if obstacle.by_run:
        return _("Import %(run)s builds on “%(name)s”.") % named
    if obstacle.table == "people.person":
        return _("%(name)s has been given a team or access since.") % named
    return _("“%(name)s” was changed since.") % named


def status_words(status: str) -> str:
    """What happens now, for who waits."""
    words = {
        "looking": pgettext("import", "The files are being looked at."),
        "reading": pgettext("import", "The files are being read."),
        "publishing": pgettext("import", "The rows are being written."),
        "undoing": pgettext("import", "The import is being taken back."),
    }
    return words.get(status, "")
