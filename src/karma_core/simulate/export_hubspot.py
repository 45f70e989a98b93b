"""The company as HubSpot would export it: its labels, its timestamps, several ids in one cell."""

import polars as pl

from karma_core.simulate.contents import Company
from karma_core.simulate.moments import NOTES_EN, TOPICS
from karma_core.simulate.trade import PROJECTS, SEGMENTS, SOURCES, STAGES

PIPELINE = {"nl": "Verkoop", "en": "Sales"}
ACTIVITIES = {"call": "Call", "email": "Email", "visit": "Meeting", "meeting": "Meeting"}
VISIT = {"nl": "Bezoek: ", "en": "Visit: "}
MOMENT = "%Y-%m-%d %H:%M"
SECOND_COMPANY_EACH, SECOND_CONTACT_EACH = 25, 3


def hubspot_exports(company: Company, *, language: str) -> dict[str, pl.DataFrame]:
    """One frame for each file, by file name, in "nl" or "en"; headers are HubSpot's own English labels.

    Company ids are the customers' numbers, as in a CRM that was filled from the ERP. Every 25th deal names a
    second company, every third a second contact; the first in a cell is the primary one. The close date of an open
    deal is the day that the seller expects.
    """
    return {
        "deals.csv": _deals(company, language),
        "companies.csv": _companies(company, language),
        "contacts.csv": _contacts(company),
        "deal-stage-history.csv": _history(company, language),
        "activities.csv": _activities(company, language),
    }


def spoken(column: str, *, of: tuple[object, ...], language: str) -> pl.Expr:
    """A column of Dutch labels in the language asked for; `of` holds things with `nl` and `en`."""
    english = {getattr(each, "nl"): getattr(each, "en") for each in of}  # noqa: B009 (any table of the trade)
    return pl.col(column).replace(english) if language == "en" else pl.col(column)


def _stamp(column: str, *, hour: int) -> pl.Expr:
    return (pl.col(column).cast(pl.Datetime("us")) + pl.duration(hours=hour)).dt.strftime(MOMENT)


def _names(company: Company) -> pl.DataFrame:
    return company.people.select("person", pl.col("name").alias("person_name"))


def _deals(company: Company, language: str) -> pl.DataFrame:
    last = company.contact_moments.group_by("customer").agg(pl.col("at").max().alias("last_at"))
    deals = company.deals.join(
        _names(company), left_on="owner", right_on="person", how="left", maintain_order="left"
    ).join(last, on="customer", how="left", maintain_order="left")
    known = deals.join(_colleagues(company), on="contact", how="left", maintain_order="left")
    named = known.join(
        company.customers.select("customer", pl.col("name").alias("company")),
        on="customer",
        how="left",
        maintain_order="left",
    )
    close = pl.coalesce("closed_on", "expected_close_on")
    number = pl.int_range(pl.len())
    other = pl.col("customer").shift(1)
    project = spoken("project", of=PROJECTS, language=language)
    return named.with_columns(close.alias("close_on"), number.alias("number")).select(
        pl.col("deal").alias("Record ID"),
        pl.concat_str(project, pl.lit(" - "), "company").alias("Deal Name"),
        spoken("stage", of=STAGES, language=language).alias("Deal Stage"),
        _stamp("close_on", hour=17).alias("Close Date"),
        pl.col("person_name").alias("Deal owner"),
        (pl.col("revenue_cents") / 100).alias("Amount"),
        pl.lit("EUR").alias("Currency"),
        pl.lit(PIPELINE[language]).alias("Pipeline"),
        _stamp("opened_on", hour=9).alias("Create Date"),
        pl.col("last_at").dt.strftime(MOMENT).alias("Last Activity Date"),
        _several("customer", other, each=SECOND_COMPANY_EACH).alias("Associated Company IDs"),
        pl.col("company").alias("Associated Company"),
        _several("contact", pl.col("colleague"), each=SECOND_CONTACT_EACH).alias("Associated Contact IDs"),
        pl.col("stated_chance").alias("Deal probability"),
        (pl.col("margin_cents") / 100).alias("Quoted margin"),
        spoken("source", of=SOURCES, language=language).alias("Lead source"),
    )


def _several(column: str, second: pl.Expr, *, each: int) -> pl.Expr:
    both = pl.concat_str(pl.col(column), pl.lit(";"), second)
    has_two = (pl.col("number") % each == 1) & second.is_not_null() & (second != pl.col(column))
    return pl.when(has_two).then(both).otherwise(pl.col(column))


def _colleagues(company: Company) -> pl.DataFrame:
    same = pl.col("customer").shift(-1) == pl.col("customer")
    return company.contacts.select("contact", pl.when(same).then(pl.col("contact").shift(-1)).alias("colleague"))


def _owners(company: Company) -> pl.DataFrame:
    now = company.responsibilities.group_by("customer", maintain_order=True).last()
    return now.join(_names(company), on="person", how="left", maintain_order="left").select(
        "customer", "person_name"
    )


def _companies(company: Company, language: str) -> pl.DataFrame:
    owned = company.customers.join(_owners(company), on="customer", how="left", maintain_order="left")
    return owned.select(
        pl.col("customer").alias("Record ID"),
        pl.col("name").alias("Company name"),
        pl.col("domain").alias("Company Domain Name"),
        pl.concat_str(pl.lit("https://www."), "domain").alias("Website URL"),
        pl.col("city").alias("City"),
        spoken("segment", of=SEGMENTS, language=language).alias("Industry"),
        pl.col("person_name").alias("Company owner"),
        _stamp("since_on", hour=9).alias("Create Date"),
    )


def _contacts(company: Company) -> pl.DataFrame:
    owned = company.contacts.join(_owners(company), on="customer", how="left", maintain_order="left").join(
        company.customers.select("customer", "since_on"), on="customer", how="left", maintain_order="left"
    )
    return owned.select(
        pl.col("contact").alias("Record ID"),
        pl.col("first_name").alias("First Name"),
        pl.col("last_name").alias("Last Name"),
        pl.col("email").alias("Email"),
        pl.col("phone").alias("Phone Number"),
        pl.col("job_title").alias("Job Title"),
        pl.col("person_name").alias("Contact owner"),
        pl.col("customer").alias("Associated Company IDs"),
        _stamp("since_on", hour=9).alias("Create Date"),
    )


def _history(company: Company, language: str) -> pl.DataFrame:
    return company.stage_history.select(
        pl.col("deal").alias("Record ID"),
        spoken("stage", of=STAGES, language=language).alias("Deal Stage"),
        _stamp("on", hour=11).alias("Date entered"),
        (pl.col("revenue_cents") / 100).alias("Amount"),
        pl.col("stated_chance").alias("Deal probability"),
        _stamp("expected_close_on", hour=17).alias("Close Date"),
    )


def _activities(company: Company, language: str) -> pl.DataFrame:
    titles = [nl if language == "nl" else en for nl, en, _ in TOPICS]
    bodies = [note for _, _, note in TOPICS] if language == "nl" else list(NOTES_EN)
    places = list(range(len(TOPICS)))
    title = pl.col("topic").replace_strict(places, titles, return_dtype=pl.String)
    before = pl.when(pl.col("kind") == "visit").then(pl.lit(VISIT[language])).otherwise(pl.lit(""))
    named = company.contact_moments.join(_names(company), on="person", how="left", maintain_order="left")
    return named.select(
        pl.col("moment").alias("Record ID"),
        pl.col("kind").replace_strict(ACTIVITIES, return_dtype=pl.String).alias("Activity type"),
        pl.concat_str(before, title).alias("Title"),
        pl.col("topic").replace_strict(places, bodies, return_dtype=pl.String).alias("Body"),
        pl.col("at").dt.strftime(MOMENT).alias("Activity date"),
        pl.col("person_name").alias("Activity assigned to"),
        pl.col("contact").alias("Associated Contact IDs"),
        pl.col("customer").alias("Associated Company IDs"),
        pl.lit(None, dtype=pl.String).alias("Associated Deal IDs"),
    )
