"""The command `karma simulate`: an invented company's files, with the truth apart."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from karma.cli import options, output
from karma.cli.language import _
from karma.cli.simulate_answer import Answer
from karma.cli.simulate_files import check_folder, write_company
from karma_core.simulate import FAMILIES, Recipe, company_of

HOME = ZoneInfo("Europe/Amsterdam")


class Language(StrEnum):
    """The language of stages, products and notes."""

    nl = "nl"
    en = "en"


def simulate(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=_("A folder that is empty or not there yet."))],
    customers: Annotated[int, typer.Option(help=_("The number of customers."), metavar="N")] = 1500,
    people: Annotated[
        int | None,
        typer.Option(help=_("The number of people; left out: as many as fit the customers."), metavar="N"),
    ] = None,
    years: Annotated[int, typer.Option(help=_("Years of purchases."), metavar="N")] = 3,
    seed: Annotated[int, typer.Option(help=_("The same seed gives the same company."), metavar="S")] = 1,
    family: Annotated[
        str, typer.Option(help=_("The kind of world: {names}.").format(names=", ".join(FAMILIES)), metavar="F")
    ] = "plain",
    ends_on: Annotated[
        str | None,
        typer.Option(help=_("Only facts dated before this day exist; left out: today."), metavar="DATE"),
    ] = None,
    language: Annotated[
        Language, typer.Option(help=_("The language of stages, products and notes."))
    ] = Language.nl,
    as_json: options.Json = False,
) -> None:
    """Write the files of Noorderlicht Techniek, an invented wholesaler, with the truth apart."""
    recipe = Recipe(
        ends_on=_last_day(ends_on),
        customers=customers,
        people=people,
        years=years,
        seed=seed,
        family=family,
    )
    check_folder(directory)
    with output.step(_("Inventing the company")):
        made = company_of(recipe)
    with output.step(_("Writing its files")):
        files = write_company(made, recipe, directory, language=language.value)
    said = Answer(made, recipe, directory, files)
    output.print_json(said.document()) if as_json else said.tell()


def _last_day(typed: str | None) -> date:
    return datetime.now(tz=HOME).date() if typed is None else options.parse_day(typed, option="--ends-on")
