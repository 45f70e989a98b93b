"""Deals and what hangs on them as frames: history, quotes, promises, and margin lost after the signature."""

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.frames import DEALS, STAGE_HISTORY
from karma_core.simulate.columns import (
    DEAL_NUMBERS,
    PROMISE_NUMBERS,
    QUOTE_NUMBERS,
    cents,
    days,
    ids,
    labels,
)
from karma_core.simulate.deliveries import CAUSES, PROMISES
from karma_core.simulate.ledger import quoted_margins
from karma_core.simulate.people import person_ids
from karma_core.simulate.trade import PROJECTS, QUOTED, SEGMENTS, SOURCES, STAGES
from karma_core.simulate.world import World, contact_places

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

QUOTE_VALID_DAYS = 30
FIRST_SECURER = "delivery"


def stage_history_frame(world: World) -> pl.DataFrame:
    """Every row of every deal, also what is still to come."""
    history = world.history
    frame = pl.DataFrame(
        {
            "deal": ids(history.deal, above=DEAL_NUMBERS),
            "on": days(history.on),
            "stage": labels([stage.nl for stage in STAGES], history.stage),
            "revenue_cents": cents(history.amount),
            "stated_chance": history.chance,
            "expected_close_on": days(history.expected),
        }
    )
    return STAGE_HISTORY.keep(frame.filter(pl.Series(world.deals.exists[history.deal])))


def deals_frame(world: World) -> pl.DataFrame:
    """Every deal as it ends, also when that is still to come."""
    deals = world.deals
    contract = pl.DataFrame(
        {
            "deal": ids(np.arange(len(deals.won)), above=DEAL_NUMBERS),
            "customer": world.customers["customer"].gather(deals.customer),
            "outcome": labels(["lost", "won"], deals.won.astype(np.int64)),
            "opened_on": days(deals.opened),
            "closed_on": days(deals.closed),
            "expected_close_on": days(deals.closed),
            "stage": labels([stage.nl for stage in STAGES], deals.final),
            "revenue_cents": cents(deals.amount),
            "margin_cents": cents(quoted_margins(world)),
            "stated_chance": deals.won.astype(np.float64),
            "segment": labels([each.nl for each in SEGMENTS], world.population.segment[deals.customer]),
            "source": labels([source.nl for source in SOURCES], deals.source),
            "owner": labels(person_ids(world.staff), deals.seller),
        }
    )
    return DEALS.keep(contract).with_columns(_more(world)).filter(pl.Series(deals.exists))


def _more(world: World) -> list[pl.Series]:
    deals = world.deals
    project = labels([each.nl for each in PROJECTS], deals.project)
    first, _ = contact_places(world.contacts)
    names = pl.DataFrame({"project": project, "name": world.customers["name"].gather(deals.customer)})
    return [
        names.select(pl.concat_str("project", pl.lit(" - "), "name").alias("name"))["name"],
        project.alias("project"),
        labels(world.staff.teams, deals.team).alias("team"),
        world.contacts["contact"].gather(first[deals.customer]).alias("contact"),
    ]


def quotes_frame(world: World) -> pl.DataFrame:
    """One quote for each deal that came so far; answered when the deal closed."""
    deals, history = world.deals, world.history
    amount = deals.amount.copy()
    at_quote = history.stage == QUOTED
    amount[history.deal[at_quote]] = history.amount[at_quote]
    row = np.flatnonzero(deals.exists & (history.quoted_on >= 0))
    return pl.DataFrame(
        {
            "quote": ids(row, above=QUOTE_NUMBERS),
            "deal": ids(row, above=DEAL_NUMBERS),
            "sent_on": days(history.quoted_on[row]),
            "valid_until": days(history.quoted_on[row] + QUOTE_VALID_DAYS),
            "revenue_cents": cents(amount[row]),
            "margin_cents": cents(amount[row] * deals.margin_share[row]),
            "answered_on": days(deals.closed[row]),
            "is_accepted": deals.won[row],
        }
    )


def margin_losses_frame(world: World) -> pl.DataFrame:
    """Margin lost after the signature, by deal and kind, in order of day."""
    deals, deliveries = world.deals, world.deliveries
    signed = deals.won & deals.exists
    rise, number = np.nonzero((deliveries.price_loss != 0) & signed[:, None])
    back, spent = (np.flatnonzero(signed & (loss > 0)) for loss in (deliveries.credit, deliveries.hours))
    parts = (
        ("credit", back, deliveries.credit_on[back], deliveries.credit[back]),
        ("delivery_hours", spent, deliveries.hours_on[spent], deliveries.hours[spent]),
        ("purchase_price", rise, deliveries.invoiced[rise, number], deliveries.price_loss[rise, number]),
    )
    return pl.concat([_losses(world, *part) for part in parts]).sort("on", "deal", "kind")


def _losses(world: World, kind: str, row: Ints, day: Ints, euros: Floats) -> pl.DataFrame:
    rose = kind == "purchase_price"
    causes = [("Inkoopprijs gestegen", "Our purchase price rose")] if rose else list(CAUSES)
    cause = np.zeros(len(row), dtype=np.int64) if rose else world.deliveries.cause[row]
    return pl.DataFrame(
        {
            "deal": ids(row, above=DEAL_NUMBERS),
            "on": days(day),
            "kind": labels([kind], np.zeros(len(row), dtype=np.int64)),
            "amount_cents": cents(euros),
            "cause_nl": labels([nl for nl, _ in causes], cause),
            "cause_en": labels([en for _, en in causes], cause),
        }
    )


def promises_frame(world: World) -> pl.DataFrame:
    """Every promise made with a quote, with the day it is kept, also when that is still to come."""
    promises, deals = world.promises, world.deals
    row, slot = np.nonzero(promises.made & deals.exists[:, None])
    ours, secured = promises.ours[row, slot], promises.secured[row, slot]
    kept = np.where(deals.won[row] & ~promises.broken[row, slot], promises.kept_on[row, slot], 10**6)
    seller = np.where(ours, deals.seller[row], -1)
    frame = pl.DataFrame(
        {
            "promise": ids(row * 2 + slot, above=PROMISE_NUMBERS),
            "deal": ids(row, above=DEAL_NUMBERS),
            "customer": world.customers["customer"].gather(deals.customer[row]),
            "person": labels(person_ids(world.staff), seller),
            "side": labels(["customer", "us"], ours.astype(np.int64)),
            "text_nl": labels([nl for nl, _ in PROMISES], promises.text[row, slot]),
            "text_en": labels([en for _, en in PROMISES], promises.text[row, slot]),
            "made_on": days(promises.made_on[row, slot]),
            "due_on": days(promises.due[row, slot]),
            "secured_by": labels(_delivery(world), np.where(secured, row % len(_delivery(world)), -1)),
            "kept_on": days(kept),
        }
    )
    outcome = np.where(deals.won[row], np.where(promises.broken[row, slot], 1, 0), 2)
    return frame.with_columns(labels(["kept", "broken", "lapsed"], outcome).alias("outcome"))


def _delivery(world: World) -> list[str]:
    functions = world.staff.functions
    return [person for person, at in zip(person_ids(world.staff), functions, strict=True) if at == FIRST_SECURER]
