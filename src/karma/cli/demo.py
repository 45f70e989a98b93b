"""The command `karma demo`: the invented company brought in, worked out and served, for who wants to see it."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from karma.cli import house, imports, output
from karma.cli.language import _, language
from karma.cli.simulate import HOME
from karma.cli.simulate_answer import commands_on
from karma.cli.simulate_files import check_folder, write_company
from karma_core.errors import KarmaError
from karma_core.simulate import Recipe, company_of
from karma_core.words import day_in_words

MARK = "demo.json"
FILES = (
    "erp/medewerkers.csv",
    "erp/klanten.csv",
    "erp/verantwoordelijken.csv",
    "erp/verkoopregels.csv",
    "hubspot/companies.csv",
    "hubspot/contacts.csv",
    "hubspot/deals.csv",
    "hubspot/deal-stage-history.csv",
    "hubspot/activities.csv",
)
AS_WRITTEN = 'date_order = "dmy"\n'
"""Few rows can leave open which number is the day."""

Folder = Annotated[Path, typer.Argument(metavar="DIR", help=_("A folder of the demo's own."))]
Port = Annotated[int, typer.Option(help=_("The port on this machine."), min=1, max=65535, metavar="N")]
Customers = Annotated[int, typer.Option(help=_("The number of customers."), metavar="N")]
Fresh = Annotated[bool, typer.Option("--fresh", help=_("Make it anew, without what was changed in it."))]
OnlyMake = Annotated[bool, typer.Option("--only-make", help=_("Make it, and do not serve it."))]


class DemoError(KarmaError):
    """A demo that cannot be made where it was asked for."""


def demo(
    directory: Folder = Path("demo"),
    port: Port = 8000,
    customers: Customers = 1500,
    fresh: Fresh = False,
    only_make: OnlyMake = False,
) -> None:
    """Show the invented company in the browser, with sign-ins ready for its people."""
    address, home = f"127.0.0.1:{port}", directory.absolute() / "home"
    if not only_make:
        house.refuse_taken_address(address)
    _point_at(home, address=address)
    made = _mark_of(home)
    if fresh or not made.get("is_ready"):
        _make(directory, home=home, customers=customers)
    else:
        house.make()  # a newer version may have newer tables
        _tell_age(date.fromisoformat(made["made_on"]))
    if not only_make:
        output.answer.print(
            _("Open http://{address} and look around as Anna.").format(address=address), markup=False
        )
        output.answer.print(_("Ctrl+C stops it; the same command goes on where you were."), markup=False)
        house.serve(bind=address)


def _point_at(home: Path, *, address: str) -> None:
    """Let this process be the demo's installation, whatever the environment says of another one."""
    os.environ |= {
        "KARMA_HOME": str(home),
        "KARMA_URL": f"http://{address}",
        "KARMA_MODE": "production",
        "KARMA_DEMO": "1",
    }
    for name in ("DATABASE_URL", "KARMA_SECRET_KEY", "KARMA_MAIL_URL", "KARMA_TRUSTED_PROXIES"):
        os.environ.pop(name, None)


def _make(directory: Path, *, home: Path, customers: int) -> None:
    """Everything from nothing; a run that was cut off begins again."""
    files, today = directory / "noorderlicht", datetime.now(tz=HOME).date()
    check_folder(files)
    _clear(home)
    with _step(_("1. Inventing Noorderlicht Techniek: a wholesaler with {n} customers").format(n=customers)):
        recipe = Recipe(ends_on=today, customers=customers)
        directory.mkdir(parents=True, exist_ok=True)
        write_company(company_of(recipe), recipe, files, language=language())
    with _step(_("2. Making the installation")):
        _write_mark(home, made_on=today, is_ready=False)
        house.make()
        _found()
    with _step(_("3. Bringing its files in, as you would bring in yours")):
        imports.bring_in([files / name for name in FILES], source="Noorderlicht", mapping=AS_WRITTEN)
        _let_people_in(on=today)
    with _timed(_("4. Working out each customer's rhythm and what each team can expect")):
        _analyse()
    _write_mark(home, made_on=today, is_ready=True)
    _tell_commands(files, today=today)


def _tell_commands(files: Path, *, today: date) -> None:
    """The same files without a server: what a data person wants to type."""
    output.answer.print(_("The same files on the command line:"), markup=False)
    for command in commands_on(files, as_of=today):
        output.answer.print(f"   {command}", markup=False)


@contextmanager
def _step(said: str) -> Iterator[None]:
    """Say what is being done and how long it took, with a sign of life on a terminal."""
    with _timed(said), output.step(said):
        yield


@contextmanager
def _timed(said: str) -> Iterator[None]:
    """Say what is being done and, afterwards, how long it took."""
    started = time.monotonic()
    output.answer.print(f"{said} ...", markup=False)
    yield
    seconds = round(time.monotonic() - started)
    output.answer.print("   " + _("done in {seconds} s").format(seconds=seconds), markup=False)


def _mark_of(home: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((home / MARK).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _write_mark(home: Path, *, made_on: date, is_ready: bool) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / MARK).write_text(json.dumps({"made_on": f"{made_on}", "is_ready": is_ready}) + "\n", encoding="utf-8")


def _clear(home: Path) -> None:
    """Take away the installation of an earlier demo, and nothing else."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise DemoError(_("{home} holds something else. Choose another folder: karma demo DIR.").format(home=home))
    shutil.rmtree(home, ignore_errors=True)


def _tell_age(made_on: date) -> None:
    if made_on != datetime.now(tz=HOME).date():
        told = day_in_words(made_on, language=language())
        output.answer.print(
            _("The invented company stands still since {day}; --fresh makes it anew.").format(day=told),
            markup=False,
        )


def _found() -> None:
    from karma.common.clock import now  # noqa: PLC0415 (needs Django)
    from karma.demo.making import found  # noqa: PLC0415

    found(at=now())


def _let_people_in(*, on: date) -> None:
    from karma.common.clock import now  # noqa: PLC0415 (needs Django)
    from karma.demo.making import let_people_in  # noqa: PLC0415

    let_people_in(at=now(), on=on)


def _analyse() -> None:
    """Do the analysis that the import asked for, here and now, so that the first page has something to say.

    Earlier Mondays and quarters are left to the worker that runs beside the pages.
    """
    from karma.cli.analyse import Shown  # noqa: PLC0415 (needs Django)
    from karma.common.clock import now  # noqa: PLC0415
    from karma.common.jobs import take  # noqa: PLC0415
    from karma.readings.asking import ask_analysis, ask_look_back  # noqa: PLC0415
    from karma.readings.operations import analyse  # noqa: PLC0415

    running = take(str(ask_analysis(by=None).pk), at=now())
    with Shown() as shown:
        analyse(job=running, progress=shown.at)
    ask_look_back()
