"""Lines of sale: revenue and cost of each line, credits kept, cancelled lines left aside."""

from dataclasses import replace

import polars as pl

from karma_files.phrases import Notice
from karma_files.readings import Reading, raw
from karma_files.schema import AMOUNTS, Kind
from karma_files.settling import ASIDE, need, text_or_null

_TO_CENTS = 10**10


def settle_purchases(reading: Reading) -> None:
    """Add the columns of PURCHASES to a reading, and say what each row lacks.

    A line's own revenue goes before quantity times price. A line's own total cost goes before its margin, and that
    before quantity times the cost of one piece; where the total is empty on a line, the cost of that line is
    unknown.
    """
    revenue = _revenue(reading)
    columns = {
        "customer": text_or_null(reading, "customer", "customer_name"),
        "revenue_cents": revenue,
        "invoice": text_or_null(reading, "invoice"),
        "deal": text_or_null(reading, "deal"),
        "segment": text_or_null(reading, "segment"),
    }
    reading.frame = reading.frame.with_columns(**columns).with_columns(cost_cents=_cost(reading))
    reading.frame = reading.frame.with_columns(_aside(reading).alias(ASIDE))
    need(reading, "on", pl.col("on"), "no_date")
    if has_amount(reading):
        need(reading, _amount_field(reading), pl.col("revenue_cents"), "no_amount")


def purchase_notices(kept: pl.LazyFrame) -> list[Notice]:
    """What a reader of these lines should know: how many have no customer, and no cost."""
    counts = kept.select(
        pl.len().alias("rows"),
        pl.col("customer").null_count().alias("anonymous"),
        pl.col("cost_cents").null_count().alias("uncosted"),
    )
    rows, anonymous, uncosted = counts.collect(engine="streaming").row(0)
    notices = [Notice("no_customer", {"count": anonymous, "rows": rows})] if anonymous else []
    if uncosted == rows:
        return [*notices, Notice("no_cost")]
    return [*notices, Notice("cost_missing", {"count": uncosted, "rows": rows})] if uncosted else notices


def has_amount(reading: Reading) -> bool:
    """Whether a column, or quantity and price, says what lines were worth."""
    return "revenue" in reading.fields or {"quantity", "unit_price"} <= reading.fields.keys()


def without_amounts(kind: Kind) -> Kind:
    """The same kind of file where what lines were worth need not be there."""
    return replace(kind, required=tuple(each for each in kind.required if each != AMOUNTS))


def _amount_field(reading: Reading) -> str:
    return "revenue" if "revenue" in reading.fields else "unit_price"


def _revenue(reading: Reading) -> pl.Expr:
    if not has_amount(reading):
        return pl.lit(0, dtype=pl.Int64)
    return pl.col("revenue") if "revenue" in reading.fields else _times("unit_price")


def _cost(reading: Reading) -> pl.Expr:
    if not has_amount(reading):
        return pl.lit(None, dtype=pl.Int64)
    if "cost" in reading.fields:
        return pl.col("cost")
    if "margin" in reading.fields:
        return pl.col("revenue_cents") - pl.col("margin")
    if "unit_cost" in reading.fields and "quantity" in reading.fields:
        return _times("unit_cost")
    return pl.lit(None, dtype=pl.Int64)


def _times(price: str) -> pl.Expr:
    """Quantity times a price, both in millionths, as whole cents; half cents away from zero."""
    product = pl.col("quantity").cast(pl.Int128) * pl.col(price).cast(pl.Int128)
    whole = ((product.abs() + _TO_CENTS // 2) // _TO_CENTS).cast(pl.Int64, strict=False)
    return pl.when(product < 0).then(-whole).otherwise(whole)


def _aside(reading: Reading) -> pl.Expr:
    """Cancelled and draft lines, and rows that only continue the one before."""
    fields = [name for name in ("customer", "on", "revenue", "unit_price", "invoice") if name in reading.fields]
    continues = pl.all_horizontal(pl.col(raw(name)).is_null() for name in fields)
    status = (
        pl.col("status").replace("kept", None) if "status" in reading.fields else pl.lit(None, dtype=pl.String)
    )
    return pl.when(continues).then(pl.lit("continuation")).otherwise(status)


def unread_fields(found: dict[str, object]) -> set[str]:
    """Fields that a stronger one makes needless, and that are then not read: doubt about them is no doubt."""
    needless: set[str] = set()
    if "revenue" in found:
        needless |= {"unit_price"}
    if "cost" in found or "margin" in found:
        needless |= {"unit_cost"}
    if "cost" in found:
        needless |= {"margin"}
    return needless
