"""A CRM export as a user has it: columns that look ahead, recent cohorts, owners with their own territories."""

from collections.abc import Callable

import polars as pl
import pytest

from karma_core.mirror import Mirror

pytestmark = pytest.mark.data
DATES = {"opened": "Opportunity Created On", "closed": "CloseDate"}
WHO = {"outcome": "Status", "won": "Won", "lost": "Lost", "person": "SystemUserSeq"}


@pytest.fixture(scope="module")
def opportunities(sample_data) -> pl.DataFrame:
    folder = sample_data("crm_regional_sales")
    deals, accounts = (
        pl.read_csv(folder / name, infer_schema_length=None) for name in ("Opportunities.csv", "Accounts.csv")
    )
    joined = deals.join(accounts, on="AccountSeq", maintain_order="left")
    return joined.with_columns(pl.col("Opportunity Created On", "CloseDate").str.to_date())


@pytest.fixture
def crm(opportunities, look) -> Callable[..., Mirror]:
    return lambda **asked: look(opportunities, **WHO, **asked)


def test_columns_that_look_ahead_are_refused(crm):
    numbers = ("Value", "Weeks Open", "DaysToClose", "Probability", "Probability (raw)")
    mirror = crm(mix=("Rating", "Sales Stage", "CampaignSeq", "ProductSeq"), numeric=numbers, **DATES)
    refused = {found.column for found in mirror.refused}
    assert refused == {"Rating", "Sales Stage", "Weeks Open", "DaysToClose", "Probability", "Probability (raw)"}


def test_without_dates_they_are_refused_too(crm):
    numbers = ("Weeks Open", "DaysToClose")
    refused = {found.column for found in crm(mix=("Rating", "CampaignSeq"), numeric=numbers).refused}
    assert refused == {"Rating", "Weeks Open", "DaysToClose"}


def test_recent_cohorts_are_cut_and_open_deals_counted(crm):
    mirror = crm(mix=("CampaignSeq",), **DATES)
    assert (mirror.open_left_out, mirror.won.n < 14_667) == (5333, True)
    assert any("have not had time enough" in warning.en for warning in mirror.warnings)


@pytest.mark.parametrize("column", ["TerritorySeq", "AccountSeq"])
def test_owners_with_their_own_territory_or_accounts_cannot_be_told(crm, column):
    people = crm(mix=(column, "CampaignSeq", "ProductSeq"), **DATES).won.people
    assert {person.verdict for person in people} == {"cannot_tell"}
    assert all(f'"{column}"' in person.sentence.en for person in people)
