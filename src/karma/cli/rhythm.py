"""The command `karma rhythm`: which customers are due, whom to leave in peace, and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from karma.cli import options, output, rhythm_compare
from karma.cli.language import _
from karma.cli.lines import Lines, LinesHere
from karma.cli.rhythm_answer import Answer, call_list_picture
from karma.cli.sources import read_source, write_rejected
from karma.cli.spark import Spark, lines_on
from karma.exports import ENDINGS, write_table, write_text
from karma_core import rhythm as models
from karma_core.rhythm.contest import HORIZONS, Contest, contest
from karma_core.rhythm.market import some_customers

LONGEST = 92
"""Longer horizons leave too few moments to look back on."""


class Model(StrEnum):
    """The models of rhythm; auto lets the data choose."""

    auto = "auto"
    nbd = "nbd"
    bg_nbd = "bg_nbd"
    mbg_nbd = "mbg_nbd"
    pareto_nbd = "pareto_nbd"
    mbg_cnbd_k = "mbg_cnbd_k"


class Unit(StrEnum):
    """The unit of time: day, or week (days / 7, unrounded)."""

    day = "day"
    week = "week"


def rhythm(
    files: Annotated[
        list[str], typer.Argument(help=_("Files of one kind: CSV, XLSX, Parquet or Delta."), metavar="FILE...")
    ],
    horizon: Annotated[int, typer.Option(min=1, max=3660, help=_("Days to look ahead."), metavar="DAYS")],
    as_of: options.AsOf = None,
    through: options.Through = None,
    customer: Annotated[str | None, typer.Option(help=_("The column with the customer."), metavar="COL")] = None,
    on: Annotated[str | None, typer.Option(help=_("The column with the day."), metavar="COL")] = None,
    revenue: Annotated[str | None, typer.Option(help=_("The column with the revenue."), metavar="COL")] = None,
    cost: Annotated[str | None, typer.Option(help=_("The column with the total cost."), metavar="COL")] = None,
    mapping: options.MappingFile = None,
    currency: options.Currency = None,
    date_order: options.DateOrder = None,
    decimal: options.Decimal = None,
    unit: Annotated[Unit, typer.Option(help=_("The unit of time."))] = Unit.day,
    model: Annotated[Model, typer.Option(help=_("The model; auto lets the data choose."))] = Model.auto,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Write one row per customer to this file."), metavar="FILE")
    ] = None,
    plot: options.Plot = None,
    rejected: options.Rejected = None,
    compare: Annotated[
        bool, typer.Option("--compare", help=_("Set all models and baselines side by side on your own past."))
    ] = False,
    spark: Spark = None,
    seed: options.Seed = 1,
    as_json: options.Json = False,
) -> None:
    """Say which customers are due, whom to leave in peace, and why."""
    day = options.Moment(as_of, through).day()
    options.check_writable(out, option="--out", endings=ENDINGS)
    options.check_writable(plot, option="--plot", endings=(".svg",))
    options.check_writable(rejected, option="--rejected", endings=ENDINGS)
    named = {"customer": customer, "on": on, "revenue": revenue, "cost": cost}
    reading = options.Reading(mapping, currency, date_order, decimal, named, needs_amounts=False)
    with lines_on(spark, files, reading) if spark else _lines_here(files, reading) as lines:
        answer, statistics = _answer(lines, day, horizon, model=model.value, unit=unit.value, seed=seed)
        side_by_side = _compared(lines, answer, statistics) if compare else None
        if side_by_side:
            won = rhythm_compare.with_winner(answer.reading, side_by_side, statistics)
            answer = replace(answer, reading=won)
        write_rejected([lines.told], rejected)
        if out:
            write_table(answer.reading.customers, out)
        if plot:
            write_text(call_list_picture(answer), plot)
        if as_json:
            compared = {"compare": rhythm_compare.document(side_by_side)} if side_by_side else {}
            output.print_json({**answer.document(), **compared})
            return
        answer.tell()
        if side_by_side:
            rhythm_compare.tell(side_by_side)


@contextmanager
def _lines_here(files: list[str], reading: options.Reading) -> Iterator[LinesHere]:
    yield LinesHere(read_source([Path(file) for file in files], "purchases", reading))


def _answer(
    lines: Lines, day: date, horizon: int, *, model: str, unit: str, seed: int
) -> tuple[Answer, pl.DataFrame]:
    with output.step(_("Counting each customer's purchase days")):
        statistics, clock = lines.observe(day)
        names = lines.last("customer_name")
        names = None if names is None else names.rename({"customer_name": "name"})
    with output.step(_("Finding the rhythm in them")):
        statistics = _with(lines.last("segment"), statistics, "segment")
        fits = models.fit_segments(statistics, model=model, unit=unit)
        past = lines.past(day, some_customers(statistics["customer"]))
        said = models.read(
            statistics if names is None else _with(names, statistics, "name"),
            fits,
            as_of=day,
            horizon_days=horizon,
            rng=np.random.default_rng(seed),
            swing=models.market_swing(past, fits.pooled, as_of=day, horizon_days=horizon, clock=clock),
            clock=clock,
        )
    return Answer(fits.pooled, said, horizon, day, lines, names, clock), statistics


def _with(known: pl.DataFrame | None, statistics: pl.DataFrame, field: str) -> pl.DataFrame:
    """The statistics with what is known of each customer beside; null where nothing is."""
    if known is None:
        return statistics.with_columns(pl.lit(None, pl.String).alias(field))
    return statistics.join(known, on="customer", how="left", maintain_order="left")


def _compared(lines: Lines, answer: Answer, statistics: pl.DataFrame) -> Contest:
    """The comparison at 1, 2 and 4 weeks, and at the horizon that was asked where it is not far longer."""
    horizon = answer.horizon_days
    asked = (horizon,) if horizon <= LONGEST else ()
    with output.step(_("Setting all models and baselines side by side on the past")):
        past = lines.past(answer.as_of, some_customers(statistics["customer"]))
        return contest(past, as_of=answer.as_of, horizons=tuple(sorted({*HORIZONS, *asked})))
