"""Stage history, customers, contacts, people and contact moments, and which of them a file is."""

# ruff: noqa: E501 (rows of exports stand as programs write them)

from datetime import date
from io import BytesIO

import polars as pl
import pytest

from karma_files import KINDS, FileError, Parsed, candidates, load_mapping, open_table, parse


def read(text: str, kind: str, *, toml: str = "") -> Parsed:
    return parse(open_table(text.encode(), name="f.csv"), kind, mapping=load_mapping(toml.encode()))


def test_parse_reads_a_stage_history() -> None:
    text = "Id,OpportunityId,CreatedDate,StageName,Amount,Probability,CloseDate\n1,6A,2026-01-05,Offerte,100.50,40,2026-03-01\n"
    assert read(text, "stage_history").collect().rows() == [
        ("6A", date(2026, 1, 5), "Offerte", 10050, 0.4, date(2026, 3, 1))
    ]


def test_parse_reads_customers_of_hubspot() -> None:
    text = "Record ID,Company name,Industry,Company owner,City,Create Date\n9,Jansen,Bouw,Anna,Utrecht,2026-01-05 10:00\n"
    row = read(text, "customers").collect().row(0, named=True)
    assert (row["customer"], row["name"], row["segment"], row["owner"], row["since_on"]) == (
        "9",
        "Jansen",
        "Bouw",
        "Anna",
        date(2026, 1, 5),
    )


def test_parse_takes_a_customers_name_where_there_is_no_number() -> None:
    assert read("Klantnaam;Plaats\nJansen;Utrecht\n", "customers").collect()["customer"].to_list() == ["Jansen"]


def test_parse_takes_a_customers_number_where_there_is_no_name() -> None:
    text = "Klantnummer;Klantnaam;Plaats\n7;;Utrecht\n"
    assert read(text, "customers").collect().select("customer", "name").rows() == [("7", "7")]


def test_parse_composes_a_contacts_name() -> None:
    text = "Record ID,First Name,Last Name,Email,Associated Company IDs\n1,Jan,de Vries,j@x.nl,9;8\n2,,Bakker,,\n3,,,k@x.nl,\n"
    assert read(text, "contacts").collect().select("contact", "name", "customer").rows() == [
        ("1", "Jan de Vries", "9"),
        ("2", "Bakker", None),
        ("3", "k@x.nl", None),
    ]


def test_parse_reads_people() -> None:
    text = "Naam;E-mail;Team;Functie;In dienst;Uit dienst\nAnna;a@x.nl;Noord;accountmanager;31-01-2020;\n"
    assert read(text, "people").collect().row(0) == (
        "a@x.nl",
        "Anna",
        "a@x.nl",
        "Noord",
        "accountmanager",
        None,
        date(2020, 1, 31),
        None,
    )


def test_parse_reads_contact_moments_and_says_which_channels_it_does_not_know() -> None:
    text = (
        "Record ID,Activity type,Title,Activity date,Activity assigned to,Associated Deal IDs\n"
        "1,Call,Bellen,2026-01-05 08:00,Anna,101;102\n2,Postduif,Brief,2026-01-06 08:00,Anna,\n"
    )
    parsed = read(text, "contact_moments")
    assert parsed.collect().select("moment", "on", "channel", "deal", "person").rows() == [
        ("1", date(2026, 1, 5), "call", "101", "Anna"),
        ("2", date(2026, 1, 6), None, None, "Anna"),
    ]
    assert [notice.code for notice in parsed.warnings] == ["values_unknown"]


def test_parse_leaves_deleted_records_aside() -> None:
    parsed = read("Id,Name,IsDeleted\n1,Jansen,false\n2,Bakker,true\n", "customers")
    assert (parsed.kept, dict(parsed.ignored)) == (1, {"deleted": 1})


def test_parse_takes_constants_and_values_of_the_mapping() -> None:
    toml = '[customers.constants]\nowner = "Anna"\n[customers.values.segment]\nA = "Bouw"'
    row = read("Klantnaam;Branche\nJansen;A\n", "customers", toml=toml).collect().row(0, named=True)
    assert (row["owner"], row["segment"]) == ("Anna", "Bouw")


def test_parse_reads_customers_plans_for_a_year_or_between_days() -> None:
    text = "Klantnummer;Jaar;Genoemd op;Genoemd bedrag\n7;2026;20-12-2025;12.000,50\n"
    assert read(text, "customer_plans").collect().rows() == [
        ("7", date(2026, 1, 1), date(2027, 1, 1), 1200050, date(2025, 12, 20))
    ]
    text = "Customer,From,Until,Planned amount,Stated on\nA,2026-01-01,2026-07-01,1000,2025-12-01\n"
    assert read(text, "customer_plans").collect().rows() == [
        ("A", date(2026, 1, 1), date(2026, 7, 1), 100000, date(2025, 12, 1))
    ]


def test_plans_that_cannot_be_are_set_aside_with_their_reason() -> None:
    text = (
        "Klantnummer;Jaar;Van;Tot;Genoemd op;Genoemd bedrag\n1;2026;;;20-12-2025;100,00\n2;20266;;;20-12-2025;1,00\n"
        "3;2025;;;;1,00\n4;2025;;;01-01-2025;-5,00\n;2025;;;01-01-2025;5,00\n5;2025;;;01-01-2025;0,00\n"
        "6;;01-07-2025;01-01-2025;01-01-2025;5,00\n7;;01-07-2025;;01-01-2025;5,00\n8;2025;;;01-01-2025;\n"
        "9;2025,5;;;01-01-2025;5,00\n"
    )
    parsed = read(text, "customer_plans")
    assert (parsed.rows, parsed.kept) == (10, 1)
    assert parsed.rejections.select("line", "column", "value", "reason").rows() == [
        (3, "Jaar", "20266", "not_a_year"),
        (4, "Genoemd op", None, "no_date"),
        (5, "Genoemd bedrag", "-5,00", "not_above_zero"),
        (6, "Klantnummer", None, "no_value"),
        (7, "Genoemd bedrag", "0,00", "not_above_zero"),
        (8, "Tot", "01-01-2025", "ends_first"),
        (9, "Tot", None, "no_date"),
        (10, "Genoemd bedrag", None, "no_amount"),
        (11, "Jaar", "2025,5", "not_a_year"),
    ]


def test_plans_may_stand_in_a_workbook() -> None:
    workbook = BytesIO()
    rows = {"Klant": ["A"], "Jaar": [2026], "Gezegd op": [date(2025, 12, 1)], "Budget": [1000.5]}
    pl.DataFrame(rows).write_excel(workbook)
    parsed = parse(open_table(workbook.getvalue(), name="budget.xlsx"), "customer_plans")
    assert parsed.collect().rows() == [("A", date(2026, 1, 1), date(2027, 1, 1), 100050, date(2025, 12, 1))]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_refuses_a_file_of_something_else(kind: str) -> None:
    with pytest.raises(FileError) as refused:
        read("foo;bar\n1a;2b\n", kind)
    assert refused.value.code == "missing_columns"


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("export.csv", "Record ID,Deal Name,Deal Stage,Close Date,Amount", "deals"),
        ("export.csv", "Deal - Title,Deal - Status,Deal - Organization", "deals"),
        ("export.csv", "Person - Name,Person - Email (Work),Organization", "contacts"),
        ("export.csv", "Organization - Name,Organization - Owner", "customers"),
        ("export.csv", "Activity - Subject,Activity - Due date,Activity - Type", "contact_moments"),
        ("export.csv", "Klantnummer,Factuurdatum,Netto bedrag,Kostprijs", "purchases"),
        ("export.csv", "Record ID,Company name,Industry,City,Phone Number", "customers"),
        ("contacts.csv", "Record ID,First Name,Last Name,Email,Job Title", "contacts"),
        ("medewerkers.csv", "Naam,E-mail,Team,Leidinggevende", "people"),
        ("jaarplannen.csv", "Klantnummer,Jaar,Genoemd op,Genoemd bedrag,Genoemd aan", "customer_plans"),
        ("export.csv", "Customer,From,Until,Planned amount,Stated on", "customer_plans"),
        ("OpportunityHistory.csv", "Id,OpportunityId,CreatedDate,StageName,Amount", "stage_history"),
    ],
)
def test_likeliest_kind_is_the_right_one(name: str, header: str, kind: str) -> None:
    row = ",".join("abcdefgh"[: header.count(",") + 1])
    likeliest = candidates(open_table(f"{header}\n{row}\n".encode(), name=name))[0]
    assert (likeliest.kind, likeliest.is_likely) == (kind, True)


def test_no_kind_is_likely_where_nothing_fits() -> None:
    assert not any(each.is_likely for each in candidates(open_table(b"foo,bar\na,b\n", name="f.csv")))
