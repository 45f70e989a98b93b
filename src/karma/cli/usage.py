"""How a command is used, in words of our own, since Typer has English only: its help, and what was typed wrong."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from karma.cli.language import _
from karma_core.errors import KarmaError


class UsageError(KarmaError):
    """Words that were typed and that no command takes."""


def refuse_unknown(command: str, *, known: Sequence[str]) -> None:
    """Raise UsageError where there is no such command, with those that look like it."""
    if command not in known:
        said = _("There is no command {name}.").format(name=command)
        raise UsageError(_with_hint(_with_near(said, get_close_matches(command, known)), "karma"))


def _what_is_wrong(refusal: Any, options: Mapping[str, Any]) -> str:
    """By the name of Typer's class, since Typer keeps the classes themselves to itself."""
    kind = type(refusal).__name__
    if kind == "NoSuchOption":
        said = _("There is no option {name}.").format(name=refusal.option_name)
        return _with_near(said, refusal.possibilities or ())
    if kind == "MissingParameter":
        return _("{name} is missing.").format(name=_name(refusal.param))
    if kind == "BadOptionUsage":
        has_none = options[refusal.option_name].is_flag
        said = _("{name} takes no value.") if has_none else _("{name} needs a value behind it.")
        return said.format(name=refusal.option_name)
    value = refusal.__cause__.errors()[0]["input"]
    said = _('{name} "{value}" does not fit.').format(name=_name(refusal.param), value=value)
    return f"{said} {_what_fits(refusal.param)}"


def _what_fits(parameter: Any) -> str:
    choices = parameter.type_descriptor.choices
    if choices:
        return _("Give one of these: {choices}.").format(choices=", ".join(_plain(each) for each in choices))
    if parameter.min is not None and parameter.max is not None:
        return _("Give a whole number from {least} to {most}.").format(least=parameter.min, most=parameter.max)
    return _("Give a whole number.")


def _with_near(said: str, near: Sequence[str]) -> str:
    return f"{said} {_('Did you mean {names}?').format(names=', '.join(near))}" if near else said


def _with_hint(said: str, command: str) -> str:
    return _("{said} Type {command} --help for what it takes.").format(said=said, command=command)


def _write_help(command: Any, context: Any, formatter: Any) -> None:
    """What to type, what it does, and then each argument, option and command with its words."""
    parameters = [each for each in command.get_params(context) if not each.hidden]
    arguments = [each for each in parameters if each.param_type_name == "argument"]
    options = [each for each in parameters if each not in arguments]
    commands = getattr(command, "commands", {})
    pieces = [_("[OPTIONS]"), *(_in_usage(each) for each in arguments)]
    pieces += [_("COMMAND [ARGUMENTS]")] if commands else []
    formatter.write_usage(context.command_path, " ".join(pieces), prefix=_("Usage: "))
    command.format_help_text(context, formatter)
    _write_rows(formatter, _("Arguments"), [_row(each, context) for each in arguments])
    _write_rows(formatter, _("Options"), [_row(each, context) for each in options])
    _write_rows(formatter, _("Commands"), [(name, each.help) for name, each in commands.items()])


def _write_rows(formatter: Any, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def _row(parameter: Any, context: Any) -> tuple[str, str]:
    if parameter.name == "help":
        return "--help", _("Show this and stop.")
    name = _name(parameter)
    if parameter.param_type_name == "option" and not parameter.is_flag:
        name = f"{name} {parameter.metavar or parameter.display_type(context)}"
    extra = "; ".join(_extra(parameter))
    return name, f"{parameter.help}  [{extra}]" if extra else parameter.help


def _extra(parameter: Any) -> Iterator[str]:
    if parameter.required:
        yield _("required")
    if parameter.min is not None and parameter.max is not None:
        yield _("{least} to {most}").format(least=parameter.min, most=parameter.max)
    if parameter.default not in (None, "", False):
        yield _("default: {value}").format(value=_plain(parameter.default))


def _name(parameter: Any) -> str:
    return str(parameter.metavar if parameter.param_type_name == "argument" else parameter.opts[0])


def _in_usage(argument: Any) -> str:
    return _name(argument) if argument.required else f"[{_name(argument)}]"


def _plain(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


class Command(TyperCommand):
    """One command. Words that it does not take are refused here too."""

    allow_extra_args = True

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help in the language of the person at the command line."""
        _write_help(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words that were typed. Raises UsageError where they do not fit, or some are left."""
        try:
            left: list[str] = super().parse_args(ctx, args)
        except typer.TyperException as refusal:
            options = {name: each for each in self.get_params(ctx) for name in each.opts}
            raise UsageError(_with_hint(_what_is_wrong(refusal, options), ctx.command_path)) from refusal
        if left:
            said = _("{words}: that is more than this command takes.").format(words=" ".join(left))
            raise UsageError(_with_hint(said, ctx.command_path))
        return left


class Group(TyperGroup):
    """All commands together."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help in the language of the person at the command line."""
        _write_help(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words before the command. Raises UsageError where they do not fit."""
        try:
            return list(super().parse_args(ctx, args))
        except typer.TyperException as refusal:
            raise UsageError(_with_hint(_what_is_wrong(refusal, {}), ctx.command_path)) from refusal
