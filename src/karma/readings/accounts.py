"""What an analysis rests on: numbers of facts, and what a reader has to know of them."""

from datetime import date
from typing import Any

import polars as pl

from karma.common.clock import today
from karma.facts.gathering import Facts
from karma.readings.asking import FRESH, is_half_written
from karma.readings.computing import DRAWS, HORIZON_DAYS, SEED, Customers
from karma_core.words import Sentence, day_in_words


def counted(facts: Facts, read: Customers) -> dict[str, Any]:
    """What the analysis rests on, in numbers."""
    days, bought = facts.lines["on"], facts.lines["customer"]
    first, last = days.cast(pl.String).min(), days.cast(pl.String).max()
    return {
        "customers": facts.customers.height,
        "customers_who_bought": bought.drop_nulls().n_unique(),
        "purchases": facts.lines.height,
        "purchases_without_customer": bought.null_count(),
        "deals": facts.deals.height,
        "first_on": first,
        "last_on": last,
        "months": days.dt.truncate("1mo").n_unique(),
        "horizon_days": HORIZON_DAYS,
        "seed": SEED,
        "draws": DRAWS,
        "rhythm": _rhythm(read),
    }


def _rhythm(read: Customers) -> dict[str, Any] | None:
    if read.fit is None or read.said is None:
        return None
    margin = read.said.expected_margin_cents
    return {
        "model": read.fit.model,
        "k": read.fit.k,
        "parameters": dict(read.fit.parameters),
        "log_likelihood": read.fit.log_likelihood,
        "customers": read.fit.customers,
        "measure": read.said.measure,
        "expected_purchases": vars(read.said.expected_purchases),
        "expected_margin_cents": vars(margin) if margin else None,
    }


def warned(facts: Facts, read: Customers) -> list[Sentence]:
    """What a reader has to know, in sentences."""
    said = list(read.warnings)
    if facts.as_of <= today() - FRESH:
        said.append(_old(facts.as_of))
    if is_half_written():
        said.append(HALF_WRITTEN)
    return said


def _old(as_of: date) -> Sentence:
    dag, day = (day_in_words(as_of, language=language) for language in ("nl", "en"))
    return Sentence(
        nl=f"De feiten houden op vóór {dag}. Daarom is alles gelezen zoals het op die dag stond.",
        en=f"The facts end before {day}. So everything is read as it stood on that day.",
    )


HALF_WRITTEN = Sentence(
    nl="Een import is halverwege gestopt. Wat hij al schreef telt mee, de rest nog niet.",
    en="An import stopped halfway. What it had written counts, the rest does not yet.",
)
