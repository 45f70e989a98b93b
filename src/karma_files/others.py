"""Stage history, customers, contacts, people and contact moments, settled by the same few rules."""

import polars as pl

from karma_files.readings import Reading, why
from karma_files.settling import (
    ASIDE,
    continues,
    deleted,
    first_known,
    full_name,
    need,
    refuse_repeats,
    text_or_null,
    value_or_null,
)


def settle_stage_history(reading: Reading) -> None:
    """Add the columns of STAGE_HISTORY; each row needs a deal, a day and a stage."""
    reading.frame = reading.frame.with_columns(
        deal=text_or_null(reading, "deal"),
        revenue_cents=value_or_null(reading, "amount", pl.Int64),
        stated_chance=value_or_null(reading, "stated_chance", pl.Float64),
        expected_close_on=value_or_null(reading, "expected_close_on", pl.Date),
    )
    _leave_aside(reading, "deal", "on", "stage")
    need(reading, "deal", pl.col("deal"), "no_value")
    need(reading, "on", pl.col("on"), "no_date")
    need(reading, "stage", pl.col("stage"), "no_value")


def settle_customers(reading: Reading) -> None:
    """Add the columns of CUSTOMERS; an id is the number, else the name."""
    reading.frame = reading.frame.with_columns(name=first_known(reading, "name", "customer")).with_columns(
        customer=first_known(reading, "customer", "name")
    )
    _settle(reading, "customer", "name")


def settle_contacts(reading: Reading) -> None:
    """Add the columns of CONTACTS; an id is the number, else the e-mail address, else the name."""
    _name_people(reading, "contact")
    reading.frame = reading.frame.with_columns(customer=text_or_null(reading, "customer"))
    _settle(reading, "contact", "name", "email", "last_name")


def settle_people(reading: Reading) -> None:
    """Add the columns of PEOPLE; an id is the number, else the e-mail address, else the name.

    Who changed team stands in a file once for each team: only the same team from the same day is a repetition.
    """
    _name_people(reading, "person")
    columns = ("person", *(name for name in ("team", "from_on") if name in reading.fields))
    once = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in columns], separator="\x1f")
    reading.frame = reading.frame.with_columns(pl.when(pl.col("person").is_not_null()).then(once).alias("once"))
    _settle(reading, "person", "name", "email", "last_name", once="once")


def settle_responsibilities(reading: Reading) -> None:
    """Add the columns of RESPONSIBILITIES; each row needs a customer, and a person or a team."""
    customer = first_known(reading, "customer", "customer_name")
    reading.frame = reading.frame.with_columns(
        customer=customer, person=text_or_null(reading, "person"), team=text_or_null(reading, "team")
    )
    _leave_aside(reading, "customer", "customer_name", "person", "team")
    field = "customer" if "customer" in reading.fields else "customer_name"
    need(reading, field, pl.col("customer"), "no_value")
    needed = "person" if "person" in reading.fields else "team"
    need(reading, needed, pl.coalesce("person", "team"), "no_value")
    if {"from_on", "until_on"} <= set(reading.fields):
        _refuse(reading, "until_on", _ends_first(), "ends_first")
    begins = pl.col("from_on").cast(pl.String).fill_null("") if "from_on" in reading.fields else pl.lit("")
    once = pl.concat_str("customer", begins, separator="\x1f")
    reading.frame = reading.frame.with_columns(once.alias("once"))
    refuse_repeats(reading, field, key="once")


def settle_customer_plans(reading: Reading) -> None:
    """Add the columns of CUSTOMER_PLANS; each row needs a customer, days or a year, an amount and a day stated.

    A year stands for its calendar year where the days are not given.
    """
    year = pl.col("year") // 1_000_000 if "year" in reading.fields else pl.lit(None, dtype=pl.Int64)
    first, last = (pl.date(year + n, 1, 1) for n in (0, 1))
    if "year" in reading.fields:
        is_year = (pl.col("year") % 1_000_000 == 0) & year.is_between(1900, 2999)
        _refuse(reading, "year", ~is_year, "not_a_year")
        first, last = (pl.when(is_year).then(day) for day in (first, last))
    reading.frame = reading.frame.with_columns(
        customer=first_known(reading, "customer", "customer_name"),
        from_on=pl.coalesce(value_or_null(reading, "from_on", pl.Date), first),
        until_on=pl.coalesce(value_or_null(reading, "until_on", pl.Date), last),
        revenue_cents=pl.col("amount"),
    )
    _leave_aside(reading, "customer", "customer_name", "year", "from_on", "amount")
    need(reading, "customer" if "customer" in reading.fields else "customer_name", pl.col("customer"), "no_value")
    said = pl.col(why("year")).is_not_null() if "year" in reading.fields else pl.lit(False)
    for name in ("from_on", "until_on"):
        day = pl.when(pl.col(name).is_not_null() | said).then(1)
        need(reading, name if name in reading.fields else "year", day, "no_date")
    _refuse(reading, "until_on" if "until_on" in reading.fields else "year", _ends_first(), "ends_first")
    need(reading, "amount", pl.col("revenue_cents"), "no_amount")
    _refuse(reading, "amount", pl.col("revenue_cents") <= 0, "not_above_zero")
    need(reading, "stated_on", pl.col("stated_on"), "no_date")


def _ends_first() -> pl.Expr:
    return pl.col("until_on") <= pl.col("from_on")


def _refuse(reading: Reading, name: str, fault: pl.Expr, reason: str) -> None:
    """Say `reason` of rows with a fault, unless it is known already why."""
    said = pl.when(fault & pl.col(why(name)).is_null()).then(pl.lit(reason))
    reading.frame = reading.frame.with_columns(pl.coalesce(said, pl.col(why(name))).alias(why(name)))


def settle_contact_moments(reading: Reading) -> None:
    """Add the columns of CONTACT_MOMENTS; each row needs a day."""
    names = ("moment", "channel", "customer", "contact", "deal", "person", "subject", "note")
    reading.frame = reading.frame.with_columns(**{name: text_or_null(reading, name) for name in names})
    _leave_aside(reading, "moment", "on", "channel", "subject", "note")
    need(reading, "on", pl.col("on"), "no_date")
    if "moment" in reading.fields:
        refuse_repeats(reading, "moment", key="moment")


def _name_people(reading: Reading, key: str) -> None:
    named = full_name(reading)
    email = text_or_null(reading, "email")
    number = text_or_null(reading, key)
    reading.frame = reading.frame.with_columns(name=pl.coalesce(named, email, number)).with_columns(
        pl.coalesce(number, email, pl.col("name")).alias(key)
    )


def _leave_aside(reading: Reading, *keys: str) -> None:
    aside = pl.when(continues(reading, *keys)).then(pl.lit("continuation")).when(deleted(reading))
    reading.frame = reading.frame.with_columns(aside.then(pl.lit("deleted")).alias(ASIDE))


def _settle(reading: Reading, key: str, *others: str, once: str = "") -> None:
    _leave_aside(reading, key, *others)
    field = next(name for name in (key, *others) if name in reading.fields)
    need(reading, field, pl.col(key), "no_value")
    refuse_repeats(reading, field, key=once or key)
