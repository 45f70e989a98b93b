"""The command `karma deals`: with what chance each open deal is won, when, for how much, and why."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from karma.cli import options, output
from karma.cli.deals_answer import Answer
from karma.cli.deals_columns import Asked, read_deals_files
from karma.cli.language import _
from karma.cli.sources import read_source, write_rejected
from karma.exports import ENDINGS, write_table
from karma_core.deals import read_deals


def deals(
    files: options.Files,
    until: Annotated[str, typer.Option("--until", help=_("Wins before this day count."), metavar="DATE")],
    id_: Annotated[
        str | None, typer.Option("--id", help=_("The column with the deal's number."), metavar="COL")
    ] = None,
    opened: options.Opened = None,
    closed: options.Closed = None,
    outcome: options.Outcome = None,
    won: options.Won = None,
    lost: options.Lost = None,
    amount: Annotated[str | None, typer.Option(help=_("The column with the amount."), metavar="COL")] = None,
    margin: options.Margin = None,
    realised: options.Realised = None,
    stage: Annotated[str | None, typer.Option(help=_("The column with the stage."), metavar="COL")] = None,
    features: Annotated[
        str | None, typer.Option(help=_("Columns that chances may depend on."), metavar="COL,COL")
    ] = None,
    history: Annotated[
        list[Path] | None,
        typer.Option("--history", help=_("The deals' stage history, or snapshots of them."), metavar="FILE"),
    ] = None,
    allow: options.Allow = None,
    as_of: options.AsOf = None,
    through: options.Through = None,
    mapping: options.MappingFile = None,
    currency: options.Currency = None,
    date_order: options.DateOrder = None,
    decimal: options.Decimal = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Write one row per open deal to this file."), metavar="FILE")
    ] = None,
    rejected: options.Rejected = None,
    seed: options.Seed = 1,
    as_json: options.Json = False,
) -> None:
    """Say with what chance each open deal is won before a day, when, for how much, and why."""
    moment, end = options.Moment(as_of, through).day(), options.parse_day(until, option="--until")
    options.check_writable(out, option="--out", endings=ENDINGS)
    options.check_writable(rejected, option="--rejected", endings=ENDINGS)
    reading = options.Reading(mapping, currency, date_order, decimal)
    columns = {"deal": id_, "opened_on": opened, "closed_on": closed, "outcome": outcome}
    columns |= {"amount": amount, "margin": margin, "stage": stage}
    asked = Asked(columns, won, lost, options.listed(features), realised, options.listed(allow))
    if won and not outcome:
        raise options.OptionError(_("--won says what is won in a column: name that with --outcome."))
    known = read_deals_files(files, asked, reading, has_history=bool(history))
    changes = read_source(history, "stage_history", reading) if history else None
    with output.step(_("Looking back, then ahead")):
        said = read_deals(
            known.frame,
            as_of=moment,
            until=end,
            history=changes.collect() if changes else None,
            features=known.features,
            allow=known.allow,
            rng=np.random.default_rng(seed),
        )
    answer = Answer(said, known, changes, moment, end)
    write_rejected(answer.sources, rejected)
    if out:
        write_table(answer.rows(), out)
    output.print_json(answer.document()) if as_json else answer.tell()
