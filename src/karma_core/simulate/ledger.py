"""The sales ledger: every line of sale of a world, in order of day."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.frames import PURCHASES
from karma_core.simulate.columns import (
    DEAL_NUMBERS,
    DEAL_ORDER_NUMBERS,
    INVOICE_NUMBERS,
    ORDER_NUMBERS,
    cents,
    days,
    ids,
    labels,
)
from karma_core.simulate.trade import COUNTER_SALE, CREDIT_NOTE, EXTRA_HOURS, PRODUCTS, PROJECTS, SEGMENTS
from karma_core.simulate.world import World

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]

LINE_KINDS = ("sale", "credit", "counter", "instalment", "deal_credit", "delivery_hours")
SALE, CREDIT, COUNTER, INSTALMENT, DEAL_CREDIT, DELIVERY_HOURS = range(6)
CODES = (
    *(product.code for product in PRODUCTS),
    *(project.code for project in PROJECTS),
    EXTRA_HOURS[0],
    CREDIT_NOTE[0],
    COUNTER_SALE[0],
)
HOURS_PRODUCT, CREDIT_PRODUCT, COUNTER_PRODUCT = (len(CODES) - 3, len(CODES) - 2, len(CODES) - 1)
NAMES = ("customer", "day", "order", "product", "quantity", "revenue", "cost", "kind", "deal", "instalment")


def purchases_frame(world: World) -> pl.DataFrame:
    """Every line of sale from the first day on, also what is still to come; one invoice per order and day."""
    parts = [*_own_accord(world), *_of_deals(world)]
    every = {name: np.concatenate([part[name] for part in parts]) for name in NAMES}
    kept = np.flatnonzero(every["day"] >= world.market.starts)
    # The credits and hours of one deal on one day belong on one invoice, those of an order likewise.
    series = np.where(every["deal"] >= 0, every["deal"], every["order"])
    sort = (every["kind"], series, np.minimum(every["deal"], 0), every["day"])
    order = kept[np.lexsort(tuple(key[kept] for key in sort))]
    lines = {name: values[order] for name, values in every.items()}
    return PURCHASES.keep(_frame(world, lines)).with_columns(_more(lines))


def _frame(world: World, lines: Columns) -> pl.DataFrame:
    customer = np.asarray(lines["customer"], dtype=np.int64)
    is_deal = lines["deal"] >= 0
    key = np.where(is_deal, lines["deal"], lines["order"])
    new = (np.diff(key) != 0) | (np.diff(lines["day"]) != 0) | (np.diff(is_deal.astype(np.int64)) != 0)
    counter = lines["kind"] == COUNTER
    invoice = np.cumsum(np.r_[False, new | (np.diff(counter.astype(np.int64)) != 0)][: len(key)])
    segment = np.where(customer < 0, -1, world.population.segment[customer])
    return pl.DataFrame(
        {
            "customer": _customers(world, customer),
            "on": days(np.asarray(lines["day"], dtype=np.int64)),
            "revenue_cents": cents(lines["revenue"]),
            "cost_cents": cents(lines["cost"]),
            "invoice": ids(invoice.astype(np.int64), above=INVOICE_NUMBERS),
            "deal": ids(np.asarray(lines["deal"], dtype=np.int64), above=DEAL_NUMBERS),
            "segment": labels([each.nl for each in SEGMENTS], segment),
        }
    )


def _customers(world: World, customer: Ints) -> pl.Series:
    names = pl.concat([world.customers["customer"], pl.Series("customer", [None], dtype=pl.String)])
    return names.gather(np.where(customer < 0, len(names) - 1, customer))


def _more(lines: Columns) -> list[pl.Series]:
    whole = {name: np.asarray(lines[name], dtype=np.int64) for name in NAMES}
    is_deal, counter = whole["deal"] >= 0, whole["kind"] == COUNTER
    orders = ids(np.where(counter, -1, whole["order"]), above=ORDER_NUMBERS)
    of_deals = ids(whole["deal"], above=DEAL_ORDER_NUMBERS)
    both = pl.DataFrame({"order": orders, "of_deal": of_deals, "is_deal": is_deal})
    return [
        pl.Series("line", np.arange(1, len(is_deal) + 1)),
        both.select(pl.when("is_deal").then("of_deal").otherwise("order").alias("order"))["order"],
        labels(CODES, whole["product"]).alias("product"),
        pl.Series("quantity", whole["quantity"]),
        pl.Series("instalment", whole["instalment"]).replace(0, None),
        labels(LINE_KINDS, whole["kind"]).alias("kind"),
    ]


def _part(columns: Columns, *, kind: int, deal: Ints | None, instalment: Ints | None) -> Columns:
    n = len(columns["day"])
    return columns | {
        "kind": np.full(n, kind),
        "deal": np.full(n, -1) if deal is None else deal,
        "instalment": np.zeros(n, dtype=np.int64) if instalment is None else instalment,
    }


def _own_accord(world: World) -> list[Columns]:
    at_counter = {**vars(world.counter), "product": np.full(len(world.counter.day), COUNTER_PRODUCT)}
    return [
        _part(dict(vars(world.orders)), kind=SALE, deal=None, instalment=None),
        _part(dict(vars(world.credits)), kind=CREDIT, deal=None, instalment=None),
        _part(at_counter, kind=COUNTER, deal=None, instalment=None),
    ]


def _of_deals(world: World) -> list[Columns]:
    deals, deliveries = world.deals, world.deliveries
    signed = deals.won & deals.exists
    row, number = np.nonzero((deliveries.share > 0) & signed[:, None])
    paid = _deal_lines(
        world, row, day=deliveries.invoiced[row, number], product=len(PRODUCTS) + deals.project[row]
    )
    paid["revenue"] = np.round(deals.amount[row] * deliveries.share[row, number], 2)
    paid["cost"] = instalment_costs(world)[row, number] + deliveries.price_loss[row, number]
    back = np.flatnonzero(signed & (deliveries.credit > 0))
    credit = _deal_lines(world, back, day=deliveries.credit_on[back], product=np.full(len(back), CREDIT_PRODUCT))
    credit |= {"revenue": -deliveries.credit[back], "quantity": np.full(len(back), -1)}
    spent = np.flatnonzero(signed & (deliveries.hours > 0))
    hours = _deal_lines(world, spent, day=deliveries.hours_on[spent], product=np.full(len(spent), HOURS_PRODUCT))
    hours["cost"] = deliveries.hours[spent]
    return [
        _part(paid, kind=INSTALMENT, deal=row, instalment=number + 1),
        _part(credit, kind=DEAL_CREDIT, deal=back, instalment=None),
        _part(hours, kind=DELIVERY_HOURS, deal=spent, instalment=None),
    ]


def _deal_lines(world: World, row: Ints, *, day: Ints, product: Ints) -> Columns:
    lines = {"customer": world.deals.customer[row], "day": day, "order": row, "product": product}
    none = {
        "quantity": np.ones(len(row), dtype=np.int64),
        "revenue": np.zeros(len(row)),
        "cost": np.zeros(len(row)),
    }
    return lines | none


def instalment_costs(world: World) -> Floats:
    """Euros of cost as quoted, deals x instalments."""
    cost = world.deals.amount * (1 - world.deals.margin_share)
    return np.asarray(np.round(cost[:, None] * world.deliveries.share, 2))


def quoted_margins(world: World) -> Floats:
    """Euros of margin as signed, by deal: the amount less what its instalments were to cost."""
    costs = instalment_costs(world)
    return np.asarray(world.deals.amount - costs.sum(axis=1))
