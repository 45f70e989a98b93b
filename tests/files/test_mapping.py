"""map.toml: one schema for all commands, checked word for word."""

import pytest

from karma_files import FileError, Mapping, load_mapping
from karma_files.mapping import Join

WHOLE = """
currency = "eur"
date_order = "dmy"
decimal = ","
encoding = "cp1252"
delimiter = ";"
sheet = "Blad1"
header = ["a", "b"]
time_zone = "Europe/Brussels"

[purchases]
customer = "CustomerKey"
fill_down = ["CustomerKey"]

[purchases.constants]
currency = "EUR"

[purchases.ignore]
StockCode = ["POST", "D"]

[deals.values.outcome]
"Closed Won" = "won"

[[deals.join]]
file = "Accounts.csv"
key = "AccountSeq"
other_key = "Id"
columns = ["Account Name"]
"""


def test_load_mapping_reads_everything() -> None:
    mapping = load_mapping(WHOLE.encode())
    assert (mapping.currency, mapping.date_order, mapping.decimal) == ("EUR", "dmy", ",")
    assert (mapping.encoding, mapping.delimiter, mapping.sheet) == ("cp1252", ";", "Blad1")
    assert (mapping.header, mapping.time_zone) == (("a", "b"), "Europe/Brussels")
    purchases, deals = mapping.of("purchases"), mapping.of("deals")
    assert (dict(purchases.columns), purchases.fill_down) == ({"customer": "CustomerKey"}, ("CustomerKey",))
    assert (dict(purchases.constants), dict(purchases.ignore)) == (
        {"currency": "EUR"},
        {"StockCode": ("POST", "D")},
    )
    assert {key: dict(values) for key, values in deals.values.items()} == {"outcome": {"Closed Won": "won"}}
    assert deals.joins == (Join("Accounts.csv", "AccountSeq", "Id", ("Account Name",)),)


def test_load_mapping_of_nothing_is_the_mapping_that_looks_for_itself() -> None:
    assert load_mapping(b"") == Mapping()


@pytest.mark.parametrize(
    ("toml", "code", "said"),
    [
        ("currency = ", "mapping_toml", "TOML"),
        ("curency = 'EUR'", "mapping_key", "curency"),
        ("[purchase]\ncustomer = 'a'", "mapping_key", "purchases"),
        ("[purchases]\nklant = 'a'", "mapping_key", "[purchases]"),
        ("[purchases]\ncustomer = 3", "mapping_value", "the name of a column"),
        ("purchases = 3", "mapping_value", "[purchases]"),
        ("currency = 'euro'", "mapping_value", "EUR"),
        ("date_order = 'ddmm'", "mapping_value", "dmy"),
        ("decimal = ';'", "mapping_value", ","),
        ("delimiter = ';;'", "mapping_value", "one character"),
        ("time_zone = 'Mars/Base'", "mapping_value", "Europe/Amsterdam"),
        ("sheet = 1", "mapping_value", "a text"),
        ("header = 'a;b'", "mapping_value", "list"),
        ("[deals.values.outcome]\nJa = 'gewonnen'", "mapping_value", "open or won or lost or deleted"),
        ("[deals.values.opened_on]\na = 'b'", "mapping_key", "opened_on"),
        ("[deals.constants]\nfoo = 'b'", "mapping_key", "foo"),
        ("[[deals.join]]\nfile = 'a'", "mapping_value", "key"),
        ("[[deals.join]]\nfile = 'a'\nkey = 'b'\nkolommen = []", "mapping_key", "kolommen"),
        ("[deals]\njoin = 3", "mapping_value", "join"),
        ("[purchases.ignore]\nStockCode = 'POST'", "mapping_value", "StockCode"),
    ],
)
def test_load_mapping_refuses_and_says_what_is_known(toml: str, code: str, said: str) -> None:
    with pytest.raises(FileError) as refused:
        load_mapping(toml.encode())
    assert refused.value.code == code
    assert said in str(refused.value)


def test_load_mapping_refuses_what_is_no_text() -> None:
    with pytest.raises(FileError):
        load_mapping(b"\xff\xfe\x00")


def test_load_mapping_says_what_it_expected_in_dutch() -> None:
    with pytest.raises(FileError) as refused:
        load_mapping(b"[purchases]\ncustomer = 3")
    said = "De mapping heeft customer = 3 in [purchases]. Verwacht: de naam van een kolom."
    assert refused.value.say("nl") == said
