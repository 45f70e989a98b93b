"""How each command is used is said in the reader's language: its help, and what was typed wrong."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import EnumMeta
from typing import Any, get_args

import pytest
from typer.models import ArgumentInfo, OptionInfo

from karma.cli import COMMANDS

SAID = {
    "nl": {
        "command": "Er is geen opdracht rythm. Bedoel je rhythm? Typ karma --help",
        "option": "Er is geen optie --no-such-option.",
        "no value": "Achter {name} hoort een waarde.",
        "a value": "Achter {name} hoort geen waarde.",
        "a number": '{name} "veel" past hier niet. Geef een heel getal',
        "a choice": '{name} "veel" past hier niet. Geef een van deze: ',
        "missing": "{name} ontbreekt.",
        "words": " 3 3: dat is meer dan bij deze opdracht hoort.",
        "hint": "Typ karma {command} --help om te zien wat erbij hoort.",
    },
    "en": {
        "command": "There is no command rythm. Did you mean rhythm? Type karma --help",
        "option": "There is no option --no-such-option.",
        "no value": "{name} needs a value behind it.",
        "a value": "{name} takes no value.",
        "a number": '{name} "veel" does not fit. Give a whole number',
        "a choice": '{name} "veel" does not fit. Give one of these: ',
        "missing": "{name} is missing.",
        "words": " 3 3: that is more than this command takes.",
        "hint": "Type karma {command} --help for what it takes.",
    },
}
OF_ALL = """
import sys
from karma.cli import COMMANDS, run
for command in ("", *COMMANDS):
    print("#", command, flush=True)
    run([*command.split(), "--help"])
"""


def parameters(command: str) -> Iterator[tuple[str, Any, Any]]:
    """How each argument and option of a command is typed, its declaration and its type."""
    function = getattr(
        importlib.import_module(COMMANDS[command][0]), "import_" if command == "import" else command
    )
    for name, parameter in inspect.signature(function).parameters.items():
        annotation, *metas = get_args(parameter.annotation)
        info = next(meta for meta in metas if isinstance(meta, ArgumentInfo | OptionInfo))
        written = [d for d in (info.default, *(info.param_decls or ())) if str(d).startswith("--")]
        typed = (written or [f"--{name.replace('_', '-')}"])[0] if isinstance(info, OptionInfo) else info.metavar
        yield typed, info, next(iter(get_args(annotation)), annotation)


def mistakes(command: str) -> Iterator[tuple[list[str], str, str]]:
    """What can be typed wrong behind a command, what is wrong with it, and about which word."""
    yield ["--no-such-option"], "option", ""
    for name, info, kind in parameters(command):
        if isinstance(info, OptionInfo):
            yield ([f"{name}=1"], "a value", name) if kind is bool else ([name], "no value", name)
        if isinstance(info, OptionInfo) and (kind is int or isinstance(kind, EnumMeta)):
            yield [name, "veel"], "a number" if kind is int else "a choice", name
    if command in ("mirror", "simulate", "imports", "analyse", "demo", "init", "serve", "worker", "doctor"):
        yield ["3"] * 9, "words", ""  # the others take any number of files, or miss an option first


@pytest.mark.parametrize("tag", SAID)
@pytest.mark.parametrize("command", COMMANDS)
def test_mistake_is_said_in_the_readers_language(karma, speak, command, tag):
    speak(tag)
    for typed, wrong, name in mistakes(command):
        ran = karma(command, *typed)
        assert (ran.status, ran.out) == (2, "")
        assert SAID[tag][wrong].format(name=name) in ran.err
        assert ran.err.rstrip().endswith(SAID[tag]["hint"].format(command=command))


@pytest.mark.parametrize("tag", SAID)
def test_word_that_is_missing_is_named(karma, speak, tag):
    speak(tag)
    for command, name in (("import", "FILE..."), ("today", "--person"), ("imports", "list|undo")):
        assert karma(command).err.startswith(SAID[tag]["missing"].format(name=name))
    assert karma("rythm").err.startswith(SAID[tag]["command"])
    assert f"  {'doctor':8}  " in karma().err


def test_help_of_every_command_is_in_the_readers_language():
    """No line that both languages share is a sentence; code, such as names of options, may be the same."""
    helps = {tag: _helps(tag) for tag in SAID}
    assert helps["nl"].count("\nGebruik: ") == helps["en"].count("\nUsage: ") == len(COMMANDS) + 1
    assert helps["nl"].count("Toon dit en stop.") == helps["en"].count("Show this and stop.") == len(COMMANDS) + 1
    shared = {line.strip() for line in helps["nl"].splitlines()} & {
        line.strip() for line in helps["en"].splitlines()
    }
    assert [line for line in shared if re.search(r"\b[A-Za-z][a-z]{2,}\b.* [a-z]{3,}\b", line)] == []
    assert re.findall(r"\[(?:required|default|env)[^]]*\]|\b(?:Usage|Options|Commands)\b", helps["nl"]) == []


def _helps(tag: str) -> str:
    environ = {**os.environ, "KARMA_LANGUAGE": tag}
    ran = subprocess.run([sys.executable, "-c", OF_ALL], env=environ, capture_output=True, text=True, check=True)
    return ran.stdout
