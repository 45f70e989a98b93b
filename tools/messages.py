"""Keeps the command line's messages and their Dutch together: checks them, and compiles what is used.

python tools/messages.py          compile src/karma/locale/nl/LC_MESSAGES/cli.po into cli.mo
python tools/messages.py --check  say what has no Dutch, what is unused, and whether cli.mo is stale
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src/karma/cli"
CATALOGUE = ROOT / "src/karma/locale/nl/LC_MESSAGES/cli.po"


def messages_in(source: Path) -> Iterator[str]:
    """The message ids that a module hands to _ or ngettext."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def faults() -> list[str]:
    """Everything that keeps a Dutch reader from reading Dutch."""
    used = {message for source in sorted(SOURCES.rglob("*.py")) for message in messages_in(source)}
    catalogue = polib.pofile(str(CATALOGUE))
    translated = {entry.msgid for entry in catalogue.translated_entries() if not entry.fuzzy}
    missing = [f"no Dutch for: {message}" for message in sorted(used - translated)]
    unused = [f"Dutch that nothing uses: {entry.msgid}" for entry in catalogue if entry.msgid not in used]
    compiled = CATALOGUE.with_suffix(".mo")
    fresh = compiled.exists() and compiled.read_bytes() == catalogue.to_binary()
    return missing + unused + ([] if fresh else ["cli.mo is stale: run python tools/messages.py"])


def main() -> int:
    """Compile, or check."""
    if "--check" not in sys.argv[1:]:
        polib.pofile(str(CATALOGUE)).save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
        return 0
    found = faults()
    print("\n".join(found) or "Every message of the command line has its Dutch.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
