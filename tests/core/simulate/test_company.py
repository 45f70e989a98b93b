from datetime import date, timedelta

import polars as pl
import pytest
from tests.core.simulate.conftest import ENDS_ON, made

from karma_core.frames import DEALS, PURCHASES, STAGE_HISTORY, collect_statistics


def test_company_keeps_the_contracts(plain):
    for contract, frame in (
        (PURCHASES, plain.purchases),
        (DEALS, plain.deals),
        (STAGE_HISTORY, plain.stage_history),
    ):
        assert contract.keep(frame).height == frame.height


def test_everything_is_dated_before_as_of(plain):
    dated = [plain.purchases["on"], plain.stage_history["on"], plain.deals["opened_on"], plain.margin_losses["on"]]
    dated += [plain.deals["closed_on"], plain.promises["made_on"], plain.promises["kept_on"]]
    dated += [plain.quotes["sent_on"], plain.year_plans["stated_on"], plain.contact_moments["at"].dt.date()]
    assert max(days.max() for days in dated) < ENDS_ON


def test_purchases_cover_the_years_and_no_more(plain):
    days = plain.purchases["on"]
    assert days.min() >= plain.period.start
    assert days.min() < plain.period.start + timedelta(days=7)
    assert days.max() > ENDS_ON - timedelta(days=7)


def test_purchases_fall_on_working_days(plain):
    assert plain.purchases["on"].dt.weekday().max() <= 5


def test_sizes_are_those_of_a_middling_wholesaler():
    company = made(customers=1500)
    years = company.period.days / 365
    revenue, cost = (company.purchases[name].sum() / 100 / years for name in ("revenue_cents", "cost_cents"))
    assert 8e6 < revenue < 15e6
    assert 0.20 < 1 - cost / revenue < 0.30


@pytest.mark.parametrize(("frame", "key"), [("customers", "name"), ("customers", "customer"), ("deals", "deal")])
def test_keys_are_unique(plain, frame, key):
    assert getattr(plain, frame)[key].is_duplicated().sum() == 0


@pytest.mark.parametrize(
    ("frame", "column", "target"),
    [
        ("purchases", "customer", "customers"),
        ("deals", "customer", "customers"),
        ("contacts", "customer", "customers"),
        ("contact_moments", "customer", "customers"),
        ("contact_moments", "contact", "contacts"),
        ("deals", "owner", "people"),
        ("memberships", "person", "people"),
        ("responsibilities", "person", "people"),
    ],
)
def test_references_are_found(plain, frame, column, target):
    key = {"customers": "customer", "contacts": "contact", "people": "person"}[target]
    known = set(getattr(plain, target)[key])
    assert set(getattr(plain, frame)[column].drop_nulls()) <= known


def test_an_invoice_has_one_day_and_one_customer(plain):
    counted = plain.purchases.group_by("invoice").agg(pl.col("on", "customer").n_unique())
    assert counted.select(pl.col("on", "customer").max()).row(0) == (1, 1)


def test_the_people_of_the_demo_are_there(plain):
    people = plain.people.filter(pl.col("name").is_in(["Anna de Boer", "Otto Kuiper", "Marijke Hoekstra"]))
    teams = dict(people.join(plain.memberships, on="person").select("name", "team").iter_rows())
    assert teams["Anna de Boer"] == teams["Marijke Hoekstra"] != teams["Otto Kuiper"]
    assert {"coach", "director", "delivery", "service", "administrator"} <= set(plain.people["function"])


def test_mevrouw_de_wit_works_at_a_customer_of_anna(plain):
    customer = plain.contacts.filter(pl.col("name") == "Ineke de Wit")["customer"][0]
    now = plain.responsibilities.filter(pl.col("customer") == customer, pl.col("until_on").is_null())
    assert now["person"].to_list() == ["P001"]


def test_e_mail_addresses_lie_on_example_domains(plain):
    for frame in (plain.people, plain.contacts):
        assert frame["email"].str.ends_with(".example").all()


def test_responsibilities_of_a_customer_follow_each_other_without_a_gap(plain):
    rows = plain.responsibilities.with_columns(pl.col("from_on").shift(-1).over("customer").alias("next"))
    ended = rows.filter(pl.col("until_on").is_not_null())
    assert ended.filter(pl.col("until_on") != pl.col("next")).height == 0
    assert rows.filter(pl.col("until_on").is_null())["customer"].n_unique() == plain.customers.height


def test_some_people_moved_and_their_customers_stayed_with_the_team():
    company = made(people=100, seed=3)
    moved = company.memberships.filter(pl.col("until_on").is_not_null())
    assert moved.height > 0
    for person, team, _, day in moved.iter_rows():
        kept = company.responsibilities.filter(
            pl.col("person") == person, pl.col("team") == team, pl.col("from_on") > day
        )
        assert kept.height == 0


def test_a_small_company_with_few_people_is_possible():
    company = made(customers=10, people=9, years=1)
    assert (company.people.height, company.teams.height) == (9, 2)


def test_statistics_of_rhythm_can_be_counted(plain):
    counted = collect_statistics(plain.purchases.lazy(), as_of=ENDS_ON)
    assert (
        counted.height == plain.purchases.filter(pl.col("revenue_cents") >= 0)["customer"].drop_nulls().n_unique()
    )


def test_a_leap_day_can_be_the_last():
    assert made(ends_on=date(2024, 2, 29), years=1, customers=30).as_of == date(2024, 2, 29)
