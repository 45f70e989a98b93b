"""All facts of one moment, as the core reads them.

A draw goes to the first customer, the next to the second: the same facts from files and from the database give
the same numbers only if their customers stand in the same order. So the core gets each customer and each deal by
its place in the order of the ids that their source gave them, which is the order that the files have.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from karma.facts import frames
from karma.facts.reading import one_snapshot
from karma_core.frames import DEALS, PURCHASES, STAGE_HISTORY

DIGITS = 10


@dataclass(frozen=True, eq=False)
class Facts:
    """What was known before `as_of`.

    `lines`, `deals` and `history` keep the contracts of the core, by keys. `customers` has one row a customer:
    `customer` (key), `id`, `name`, `segment`, `team`, `person`. `titles`: `deal` (key), `id`, `title`, `person`.
    """

    as_of: date
    lines: pl.DataFrame
    deals: pl.DataFrame
    history: pl.DataFrame
    customers: pl.DataFrame
    titles: pl.DataFrame

    def of_team(self, team: int, *, members: Collection[int]) -> "Facts":
        """The facts of the customers for whom a team is responsible on as-of, and of its people's other deals."""
        own = self.customers.filter(pl.col("team") == team)
        lines = self.lines.join(own, on="customer", how="semi", maintain_order="left")
        theirs = self.titles.filter(pl.col("person").is_in(list(members)))
        mine = pl.col("customer").is_in(own["customer"].to_list())
        loose = pl.col("customer").is_null() & pl.col("deal").is_in(theirs["deal"].to_list())
        deals = self.deals.filter(mine.fill_null(False) | loose)
        history = self.history.join(deals, on="deal", how="semi", maintain_order="left")
        return replace(self, lines=lines, deals=deals, history=history, customers=own)

    @property
    def is_empty(self) -> bool:
        return self.lines.is_empty() and self.deals.is_empty()

    def ids_of(self, keys: pl.Series) -> dict[str, int]:
        """The number of each customer by its key."""
        asked = self.customers.filter(pl.col("customer").is_in(keys.drop_nulls().unique().to_list()))
        return dict(asked.select("customer", "id").iter_rows())


def gather(as_of: date, *, today: date) -> Facts:
    """Read everything in one snapshot.

    On `today` or later the tables show the present: what was opened today is left out, what closed today is open
    still. For an earlier day the core turns the deals back, and forgets what may have changed since.
    """
    with one_snapshot():
        lines, deals, history = frames.purchase_rows(as_of), frames.deal_rows(), frames.stage_rows(as_of)
        customers, held = frames.customer_rows(as_of), frames.responsible_rows(as_of)
        keys = frames.source_keys()
    customers = _keyed(customers.join(keys, on="customer", how="left"), "customer", then="name")
    customers = customers.join(held.rename({"customer": "id"}), on="id", how="left", maintain_order="left")
    deals = _keyed(deals, "deal", then="title")
    present = _present(deals, as_of) if as_of >= today else deals
    return Facts(
        as_of=as_of,
        lines=PURCHASES.keep(_deal_keys(_customer_keys(lines, customers), deals)),
        deals=DEALS.keep(_customer_keys(present.drop("id", "title"), customers)),
        history=STAGE_HISTORY.keep(_deal_keys(history, present).drop_nulls("deal")),
        customers=customers.select("customer", "id", "name", "segment", "team", "person"),
        titles=present.select("deal", "id", "title", "person"),
    )


def _keyed(rows: pl.DataFrame, name: str, *, then: str) -> pl.DataFrame:
    """Rename the number in column `name` to `id`, and put the row's key there; rows sorted by key."""
    ordered = rows.sort(pl.coalesce("source_key", then), name)
    key = pl.int_range(pl.len()).cast(pl.String).str.zfill(DIGITS)
    return ordered.with_columns(pl.col(name).alias("id"), key.alias(name)).drop("source_key")


def _customer_keys(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Exchange the customer's number for its key, and add its segment."""
    known = customers.select(pl.col("id").alias("customer"), pl.col("customer").alias("key"), "segment")
    joined = rows.join(known, on="customer", how="left", maintain_order="left")
    return joined.drop("customer").rename({"key": "customer"})


def _deal_keys(rows: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    known = deals.select(pl.col("id").alias("deal"), pl.col("deal").alias("key"))
    return rows.join(known, on="deal", how="left", maintain_order="left").drop("deal").rename({"key": "deal"})


def _present(deals: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Deals as they are now, without what is dated as-of or later; the stage of one just closed is unknown."""
    then = deals.filter(pl.col("opened_on").is_null() | (pl.col("opened_on") < as_of))
    is_open = (pl.col("outcome") == "open") | (pl.col("closed_on") >= as_of).fill_null(False)
    just_closed = is_open & (pl.col("outcome") != "open")
    return then.with_columns(
        pl.when(is_open).then(pl.lit("open")).otherwise("outcome").alias("outcome"),
        pl.when(~is_open).then("closed_on").alias("closed_on"),
        pl.when(~just_closed).then("stage").alias("stage"),
    )
