"""The company as it was known on an earlier day."""

from dataclasses import replace
from datetime import date

import polars as pl

from karma_core.periods import Period
from karma_core.simulate.contents import Company
from karma_core.simulate.trade import LOST, STAGES, WON

ENDED = {STAGES[WON].nl: "won", STAGES[LOST].nl: "lost"}


def known_before(company: Company, *, on: date) -> Company:
    """The same company with only the facts dated before `on`; the truth stays whole.

    A deal that closed on or after it is open again, with the stage, amount, chance and expected day that its
    history held; one that opened later is gone. Dates still to come are null. Customers who were not met yet are
    gone, and so is whatever belongs to them. Raises PeriodError where `on` is not after the first day.

    >>> from karma_core.simulate import company as make
    >>> now = make(ends_on=date(2026, 7, 1), customers=50, years=1)
    >>> then = known_before(now, on=date(2026, 4, 1))
    >>> then.purchases["on"].max() < date(2026, 4, 1) <= now.purchases["on"].max()
    True
    """
    history = company.stage_history.filter(pl.col("on") < on)
    return replace(
        company,
        period=Period(company.period.start, on),
        people=_dated(company.people, since="joined_on", until=("left_on",), on=on),
        memberships=_dated(company.memberships, since="from_on", until=("until_on",), on=on),
        customers=company.customers.filter(pl.col("since_on") < on),
        responsibilities=_dated(company.responsibilities, since="from_on", until=("until_on",), on=on),
        contacts=_of_customers(company, company.contacts, on=on),
        purchases=company.purchases.filter(pl.col("on") < on),
        deals=_deals(company, history, on=on),
        stage_history=history,
        quotes=_quotes(company.quotes, on=on),
        margin_losses=company.margin_losses.filter(pl.col("on") < on),
        promises=_promises(company.promises, on=on),
        contact_moments=company.contact_moments.filter(pl.col("at").dt.date() < on),
        year_plans=company.year_plans.filter(pl.col("stated_on") < on),
    )


def _hidden(column: str, *, on: date) -> pl.Expr:
    return pl.when(pl.col(column) < on).then(column).alias(column)


def _dated(frame: pl.DataFrame, *, since: str, until: tuple[str, ...], on: date) -> pl.DataFrame:
    begun = frame.filter(pl.col(since).is_null() | (pl.col(since) < on))
    return begun.with_columns(_hidden(column, on=on) for column in until)


def _of_customers(company: Company, frame: pl.DataFrame, *, on: date) -> pl.DataFrame:
    known = company.customers.filter(pl.col("since_on") < on).select("customer")
    return frame.join(known, on="customer", how="semi", maintain_order="left")


def _deals(company: Company, history: pl.DataFrame, *, on: date) -> pl.DataFrame:
    changing = ("stage", "stated_chance", "expected_close_on")
    last = history.group_by("deal", maintain_order=True).last().drop("on")
    known = company.deals.drop(changing).join(last, on="deal", how="inner", suffix="_now", maintain_order="left")
    signed = company.truth.deals.select("deal", "revenue_cents", "margin_cents")
    known = known.join(signed, on="deal", how="left", suffix="_signed", maintain_order="left")
    same = pl.col("revenue_cents_now") == pl.col("revenue_cents_signed")
    share = pl.col("margin_cents_signed") / pl.col("revenue_cents_signed")
    moved = (pl.col("revenue_cents_now") * share).round().cast(pl.Int64)
    rewound = known.filter(pl.col("opened_on") < on).with_columns(
        pl.col("stage").replace_strict(ENDED, default="open", return_dtype=pl.String).alias("outcome"),
        _hidden("closed_on", on=on),
        pl.col("revenue_cents_now").alias("revenue_cents"),
        pl.when(same).then("margin_cents_signed").otherwise(moved).alias("margin_cents"),
    )
    return rewound.select(company.deals.columns)


def _quotes(quotes: pl.DataFrame, *, on: date) -> pl.DataFrame:
    answered = pl.col("answered_on") < on
    return quotes.filter(pl.col("sent_on") < on).with_columns(
        pl.when(answered).then("is_accepted").alias("is_accepted"), _hidden("answered_on", on=on)
    )


def _promises(promises: pl.DataFrame, *, on: date) -> pl.DataFrame:
    settled = (pl.col("kept_on") < on) | (pl.col("due_on") < on)
    return promises.filter(pl.col("made_on") < on).with_columns(
        pl.when(settled).then("outcome").otherwise(pl.lit("open")).alias("outcome"), _hidden("kept_on", on=on)
    )
