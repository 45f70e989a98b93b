"""The command `karma plan`: what the team can honestly expect in a period, and with what chance."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from karma.cli import options, output
from karma.cli.facts import facts_of, tables_of
from karma.cli.house import _refuse_missing_tables, _set_up
from karma.cli.language import _
from karma.cli.plan_answer import Answer, Asked
from karma.cli.plan_record import Rested, look_back
from karma.cli.sources import Source, read_source, write_rejected
from karma.cli.spark import Spark, bring_here
from karma.exports import ENDINGS, write_text
from karma_core import reach
from karma_core.money import parse_amount
from karma_core.periods import Period


def plan(
    starts: Annotated[str, typer.Option("--from", help=_("The first day of the period."), metavar="DATE")],
    until: Annotated[str, typer.Option("--until", help=_("The day after its last day."), metavar="DATE")],
    purchases: Annotated[
        list[str] | None,
        typer.Option("--purchases", help=_("Lines of sale: CSV, XLSX, Parquet or Delta."), metavar="FILE"),
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", help=_("From the database: the team's name."), metavar="NAME")
    ] = None,
    organisation: Annotated[
        bool, typer.Option("--organisation", help=_("From the database: the whole organisation."))
    ] = False,
    as_of: options.AsOf = None,
    through: options.Through = None,
    deals: Annotated[
        list[Path] | None, typer.Option("--deals", help=_("Deals: won, lost and open."), metavar="FILE")
    ] = None,
    history: Annotated[
        list[Path] | None, typer.Option("--history", help=_("The deals' stage history."), metavar="FILE")
    ] = None,
    mapping: options.MappingFile = None,
    currency: options.Currency = None,
    date_order: options.DateOrder = None,
    decimal: options.Decimal = None,
    amount: Annotated[
        list[str] | None, typer.Option("--amount", help=_("An amount to know the chance of."), metavar="N")
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help=_("Look back: how good earlier plans of this length were."))
    ] = False,
    plot: options.Plot = None,
    rejected: options.Rejected = None,
    spark: Spark = None,
    seed: options.Seed = 1,
    as_json: options.Json = False,
) -> None:
    """Say what the team can expect in a period: a range, its chances, and where it comes from."""
    period = Period(options.parse_day(starts, option="--from"), options.parse_day(until, option="--until"))
    asked = tuple(Asked(text, parse_amount(text)) for text in amount or [])
    options.check_writable(plot, option="--plot", endings=(".svg",))
    options.check_writable(rejected, option="--rejected", endings=ENDINGS)
    files = Given(purchases, deals, history, spark)
    moment = options.Moment(as_of, through)
    if team or organisation:
        files.refuse_any()
        answer, rested = _from_database(team, moment, period, asked, seed=seed)
    else:
        reading = options.Reading(mapping, currency, date_order, decimal)
        day, sources = moment.day(), files.read(reading)
        answer, rested = _from_files(sources, day, period, asked, seed=seed)
        write_rejected(list(sources.values()), rejected)
    if record:
        answer = _with_record(answer, rested, seed=seed)
    if plot:
        write_text(answer.picture(), plot)
    output.print_json(answer.document()) if as_json else answer.tell()


@dataclass(frozen=True)
class Given:
    """The files of each kind that were named."""

    purchases: list[str] | None
    deals: list[Path] | None
    history: list[Path] | None
    spark: str | None

    def refuse_any(self) -> None:
        """Raise OptionError where files are named beside --team or --organisation."""
        if self.purchases or self.deals or self.history or self.spark:
            raise options.OptionError(_("Give files, or --team or --organisation for the database; not both."))

    def read(self, reading: options.Reading) -> dict[str, Source]:
        """Read them, lines of sale from Spark where it is named. Raises OptionError without lines of sale."""
        if not self.purchases:
            raise options.OptionError(_("Say from what: --purchases FILE, or --team NAME or --organisation."))
        if self.spark:
            lines = bring_here(self.spark, self.purchases, reading)
        else:
            lines = read_source([Path(file) for file in self.purchases], "purchases", reading)
        given = {"deals": self.deals, "stage_history": self.history}
        beside = {kind: read_source(files, kind, reading) for kind, files in given.items() if files}
        return {"purchases": lines, **beside}


def _from_files(
    sources: dict[str, Source], as_of: date, period: Period, asked: tuple[Asked, ...], *, seed: int
) -> tuple[Answer, Rested]:
    deals, history = sources.get("deals"), sources.get("stage_history")
    rested = Rested(
        sources["purchases"].frame, deals.collect() if deals else None, history.collect() if history else None
    )
    with output.step(_("Working out what may come")):
        said = reach.forecast(
            rested.purchases,
            deals=rested.deals,
            history=rested.history,
            period=period,
            as_of=as_of,
            rng=np.random.default_rng(seed),
        )
    read = tuple(sources.values())
    return Answer(said, _currency(read), asked, read), rested


def _from_database(
    team: str | None, moment: options.Moment, period: Period, asked: tuple[Asked, ...], *, seed: int
) -> tuple[Answer, Rested]:
    """The same from the tables, worked out as the analysis does: the same day and seed give the same numbers."""
    _set_up()
    _refuse_missing_tables()
    from karma.readings.computing import expect  # noqa: PLC0415 (needs Django)

    with output.step(_("Reading the facts")):
        facts, money = facts_of(team, as_of=moment.day() if moment.is_given else None)
    with output.step(_("Working out what may come")):
        said = expect(facts, period, seed=seed)
    deals, history = (None if frame.is_empty() else frame for frame in (facts.deals, facts.history))
    return Answer(said, money or None, asked, tables_of(facts, currency=money)), Rested(
        facts.lines, deals, history
    )


def _with_record(answer: Answer, rested: Rested, *, seed: int) -> Answer:
    """The answer with its record, its ranges widened where earlier ones clearly missed."""
    with output.step(_("Looking back on earlier plans")):
        found = look_back(rested, answer.reading.period, answer.reading.as_of, seed=seed)
    reading = reach.widened(answer.reading, found.record.widen_by)
    return replace(answer, reading=reading, looked_back=found)


def _currency(sources: tuple[Source, ...]) -> str | None:
    return next((source.currency for source in sources if source.currency), None)
