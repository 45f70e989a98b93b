"""Lines of sale on a Spark of your own, by Spark Connect: counted there; one row per customer comes here."""

import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Annotated, Any
from urllib.parse import urlsplit

import polars as pl
import typer

from karma.cli import output
from karma.cli.language import _
from karma.cli.options import OptionError, Reading
from karma.cli.sources import Source, need_package, one_currency, read_mapping, said_not_yet
from karma.cli.spark_columns import read_columns
from karma_core import rhythm as models
from karma_core.frames import PURCHASES, collected, day_number, days_of
from karma_core.money import check_currency
from karma_files import FileError, Mapping, Notice, Parsed

Spark = Annotated[
    str | None,
    typer.Option(
        "--spark",
        help=_("Your own Spark, which then reads and counts the lines: FILE is a path or a table there."),
        metavar="sc://HOST:PORT",
    ),
]
USUAL_PORT = 15002
PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class LinesOnSpark:
    """Lines of sale that stay on Spark: `lines` has the columns of PURCHASES, `day` and `customer_name`."""

    told: Source
    lines: Any

    def observe(self, as_of: date) -> tuple[pl.DataFrame, models.MarketClock]:
        """Each customer's statistics and the market's clock, counted on Spark."""
        return models.observe_shared(self.lines, as_of=as_of)

    def past(self, as_of: date, customers: pl.Series) -> pl.LazyFrame:
        """The purchase days of these customers, brought here; what they were worth stays behind."""
        days = days_of(self.lines, customers, before=day_number(as_of))
        return days.lazy().select(
            "customer",
            pl.col("day").cast(pl.Int32).cast(pl.Date).alias("on"),
            revenue_cents=pl.lit(0, pl.Int64),
            cost_cents=pl.lit(None, pl.Int64),
        )

    def last(self, field: str) -> pl.DataFrame | None:
        """The last that is known of each customer; of two on one day the later in the alphabet."""
        if field not in self.told.columns:
            return None
        known = self.lines.where(f"customer is not null and {field} is not null").groupBy("customer")
        return collected(known.agg(_sql(f"max_by({field}, struct(day, {field}))").alias(field)))

    def not_yet(self, as_of: date) -> str | None:
        """Says how many rows are dated on or after as-of."""
        return said_not_yet(self.lines.where(f"day >= {day_number(as_of)}").count())


@contextmanager
def lines_on(spark: str, names: list[str], reading: Reading) -> Iterator[LinesOnSpark]:
    """Open lines of sale on a Spark, for as long as they are looked at.

    Raises OptionError where it cannot be reached, cannot do what is asked, or has columns of another type.
    """
    mapping = read_mapping(reading)
    session = _session(spark)
    try:
        session.conf.set("spark.sql.session.timeZone", mapping.time_zone)
        with output.step(_("Reading {names}").format(names=", ".join(names))):
            read = [_read(session, name, mapping, reading) for name in names]
        source = one_currency(Source("purchases", tuple(part for part, _lines in read)))
        together = reduce(lambda one, other: one.unionByName(other), [lines for _part, lines in read])
        yield LinesOnSpark(source, together)
    except _spark_fault() as fault:
        said = str(fault).strip().splitlines()
        raise OptionError(
            _("Spark could not do it. It says: {said}").format(said=said[0] if said else "-")
        ) from fault
    finally:
        session.stop()


def bring_here(spark: str, names: list[str], reading: Reading) -> Source:
    """All lines of sale from a Spark, in the columns that a plan reads."""
    with lines_on(spark, names, reading) as on_spark:
        lines = collected(on_spark.lines.select(*PURCHASES.schema))
    first, *others = on_spark.told.parts
    whole = {"frame": PURCHASES.keep(lines).lazy(), "records": lines.lazy()}
    return Source("purchases", (Parsed(**{**vars(first), **whole}), *others))


def _session(address: str) -> Any:
    place = urlsplit(address)
    try:
        host, port = place.hostname, place.port or USUAL_PORT
    except ValueError:
        host, port = None, USUAL_PORT
    if place.scheme != "sc" or not host:
        raise OptionError(
            _('--spark "{address}" is not where a Spark can be. Type it as sc://host:15002.').format(
                address=address
            )
        )
    need_package("pyspark", _("--spark asks a Spark of your own."))
    try:
        socket.create_connection(
            (host, port), timeout=PATIENCE_SECONDS
        ).close()  # the client itself tries for minutes
    except OSError:
        raise OptionError(
            _("No Spark answers at {host}:{port}. Check that Spark Connect runs there and may be reached.").format(
                host=host, port=port
            )
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which nothing here uses
        from pyspark.sql import SparkSession  # noqa: PLC0415 (an extra, and a second to load)

        return SparkSession.builder.remote(address).create()


def _spark_fault() -> type[Exception]:
    from pyspark.errors import PySparkException  # noqa: PLC0415 (an extra)

    return PySparkException


def _sql(expression: str) -> Any:
    from pyspark.sql import functions  # noqa: PLC0415 (an extra)

    return functions.expr(expression)


def _read(session: Any, name: str, mapping: Mapping, reading: Reading) -> tuple[Parsed, Any]:
    """One path or table: what is to be said of it, and its lines that can be kept."""
    lines, columns = read_columns(_opened(session, name), name, mapping=mapping, options=reading.columns)
    kept = "on is not null and revenue_cents is not null"
    counts = lines.selectExpr(
        "count(*) as total",
        f"count(case when {kept} then 1 end) as kept",
        f"count(case when {kept} and customer is null then 1 end) as anonymous",
        f"count(case when {kept} and cost_cents is null then 1 end) as uncosted",
    )
    total, good, anonymous, uncosted = collected(counts).row(0)
    if not good:
        raise FileError("header_only", name=name)
    currency = check_currency(reading.currency) if reading.currency else mapping.currency
    part = Parsed(
        kind="purchases",
        name=name,
        contract=PURCHASES,
        frame=PURCHASES.empty().lazy(),
        records=PURCHASES.empty().lazy(),
        rows=total,
        kept=good,
        columns=columns,
        currency=currency,
        warnings=tuple(_notices(good, anonymous, uncosted, currency)),
    )
    return part, lines.where(kept)


def _notices(rows: int, anonymous: int, uncosted: int, currency: str | None) -> Iterator[Notice]:
    if anonymous:
        yield Notice("no_customer", {"count": anonymous, "rows": rows})
    if uncosted == rows:
        yield Notice("no_cost")
    elif uncosted:
        yield Notice("cost_missing", {"count": uncosted, "rows": rows})
    if currency is None:
        yield Notice("no_currency")


def _opened(session: Any, name: str) -> Any:
    """A table by its name; a path as Delta where it is such a table, else as Parquet."""
    if "/" not in name:
        return session.table(name)
    try:
        frame = session.read.format("delta").load(name)
        frame.schema  # noqa: B018 (only then does Spark look)
    except _spark_fault():
        if _has_log(session, name):
            raise OptionError(
                _(
                    "{name} is a Delta table, which that Spark cannot read. Add Delta to it, or name a table."
                ).format(name=name)
            ) from None
        return session.read.parquet(name)
    return frame


def _has_log(session: Any, name: str) -> bool:
    """Whether a path is that of a Delta table: Spark without Delta would read rows there that no longer count."""
    try:
        return bool(session.read.text(f"{name.rstrip('/')}/_delta_log/*.json").limit(1).count())
    except _spark_fault():
        return False
