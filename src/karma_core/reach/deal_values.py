"""What deals bring once won: their amount in the measure, how much of it is invoiced, and how long that takes."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals import Rewound
from karma_core.frames import STAGE_HISTORY
from karma_core.reach.ledger import Ledger
from karma_core.reach.reading import Measure

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SETTLED_DAYS = 120
"""A deal won this long ago has been invoiced, if it ever will be."""

FEWEST_TO_JUDGE = 5
LINKED_AT_LEAST = 0.1
RATIO_WEIGHT = 10.0
"""How many deals the belief is worth that what was agreed is what is invoiced."""

LONGEST_LAG = 365
DAYS_LOOKED_AT = np.arange(0, LONGEST_LAG, 7)
MOST_PARTS = 20


@dataclass(frozen=True, eq=False)
class DealValues:
    """`amount` of each known deal in cents of the measure, NaN where not known, in the order of `rewound.deals`.

    `ratio` is the share of the agreed amount that is invoiced, `ratio_sd` what is not known about it; `lag[t]` the
    share invoiced within t days of winning, among deals that are invoiced; `never` the share that never is;
    `parts` in how many invoices a deal comes, as it were: of equal size, each on a day that is chance.
    `usual` are amounts of won deals, for the deals that have none; `share` turns revenue into the measure.
    """

    amount: Floats
    usual: Floats
    ratio: float
    ratio_sd: float
    lag: Floats
    never: float
    share: float
    parts: int = 1

    def invoiced_within(self, days: Floats | Ints) -> Floats:
        """The share invoiced within so many days of winning; 0 before."""
        at = np.clip(np.asarray(days), -1, len(self.lag) - 1).astype(np.int64)
        return np.asarray(np.where(at < 0, 0.0, self.lag[np.maximum(at, 0)]))


def are_linked(ledger: Ledger, rewound: Rewound) -> bool:
    """Whether purchases can be told apart by deal: without purchases, or where won deals find theirs."""
    if ledger.history_days == 0:
        return True
    settled = _settled(ledger, rewound)
    if len(settled) < FEWEST_TO_JUDGE:
        return True
    found = settled.join(ledger.deal_lines, on="deal", how="semi")
    return len(found) >= LINKED_AT_LEAST * len(settled)


def value_deals(
    ledger: Ledger, rewound: Rewound, *, measure: Measure, history: pl.DataFrame | None = None
) -> DealValues:
    """Put a value on every deal known on as-of.

    A quoted margin counts as it stands; an amount is turned into margin by the won deals' own share, else by the
    purchases'. What an open deal will be signed for is read off how the amounts of deals won before changed from
    their stage on, where `history` (STAGE_HISTORY) tells. How much is invoiced, and when, is read off the
    purchases that belong to deals won before; without such purchases the whole amount counts on the day that the
    deal is won.
    """
    deals, share = rewound.deals, _share(ledger, rewound, measure)
    revenue = deals["revenue_cents"].cast(pl.Float64).to_numpy() * share
    margin = deals["margin_cents"].cast(pl.Float64).to_numpy()
    amount = np.where(np.isnan(margin), revenue, margin) if measure == "margin" else revenue
    amount = amount * _until_signed(rewound, history)
    is_won = (deals["outcome"] == "won").to_numpy()
    known = amount[is_won & np.isfinite(amount)]
    usual = known if known.size else amount[np.isfinite(amount)]
    ratio, ratio_sd, never = _ratio(ledger, rewound, amount)
    return DealValues(
        amount=amount,
        usual=usual,
        ratio=ratio,
        ratio_sd=ratio_sd,
        lag=_lag(ledger, rewound),
        never=never,
        share=share,
        parts=_parts(ledger, rewound),
    )


def _until_signed(rewound: Rewound, history: pl.DataFrame | None) -> Floats:
    """By what each deal's amount is multiplied until it is signed, if it is won; 1 for those that have closed.

    The amounts of won deals as signed over what they were in a stage, per stage; pulled to all stages together,
    and those to 1, by the weight of RATIO_WEIGHT deals.
    """
    deals = rewound.deals
    if history is None:
        return np.ones(len(deals))
    signed = rewound.won.select("deal", "closed_on", pl.col("revenue_cents").alias("signed"))
    was = STAGE_HISTORY.keep(history).filter(pl.col("revenue_cents") > 0).sort("deal", "on")
    was = was.join(signed, on="deal").filter(pl.col("on") < pl.col("closed_on"), pl.col("signed") > 0)
    each = was.group_by("stage", "deal").agg(pl.col("revenue_cents", "signed").last())
    of_all = _pulled(each, to=1.0)
    by_stage = {stage[0]: _pulled(rows, to=of_all) for stage, rows in each.group_by("stage")}
    of_stage = deals["stage"].replace_strict(by_stage, default=of_all, return_dtype=pl.Float64).to_numpy()
    return np.where((deals["outcome"] == "open").to_numpy(), of_stage, 1.0)


def _pulled(each: pl.DataFrame, *, to: float) -> float:
    """What was signed over what it was, as if RATIO_WEIGHT more deals had gone as `to` says."""
    if each.is_empty():
        return to
    was, signed = (each[name].cast(pl.Float64).to_numpy() for name in ("revenue_cents", "signed"))
    more = RATIO_WEIGHT * was.mean()
    return float((signed.sum() + to * more) / (was.sum() + more))


def _settled(ledger: Ledger, rewound: Rewound) -> pl.DataFrame:
    closed = pl.col("closed")
    return rewound.won.filter(closed >= ledger.first_day, closed < ledger.as_of - SETTLED_DAYS)


def _share(ledger: Ledger, rewound: Rewound, measure: Measure) -> float:
    if measure == "revenue":
        return 1.0
    both = rewound.won.filter(pl.col("revenue_cents") > 0, pl.col("margin_cents").is_not_null())
    if len(both) >= FEWEST_TO_JUDGE:
        return float(both["margin_cents"].to_numpy().sum() / both["revenue_cents"].to_numpy().sum())
    parts = (ledger.from_deals, ledger.bought, ledger.nobody)
    revenue = sum(float(part.revenue.sum()) for part in parts)
    return sum(float(part.value.sum()) for part in parts) / revenue if revenue > 0 else 1.0


def _ratio(ledger: Ledger, rewound: Rewound, amount: Floats) -> tuple[float, float, float]:
    """Invoiced over agreed for settled deals, pulled to 1; its sd; and the share of deals never invoiced."""
    agreed = rewound.deals.select("deal").with_columns(pl.Series("amount", amount, nan_to_null=True))
    invoiced = ledger.deal_lines.group_by("deal").agg(pl.col("value").sum())
    settled = _settled(ledger, rewound).select("deal").join(agreed, on="deal").drop_nulls("amount")
    settled = settled.join(invoiced, on="deal", how="left")
    if settled.is_empty() or ledger.deal_lines.is_empty():
        return 1.0, 0.0, 0.0
    a, v = settled["amount"].to_numpy(), settled["value"].fill_null(0.0).to_numpy()
    typical = max(float(np.mean(np.abs(a))), 1.0)
    ratio = (v.sum() + RATIO_WEIGHT * typical) / (a.sum() + RATIO_WEIGHT * typical)
    spread = float(np.sqrt(np.sum((v - ratio * a) ** 2) + RATIO_WEIGHT * (0.2 * typical) ** 2))
    sd = spread / max(float(np.abs(a).sum()) + RATIO_WEIGHT * typical, 1.0)
    return float(ratio), sd, float(settled["value"].null_count() / (len(settled) + RATIO_WEIGHT))


def _lag(ledger: Ledger, rewound: Rewound) -> Floats:
    """The share of deal revenue invoiced within t days of winning; all at once where none is known."""
    lines = ledger.deal_lines.join(_settled(ledger, rewound).select("deal", "closed"), on="deal")
    days = (lines["day"] - lines["closed"]).clip(0, LONGEST_LAG).to_numpy()
    weight = lines["revenue"].to_numpy()
    if weight.sum() <= 0:
        return np.ones(1)
    summed = np.bincount(days, weight).cumsum()
    return np.asarray(summed / summed[-1])


def _parts(ledger: Ledger, rewound: Rewound) -> int:
    """How many invoices, each on a day of its own by chance, would stray as much as settled deals did.

    Of the share invoiced within t days: its mean m(t), and its variance over deals, m (1 - m) / parts if days are
    chance. Deals that all keep one schedule have many parts, however few their invoices: MOST_PARTS at most.
    """
    lines = ledger.deal_lines.join(_settled(ledger, rewound).select("deal", "closed"), on="deal")
    lines = lines.filter(pl.col("revenue") > 0).sort("deal")
    if lines.is_empty():
        return 1
    deal, day = lines["deal"].rle_id().to_numpy(), (lines["day"] - lines["closed"]).clip(0, LONGEST_LAG).to_numpy()
    revenue = lines["revenue"].to_numpy()
    share = revenue / np.bincount(deal, revenue)[deal]
    size = int(deal[-1]) + 1
    came = np.bincount(day, share, minlength=LONGEST_LAG + 1).cumsum() / size
    at = np.array([np.sum(np.bincount(deal[day <= t], share[day <= t]) ** 2) for t in DAYS_LOOKED_AT]) / size
    by_chance, strayed = came[DAYS_LOOKED_AT] * (1 - came[DAYS_LOOKED_AT]), at - came[DAYS_LOOKED_AT] ** 2
    return round(float(np.clip(by_chance.sum() / max(strayed.sum(), 1e-9), 1, MOST_PARTS)))


def segment_positions(ledger: Ledger, deals: pl.DataFrame) -> Ints:
    """The ledger's segment of each deal: the customer's, else the deal's own, else unknown."""
    unknown = len(ledger.segments) - 1
    known = dict(zip(ledger.customers, ledger.customer_segment.tolist(), strict=True))
    apart = {name: i for i, name in enumerate(ledger.segments)}
    of_customer, own = (
        deals[name].replace_strict(positions, default=unknown, return_dtype=pl.Int64).to_numpy()
        for name, positions in (("customer", known), ("segment", apart))
    )
    return np.where(of_customer != unknown, of_customer, own)
