"""The ledger: lines of sale before a date, sorted into what each source of a plan is learned from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.frames import PURCHASES, day_number
from karma_core.reach.reading import Measure

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COST_MAY_MISS = 0.05
"""The share of revenue whose cost may be missing before the measure is revenue."""

LINK_DAYS = 60
"""Where no line names its deal, it belongs to the one that its customer won at most this many days before."""

SEGMENTS_APART = 40
OTHER_SEGMENTS = "other"


@dataclass(frozen=True, eq=False)
class Rows:
    """Days with sales or credits, as columns of equal length; `value` is in cents of the measure.

    `customer` and `segment` are positions in the ledger's lists; customer -1 is nobody. Sorted by day, customer.
    """

    customer: Ints
    day: Ints
    segment: Ints
    revenue: Floats
    value: Floats

    def __len__(self) -> int:
        return int(self.day.size)

    def where(self, mask: NDArray[np.bool_]) -> "Rows":
        """The rows that a mask keeps."""
        return Rows(self.customer[mask], self.day[mask], self.segment[mask], self.revenue[mask], self.value[mask])

    def between(self, start: int, end: int) -> "Rows":
        """The rows dated from `start` up to, not including, `end` (day numbers)."""
        first, last = np.searchsorted(self.day, [start, end])
        part = slice(first, max(first, last))
        return Rows(self.customer[part], self.day[part], self.segment[part], self.revenue[part], self.value[part])


@dataclass(frozen=True, eq=False)
class Ledger:
    """Everything dated before `as_of` (a day number), each line in exactly one part.

    `bought`: purchases of known customers outside deals. `nobody`: purchases without a customer. `from_deals`:
    purchases that came from a deal, `deal_lines` the same with the deal's id. `credits`: negative lines.
    """

    as_of: int
    first_day: int
    last_day: int
    measure: Measure
    customers: tuple[str, ...]
    customer_segment: Ints
    segments: tuple[str | None, ...]
    bought: Rows
    nobody: Rows
    from_deals: Rows
    deal_lines: pl.DataFrame
    credits: Rows
    missing: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def history_days(self) -> int:
        """Days from the first line up to as-of; 0 without lines."""
        return self.as_of - self.first_day

    @property
    def parts(self) -> tuple[Rows, ...]:
        """All parts, which together hold every line once."""
        return (self.bought, self.nobody, self.from_deals, self.credits)

    def value_between(self, start: int, end: int) -> float:
        """The measure's cents booked from `start` up to `end`, over all parts."""
        return float(sum(part.between(start, end).value.sum() for part in self.parts))


def read_ledger(
    purchases: pl.LazyFrame | pl.DataFrame,
    *,
    as_of: date,
    won: pl.DataFrame | None = None,
    also: Iterable[str] = (),
) -> Ledger:
    """Sort the lines dated before `as_of` into a ledger.

    `purchases` keeps PURCHASES; `won` holds `deal, customer, closed_on` of the deals won before `as_of`, None
    where no deals are known (links in the lines are then not followed); `also` names segments that deals have.
    A line and its exact reversal on the same day for the same customer cancel out and count nowhere. Lines
    without cost get their segment's cost share where that concerns less than 5% of revenue; otherwise the measure
    is revenue. Without lines the ledger is empty. Raises FrameError for a frame that does not keep the contract.
    """
    lines = PURCHASES.keep(_collected(purchases, as_of))
    lines, measure, missing, warnings = _valued(_without_reversals(lines))
    lines = _with_deals(lines, won)
    coded, customers, customer_segment, segments = _coded(lines, also)
    days = coded["day"].to_numpy()
    kind = coded["kind"]
    return Ledger(
        as_of=day_number(as_of),
        first_day=int(days.min()) if days.size else day_number(as_of),
        last_day=int(days.max()) if days.size else day_number(as_of),
        measure=measure,
        customers=customers,
        customer_segment=customer_segment,
        segments=segments,
        bought=_rows(coded.filter(kind == "bought")),
        nobody=_rows(coded.filter(kind == "nobody")),
        from_deals=_rows(coded.filter(kind == "deal")),
        deal_lines=coded.filter(kind == "deal").select("deal", "day", "revenue", "value"),
        credits=_rows(coded.filter(kind == "credit")),
        missing=missing,
        warnings=warnings,
    )


def _collected(purchases: pl.LazyFrame | pl.DataFrame, as_of: date) -> pl.DataFrame:
    return purchases.lazy().filter(pl.col("on") < as_of).collect()


def _without_reversals(lines: pl.DataFrame) -> pl.DataFrame:
    """Drop pairs of a line and its negative on one day for one customer: a slip of the pen was never a sale."""
    key = ["customer", "on", pl.col("revenue_cents").abs().alias("amount")]
    negative = lines.filter(pl.col("revenue_cents") < 0).select(key).unique()
    if negative.is_empty():
        return lines
    marked = lines.with_columns(pl.col("revenue_cents").abs().alias("amount"))
    by = ["customer", "on", "amount"]
    same = marked.join(negative, on=by, how="semi", nulls_equal=True)
    plus = pl.col("revenue_cents") > 0
    paired = pl.min_horizontal(plus.sum().over(by), (~plus).sum().over(by))
    rank = pl.int_range(pl.len()).over([*by, plus.alias("sign")])
    kept = same.with_columns(rank.alias("rank"), paired.alias("pairs")).filter(pl.col("rank") >= pl.col("pairs"))
    rest = marked.join(negative, on=by, how="anti", nulls_equal=True)
    return pl.concat([rest, kept.drop("rank", "pairs")]).drop("amount")


def _valued(lines: pl.DataFrame) -> tuple[pl.DataFrame, Measure, tuple[str, ...], tuple[str, ...]]:
    size = pl.col("revenue_cents").abs()
    total, uncosted = lines.select(
        size.sum().alias("total"), size.filter(pl.col("cost_cents").is_null()).sum().alias("uncosted")
    ).row(0)
    unknown = lines["cost_cents"].null_count()
    if unknown and (unknown == len(lines) or uncosted >= COST_MAY_MISS * total):
        return lines.with_columns(pl.col("revenue_cents").alias("value_cents")), "revenue", ("cost",), ()
    filled = lines.with_columns(pl.col("cost_cents").fill_null(_cost_from_segment()))
    valued = filled.with_columns((pl.col("revenue_cents") - pl.col("cost_cents")).alias("value_cents"))
    return valued, "margin", (), ("cost_filled",) if unknown else ()


def _cost_from_segment() -> pl.Expr:
    costed = pl.col("cost_cents").is_not_null()

    def share(over: list[str]) -> pl.Expr:
        cost, revenue = pl.col("cost_cents").sum(), pl.col("revenue_cents").filter(costed).sum()
        ratio = pl.when(revenue > 0).then(cost / revenue)
        return ratio.over(over) if over else ratio

    filled = pl.col("revenue_cents") * pl.coalesce(share(["segment"]), share([]), pl.lit(0.0))
    return filled.round().cast(pl.Int64)


def _with_deals(lines: pl.DataFrame, won: pl.DataFrame | None) -> pl.DataFrame:
    """Add `kind` (bought, nobody, deal, credit); `deal` is kept for lines of the kind deal only."""
    if won is None or won.is_empty():
        linked = lines.with_columns(pl.lit(None, dtype=pl.String).alias("deal"))
    elif lines["deal"].null_count() < len(lines):
        linked = lines
    else:
        wins = won.filter(pl.col("customer").is_not_null(), pl.col("closed_on").is_not_null())
        linked = (
            lines.drop("deal")
            .sort("on")
            .join_asof(
                wins.select("customer", pl.col("closed_on").alias("won_on"), "deal").sort("won_on"),
                left_on="on",
                right_on="won_on",
                by="customer",
                strategy="backward",
                tolerance=f"{LINK_DAYS}d",
                check_sortedness=False,
            )
        )
    kind = (
        pl.when(pl.col("revenue_cents") < 0)
        .then(pl.lit("credit"))
        .when(pl.col("deal").is_not_null())
        .then(pl.lit("deal"))
        .when(pl.col("customer").is_null())
        .then(pl.lit("nobody"))
        .otherwise(pl.lit("bought"))
    )
    return linked.with_columns(kind.alias("kind"))


def _coded(
    lines: pl.DataFrame, also: Iterable[str]
) -> tuple[pl.DataFrame, tuple[str, ...], Ints, tuple[str | None, ...]]:
    """Fold lines to one row per kind, customer, deal and day, with customers and segments as positions."""
    days = (
        lines.group_by("kind", "customer", "deal", "on")
        .agg(
            pl.col("segment").drop_nulls().last(),
            pl.col("revenue_cents").sum().cast(pl.Float64).alias("revenue"),
            pl.col("value_cents").sum().cast(pl.Float64).alias("value"),
        )
        .with_columns(pl.col("on").cast(pl.Int32).cast(pl.Int64).alias("day"))
    )
    known = days.sort("on").group_by("customer").agg(pl.col("segment").drop_nulls().last()).sort("customer")
    segments = _segments_apart(days.drop("segment").join(known, on="customer", how="left", nulls_equal=True), also)
    position = {name: i for i, name in enumerate(segments)}
    other = position.get(OTHER_SEGMENTS, len(segments) - 1)
    known = known.with_columns(
        pl.col("segment").replace_strict(position, default=other, return_dtype=pl.Int64)
    ).with_columns((pl.int_range(pl.len(), dtype=pl.Int64) - pl.col("customer").null_count()).alias("code"))
    coded = days.drop("segment").join(known, on="customer", how="left", nulls_equal=True).sort("day", "code")
    named = known.filter(pl.col("customer").is_not_null())
    return coded, tuple(named["customer"].to_list()), named["segment"].to_numpy().astype(np.int64), segments


def _segments_apart(days: pl.DataFrame, also: Iterable[str]) -> tuple[str | None, ...]:
    """The largest segments by name, one for the others where there are more, and None for the unknown."""
    sizes = days.filter(pl.col("segment").is_not_null()).group_by("segment").agg(pl.col("value").abs().sum())
    names = sizes.sort("value", "segment", descending=True)["segment"].to_list()
    names += sorted(set(also) - set(names))
    rest = (OTHER_SEGMENTS,) if len(names) > SEGMENTS_APART else ()
    return (*[name for name in names[:SEGMENTS_APART] if name != OTHER_SEGMENTS], *rest, None)


def _rows(coded: pl.DataFrame) -> Rows:
    folded = coded.group_by("code", "day", maintain_order=True).agg(
        pl.col("segment").first(), pl.col("revenue").sum(), pl.col("value").sum()
    )
    return Rows(
        customer=folded["code"].to_numpy().astype(np.int64),
        day=folded["day"].to_numpy().astype(np.int64),
        segment=folded["segment"].to_numpy().astype(np.int64),
        revenue=folded["revenue"].to_numpy().astype(np.float64),
        value=folded["value"].to_numpy().astype(np.float64),
    )
