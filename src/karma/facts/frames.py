"""The tables as frames that keep the core's contracts: the only bridge from the database to the core.

Every frame holds what was dated before the as-of date. Customers and deals go by their own id as text; where the
core reads them (`gathering`) they go by their place in the source's order.
"""

from datetime import date

import polars as pl

from karma.facts.reading import Schema, day, frame_of
from karma_core.frames import CUSTOMER_STATISTICS, DEALS, PURCHASES, STAGE_HISTORY, collect_statistics

_HELD = "from_on <= %s AND (until_on IS NULL OR until_on > %s)"


def purchases(as_of: date, *, customers: pl.Series | None = None) -> pl.DataFrame:
    """Lines of sale before as-of, as PURCHASES, in the order in which they came in.

    `customers` (ids as text) narrows them; without it lines without a customer are in as well.
    """
    lines = _with_segment(_as_text(purchase_rows(as_of), "customer", "deal"), as_of)
    return PURCHASES.keep(_narrowed(lines, customers))


def deals(as_of: date, *, customers: pl.Series | None = None) -> pl.DataFrame:
    """Deals as the tables show them now, as DEALS: `karma_core.deals.rewind` turns them back to as-of.

    Those that were opened on or after as-of stay in, since without them nobody could tell that what stands in the
    tables now was not yet known then.
    """
    rows = _with_segment(_as_text(deal_rows(), "deal", "customer"), as_of)
    return DEALS.keep(_narrowed(rows, customers))


def stage_history(as_of: date) -> pl.DataFrame:
    """Changes of deals before as-of, as STAGE_HISTORY."""
    return STAGE_HISTORY.keep(_as_text(stage_rows(as_of), "deal"))


def customer_statistics(as_of: date) -> pl.DataFrame:
    """What rhythm models are fitted on, as CUSTOMER_STATISTICS."""
    return CUSTOMER_STATISTICS.keep(collect_statistics(purchases(as_of).lazy(), as_of=as_of))


def responsible(as_of: date) -> pl.DataFrame:
    """Who answers for each customer on as-of: `customer, team, person`; where nobody does there is no row."""
    return _as_text(responsible_rows(as_of), "customer")


def purchase_rows(as_of: date) -> pl.DataFrame:
    """Lines of sale before as-of with numbers for customer and deal."""
    statement = f"""
        SELECT customer_id, {day('"on"')}, revenue_cents, cost_cents, NULLIF(invoice, ''), deal_id
        FROM deals_purchaseline WHERE "on" < %s ORDER BY id"""  # noqa: S608 (no word of it comes from outside)
    names = ("customer", "on", "revenue_cents", "cost_cents", "invoice", "deal")
    return frame_of(statement, [f"{as_of}"], _numbered(PURCHASES.schema, names))


def deal_rows() -> pl.DataFrame:
    """All deals with numbers for deal and customer; `person` is the owner's number."""
    days = ", ".join(day(f"deal.{name}") for name in ("opened_on", "closed_on", "expected_close_on"))
    statement = f"""
        SELECT deal.id, deal.customer_id, deal.outcome, {days}, NULLIF(deal.stage, ''), deal.revenue_cents,
               deal.margin_cents, deal.stated_chance, NULLIF(deal.lead_source, ''), person.name, deal.owner_id,
               deal.title, deal.source_key
        FROM deals_deal deal LEFT JOIN people_person person ON person.id = deal.owner_id ORDER BY deal.id
    """  # noqa: S608 (no word of it comes from outside)
    names = (
        "deal", "customer", "outcome", "opened_on", "closed_on", "expected_close_on", "stage", "revenue_cents",
        "margin_cents", "stated_chance", "source", "owner",
    )  # fmt: skip
    more: Schema = {"person": pl.Int64, "title": pl.String, "source_key": pl.String}
    return frame_of(statement, [], {**_numbered(DEALS.schema, names), **more})


def stage_rows(as_of: date) -> pl.DataFrame:
    """Changes of deals before as-of with the deal's number."""
    statement = f"""
        SELECT deal_id, {day('"on"')}, stage, revenue_cents, stated_chance, {day("expected_close_on")}
        FROM deals_stagechange WHERE "on" < %s ORDER BY id"""  # noqa: S608 (no word of it comes from outside)
    return frame_of(statement, [f"{as_of}"], _numbered(STAGE_HISTORY.schema, tuple(STAGE_HISTORY.schema)))


def customer_rows(as_of: date) -> pl.DataFrame:
    """Every customer: `customer` (number), `name`, and the segment held on as-of, else the industry, else null."""
    statement = f"""
        SELECT customer.id, customer.name, COALESCE(NULLIF(held.segment, ''), NULLIF(customer.industry, ''))
        FROM customers_customer customer LEFT JOIN customers_customersegment held
        ON held.customer_id = customer.id AND {_HELD} ORDER BY customer.id"""  # noqa: S608
    schema: Schema = {"customer": pl.Int64, "name": pl.String, "segment": pl.String}
    return frame_of(statement, [f"{as_of}"] * 2, schema).unique("customer", keep="first", maintain_order=True)


def responsible_rows(as_of: date) -> pl.DataFrame:
    """Who answers for each customer on as-of, all three as numbers."""
    statement = f"""
        SELECT customer_id, team_id, person_id FROM customers_responsibility
        WHERE {_HELD} AND (team_id IS NOT NULL OR person_id IS NOT NULL) ORDER BY customer_id"""  # noqa: S608
    schema: Schema = {"customer": pl.Int64, "team": pl.Int64, "person": pl.Int64}
    return frame_of(statement, [f"{as_of}"] * 2, schema)


def source_keys() -> pl.DataFrame:
    """What the source that most sales come from calls each customer: `customer` (number), `source_key`."""
    statement = """
        SELECT customer_id, MIN(source_key) FROM customers_customersource WHERE source = (
            SELECT source FROM deals_purchaseline GROUP BY source ORDER BY COUNT(*) DESC, source LIMIT 1
        ) GROUP BY customer_id"""
    return frame_of(statement, [], {"customer": pl.Int64, "source_key": pl.String})


def _numbered(schema: Schema, names: tuple[str, ...]) -> Schema:
    """The contract's types, with whole numbers for ids."""
    return {name: pl.Int64 if name in ("customer", "deal") else schema[name] for name in names}


def _as_text(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    return rows.with_columns(pl.col(*names).cast(pl.String))


def _narrowed(rows: pl.DataFrame, customers: pl.Series | None) -> pl.DataFrame:
    if customers is None:
        return rows
    return rows.join(customers.to_frame("customer").unique(), on="customer", how="semi", maintain_order="left")


def _with_segment(rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    held = _as_text(customer_rows(as_of), "customer").select("customer", "segment")
    return rows.join(held, on="customer", how="left", maintain_order="left")
