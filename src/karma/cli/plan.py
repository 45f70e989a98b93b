"""The command `karma plan`: what the team can honestly expect in a period, and with what chance."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from karma.cli import options, output
from karma.cli.facts import facts_of, tables_of, widen_by_of
from karma.cli.house import _refuse_missing_tables, _set_up
from karma.cli.language import _
from karma.cli.plan_answer import Answer, Asked
from karma.cli.plan_record import Rested, look_back
from karma.cli.sources import Source, one_currency, read_source, write_rejected
from karma.cli.spark import Spark, bring_here
from karma.exports import ENDINGS, write_text
from karma_core import reach
from karma_core.frames import PURCHASES
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
    customer_plans: Annotated[
        list[Path] | None,
        typer.Option("--customer-plans", help=_("What customers said that they plan to buy."), metavar="FILE"),
    ] = None,
    capacity: Annotated[
        str | None,
        typer.Option(
            "--capacity", help=_("New deals and customers that the team can take up a week."), metavar="N"
        ),
    ] = None,
    market_potential: Annotated[
        str | None,
        typer.Option(
            "--market-potential", help=_("The most that new business can bring in a year."), metavar="AMOUNT"
        ),
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
    bounds = read_bounds(capacity, market_potential)
    files = Given(purchases, deals, history, customer_plans, spark)
    moment = options.Moment(as_of, through)
    if team or organisation:
        files.refuse_any()
        answer, rested = _from_database(team, moment, period, asked, bounds, seed=seed, is_judged_anew=record)
    else:
        reading = options.Reading(mapping, currency, date_order, decimal)
        day, sources = moment.day(), files.read(reading)
        answer, rested = _from_files(sources, day, period, asked, bounds, seed=seed)
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
    customer_plans: list[Path] | None
    spark: str | None

    def refuse_any(self) -> None:
        """Raise OptionError where files are named beside --team or --organisation."""
        if self.purchases or self.deals or self.history or self.customer_plans or self.spark:
            raise options.OptionError(_("Give files, or --team or --organisation for the database; not both."))

    def read(self, reading: options.Reading) -> dict[str, Source]:
        """Read them, lines of sale from Spark where it is named, all in one currency.

        Raises OptionError where there are neither lines of sale nor deals, or more than one currency.
        """
        if not (self.purchases or self.deals):
            raise options.OptionError(
                _("Say from what: --purchases FILE or --deals FILE, or --team NAME or --organisation.")
            )
        found = {"purchases": self._lines(self.purchases, reading)} if self.purchases else {}
        given = {"deals": self.deals, "stage_history": self.history, "customer_plans": self.customer_plans}
        found |= {kind: read_source(files, kind, reading) for kind, files in given.items() if files}
        one_currency(Source("purchases", tuple(part for source in found.values() for part in source.parts)))
        return found

    def _lines(self, files: list[str], reading: options.Reading) -> Source:
        if self.spark:
            return bring_here(self.spark, files, reading)
        return read_source([Path(file) for file in files], "purchases", reading)


def read_bounds(capacity: str | None, market_potential: str | None) -> reach.Bounds:
    """What new business cannot exceed, as it was typed. Raises OptionError, AmountError or BoundError."""
    return reach.Bounds(
        deals_per_week=None if capacity is None else options.parse_number(capacity, option="--capacity"),
        cents_per_year=None if market_potential is None else parse_amount(market_potential),
    )


def _from_files(
    sources: dict[str, Source],
    as_of: date,
    period: Period,
    asked: tuple[Asked, ...],
    bounds: reach.Bounds,
    *,
    seed: int,
) -> tuple[Answer, Rested]:
    deals, history, plans = (
        sources[kind].collect() if kind in sources else None
        for kind in ("deals", "stage_history", "customer_plans")
    )
    lines = sources["purchases"].frame if "purchases" in sources else PURCHASES.empty()
    rested = Rested(lines, deals, history, reach.Ahead(plans, bounds))
    with output.step(_("Working out what may come")):
        said = reach.forecast(
            rested.purchases,
            deals=rested.deals,
            history=rested.history,
            period=period,
            as_of=as_of,
            rng=np.random.default_rng(seed),
            ahead=rested.ahead,
        )
    read = tuple(sources.values())
    return Answer(said, _currency(read), asked, read), rested


def _from_database(
    team: str | None,
    moment: options.Moment,
    period: Period,
    asked: tuple[Asked, ...],
    bounds: reach.Bounds,
    *,
    seed: int,
    is_judged_anew: bool,
) -> tuple[Answer, Rested]:
    """The same from the tables, worked out as the analysis does: the same day and seed give the same numbers.

    Unless the record is made anew, that of the plan on the screen says how wide the ranges are.
    """
    _set_up()
    _refuse_missing_tables()
    from karma.readings.computing import expect  # noqa: PLC0415 (needs Django)

    with output.step(_("Reading the facts")):
        facts, money = facts_of(team, as_of=moment.day() if moment.is_given else None)
    with output.step(_("Working out what may come")):
        ahead = reach.Ahead(bounds=bounds)
        wide = 1.0 if is_judged_anew else widen_by_of(team)
        said = expect(facts, period, seed=seed, ahead=ahead, widen_by=wide)
    deals, history = (None if frame.is_empty() else frame for frame in (facts.deals, facts.history))
    rested = Rested(facts.lines, deals, history, ahead)
    return Answer(said, money or None, asked, tables_of(facts, currency=money)), rested


def _with_record(answer: Answer, rested: Rested, *, seed: int) -> Answer:
    """The answer with its record, its ranges widened where earlier ones clearly missed."""
    with output.step(_("Looking back on earlier plans")):
        found = look_back(rested, answer.reading.period, answer.reading.as_of, seed=seed)
    reading = reach.widened(answer.reading, found.record.widen_by)
    return replace(answer, reading=reading, looked_back=found)


def _currency(sources: tuple[Source, ...]) -> str | None:
    return next((source.currency for source in sources if source.currency), None)
