"""What `karma rhythm` says: one document for a program, a call list with reasons for a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from rich.table import Table

from karma.cli import output
from karma.cli.language import _, language, ngettext
from karma.cli.lines import Lines
from karma.cli.sources import distinct, grouped
from karma.pictures import Rhythm, rhythm_picture
from karma_core.money import in_words
from karma_core.rhythm import FLAT, MarketClock, RhythmFit, RhythmReading, portrait
from karma_core.words import day_in_words, round_to_range

CALLS = 10
MEAN, LOW, HIGH = "mean", "p05", "p95"
YEARS_SHOWN = 2
STATES = ("call_now", "lead_by_hand", "calm", "leave_in_peace", "asleep", "too_little_data")


def state_in_words(state: str) -> str:
    """What is said of the number of customers in a state."""
    return {
        "call_now": _("to call now"),
        "lead_by_hand": _("to lead by the hand"),
        "calm": _("calm: they buy in their own rhythm"),
        "leave_in_peace": _("to leave in peace for now"),
        "asleep": _("asleep: they have probably stopped"),
        "too_little_data": _("too little data: nothing can be said yet"),
    }[state]


@dataclass(frozen=True)
class Answer:
    """A reading of the customers' rhythm on its way to a person or to a program."""

    fit: RhythmFit
    reading: RhythmReading
    horizon_days: int
    as_of: date
    lines: Lines
    names: pl.DataFrame | None
    clock: MarketClock = FLAT

    def document(self) -> dict[str, Any]:
        """The answer as one JSON document."""
        margin = self.reading.expected_margin_cents
        return {
            "model": self.fit.model,
            "k": self.fit.k,
            "parameters": self.fit.parameters,
            "log_likelihood": self.fit.log_likelihood,
            "regularised": self.fit.regularised,
            "customers": self.fit.customers,
            "cells": self.fit.cells,
            "has_season": self.clock.has_season,
            "has_trend": self.clock.has_trend,
            "as_of": f"{self.as_of}",
            "horizon_days": self.horizon_days,
            "expected_purchases": _range(self.reading.expected_purchases),
            "expected_margin_cents": _range(margin) if margin else None,
            "currency": self.lines.told.currency,
            "columns": self.lines.told.columns,
            **self.lines.told.account(),
            "warnings": self.warnings(),
        }

    def warnings(self) -> list[str]:
        """What the reader has to know, in sentences."""
        own = [warning.say(language()) for warning in (*self.fit.warnings, *self.reading.warnings)]
        return distinct([*own, *self.lines.told.warnings, self.lines.not_yet(self.as_of)])

    def calls(self) -> pl.DataFrame:
        """The customers to call first, the most needed on top, with what each is called."""
        first = self.reading.call_list.head(CALLS)
        if self.names is None:
            return first.with_columns(name="customer")
        named = first.join(self.names, on="customer", how="left", maintain_order="left")
        return named.with_columns(pl.coalesce("name", "customer").alias("name"))

    def tell(self) -> None:
        """Say it in sentences, then the customers to call with their reason, then what this rests on."""
        for sentence in self.sentences():
            output.answer.print(sentence, markup=False)
        calls = self.calls()
        if len(calls):
            title = ngettext("Call this customer first", "Call these {n} customers first", len(calls))
            output.answer.print("\n" + title.format(n=len(calls)), style="bold", markup=False)
            output.answer.print(_call_table(calls))
        model = _("Model {model}, {customers} customers in {cells} distinct histories, log-likelihood {ll:.1f}.")
        rests = model.format(
            model=self.fit.model if self.fit.k == 1 else f"{self.fit.model} (k = {self.fit.k})",
            customers=grouped(self.fit.customers),
            cells=grouped(self.fit.cells),
            ll=self.fit.log_likelihood,
        )
        output.tell_notes(_("What this rests on"), [*self.warnings(), *self.lines.told.notes(), rests])

    def sentences(self) -> list[str]:
        """The totals as ranges, and how many customers are in each state."""
        orders = self.reading.expected_purchases
        said = [
            _("With what was known before {as_of}, {days} days ahead:").format(
                as_of=day_in_words(self.as_of, language=language()), days=self.horizon_days
            ),
            _("We can expect about {mean} purchases; 9 times in 10 between {low} and {high}.").format(
                mean=grouped(round(orders.mean)), low=grouped(round(orders.p05)), high=grouped(round(orders.p95))
            ),
        ]
        if worth := self._worth():
            told = (
                _("Together about {mean} of margin; 9 times in 10 between {low} and {high}.")
                if self.reading.measure == "margin"
                else _("Together about {mean} of revenue; 9 times in 10 between {low} and {high}.")
            )
            said.append(told.format(mean=worth(MEAN), low=worth(LOW), high=worth(HIGH)))
        counts = dict(self.reading.customers.group_by("customer_state").len().iter_rows())
        return said + [
            f"{grouped(counts[state])} {state_in_words(state)}" for state in STATES if counts.get(state)
        ]

    def _worth(self) -> Callable[[str], str] | None:
        """Says an end of the range of what the purchases are worth; None where nothing is known of it."""
        worth = self.reading.expected_margin_cents or self.reading.expected_revenue_cents
        if worth is None:
            return None
        width = round(worth.p95 - worth.p05)

        def say(end: str) -> str:
            rounded = round_to_range(round(getattr(worth, end)), width_cents=width)
            return in_words(rounded, currency=self.lines.told.currency, language=language())

        return say


def _range(of: Any) -> dict[str, float]:
    return {"mean": of.mean, "p05": of.p05, "p95": of.p95}


def _call_table(calls: pl.DataFrame) -> Table:
    """One reason a row; the customer's number beside it where the reason speaks of a name."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for customer, name, reason in calls.select("customer", "name", f"reason_{language()}").iter_rows():
        table.add_row(*([] if customer == name else [customer]), reason)
    return table


def call_list_picture(answer: Answer) -> str:
    """The customers to call: when they bought, and when their next order was likely."""
    calls = dict(answer.calls().select("customer", "name").iter_rows())
    since = answer.as_of - timedelta(days=365 * YEARS_SHOWN)
    lines = answer.lines.past(answer.as_of, pl.Series(list(calls), dtype=pl.String))
    known = lines.filter(pl.col("customer").is_in(list(calls)), pl.col("on") < answer.as_of)
    days = known.filter(pl.col("revenue_cents") >= 0).select("customer", "on").unique().collect()
    rows = [
        _row(name, days.filter(pl.col("customer") == customer)["on"].to_list(), since, answer)
        for customer, name in calls.items()
    ]
    title = _("Customers to call: when they bought (dots), and when their next order was likely (band)")
    return rhythm_picture(rows, as_of=answer.as_of, title=title, today=f"{answer.as_of:%d-%m-%Y}")


def _row(customer: str, bought_on: list[date], since: date, answer: Answer) -> Rhythm:
    """The band runs over the middle half of the customer's own gaps; below two gaps it is as wide as today."""
    drawn = portrait(bought_on, as_of=answer.as_of, clock=answer.clock)
    band = (drawn.due_from or answer.as_of, drawn.due_until or answer.as_of)
    return Rhythm(customer, [day for day in drawn.bought_on if day >= since], *band)
