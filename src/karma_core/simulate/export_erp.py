"""The company as a plain Dutch ERP would export it."""

import polars as pl

from karma_core.simulate.contents import Company
from karma_core.simulate.export_hubspot import spoken
from karma_core.simulate.trade import COUNTER_SALE, CREDIT_NOTE, EXTRA_HOURS, PRODUCTS, PROJECTS, SEGMENTS

FUNCTIONS = {
    "account_manager": "Accountmanager",
    "manager": "Verkoopmanager",
    "coach": "Coach",
    "director": "Directeur",
    "delivery": "Uitvoering",
    "service": "Service",
    "administrator": "Beheerder",
}
SIDES = {"us": "Wij", "customer": "Klant"}
OUTCOMES = {"open": "Open", "kept": "Nagekomen", "broken": "Niet nagekomen", "lapsed": "Vervallen"}


def erp_exports(company: Company, *, language: str) -> dict[str, pl.DataFrame]:
    """One frame for each file, by file name; headers are Dutch, product texts and segments in "nl" or "en".

    Amounts are in euros, days are dates; credits are negative lines. Sales at the counter have no customer.
    """
    return {
        "verkoopregels.csv": _lines(company, language),
        "klanten.csv": _customers(company, language),
        "medewerkers.csv": _people(company),
        "verantwoordelijken.csv": _responsibilities(company),
        "offertes.csv": _quotes(company),
        "toezeggingen.csv": _promises(company, language),
        "jaarplannen.csv": _year_plans(company),
    }


def _euros(column: str) -> pl.Expr:
    return pl.col(column) / 100


def _texts(language: str) -> pl.DataFrame:
    at = 0 if language == "nl" else 1
    things = [(each.code, (each.nl, each.en)) for each in (*PRODUCTS, *PROJECTS)]
    things += [(code, (nl, en)) for code, nl, en in (EXTRA_HOURS, CREDIT_NOTE, COUNTER_SALE)]
    return pl.DataFrame({"product": [code for code, _ in things], "text": [texts[at] for _, texts in things]})


def _lines(company: Company, language: str) -> pl.DataFrame:
    lines = company.purchases.join(_texts(language), on="product", how="left", maintain_order="left").join(
        company.customers.select("customer", "name"), on="customer", how="left", maintain_order="left"
    )
    part = pl.concat_str("text", pl.lit(", termijn " if language == "nl" else ", instalment "), "instalment")
    return lines.select(
        pl.col("customer").alias("Klantnummer"),
        pl.col("name").alias("Klantnaam"),
        pl.col("invoice").alias("Factuurnummer"),
        pl.col("on").alias("Factuurdatum"),
        pl.col("product").alias("Artikelnummer"),
        pl.when(pl.col("instalment").is_null()).then("text").otherwise(part).alias("Omschrijving"),
        pl.col("quantity").alias("Aantal"),
        _euros("revenue_cents").alias("Netto bedrag"),
        _euros("cost_cents").alias("Kostprijs"),
        pl.lit("EUR").alias("Valuta"),
        pl.col("order").alias("Ordernummer"),
        pl.col("deal").alias("Deal-ID"),
    )


def _customers(company: Company, language: str) -> pl.DataFrame:
    return company.customers.select(
        pl.col("customer").alias("Klantnummer"),
        pl.col("name").alias("Klantnaam"),
        pl.col("city").alias("Plaats"),
        spoken("segment", of=SEGMENTS, language=language).alias("Segment"),
        pl.col("since_on").alias("Klant sinds"),
    )


def _people(company: Company) -> pl.DataFrame:
    teams = company.people.join(company.memberships, on="person", how="left", maintain_order="left")
    return teams.select(
        pl.col("person").alias("Personeelsnummer"),
        pl.col("name").alias("Naam"),
        pl.col("email").alias("E-mail"),
        pl.col("function").replace_strict(FUNCTIONS, return_dtype=pl.String).alias("Functie"),
        pl.col("team").alias("Team"),
        pl.col("hours_per_week").alias("Uren per week"),
        pl.col("from_on").alias("Van"),
        pl.coalesce("until_on", "left_on").alias("Tot"),
    )


def _named(frame: pl.DataFrame, company: Company) -> pl.DataFrame:
    names = company.people.select("person", pl.col("name").alias("person_name"))
    return frame.join(names, on="person", how="left", maintain_order="left")


def _responsibilities(company: Company) -> pl.DataFrame:
    return _named(company.responsibilities, company).select(
        pl.col("customer").alias("Klantnummer"),
        pl.col("person_name").alias("Accountmanager"),
        pl.col("team").alias("Team"),
        pl.col("from_on").alias("Van"),
        pl.col("until_on").alias("Tot"),
    )


def _quotes(company: Company) -> pl.DataFrame:
    answer = pl.when("is_accepted").then(pl.lit("Ja")).when(pl.col("is_accepted").not_()).then(pl.lit("Nee"))
    return company.quotes.select(
        pl.col("quote").alias("Offertenummer"),
        pl.col("deal").alias("Deal-ID"),
        pl.col("sent_on").alias("Offertedatum"),
        pl.col("valid_until").alias("Geldig tot"),
        _euros("revenue_cents").alias("Bedrag"),
        _euros("margin_cents").alias("Marge"),
        pl.col("answered_on").alias("Beantwoord op"),
        answer.alias("Akkoord"),
    )


def _promises(company: Company, language: str) -> pl.DataFrame:
    names = company.people.select(pl.col("person").alias("secured_by"), pl.col("name").alias("securer"))
    named = _named(company.promises, company).join(names, on="secured_by", how="left", maintain_order="left")
    return named.select(
        pl.col("promise").alias("Nummer"),
        pl.col("deal").alias("Deal-ID"),
        pl.col("customer").alias("Klantnummer"),
        pl.col("side").replace_strict(SIDES, return_dtype=pl.String).alias("Wie belooft"),
        pl.col("person_name").alias("Medewerker"),
        pl.col(f"text_{language}").alias("Toezegging"),
        pl.col("made_on").alias("Toegezegd op"),
        pl.col("due_on").alias("Uiterlijk"),
        pl.col("securer").alias("Gecontroleerd door"),
        pl.col("kept_on").alias("Nagekomen op"),
        pl.col("outcome").replace_strict(OUTCOMES, return_dtype=pl.String).alias("Uitkomst"),
    )


def _year_plans(company: Company) -> pl.DataFrame:
    return _named(company.year_plans, company).select(
        pl.col("customer").alias("Klantnummer"),
        pl.col("year").alias("Jaar"),
        pl.col("stated_on").alias("Genoemd op"),
        _euros("stated_cents").alias("Genoemd bedrag"),
        pl.col("person_name").alias("Genoemd aan"),
    )
