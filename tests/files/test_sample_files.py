"""Real exports beside the project, accounted for to the last line."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from karma_files import FileError, Mapping, candidates, load_mapping, open_table, parse

pytestmark = pytest.mark.data
Samples = Callable[[str], Path]

REGIONAL = b"""
[deals]
customer = "Account Name"
owner = "Owner"
source = "Campaign Type"

[[deals.join]]
file = "Accounts.csv"
key = "AccountSeq"
columns = ["Account Name", "IndustrySeq"]

[[deals.join]]
file = "Industries.csv"
key = "IndustrySeq"
columns = ["Industry"]

[[deals.join]]
file = "Owners.csv"
key = "SystemUserSeq"
columns = ["Owner"]

[[deals.join]]
file = "Campaigns.csv"
key = "CampaignSeq"
columns = ["Campaign Type"]
"""


def test_online_retail_is_accounted_for(sample_data: Samples) -> None:
    table = open_table(sample_data("online_retail/online_retail_2010-12-01_2011-08-31.csv.gz"))
    parsed = parse(table, "purchases", currency="GBP")
    lines = parsed.collect()
    assert (parsed.rows, parsed.kept, parsed.rejected, dict(parsed.ignored)) == (320_705, 320_705, 0, {})
    assert lines["customer"].null_count() == 88_652
    assert (lines["on"].min(), lines["on"].max()) == (date(2010, 12, 1), date(2011, 8, 31))
    assert lines.filter(pl.col("invoice").str.starts_with("C"))["revenue_cents"].max() <= 0
    assert [notice.code for notice in parsed.warnings] == ["no_customer", "no_cost"]


def test_online_retail_adds_up_to_the_cent(sample_data: Samples) -> None:
    path = sample_data("online_retail/online_retail_2010-12-01_2011-08-31.csv.gz")
    exact = pl.read_csv(path, infer_schema=False).select(
        (pl.col("Quantity").cast(pl.Decimal(12, 0)) * pl.col("UnitPrice").cast(pl.Decimal(18, 4))).sum()
    )
    parsed = parse(open_table(path), "purchases")
    assert abs(parsed.collect()["revenue_cents"].sum() - float(exact.item()) * 100) < 320


def test_adventureworks_is_accounted_for(sample_data: Samples) -> None:
    parsed = parse(open_table(sample_data("adventureworks/FactResellerSales.csv")), "purchases", currency="USD")
    lines = parsed.collect()
    assert (parsed.rows, parsed.kept, lines["customer"].n_unique()) == (57_851, 57_851, 632)
    assert lines["cost_cents"].null_count() == 76
    assert parsed.columns["cost"]["column"] == "TotalProductCost"


@pytest.mark.parametrize("name", ["FactSalesQuota", "SalesPerson", "SalesTerritory", "SalesTerritoryHistory"])
def test_files_without_header_are_refused_with_what_to_do(sample_data: Samples, name: str) -> None:
    with pytest.raises(FileError, match="header = ") as refused:
        open_table(sample_data(f"adventureworks/{name}.csv"))
    assert refused.value.code == "no_header"


def test_a_file_without_header_is_read_with_names_of_the_mapping(sample_data: Samples) -> None:
    header = ("key", "employee", "date", "year", "quarter", "quota", "on")
    table = open_table(sample_data("adventureworks/FactSalesQuota.csv"), mapping=Mapping(header=header))
    assert (table.columns, table.delimiter, table.frame.collect().height) == (header, "|", 163)


def test_regional_sales_is_joined_from_five_files(sample_data: Samples) -> None:
    folder = sample_data("crm_regional_sales")
    names = ("Accounts.csv", "Industries.csv", "Owners.csv", "Campaigns.csv")
    others = {name: open_table(folder / name) for name in names}
    parsed = parse(
        open_table(folder / "Opportunities.csv"),
        "deals",
        mapping=load_mapping(REGIONAL),
        currency="USD",
        others=others,
    )
    deals = parsed.collect()
    assert (parsed.rows, parsed.kept) == (20_000, 20_000)
    assert dict(deals.group_by("outcome").len().iter_rows()) == {"won": 7_282, "lost": 7_385, "open": 5_333}
    assert deals.filter(pl.col("outcome") == "open")["closed_on"].null_count() == 5_333
    assert deals.filter(pl.col("outcome") != "open")["closed_on"].null_count() == 0
    assert deals["customer"].null_count() == deals["owner"].null_count() == 0
    assert deals["segment"].null_count() == 1_889


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("salesforce/integration_tests/seeds/sf_account_data.csv", "customers", 1),
        ("salesforce/integration_tests/seeds/sf_task_data.csv", "contact_moments", 10),
        ("salesforce/integration_tests/seeds/sf_contact_data.csv", "contacts", 4),
        ("hubspot/integration_tests/seeds/company_data.csv", "customers", 24),
        ("hubspot/integration_tests/seeds/contact_data.csv", "contacts", 22),
        ("hubspot/integration_tests/seeds/owner_data.csv", "people", 100),
    ],
)
def test_connector_tables_are_recognised(sample_data: Samples, name: str, kind: str, rows: int) -> None:
    table = open_table(sample_data(f"formats/fivetran_seeds/{name}"))
    assert candidates(table)[0].kind == kind
    assert parse(table, kind).kept == rows
