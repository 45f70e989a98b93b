"""The command `karma rhythm`: which customers are due, whom to leave in peace, and why."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from karma.cli import options, output, rhythm_compare
from karma.cli.language import _
from karma.cli.rhythm_answer import Answer, call_list_picture
from karma.cli.sources import Source, read_source, write_rejected
from karma.exports import ENDINGS, write_table, write_text
from karma_core import rhythm as models
from karma_core.rhythm.contest import HORIZONS, Contest, contest

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
    files: options.Files,
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
    seed: options.Seed = 1,
    as_json: options.Json = False,
) -> None:
    """Say which customers are due, whom to leave in peace, and why."""
    day = options.Moment(as_of, through).day()
    options.check_writable(out, option="--out", endings=ENDINGS)
    options.check_writable(plot, option="--plot", endings=(".svg",))
    options.check_writable(rejected, option="--rejected", endings=ENDINGS)
    named = {"customer": customer, "on": on, "revenue": revenue, "cost": cost}
    lines = read_source(files, "purchases", options.Reading(mapping, currency, date_order, decimal, named))
    with output.step(_("Counting each customer's purchase days")):
        statistics, clock = models.observe(lines.frame.lazy(), as_of=day)
    names = lines.names()
    with output.step(_("Finding the rhythm in them")):
        statistics = _with_segments(statistics, lines)
        fits = models.fit_segments(statistics, model=model.value, unit=unit.value)
        fitted = fits.pooled
        said = models.read(
            statistics
            if names is None
            else statistics.join(names, on="customer", how="left", maintain_order="left"),
            fits,
            as_of=day,
            horizon_days=horizon,
            rng=np.random.default_rng(seed),
            swing=models.market_swing(lines.frame.lazy(), fitted, as_of=day, horizon_days=horizon, clock=clock),
            clock=clock,
        )
    side_by_side = _compared(lines, day, horizon) if compare else None
    if side_by_side:
        said = rhythm_compare.with_winner(said, side_by_side, statistics)
    answer = Answer(fitted, said, horizon, day, lines, names, clock)
    write_rejected([lines], rejected)
    if out:
        write_table(said.customers, out)
    if plot:
        write_text(call_list_picture(answer), plot)
    if as_json:
        compared = {"compare": rhythm_compare.document(side_by_side)} if side_by_side else {}
        output.print_json({**answer.document(), **compared})
        return
    answer.tell()
    if side_by_side:
        rhythm_compare.tell(side_by_side)


def _with_segments(statistics: pl.DataFrame, lines: Source) -> pl.DataFrame:
    """The statistics with each customer's segment as its last line has it; null where no file names segments."""
    if "segment" not in lines.columns:
        return statistics.with_columns(pl.lit(None, pl.String).alias("segment"))
    last = lines.frame.lazy().drop_nulls(["customer", "segment"]).group_by("customer")
    known = last.agg(pl.col("segment").sort_by("on").last()).collect()
    return statistics.join(known, on="customer", how="left", maintain_order="left")


def _compared(lines: Source, day: date, horizon: int) -> Contest:
    """The comparison at 1, 2 and 4 weeks, and at the horizon that was asked where it is not far longer."""
    asked = (horizon,) if horizon <= LONGEST else ()
    with output.step(_("Setting all models and baselines side by side on the past")):
        return contest(lines.frame.lazy(), as_of=day, horizons=tuple(sorted({*HORIZONS, *asked})))
