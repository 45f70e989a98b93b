"""Keeps the web product's messages and their Dutch together: checks them, gathers new ones, compiles them.

    python tools/web_messages.py          gather messages into django.po of locale/nl and compile django.mo
    python tools/web_messages.py --check  say what has no Dutch, what is unused, and whether django.mo is stale

Gathering needs gettext's xgettext; users need neither, since the compiled file ships with the product.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ROOT / "src" / "karma"
CATALOGUE = PRODUCT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
APART = ("cli", "locale", "static", "__pycache__", "migrations")


def gathered() -> polib.POFile:
    """Every message of the product, from a copy of it, so that nothing is written here."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "karma"
        shutil.copytree(PRODUCT, copy, ignore=shutil.ignore_patterns(*APART))
        target = copy / "locale" / "nl" / "LC_MESSAGES"
        target.mkdir(parents=True)
        command = [sys.executable, "-m", "django", "makemessages", "-l", "nl", "--no-location", "--no-wrap"]
        environ = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(command, cwd=copy, env=environ, check=True, capture_output=True)
        return polib.pofile(str(target / "django.po"))


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return (entry.msgctxt or "", entry.msgid)


def faults() -> list[str]:
    """Everything that keeps a Dutch reader from reading Dutch."""
    catalogue = polib.pofile(str(CATALOGUE))
    used = {_key(entry) for entry in gathered()}
    translated = {_key(entry) for entry in catalogue.translated_entries() if not entry.fuzzy}
    missing = [f"no Dutch for: {message}" for _, message in sorted(used - translated)]
    unused = [f"Dutch that nothing uses: {message}" for _, message in sorted(translated - used)]
    compiled = CATALOGUE.with_suffix(".mo")
    fresh = compiled.exists() and compiled.read_bytes() == catalogue.to_binary()
    return missing + unused + ([] if fresh else ["django.mo is stale: run python tools/web_messages.py"])


def gather() -> None:
    """Bring the catalogue up to date, keep the Dutch that is still used, and compile."""
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=10_000) if CATALOGUE.exists() else polib.POFile()
    catalogue.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "nl",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    known = {_key(entry): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=10_000)
    fresh.metadata = catalogue.metadata
    fresh.extend(known.get(_key(entry), entry) for entry in sorted(gathered(), key=_key))
    fresh.save(str(CATALOGUE))
    fresh.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))


def main() -> int:
    """Gather and compile, or check."""
    if "--check" not in sys.argv[1:]:
        gather()
        return 0
    found = faults()
    print("\n".join(found) or "Every message of the web product has its Dutch.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
