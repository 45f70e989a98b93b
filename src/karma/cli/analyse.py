"""The command `karma analyse`: read all facts, and publish what they say."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from karma.cli.house import HouseError, _refuse_missing_tables, _set_up
from karma.cli.language import _, language, ngettext
from karma.cli.options import Json, parse_day
from karma.cli.output import answer, aside, print_json, tell_notes
from karma.cli.sources import grouped
from karma_core.words import day_in_words

if TYPE_CHECKING:
    from karma.readings.models import Analysis


def analyse(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help=_("Only what is dated before this day exists; else today."), metavar="DATE"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read all facts, let the core say what they mean, and publish that for the screens."""
    _set_up()
    _refuse_missing_tables()
    from django.db import DatabaseError  # noqa: PLC0415 (needs Django)

    from karma.people.operations import Refused  # noqa: PLC0415
    from karma.readings.operations import analyse as run  # noqa: PLC0415
    from karma.readings.writing import Superseded  # noqa: PLC0415

    day = parse_day(as_of, option="--as-of") if as_of else None
    try:
        with Shown() as shown:
            analysis = run(day, progress=shown.at)
    except Refused as refusal:
        raise HouseError(str(refusal)) from None
    except Superseded:
        raise HouseError(_("A newer analysis began meanwhile; its readings will be shown.")) from None
    except DatabaseError as fault:
        raise HouseError(
            _("The database did not take it: {fault}. The last readings stay as they are.").format(fault=fault)
        ) from None
    document = _document(analysis)
    print_json(document) if as_json else _tell(document)


class Shown:
    """A bar on a terminal, with what is done now in words."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self.bar = Progress(*columns, console=aside, transient=True, disable=not aside.is_terminal)
        self.task = self.bar.add_task("", total=None)

    def __enter__(self) -> "Shown":
        self.bar.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self.bar.stop()

    def at(self, done: int, total: int, phase: str) -> None:
        """Show how far it is."""
        self.bar.update(self.task, completed=done, total=total, description=phase_in_words(phase))


def phase_in_words(phase: str) -> str:
    """What an analysis does now."""
    return {
        "facts": _("Reading the facts"),
        "rhythm": _("Finding each customer's rhythm"),
        "plan": _("Working out what each team can expect"),
        "writing": _("Writing it down"),
    }[phase]


def _document(analysis: "Analysis") -> dict[str, Any]:
    states = analysis.customer_readings.values_list("customer_state", flat=True)
    counts: dict[str, int] = {}
    for state in states.iterator():
        counts[state] = counts.get(state, 0) + 1
    return {
        "analysis": analysis.pk,
        "as_of": f"{analysis.as_of}",
        "seconds": round((analysis.ended_at - analysis.started_at).total_seconds(), 1)
        if analysis.ended_at
        else None,
        "facts": analysis.facts,
        "customer_states": counts,
        "plans": analysis.plan_readings.count(),
        "warnings": [warning[language()] for warning in analysis.warnings],
        "core_version": analysis.core_version,
    }


def _tell(document: dict[str, Any]) -> None:
    day = day_in_words(date.fromisoformat(document["as_of"]), language=language())
    facts = document["facts"]
    said = _("As of {day}: {customers}, {purchases} and {deals} were read.")
    customers = ngettext("{n} customer", "{n} customers", facts["customers"])
    purchases = ngettext("{n} line of sale", "{n} lines of sale", facts["purchases"])
    deals = ngettext("{n} deal", "{n} deals", facts["deals"])
    counted = {"customers": customers, "purchases": purchases, "deals": deals}
    named = {name: text.format(n=grouped(facts[name])) for name, text in counted.items()}
    answer.print(said.format(day=day, **named), markup=False)
    done = ngettext("{n} expectation is ready.", "{n} expectations are ready.", document["plans"])
    answer.print(done.format(n=grouped(document["plans"])), markup=False)
    tell_notes(_("What to know"), document["warnings"])
