"""The command `karma today`: a person's day in words, or as one document."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from karma.cli.house import HouseError, _refuse_missing_tables, _set_up
from karma.cli.imports import _use_time_zone
from karma.cli.language import _, language
from karma.cli.options import Json, parse_day
from karma.cli.output import answer, print_json

if TYPE_CHECKING:
    from karma.people.models import Person
    from karma.today.queries import Line, TodayPage


def today(
    person: Annotated[str, typer.Option(help=_("Whose day, by e-mail address."), metavar="E-MAIL")],
    on: Annotated[str | None, typer.Option(help=_("Which day; else today."), metavar="DATE")] = None,
    as_json: Json = False,
) -> None:
    """Say what a person could do for customers on a day, and why."""
    _set_up()
    _refuse_missing_tables()
    _use_time_zone()
    from karma.common.clock import today as now_on  # noqa: PLC0415 (needs Django)

    day = parse_day(on, option="--on") if on else now_on()
    document = _document(_person(person), on=day)
    print_json(document) if as_json else _tell(document)


def _person(email: str) -> "Person":
    from karma.people.models import Person  # noqa: PLC0415 (needs Django)

    found = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise HouseError(_('Nobody here has the address "{email}". Check --person.').format(email=email))
    return found


def _document(person: "Person", *, on: date) -> dict[str, Any]:
    """The day as it stands on the screen, without what the person set aside or where lots decided."""
    from django.utils import translation  # noqa: PLC0415 (needs Django)

    from karma.today.queries import day_of  # noqa: PLC0415

    pages: dict[str, TodayPage] = {}
    for tag in ("nl", "en"):
        with translation.override(tag):
            pages[tag] = day_of(person, on=on)
    page = pages["nl"]
    return {
        "person": person.email,
        "on": page.morning.work_on.isoformat(),
        "as_of": page.shown.as_of.isoformat() if page.shown else None,
        "minutes": page.minutes,
        "lines": [_line(*both) for both in zip(page.lines, pages["en"].lines, strict=True)],
        "waiting": [_line(*both) for both in zip(page.waiting, pages["en"].waiting, strict=True)],
        "waits_more": page.waits_more,
        "core_version": page.shown.core_version if page.shown else None,
    }


def _line(dutch: "Line", english: "Line") -> dict[str, Any]:
    entry, reading = dutch.entry, dutch.reading
    due_on = entry.due_on
    return {
        "customer": str(dutch.customer.pk),
        "name": dutch.customer.name,
        "origin": entry.origin.value,
        "to_do": entry.kind.value,
        "customer_state": reading.customer_state if reading else None,
        "need": reading.need if reading else None,
        "due_on": due_on.isoformat() if due_on else None,
        "given_by": entry.handover.given_by.name if entry.handover else None,
        "reason_nl": _reason(dutch),
        "reason_en": _reason(english),
        "done": dutch.moment is not None,
    }


def _reason(line: "Line") -> str:
    return " ".join(filter(None, (line.asked, line.words, line.reason)))


def _tell(document: dict[str, Any]) -> None:
    if not document["lines"]:
        answer.print(_("Nothing pressing. A good day to visit someone."), markup=False)
    for line in document["lines"]:
        done = f" ({_('done')})" if line["done"] else ""
        answer.print(f"- {line['name']}{done}: {line[f'reason_{language()}']}", markup=False)
    if document["waiting"]:
        answer.print(_("Does not fit any more:"), style="bold", markup=False)
    for line in document["waiting"]:
        answer.print(f"- {line['name']}: {line[f'reason_{language()}']}", markup=False)
    if document["waits_more"]:
        answer.print(_("Others come up as these are done."), markup=False)
