"""The command `karma mirror`: what came from the person, the mix and chance; or a bare mixed model."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from karma.cli import options, output
from karma.cli.language import _, language
from karma.cli.mirror_answer import tell_fit, tell_mirror
from karma.cli.mirror_columns import ModelColumns, file_notes, fit_frame, mirror_frame, open_deals
from karma.cli.mirror_fit import fit_document, fitted
from karma_core.mirror import Question, Shows, look_in_mirror


class FitFamily(StrEnum):
    """What a response is: an amount, or won out of tried."""

    gaussian = "gaussian"
    binomial = "binomial"


class FitMethod(StrEnum):
    """How a linear model is fitted."""

    ml = "ml"
    reml = "reml"


def mirror(
    file: Annotated[Path, typer.Argument(help=_("Deals: CSV, XLSX or Parquet."), metavar="FILE")],
    outcome: options.Outcome = None,
    won: options.Won = None,
    lost: options.Lost = None,
    person: Annotated[str | None, typer.Option(help=_("The column with the person."), metavar="COL")] = None,
    mix: Annotated[
        str | None, typer.Option(help=_("Columns that may explain it: segment, source, team."), metavar="COL,COL")
    ] = None,
    numeric: Annotated[str | None, typer.Option(help=_("The same, as numbers: size."), metavar="COL,COL")] = None,
    opened: options.Opened = None,
    closed: options.Closed = None,
    margin: options.Margin = None,
    realised: options.Realised = None,
    allow: options.Allow = None,
    person_is: Annotated[
        str | None, typer.Option("--person-is", help=_("Show this person's own mirror."), metavar="ID")
    ] = None,
    all_people: Annotated[
        bool, typer.Option("--all-people", help=_("Everybody's mirror: for the works council and for checking."))
    ] = False,
    response: Annotated[str | None, typer.Option(help=_("A bare fit: the response."), metavar="COL")] = None,
    random: Annotated[
        str | None, typer.Option(help=_("A bare fit: random columns, or slope|column."), metavar="COL,COL")
    ] = None,
    fixed: Annotated[str | None, typer.Option(help=_("A bare fit: fixed columns."), metavar="COL,COL")] = None,
    family: Annotated[FitFamily | None, typer.Option(help=_("A bare fit: what the response is."))] = None,
    method: Annotated[FitMethod, typer.Option(help=_("A bare fit: ML or REML."))] = FitMethod.ml,
    trials: Annotated[str | None, typer.Option(help=_("A bare fit: how often was tried."), metavar="COL")] = None,
    mapping: options.MappingFile = None,
    date_order: options.DateOrder = None,
    decimal: options.Decimal = None,
    seed: options.Seed = 1,
    as_json: options.Json = False,
) -> None:
    """Say what came from the person, the customers, the leads, and chance."""
    if response is not None and outcome is not None:
        raise options.OptionError(_("Give --outcome for the mirror or --response for a bare fit, not both."))
    table = open_deals(file, options.Reading(mapping, None, date_order, decimal))
    if response is not None:
        columns = ModelColumns(response, options.listed(random), options.listed(fixed), trials)
        frame, warnings = fit_frame(table, columns)
        with output.step(_("Fitting the model")):
            fit = fitted(frame, columns, family=family and family.value, reml=method is FitMethod.reml)
        notes = [note.say(language()) for note in file_notes(table)]
        document = fit_document(fit, [*notes, *warnings])
        output.print_json(document) if as_json else tell_fit(document)
        return
    question = Question(
        outcome=_needed(outcome, "--outcome"),
        won=_needed(won, "--won"),
        person=_needed(person, "--person"),
        mix=options.listed(mix),
        numeric=options.listed(numeric),
        lost=lost,
        opened=opened,
        closed=closed,
        margin=margin,
        realised=realised,
        allow=options.listed(allow),
    )
    if person_is is not None and all_people:
        raise options.OptionError(_("Choose --person-is or --all-people, not both."))
    shows = Shows(person=person_is, everybody=all_people)
    with output.step(_("Looking in the mirror")):
        said = look_in_mirror(
            mirror_frame(table, question), question, shows=shows, rng=np.random.default_rng(seed)
        )
    said = replace(said, warnings=(*file_notes(table), *said.warnings))
    output.print_json(said.document(language=language())) if as_json else tell_mirror(said)


def _needed(value: str | None, option: str) -> str:
    if value is None:
        raise options.OptionError(
            _(
                "{option} is missing. Give --outcome, --won and --person for the mirror, or --response and "
                "--random for a bare fit."
            ).format(option=option)
        )
    return value
