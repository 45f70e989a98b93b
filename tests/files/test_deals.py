"""Deals in the shapes of the programs they come from: the outcome decides, not the date."""

# ruff: noqa: E501 (rows of exports stand as programs write them)

from datetime import date

import pytest

from karma_files import FileError, Parsed, load_mapping, open_table, parse
from karma_files.kinds import candidates

HUBSPOT = """Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Currency,Pipeline,Create Date,Associated Company IDs
101,Warmtepomp Jansen,Closed Won,2026-03-04 08:00,Anna de Wit,12500,EUR,Sales,2026-01-05 09:10,9002;9999
102,Zonnepanelen Bakker,Contract sent,2026-09-30 08:00,Otto Smit,8000.50,EUR,Sales,2026-02-01 10:00,9003
103,Onderhoud Visser,closedlost,2026-02-11 08:00,,,EUR,Sales,2026-01-07 11:00,
"""
PIPEDRIVE = """Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Currency of Value,Deal - Weighted value,Deal - Probability,Deal - Organization,Deal - Organization ID,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Deal closed on,Deal - Lost reason,Deal - Expected close date,Deal - Source origin
7,Warmtepomp,Anna,12500,EUR,6250,50,Jansen,31,Offerte,Open,2026-01-05 07:43:21,,,,,2026-04-01,Web
8,Ketel,Anna,3500,EUR,3500,100,Bakker,32,Akkoord,Won,2026-01-06 07:43:21,2026-02-01 10:00:00,,2026-02-01 10:00:00,,,Beurs
9,Airco,Otto,900,EUR,0,0,Visser,33,Offerte,Lost,2026-01-07 07:43:21,,2026-02-02 10:00:00,2026-02-02 10:00:00,Prijs,,Web
10,Test,Otto,900,EUR,0,0,Visser,33,Offerte,Deleted,2026-01-07 07:43:21,,,,,,
"""
SALESFORCE = """Id,Name,Amount,StageName,CloseDate,OwnerId,AccountId,CreatedDate,Probability,IsClosed,IsWon,LeadSource
006A,Warmtepomp,12500.00,Akkoord,2026-03-04,005A,001A,2026-01-05T09:10:00.000+0000,100,true,true,Web
006B,Ketel,100.00,Offerte,2026-12-31,005A,001B,2026-01-05T23:30:00.000+0000,40,false,false,
006C,Airco,50.00,Weg,2026-02-01,005B,001B,2026-01-05T09:10:00.000+0000,0,true,false,
"""
DYNAMICS = """(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Account,Est. close date,Est. revenue,Probability,Status,Created On,Actual close date,Owner
a1b2,x,45700,Warmtepomp,Jansen,45747,12500,50,Open,45631,,Anna
a1b3,x,45700,Ketel,Bakker,45740,3500,100,Won,45632,45735,Anna
"""
ODOO = """Opportunity,Customer,Stage,Expected Revenue,Salesperson,Probability,Created on,Expected Closing
New (2),,,9000,,,,
Warmtepomp,Jansen,New,8000,Anna,20,2026-01-05 08:00:00,2026-04-01
Ketel,Bakker,New,1000,Otto,20,2026-01-06 08:00:00,
Won (1),,,500,,,,
Airco,Visser,Won,500,Otto,100,2026-01-07 08:00:00,
"""


def read(text: str, *, toml: str = "", **given: object) -> Parsed:
    mapping = load_mapping(toml.encode())
    return parse(open_table(text.encode(), name="deals.csv"), "deals", mapping=mapping, **given)


def frame(text: str, *columns: str, **given: object) -> list[tuple[object, ...]]:
    return read(text, **given).collect().select(columns).rows()


def test_parse_reads_hubspot() -> None:
    parsed = read(HUBSPOT)
    assert parsed.collect().select(
        "deal", "customer", "outcome", "closed_on", "expected_close_on", "owner"
    ).rows() == [
        ("101", "9002", "won", date(2026, 3, 4), None, "Anna de Wit"),
        ("102", "9003", "open", None, date(2026, 9, 30), "Otto Smit"),
        ("103", None, "lost", date(2026, 2, 11), None, None),
    ]
    assert parsed.currency == "EUR"
    assert "outcome_from_stage" in [notice.code for notice in parsed.warnings]


def test_parse_reads_pipedrive() -> None:
    parsed = read(PIPEDRIVE)
    columns = (
        "deal",
        "customer",
        "outcome",
        "opened_on",
        "closed_on",
        "expected_close_on",
        "stated_chance",
        "source",
    )
    assert parsed.collect().select(columns).rows() == [
        ("7", "31", "open", date(2026, 1, 5), None, date(2026, 4, 1), 0.5, "Web"),
        ("8", "32", "won", date(2026, 1, 6), date(2026, 2, 1), None, 1.0, "Beurs"),
        ("9", "33", "lost", date(2026, 1, 7), date(2026, 2, 2), None, 0.0, "Web"),
    ]
    assert (parsed.rows, dict(parsed.ignored)) == (3, {"deleted": 1})


def test_parse_reads_salesforce_by_its_flags_and_brings_moments_home() -> None:
    assert frame(SALESFORCE, "deal", "outcome", "opened_on", "closed_on", "expected_close_on") == [
        ("006A", "won", date(2026, 1, 5), date(2026, 3, 4), None),
        ("006B", "open", date(2026, 1, 6), None, date(2026, 12, 31)),
        ("006C", "lost", date(2026, 1, 5), date(2026, 2, 1), None),
    ]


def test_parse_reads_dynamics_with_serial_dates() -> None:
    assert frame(DYNAMICS, "deal", "outcome", "opened_on", "closed_on", "revenue_cents") == [
        ("a1b2", "open", date(2024, 12, 5), None, 1250000),
        ("a1b3", "won", date(2024, 12, 6), date(2025, 3, 19), 350000),
    ]


def test_parse_reads_odoo_without_its_group_rows() -> None:
    parsed = read(ODOO)
    assert parsed.collect().select("deal", "outcome", "revenue_cents").rows() == [
        ("Warmtepomp", "open", 800000),
        ("Ketel", "open", 100000),
        ("Airco", "won", 50000),
    ]
    assert dict(parsed.ignored) == {"group": 2}
    assert "deal_from_name" in [notice.code for notice in parsed.warnings]


TEAMLEADER = """Nummer;Naam van de klant;Titel;Fase;Verantwoordelijke;Waarde;Slaagkans;Status;Aangemaakt op;Verwachte sluitdatum
2026/1;Jansen;Warmtepomp;Offerte;Anna;12.500,00;50%;Nieuw;31/01/2026;30/04/2026
2026/2;Bakker;Ketel;Akkoord;Otto;3.500,00;100%;Gewonnen;01/02/2026;
"""


def test_parse_reads_dutch_labels() -> None:
    assert frame(TEAMLEADER, "deal", "customer", "outcome", "revenue_cents", "stated_chance", "opened_on") == [
        ("2026/1", "Jansen", "open", 1250000, 0.5, date(2026, 1, 31)),
        ("2026/2", "Bakker", "won", 350000, 1.0, date(2026, 2, 1)),
    ]


def test_parse_asks_what_unknown_outcomes_mean() -> None:
    text = "Deal ID;Status\n1;Open\n2;Afgehandeld\n3;Zoek\n"
    with pytest.raises(FileError) as refused:
        read(text)
    assert (refused.value.code, refused.value.parameters["values"]) == ("unknown_values", "Afgehandeld, Zoek")
    toml = '[deals.values.outcome]\nAfgehandeld = "won"\nZoek = "lost"'
    assert frame(text, "outcome", toml=toml) == [("open",), ("won",), ("lost",)]


def test_parse_asks_where_no_stage_says_won_or_lost() -> None:
    text = "Deal ID;Stage\n1;Offerte\n2;Getekend\n"
    with pytest.raises(FileError) as refused:
        read(text)
    assert refused.value.code == "unknown_values"
    assert frame(text, "outcome", toml='[deals.values.outcome]\nGetekend = "won"') == [("open",), ("won",)]


def test_parse_rejects_a_deal_without_outcome() -> None:
    parsed = read("Deal ID;Deal name;Status\n1;x;Open\n2;y;\n")
    assert parsed.rejections.select("line", "column", "reason").rows() == [(3, "Status", "no_value")]


def test_parse_takes_a_deal_without_outcome_and_without_closing_day_as_open() -> None:
    parsed = read(
        "Deal ID;Opened;Closed;Result\n1;2026-01-05;2026-02-03;Won\n2;2026-01-06;;\n3;2026-01-07;2026-02-04;\n"
    )
    assert parsed.collect().select("deal", "outcome", "closed_on").rows() == [
        ("1", "won", date(2026, 2, 3)),
        ("2", "open", None),
    ]
    assert parsed.rejections.select("line", "column", "reason").rows() == [(4, "Result", "no_value")]
    assert ("open_without_status", {"count": 1}) in [(each.code, each.parameters) for each in parsed.warnings]


@pytest.mark.parametrize(("closed", "field"), [("2026-02-03", "closed_on"), ("true", "is_closed")])
def test_parse_takes_a_column_of_dates_for_no_flag(closed: str, field: str) -> None:
    text = f"Deal ID;Won;Closed\n1;true;{closed}\n2;false;\n"
    assert read(text).columns[field]["column"] == "Closed"
    table = open_table(text.encode(), name="deals.csv")
    assert next(each for each in candidates(table) if each.kind == "deals").columns[field] == "Closed"


def test_parse_rejects_a_number_that_stood_on_an_earlier_row() -> None:
    parsed = read("Deal ID;Deal name;Status\n1;x;Open\n1;y;Won\n2;z;Open\n")
    assert parsed.rejections.select("line", "value", "reason").rows() == [(3, "1", "repeated")]


def test_parse_tells_deals_of_the_same_name_apart() -> None:
    assert frame("Deal name;Customer;Status\nKetel;a;Open\nKetel;b;Won\n", "deal") == [("Ketel",), ("Ketel (2)",)]


def test_parse_warns_where_a_deal_closed_before_it_opened() -> None:
    parsed = read("Deal ID;Status;Created on;Closed on\n1;Won;2026-02-01;2026-01-01\n")
    assert "closed_before_opened" in [notice.code for notice in parsed.warnings]


@pytest.mark.parametrize(
    ("texts", "chances"),
    [
        (["0.4", "0.05"], [0.4, 0.05]),
        (["40", "5"], [0.4, 0.05]),
        (["40%", "5 %"], [0.4, 0.05]),
        (["1", "0"], [1, 0]),
    ],
)
def test_parse_reads_chances_as_shares_or_percentages(texts: list[str], chances: list[float]) -> None:
    text = "Deal ID;Status;Probability\n" + "".join(f"{n};Open;{chance}\n" for n, chance in enumerate(texts))
    assert [chance for (chance,) in frame(text, "stated_chance")] == pytest.approx(chances)


def test_parse_rejects_a_chance_above_one_hundred_percent() -> None:
    parsed = read("Deal ID;Status;Probability\n1;Open;40\n2;Open;1000\n3;Open;-5\n")
    assert parsed.rejections["reason"].to_list() == ["not_a_chance", "not_a_chance"]


def test_parse_joins_files_of_one_export() -> None:
    toml = """
[[deals.join]]
file = "Accounts.csv"
key = "AccountSeq"
columns = ["Account Name", "IndustrySeq"]

[[deals.join]]
file = "Industries.csv"
key = "IndustrySeq"
columns = ["Industry"]

[deals]
customer = "Account Name"
"""
    others = {
        "Accounts.csv": open_table(
            b"AccountSeq,Account Name,IndustrySeq\n7,Jansen,1\n8,Bakker,2\n", name="Accounts.csv"
        ),
        "Industries.csv": open_table(b"IndustrySeq,Industry\n1,Bouw\n2,Zorg\n", name="Industries.csv"),
    }
    text = "OpportunitySeq,AccountSeq,Status\n1,7,Open\n2,8,Won\n3,9,Lost\n"
    assert frame(text, "customer", "segment", toml=toml, others=others) == [
        ("Jansen", "Bouw"),
        ("Bakker", "Zorg"),
        (None, None),
    ]
    codes = [notice.code for notice in read(text, toml=toml, others=others).warnings]
    assert codes.count("joined_without_match") == 1


def test_parse_refuses_a_join_with_a_file_that_was_not_given() -> None:
    toml = '[[deals.join]]\nfile = "Accounts.csv"\nkey = "AccountSeq"\ncolumns = ["Account Name"]'
    with pytest.raises(FileError) as refused:
        read("OpportunitySeq,AccountSeq,Status\n1,7,Open\n", toml=toml)
    assert refused.value.code == "join_file"


def test_parse_refuses_a_join_that_would_multiply_rows() -> None:
    toml = '[[deals.join]]\nfile = "Accounts.csv"\nkey = "AccountSeq"\ncolumns = ["Account Name"]'
    other = open_table(b"AccountSeq,Account Name\n7,Jansen\n7,Bakker\n", name="Accounts.csv")
    with pytest.raises(FileError) as refused:
        read("OpportunitySeq,AccountSeq,Status\n1,7,Open\n", toml=toml, others={"Accounts.csv": other})
    assert refused.value.code == "join_twice"
