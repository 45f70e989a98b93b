"""Frames with a declared contract, and the group-bys that run on one machine and on many.

A contract says which columns a frame has, of which type, and what a null in them means. Everything that the
models read comes in one of these frames. The group-bys are written once in narwhals, so that the same function
takes Polars frames and Spark sessions; narwhals stands in this module only.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT
from numpy.typing import NDArray

from karma_core import packing
from karma_core.errors import FrameError
from karma_core.packing import SHORTEST

NEVER = "never"
NO_GAP = "bought on one day only, or not known"


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    `null` is what a missing value means, or "never". An `optional` column may be absent, which means the same
    as all null.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    meaning: str
    null: str = NEVER
    optional: bool = False


@dataclass(frozen=True)
class Contract:
    """The columns that a frame promises, in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Column names and their Polars types, in order."""
        return {column.name: column.dtype for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """A frame without rows that keeps the contract."""
        return pl.DataFrame(schema=self.schema)

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with exactly the contract's columns, in order, or refuse it.

        Absent optional columns are added as nulls; other columns are dropped. Raises FrameError that names
        every column that is missing, has another type, or holds a null where there may be none.
        """
        faults = list(self._faults(frame))
        if faults:
            raise FrameError(f"This is no frame of {self.name}: {'; '.join(faults)}.")
        return frame.select(
            pl.col(column.name)
            if column.name in frame.columns
            else pl.lit(None, dtype=column.dtype).alias(column.name)
            for column in self.columns
        )

    def _faults(self, frame: pl.DataFrame) -> Iterable[str]:
        for column in self.columns:
            if column.name not in frame.columns:
                if not column.optional:
                    yield f"column {column.name} is missing"
            elif frame.schema[column.name] != column.dtype:
                yield f"column {column.name} is {frame.schema[column.name]}, not {column.dtype}"
            elif column.null == NEVER and frame[column.name].null_count():
                yield f"column {column.name} holds nulls"


PURCHASES = Contract(
    "purchases",
    (
        Column("customer", pl.String, "the customer's id or name", null='sold under "no customer"'),
        Column("on", pl.Date, "invoice date, else order date, as a local date"),
        Column("revenue_cents", pl.Int64, "net revenue of the line; negative is a credit"),
        Column("cost_cents", pl.Int64, "total cost of the line", null="unknown", optional=True),
        Column("invoice", pl.String, "the invoice or order number", null="not given", optional=True),
        Column("deal", pl.String, "the deal that the line came from", null="not linked", optional=True),
        Column("segment", pl.String, "the customer's segment", null="unknown", optional=True),
    ),
)
"""One row per line of sale. Business dates; integer cents in the reporting currency."""

DEALS = Contract(
    "deals",
    (
        Column("deal", pl.String, "the deal's id"),
        Column("customer", pl.String, "the customer's id or name", null="not given"),
        Column("outcome", pl.String, "'open', 'won' or 'lost': it decides, not the date"),
        Column("opened_on", pl.Date, "the day the deal was opened", null="not known", optional=True),
        Column("closed_on", pl.Date, "the day it was won or lost", null="open, or not known", optional=True),
        Column("expected_close_on", pl.Date, "the day the seller expects", null="not given", optional=True),
        Column("stage", pl.String, "the stage as of the export", null="not given", optional=True),
        Column("revenue_cents", pl.Int64, "the deal's amount", null="not given", optional=True),
        Column("margin_cents", pl.Int64, "quoted margin", null="not given", optional=True),
        Column("stated_chance", pl.Float64, "the seller's own chance, 0..1", null="not given", optional=True),
        Column("segment", pl.String, "the customer's segment", null="unknown", optional=True),
        Column("source", pl.String, "where the lead came from", null="unknown", optional=True),
        Column("owner", pl.String, "the person responsible", null="nobody", optional=True),
    ),
)
"""One row per deal, as the export shows it. What a column holds now may look ahead of an earlier as-of date."""

STAGE_HISTORY = Contract(
    "stage history",
    (
        Column("deal", pl.String, "the deal's id"),
        Column("on", pl.Date, "the day from which this row holds"),
        Column("stage", pl.String, "the stage from that day"),
        Column("revenue_cents", pl.Int64, "the amount from that day", null="unchanged", optional=True),
        Column("stated_chance", pl.Float64, "the chance from that day, 0..1", null="unchanged", optional=True),
        Column("expected_close_on", pl.Date, "the expected day from then", null="unchanged", optional=True),
    ),
)
"""One row per change of a deal; a row holds until the deal's next row."""

CUSTOMER_PLANS = Contract(
    "customers' plans",
    (
        Column("customer", pl.String, "the customer's id or name"),
        Column("from_on", pl.Date, "the first day that the plan is about"),
        Column("until_on", pl.Date, "the day after the last"),
        Column("revenue_cents", pl.Int64, "what the customer expects to buy in those days; zero or more"),
        Column("stated_on", pl.Date, "the day on which the customer said so"),
    ),
)
"""One row per plan that a customer stated. Where plans of one customer share days the latest stated counts."""

CUSTOMER_STATISTICS = Contract(
    "customer statistics",
    (
        Column("customer", pl.String, "the customer's id or name"),
        Column("first_on", pl.Date, "first purchase day"),
        Column("last_on", pl.Date, "last purchase day before as-of"),
        Column("x", pl.Int64, "repeat purchase days: purchase days less one"),
        Column("t_x", pl.Int64, "days from first to last purchase day"),
        Column("T", pl.Int64, "days from first purchase day up to as-of"),
        Column("lines", pl.Int64, "lines of sale, credits included"),
        Column("revenue_cents", pl.Int64, "net revenue of all lines"),
        Column("cost_cents", pl.Int64, "cost of the lines that have one"),
        Column("costed_revenue_cents", pl.Int64, "net revenue of the lines that have a cost"),
        Column("early_gap", pl.Float64, "a quarter of the gaps, in days, is shorter", null=NO_GAP, optional=True),
        Column("typical_gap", pl.Float64, "median days between purchase days", null=NO_GAP, optional=True),
        Column("longest_gap", pl.Int64, "most days between purchase days", null=NO_GAP, optional=True),
        Column(
            "log_gaps",
            pl.Float64,
            "sum of the logarithms of the gaps; 0 without gaps",
            null="not known",
            optional=True,
        ),
    ),
)
"""One row per customer with at least one purchase day before as-of. What rhythm models are fitted on.

`T` counts to the last day before as-of, as published tables do: `--through D` is `--as-of` the day after, and
a customer who first bought on D has T = 0.
"""

MARKET_STATISTICS = Contract(
    "customer statistics on the market's clock",
    (
        *CUSTOMER_STATISTICS.columns,
        Column("market_t_x", pl.Int64, "t_x in market days"),
        Column("market_T", pl.Int64, "T in market days"),
        Column("market_early_gap", pl.Float64, "early_gap in market days", null=NO_GAP),
        Column("market_typical_gap", pl.Float64, "typical_gap in market days", null=NO_GAP),
        Column("market_longest_gap", pl.Float64, "longest_gap in market days", null=NO_GAP),
        Column("market_log_gaps", pl.Float64, "log_gaps in market days"),
    ),
)
"""The same with its times in market days beside: where these stand, rhythm models read them."""


@dataclass(frozen=True)
class Ticks:
    """A market clock: `pace[i]` is how many market days the day number `first + i` counts for.

    Days outside it count for one.
    """

    first: int
    pace: NDArray[np.float64]

    def by_end_of(self, day: NDArray[Any]) -> NDArray[np.float64]:
        """Market days gone by at the end of each day number, counted from day `first`.

        >>> Ticks(10, np.array([0.5, 2.0])).by_end_of(np.array([9, 10, 11, 12])).tolist()
        [0.0, 0.5, 2.5, 3.5]
        """
        gone = np.concatenate(([0.0], np.cumsum(self.pace)))
        place = np.asarray(day).astype(np.int64) - self.first + 1
        within = np.clip(place, 0, len(self.pace))
        return np.asarray(gone[within] + (place - within))


GAPS = ("early_gap", "typical_gap", "longest_gap", "log_gaps")
DAY_ZERO = date(1970, 1, 1)

MOST_LINES = 3_000_000
"""So many lines of sale are packed at once; more are taken part by part, each with customers of its own."""

MOST_HELD = 12_000_000
"""So many lines are read once and held, some 40 bytes each; more are read anew for each part."""

AT_ONCE = 2
"""So many parts of lines that are held are packed at a time, which sorting and summing allow."""

PART_SEED = 7


def day_number(on: date) -> int:
    """Days since 1970-01-01: dates as integers, since engines differ in what they can do with dates.

    >>> day_number(date(1997, 9, 30))
    10134
    """
    return (on - DAY_ZERO).days


def with_day_numbers(purchases: pl.LazyFrame) -> pl.LazyFrame:
    """Add `day`, the integer day number of `on`, which the group-bys below read."""
    return purchases.with_columns(pl.col("on").cast(pl.Int32).cast(pl.Int64).alias("day"))


def purchase_days(lines: IntoLazyFrameT, *, before: int) -> IntoLazyFrameT:
    """Fold lines of sale into one row per customer and day with lines, dated before the day number `before`.

    Takes `customer, day, revenue_cents, cost_cents` in any frame that narwhals knows, lines without a customer
    left out. Gives `customer, day, is_purchase (0 or 1), lines, revenue_cents, cost_cents,
    costed_revenue_cents`. A day is a purchase day when at least one of its lines is not a credit: a free line
    counts, as it does in published tables; a day with only credits does not. No row order is promised.
    """
    has_cost = ~nw.col("cost_cents").is_null()
    return (
        nw.from_native(lines)
        .filter(nw.col("day") < before, ~nw.col("customer").is_null())
        .with_columns(
            costed_revenue_cents=nw.when(has_cost).then(nw.col("revenue_cents")).otherwise(nw.lit(0)),
            cost_cents=nw.when(has_cost).then(nw.col("cost_cents")).otherwise(nw.lit(0)),
            is_purchase=nw.when(nw.col("revenue_cents") >= 0).then(nw.lit(1)).otherwise(nw.lit(0)),
        )
        .group_by("customer", "day")
        .agg(
            nw.col("is_purchase").max(),
            nw.col("revenue_cents").count().alias("lines"),
            nw.col("revenue_cents", "cost_cents", "costed_revenue_cents").sum(),
        )
        .to_native()
    )


def customer_statistics(lines: IntoLazyFrameT, *, before: int) -> IntoLazyFrameT:
    """Count what the rhythm models need, one row per customer with a purchase day before `before`.

    Takes what `purchase_days` takes. Gives the columns of CUSTOMER_STATISTICS up to `costed_revenue_cents`, with
    day numbers `first_day` and `last_day` in place of its dates, since that is what every engine can do. No row
    order is promised.
    """
    return count_days(purchase_days(lines, before=before), before=before)


def count_days(days: IntoLazyFrameT, *, before: int) -> IntoLazyFrameT:
    """Fold what `purchase_days` gives into one row per customer; see `customer_statistics`."""
    bought = nw.when(nw.col("is_purchase") == 1)
    return (
        nw.from_native(days)
        .group_by("customer")
        .agg(
            bought.then(nw.col("day")).min().alias("first_day"),
            bought.then(nw.col("day")).max().alias("last_day"),
            (nw.col("is_purchase").sum() - 1).alias("x"),
            nw.col("lines", "revenue_cents", "cost_cents", "costed_revenue_cents").sum(),
        )
        .filter(nw.col("x") >= 0)
        .with_columns(
            (nw.col("last_day") - nw.col("first_day")).alias("t_x"),
            (before - 1 - nw.col("first_day")).alias("T"),
        )
        .to_native()
    )


def purchase_gaps(days: IntoLazyFrameT, *, at: str = "day") -> IntoLazyFrameT:
    """The days between purchase days, one row per customer who bought on two days or more.

    Takes what `purchase_days` gives. Gives `customer, early_gap, typical_gap, longest_gap, log_gaps`: the lower
    quartile, median and maximum in days, and the sum of natural logarithms. `at` names the column that the
    gaps are measured in: "day", or market days gone by, in which a gap is half a day at least. No row order is
    promised.
    """
    gap = nw.col(at) - nw.col(at).shift(1).over("customer", order_by="day")
    return (
        nw.from_native(days)
        .filter(nw.col("is_purchase") == 1)
        .with_columns(gap.alias("gap"))
        .filter(~nw.col("gap").is_null())
        .select(
            "customer",
            nw.when(nw.col("gap") < SHORTEST).then(nw.lit(SHORTEST)).otherwise(nw.col("gap")).alias("gap"),
        )
        .group_by("customer")
        .agg(
            nw.col("gap").quantile(0.25, interpolation="linear").alias("early_gap"),
            nw.col("gap").median().alias("typical_gap"),
            nw.col("gap").max().alias("longest_gap"),
            nw.col("gap").log().sum().alias("log_gaps"),
        )
        .to_native()
    )


def market_days(days: IntoLazyFrameT) -> IntoLazyFrameT:
    """How many customers bought on each calendar day: `day, customers`, from what `purchase_days` gives."""
    return (
        nw.from_native(days)
        .filter(nw.col("is_purchase") == 1)
        .group_by("day")
        .agg(nw.col("is_purchase").sum().alias("customers"))
        .to_native()
    )


def collect_statistics(purchases: pl.LazyFrame, *, as_of: date, ticks: Ticks | None = None) -> pl.DataFrame:
    """The statistics of every customer as of a date, on this machine, in order of customer.

    Takes a frame of PURCHASES, gives one of CUSTOMER_STATISTICS, with `ticks` of MARKET_STATISTICS; empty in,
    empty out. On this machine days are packed (`karma_core.packing`); `shared_statistics` gives the same by the
    shared group-bys.

    >>> lines = pl.LazyFrame({"customer": ["a", "a", "a"], "on": [date(2026, 1, 1), date(2026, 1, 8)] * 1
    ...     + [date(2026, 2, 1)], "revenue_cents": [100, 200, 300], "cost_cents": [50, None, 70]})
    >>> collect_statistics(lines, as_of=date(2026, 1, 11)).select("customer", "x", "t_x", "T").row(0)
    ('a', 1, 7, 9)
    """
    try:
        days = collect_days(purchases, as_of=as_of)
    except packing.CollisionError:
        return shared_statistics(with_day_numbers(purchases), as_of=as_of, ticks=ticks)
    return statistics_of(days, as_of=as_of, ticks=ticks)


def collect_days(purchases: pl.LazyFrame, *, as_of: date) -> packing.PackedDays:
    """Every customer's purchase days before as-of, packed; large frames are read part by part.

    Raises packing.CollisionError, which `collect_statistics` answers by the shared group-bys.
    """
    known = purchases.filter(pl.col("on") < as_of, pl.col("customer").is_not_null())
    lines = known.select("customer", "on", "revenue_cents", pl.col("cost_cents").cast(pl.Int64))
    count = purchases.select(pl.len()).collect(engine="streaming").item()
    parts = -(-count // MOST_LINES) or 1
    if parts == 1:
        return packing.pack(lines.collect(engine="streaming"))
    if count <= MOST_HELD:
        lines = lines.collect(engine="streaming").lazy()
    mine = pl.col("customer").hash(seed=PART_SEED) % parts
    with ThreadPoolExecutor(AT_ONCE if count <= MOST_HELD else 1) as threads:
        cut = (lines.filter(mine == part) for part in range(parts))
        return packing.join(list(threads.map(lambda part: packing.pack(part.collect(engine="streaming")), cut)))


def statistics_of(days: packing.PackedDays, *, as_of: date, ticks: Ticks | None = None) -> pl.DataFrame:
    """CUSTOMER_STATISTICS from packed days; see `collect_statistics`."""
    first, last, end = days.first, days.last, day_number(as_of) - 1
    columns = {"first_on": first, "last_on": last, "x": days.x, "t_x": last - first, "T": end - first}
    counted = pl.concat([days.money, pl.DataFrame(columns), days.gaps()], how="horizontal")
    if ticks is not None:
        counted = pl.concat([counted, _market(days, end=end, ticks=ticks)], how="horizontal")
    dated = counted.with_columns(
        pl.col("first_on", "last_on").cast(pl.Int32).cast(pl.Date), pl.col("longest_gap").cast(pl.Int64)
    )
    return (CUSTOMER_STATISTICS if ticks is None else MARKET_STATISTICS).keep(
        dated[packing.name_order(dated["customer"])]
    )


def _market(days: packing.PackedDays, *, end: int, ticks: Ticks) -> pl.DataFrame:
    """The columns in market days."""
    times = _market_times(pl.Series(days.first), pl.Series(days.last), end=end, ticks=ticks)
    gaps = days.gaps(ticks.by_end_of)
    return pl.concat([times, gaps.rename({name: f"market_{name}" for name in gaps.columns})], how="horizontal")


def _market_times(first_day: pl.Series, last_day: pl.Series, *, end: int, ticks: Ticks) -> pl.DataFrame:
    """Whole market days from the first to the last purchase day and to the last day before as-of."""
    first, last = ticks.by_end_of(first_day.to_numpy()), ticks.by_end_of(last_day.to_numpy())
    t_x = np.maximum(np.rint(last - first).astype(np.int64), last_day.to_numpy() > first_day.to_numpy())
    T = np.maximum(np.rint(ticks.by_end_of(np.array([end])) - first).astype(np.int64), t_x)
    return pl.DataFrame({"market_t_x": t_x, "market_T": T})


def shared_statistics(lines: Any, *, as_of: date, ticks: Ticks | None = None) -> pl.DataFrame:
    """`collect_statistics` by the shared group-bys: lines stay where they are, one row per customer comes here.

    Takes what `purchase_days` takes: a lazy Polars frame, or one of a Spark session.

    >>> shared_statistics(with_day_numbers(PURCHASES.empty().lazy()), as_of=date(2026, 1, 11)).height
    0
    """
    before = day_number(as_of)
    days = purchase_days(lines, before=before)
    if isinstance(days, pl.LazyFrame):
        days = days.collect(engine="streaming").lazy()  # asked for twice below
    counted = collected(_joined(count_days(days, before=before), purchase_gaps(days), on="customer"))
    if ticks is not None:
        calendar = np.arange(int(counted["first_day"].to_numpy().min(initial=before)), before)
        ends = _brought(pl.DataFrame({"day": calendar, "ends": ticks.by_end_of(calendar)}), to=days)
        gaps = collected(purchase_gaps(_joined(days, ends, on="day"), at="ends"))
        named = gaps.rename({name: f"market_{name}" for name in GAPS})
        market = _market_times(counted["first_day"], counted["last_day"], end=before - 1, ticks=ticks)
        counted = counted.with_columns(market).join(named, on="customer", how="left")
        counted = counted.with_columns(pl.col("market_log_gaps").fill_null(0.0))
    dated = counted.with_columns(
        pl.col("first_day").cast(pl.Int32).cast(pl.Date).alias("first_on"),
        pl.col("last_day").cast(pl.Int32).cast(pl.Date).alias("last_on"),
        pl.col("x", "t_x", "T", "lines", "longest_gap").cast(pl.Int64),
        pl.col("log_gaps").fill_null(0.0),
    )
    return (CUSTOMER_STATISTICS if ticks is None else MARKET_STATISTICS).keep(dated.sort("customer"))


def days_of(lines: Any, customers: pl.Series, *, before: int) -> pl.DataFrame:
    """The purchase days of these customers, brought here: `customer, day`, in that order.

    Takes what `purchase_days` takes.

    >>> lines = pl.LazyFrame({"customer": ["a", "b"], "day": [3, 4], "revenue_cents": 5, "cost_cents": 1})
    >>> days_of(lines, pl.Series(["b"]), before=9).rows()
    [('b', 4)]
    """
    chosen = _brought(pl.DataFrame({"customer": customers}), to=lines)
    days = purchase_days(_joined(lines, chosen, on="customer", how="semi"), before=before)
    bought = nw.from_native(days).filter(nw.col("is_purchase") == 1).select("customer", "day").to_native()
    return collected(bought).sort("customer", "day")


def collected(frame: Any) -> pl.DataFrame:
    """What a lazy frame holds, brought to this machine."""
    rows: pl.DataFrame = nw.from_native(frame).collect("polars").to_native()
    return rows


def _joined(left: Any, right: Any, *, on: str, how: Literal["left", "semi"] = "left") -> Any:
    return nw.from_native(left).join(nw.from_native(right), on=on, how=how).to_native()


def _brought(frame: pl.DataFrame, *, to: Any) -> Any:
    """A small frame of ours where the lines are, so that the two can be joined."""
    return frame.lazy() if isinstance(to, pl.LazyFrame) else to.sparkSession.createDataFrame(frame.to_arrow())
