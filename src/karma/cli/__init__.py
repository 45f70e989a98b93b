"""The command line: files in, a readable answer or one JSON document out."""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence

import typer

from karma.cli.language import _, language
from karma.cli.output import complain
from karma_core.errors import KarmaError

# The models multiply many small matrices; a second thread for each makes that up to twenty times slower on a
# busy machine. It counts only before NumPy is loaded, which the commands do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "rhythm": ("karma.cli.rhythm", _("Say which customers are due, whom to leave in peace, and why.")),
    "plan": ("karma.cli.plan", _("Say what the team can expect in a period, with what chance, and from where.")),
    "deals": ("karma.cli.deals", _("Say with what chance each open deal is won, when, for how much, and why.")),
    "mirror": ("karma.cli.mirror", _("Say what came from the person, the customers, the leads, and chance.")),
    "simulate": ("karma.cli.simulate", _("Write the files of an invented company, with the truth apart.")),
    "import": ("karma.cli.imports", _("Bring files in: customers, deals, lines of sale, contacts, people.")),
    "imports": ("karma.cli.imports", _("List the imports, or take one back.")),
    "analyse": ("karma.cli.analyse", _("Read all facts and publish what they say for the screens.")),
    "today": ("karma.cli.today", _("Say what a person could do for customers today, and why.")),
    "demo": ("karma.cli.demo", _("Show the invented company in the browser, with sign-ins ready.")),
    "init": ("karma.cli.house", _("Make the folder and the tables, and invite the first administrator.")),
    "serve": ("karma.cli.house", _("Serve Karma Sales: the web and one worker, in one command.")),
    "worker": ("karma.cli.house", _("Do what waits to be done, apart from the web.")),
    "doctor": ("karma.cli.house", _("Say what is well with this installation and what is not.")),
}

INTERRUPTED = 130
"""What Typer makes of Ctrl+C."""


def main() -> None:
    """Run what was typed and end the process with its exit status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; 0 = it ran, 2 = nothing could run and why, 1 = our own fault."""
    try:
        status = int(_app(arguments)(list(arguments), prog_name="karma", standalone_mode=False) or 0)
    except KarmaError as refusal:
        return complain(refusal.say(language()))
    except typer.TyperException as refusal:
        return complain(_said(refusal))
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception:
        traceback.print_exc()
        complain(_("This is our own fault. What went wrong stands above."))
        return 1
    if status == INTERRUPTED:
        complain(_("Stopped. Nothing is half done."))
    return status


def _app(arguments: Sequence[str]) -> typer.Typer:
    """The commands that are needed: a command's module loads the models, which takes a second."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    app.callback(help=_("Karma Sales: what the team can honestly expect, and today's right work."))(_root)
    wanted = [name for name in arguments[:1] if name in COMMANDS] or list(COMMANDS)
    for name in wanted:
        module, said = COMMANDS[name]
        function = "import_" if name == "import" else name  # import is a word of Python itself
        app.command(name, help=said)(getattr(importlib.import_module(module), function))
    return app


def _root() -> None:
    """Stand above the commands, so that one command alone is still named."""


def _said(refusal: typer.TyperException) -> str:
    """What is wrong with the words that were typed, with the option that it is about."""
    said = getattr(refusal, "format_message", refusal.__str__)()
    return _("{said} Type karma COMMAND --help for what it takes.").format(said=said)
