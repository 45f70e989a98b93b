"""The language of the person at the command line: Dutch first, English beside it."""

import gettext
import os
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("nl", "en")
LOCALE = Path(__file__).resolve().parents[1] / "locale"


def language() -> str:
    """Dutch or English: KARMA_LANGUAGE if set, else what the system's locale says, else Dutch."""
    wished = [os.environ.get(name, "") for name in ("KARMA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    return next((tag[:2].lower() for tag in wished if tag[:2].lower() in LANGUAGES), "nl")


@lru_cache(maxsize=2)
def _catalogue(tag: str) -> gettext.NullTranslations:
    return gettext.translation("cli", localedir=LOCALE, languages=[tag], fallback=tag == "en")


def _(message: str) -> str:
    """Translate a message into the language of the person at the command line."""
    return _catalogue(language()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Translate a message that depends on a number."""
    return _catalogue(language()).ngettext(singular, plural, number)
