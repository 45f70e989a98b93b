"""What an order of each customer is expected to leave: revenue pooled by Gamma-Gamma, times a pooled margin share.

Margins can be negative, which no gamma allows. So the worth of an order is its net revenue, which is positive
for all but a few; the margin is that times the customer's own share of margin, pooled towards everybody's share
by the number of purchase days. The share may be negative, and so may the result.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_core.rhythm.cells import Floats
from karma_core.rhythm.draws import OrderValues
from karma_core.rhythm.gamma_gamma import GammaGamma, fit_gamma_gamma
from karma_core.words import Sentence

MISSING_COST = 0.05
"""Up to this share of revenue a missing cost is filled with the common cost share, and said."""

SHARE_DAYS = 2.0
"""Everybody's margin share weighs as much as two purchase days of the customer's own."""

WIDEST_SHARE = 3.0


@dataclass(frozen=True)
class Worth:
    """What orders are worth. `measure` is "margin" or "revenue"; `values` are in cents, one per customer."""

    measure: str
    values: OrderValues
    spending: GammaGamma
    warnings: tuple[Sentence, ...] = ()


def order_worth(statistics: pl.DataFrame) -> Worth | None:
    """The expected worth per purchase day of each customer; None where no row has any revenue.

    Reads `x, revenue_cents, cost_cents, costed_revenue_cents` of CUSTOMER_STATISTICS. The measure is margin where
    cost covers 95% of revenue or more (the rest is filled with the common share), else revenue, and a warning
    says so.

    Source: Fader & Hardie (2013) for revenue; the pooled share is credibility weighting n / (n + 2), ours.

    >>> rows = pl.DataFrame({"x": [3, 1], "revenue_cents": [40_000, 6_000], "cost_cents": [30_000, 7_000],
    ...     "costed_revenue_cents": [40_000, 6_000]})
    >>> worth = order_worth(rows)
    >>> worth.measure, bool(worth.values.mean[0] > 0)
    ('margin', True)
    """
    names = ("x", "revenue_cents", "cost_cents", "costed_revenue_cents")
    x, revenue, cost, costed = (statistics[name].cast(pl.Float64).to_numpy() for name in names)
    if statistics.is_empty() or not revenue.any():
        return None
    days = x + 1
    spending = fit_gamma_gamma(days, revenue / days)
    mean = spending.mean(days, revenue / days)
    missing = 1 - costed.sum() / revenue.sum() if revenue.sum() > 0 else 1.0
    warnings = tuple(_about_cost(missing, any_cost=bool(costed.any())))
    if missing > MISSING_COST:
        return Worth("revenue", _values(mean, mean, days, spending), spending, warnings)
    share = _margin_share(days, revenue, cost, costed)
    return Worth("margin", _values(mean * share, mean, days, spending), spending, warnings)


def _margin_share(days: Floats, revenue: Floats, cost: Floats, costed: Floats) -> Floats:
    common = float(1 - cost.sum() / costed.sum())
    margin = costed - cost + (revenue - costed) * common
    own = np.where(revenue > 0, margin / np.where(revenue > 0, revenue, 1.0), common)
    own = np.clip(own, -WIDEST_SHARE, 1.0)
    weight = days / (days + SHARE_DAYS)
    return np.asarray(weight * own + (1 - weight) * common)


def _values(worth: Floats, mean: Floats, days: Floats, spending: GammaGamma) -> OrderValues:
    """Spread is that of revenue, scaled to the worth; a worth near zero keeps a tenth of it."""
    size = np.maximum(np.abs(worth), 0.1 * np.abs(mean))
    return OrderValues(worth, size * spending.relative_sd(days), size / np.sqrt(spending.p))


def _about_cost(missing: float, *, any_cost: bool) -> Iterator[Sentence]:
    if not any_cost:
        yield Sentence(
            "Er zit geen kostprijs bij, dus we spreken over omzet.",
            "There is no cost in it, so we speak of revenue.",
        )
    elif missing > MISSING_COST:
        yield Sentence(
            f"Bij {missing:.0%} van de omzet ontbreekt de kostprijs, dus we spreken over omzet.",
            f"{missing:.0%} of revenue has no cost, so we speak of revenue.",
        )
    elif missing > 0.0005:
        yield Sentence(
            f"Bij {f'{missing:.1%}'.replace('.', ',')} van de omzet ontbrak de kostprijs; "
            "daar is het gemiddelde aandeel aangehouden.",
            f"{missing:.1%} of revenue had no cost; the average share was used there.",
        )
