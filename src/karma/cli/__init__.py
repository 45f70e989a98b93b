"""The command line: files in, a readable answer or one JSON document out."""

import importlib
import os
import sys
import traceback
from collections.abc import Sequence

import typer

from karma.cli.language import _, language
from karma.cli.output import complain
from karma.cli.usage import Command, Group, UsageError, refuse_unknown
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
    """The command that was typed beside the names of all: its module loads the models, which takes a second."""
    app = typer.Typer(cls=Group, invoke_without_command=True, add_completion=False, rich_markup_mode=None)
    app.callback(help=_("Karma Sales: what the team can honestly expect, and today's right work."))(_root)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    if wanted is not None:
        refuse_unknown(wanted, known=list(COMMANDS))
    for name, (module, said) in COMMANDS.items():
        function = "import_" if name == "import" else name  # import is a word of Python itself
        does = getattr(importlib.import_module(module), function) if name == wanted else _root
        app.command(name, cls=Command, help=said)(does)
    return app


def _root(context: typer.Context) -> None:
    """Stand above the commands, so that one command alone is still named; with none, say which there are."""
    if context.invoked_subcommand is None:
        raise UsageError(context.get_help())
