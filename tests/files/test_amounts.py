"""Amounts: every notation, to the cent, and no guess about "1.234"."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karma_files.amounts import decide_decimals, read_scaled, weigh_amounts
from karma_files.phrases import FileError


def cents(text: str, decimal: str) -> int | None:
    return read_scaled(pl.Series([text]), decimal=decimal, scale=2, why="not_an_amount")["value"][0]


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1.234,56", ",", 123456),
        ("1,234.56", ".", 123456),
        ("€ 1.234,56", ",", 123456),
        ("€\u00a01.234,56", ",", 123456),
        ("1 234,56", ",", 123456),
        ("1'234.56", ".", 123456),
        ("EUR 12,50", ",", 1250),
        ("12,50 EUR", ",", 1250),
        ("$12.50", ".", 1250),
        ("-12,50", ",", -1250),
        ("12,50-", ",", -1250),
        ("(12,50)", ",", -1250),
        ("€ -12,50", ",", -1250),
        ("-€ 12,50", ",", -1250),
        ("\u221212,50", ",", -1250),
        ("+12,50", ",", 1250),
        ("12,-", ",", 1200),
        ("12,--", ",", 1200),
        (",5", ",", 50),
        (".0000", ".", 0),
        ("7", ",", 700),
        ("1.234.567", ",", 123456700),
        ("0,005", ",", 1),
        ("-0.005", ".", -1),
        ("1E+05", ".", 10_000_000),
        ("2.5e-1", ".", 25),
        ("9999999999999", ".", 999_999_999_999_900),
    ],
)
def test_read_scaled_knows_the_notation(text: str, decimal: str, expected: int) -> None:
    assert cents(text, decimal) == expected


@pytest.mark.parametrize(
    "text", ["x", "1.2.3", "12,3.4", "1,23,456", "--5", "€", ".", "12a", "1..2", "12 %", "=1+1"]
)
def test_read_scaled_refuses_what_is_no_amount(text: str) -> None:
    assert cents(text, ".") is None


def test_read_scaled_refuses_an_amount_beyond_reason() -> None:
    assert read_scaled(pl.Series(["9" * 14]), decimal=".", scale=2, why="x")["why"][0] == "too_large"


def slow_cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(",."), st.booleans())
def test_read_scaled_agrees_with_decimal(amount: Decimal, decimal: str, grouped: bool) -> None:
    english = f"{amount:,.3f}" if grouped else f"{amount:.3f}"
    swap = {",": ".", ".": ",", "-": "-"}
    text = english if decimal == "." else "".join(swap.get(sign, sign) for sign in english)
    assert cents(text, decimal) == slow_cents(amount)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1.234,56", "comma"),
        ("1,234.56", "point"),
        ("12,5", "comma"),
        ("12.50", "point"),
        ("1.234.567", "comma"),
        ("1,234,567", "point"),
        ("0.125", "point"),
        ("1234.567", "point"),
        ("1.234", "open"),
        ("1,234", "open"),
    ],
)
def test_weigh_amounts_sees_what_a_text_says(text: str, sign: str) -> None:
    evidence = weigh_amounts(pl.Series([text]))
    assert [each for each in ("comma", "point", "open") if getattr(evidence, each)] == [sign]


def test_weigh_amounts_sees_nothing_in_whole_numbers() -> None:
    evidence = weigh_amounts(pl.Series(["12", "-7", "text"]))
    assert (evidence.comma, evidence.point, evidence.open) == (0, 0, 0)


def decide(given: str | None = None, **columns: list[str]) -> dict[str, str]:
    evidence = {name: weigh_amounts(pl.Series(texts)) for name, texts in columns.items()}
    return decide_decimals(evidence, given=given, name="f.csv")[0]


def test_decide_decimals_asks_about_1_234() -> None:
    with pytest.raises(FileError, match="decimal =") as refused:
        decide(Bedrag=["1.234", "12"])
    assert refused.value.code == "decimal"


def test_decide_decimals_lets_another_column_decide() -> None:
    assert decide(Bedrag=["1.234"], Kosten=["12,50"]) == {"Kosten": ",", "Bedrag": ","}


def test_decide_decimals_asks_where_columns_disagree_about_a_third() -> None:
    with pytest.raises(FileError):
        decide(a=["1.234"], b=["12,50"], c=["12.50"])


def test_decide_decimals_asks_where_one_column_mixes() -> None:
    with pytest.raises(FileError) as refused:
        decide(Bedrag=["12,50", "12.50"])
    assert refused.value.code == "decimals_mixed"


def test_decide_decimals_takes_a_persons_word() -> None:
    assert decide(given=",", Bedrag=["1.234"]) == {"Bedrag": ","}
