import io

import polars as pl
import pytest

from karma_core.simulate import erp_exports, hubspot_exports

DEAL_LABELS = [
    "Record ID",
    "Deal Name",
    "Deal Stage",
    "Close Date",
    "Deal owner",
    "Amount",
    "Currency",
    "Pipeline",
    "Create Date",
    "Last Activity Date",
    "Associated Company IDs",
    "Associated Company",
    "Associated Contact IDs",
]


@pytest.fixture(scope="module")
def crm(plain):
    return hubspot_exports(plain, language="nl")


@pytest.fixture(scope="module")
def erp(plain):
    return erp_exports(plain, language="nl")


def test_hubspot_deals_carry_its_labels(crm):
    assert crm["deals.csv"].columns[: len(DEAL_LABELS)] == DEAL_LABELS


def test_hubspot_times_are_written_to_the_minute(crm):
    for file, column in (("deals.csv", "Create Date"), ("activities.csv", "Activity date")):
        assert crm[file][column].str.contains(r"^\d{4}-\d\d-\d\d \d\d:\d\d$").all()


def test_several_ids_stand_in_one_cell_with_the_primary_first(crm, plain):
    cells = crm["deals.csv"]["Associated Company IDs"]
    assert cells.str.contains(";").any()
    assert (cells.str.split(";").list.first() == plain.deals["customer"]).all()


def test_a_second_contact_works_at_the_same_customer(crm, plain):
    pairs = crm["deals.csv"].select(pl.col("Associated Contact IDs").str.split(";").list.eval(pl.element()))
    both = pairs.filter(pl.col("Associated Contact IDs").list.len() == 2)["Associated Contact IDs"]
    of = dict(plain.contacts.select("contact", "customer").iter_rows())
    assert len(both) > 10
    assert all(of[first] == of[second] for first, second in both)


def test_rows_of_every_file_are_those_of_the_company(crm, erp, plain):
    assert crm["deals.csv"].height == plain.deals.height
    assert crm["deal-stage-history.csv"].height == plain.stage_history.height
    assert crm["activities.csv"].height == plain.contact_moments.height
    assert erp["verkoopregels.csv"].height == plain.purchases.height
    assert erp["klanten.csv"].height == plain.customers.height


def test_amounts_survive_a_dutch_file(erp, plain):
    written = erp["verkoopregels.csv"].write_csv(separator=";", decimal_comma=True, float_precision=2)
    read = pl.read_csv(io.StringIO(written), separator=";", decimal_comma=True, infer_schema_length=None)
    assert (read["Netto bedrag"] * 100).round().cast(pl.Int64).sum() == plain.purchases["revenue_cents"].sum()
    assert (read["Kostprijs"] * 100).round().cast(pl.Int64).sum() == plain.purchases["cost_cents"].sum()


def test_customer_names_fit_the_old_windows_encoding(erp):
    erp["klanten.csv"].write_csv().encode("cp1252")


def test_every_line_says_what_was_sold(erp):
    assert erp["verkoopregels.csv"]["Omschrijving"].null_count() == 0


def test_instalments_say_which_they_are(erp):
    texts = erp["verkoopregels.csv"]["Omschrijving"]
    assert texts.str.contains(", termijn 2").any()


@pytest.mark.parametrize(("language", "stage"), [("nl", "Gewonnen"), ("en", "Won")])
def test_the_language_of_stages_can_be_chosen(plain, language, stage):
    assert stage in set(hubspot_exports(plain, language=language)["deals.csv"]["Deal Stage"])


def test_english_leaves_no_dutch_word_of_the_trade(plain):
    files = hubspot_exports(plain, language="en") | erp_exports(plain, language="en")
    said = set(files["companies.csv"]["Industry"]) | set(files["deals.csv"]["Lead source"])
    assert not said & {"Installateurs", "Aannemers", "Beurs", "Koude acquisitie"}
    assert "Counter sale" in set(files["verkoopregels.csv"]["Omschrijving"])
