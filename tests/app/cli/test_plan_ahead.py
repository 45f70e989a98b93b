"""`karma plan` with what people know of the time ahead: customers' plans, capacity and market potential."""

import polars as pl
import pytest

QUARTER = ("--from", "2026-01-01", "--until", "2026-04-01", "--as-of", "2026-01-01", "--currency", "EUR")


@pytest.fixture
def plan(karma, sales):
    return lambda *more: karma("plan", "--purchases", sales, *QUARTER, *more, "--json").document


@pytest.fixture
def year_plans(tmp_path):
    """What half of the customers said of 2025 and 2026, with two rows that cannot be."""
    rows = ["Klantnummer;Jaar;Genoemd op;Genoemd bedrag;Genoemd aan"]
    for number in range(1, 40, 2):
        rows.append(f"K{number:03};2025;{number % 20 + 1:02}-12-2024;10.000,50;Anna")
        rows.append(f"K{number:03};2026;{number % 20 + 1:02}-12-2025;24.000,00;Anna")
    rows += [
        "K999;2026;01-12-2025;5.000,00;Otto",
        "K001;2026;01-12-2025;-5,00;Otto",
        "K003;20266;01-12-2025;5,00;",
    ]
    path = tmp_path / "jaarplannen.csv"
    path.write_text("\r\n".join(rows) + "\r\n", encoding="cp1252")
    return path


def without(document, *keys):
    return {key: value for key, value in document.items() if key not in keys}


def test_customers_plans_move_the_expectation_and_say_how_much(plan, year_plans):
    bare, told = plan(), plan("--customer-plans", year_plans)
    of = told["customer_plans"]
    assert set(of) == {"customers", "not_expected", "earlier", "came_true", "share", "moved_cents"}
    assert (of["not_expected"], of["earlier"] > 10, 0 < of["share"] < 1) == (1, True, True)
    assert told["mean_cents"] > bare["mean_cents"]
    assert set(told) - set(bare) == {"customer_plans"}
    assert sum(source["mean_cents"] for source in told["sources"]) == told["mean_cents"]


def test_rows_of_plans_are_accounted_for(plan, karma, sales, year_plans, tmp_path):
    aside = tmp_path / "aside.csv"
    document = plan("--customer-plans", year_plans, "--rejected", aside)
    assert document["rows"]["customer_plans"] == {"rows": 43, "kept": 41, "rejected": 2, "ignored": {}}
    assert document["columns"]["customer_plans"]["stated_on"]["column"] == "Genoemd op"
    assert "not_above_zero" in aside.read_text()


def test_plans_may_stand_in_a_workbook_with_english_names(plan, tmp_path):
    row = {"Customer": "K001", "From": "2026-01-01", "Until": "2026-07-01", "Planned amount": 40000}
    pl.DataFrame({**row, "Stated on": "2025-12-01"}).write_excel(tmp_path / "plans.xlsx")
    document = plan("--customer-plans", tmp_path / "plans.xlsx")
    assert document["customer_plans"]["customers"] == 1
    assert any("caution" in said or "voorzichtig" in said for said in document["warnings"])


def test_bounds_that_bite_are_said_with_how_much(plan, sales):
    new = (f"N{n:03};N{n};{n % 28 + 1:02}-{n % 12 + 1:02}-{2024 + n // 30};1.000,00;700,00" for n in range(60))
    sales.write_text(sales.read_text("cp1252") + "\n".join(new), encoding="cp1252")
    document = plan("--capacity", "0,01", "--market-potential", "1.000.000.000")
    capacity, potential = document["bounds"]
    assert (capacity["bound"], capacity["share"] > 0.5, capacity["held_back_cents"] > 0) == (
        "capacity",
        True,
        True,
    )
    assert potential == {"bound": "market_potential", "share": 0.0, "held_back_cents": 0}
    assert without(plan(), "warnings").keys() == without(document, "warnings", "bounds").keys()


@pytest.mark.parametrize(("tag", "words"), [("en", "customers have a plan"), ("nl", "klanten hebben een plan")])
def test_a_person_reads_what_plans_did(karma, sales, year_plans, speak, tag, words):
    speak(tag)
    ran = karma("plan", "--purchases", sales, *QUARTER, "--customer-plans", year_plans)
    assert (ran.status, words in " ".join(ran.out.split())) == (0, True)


def test_plans_about_other_days_are_said_to_be(karma, sales, year_plans, speak):
    speak("en")
    period = ("--from", "2027-01-01", "--until", "2027-04-01", "--as-of", "2026-01-01")
    ran = karma("plan", "--purchases", sales, *period, "--customer-plans", year_plans)
    assert "No customer's plan is about days that are still open." in " ".join(ran.out.split())


def test_the_record_looks_back_with_the_plans_known_then(plan, year_plans):
    record = plan("--record", "--customer-plans", year_plans)["record"]
    assert record["plans"] > 0
    assert record["ratchet"]["expectation"] is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--capacity", "many"), '--capacity "many" is not a number'),
        (("--capacity", "-1"), '--capacity "-1" is not a number'),
        (("--market-potential", "-1"), "zero or more"),
        (("--market-potential", "much"), "is not an amount"),
        (("--customer-plans", "nowhere.csv"), "nowhere.csv"),
        (("--team", "Noord", "--customer-plans", "x.csv"), "not both"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(karma, sales, speak, arguments, said):
    speak("en")
    files = () if "--team" in arguments else ("--purchases", sales)
    ran = karma("plan", *files, *QUARTER, *arguments)
    assert (ran.status, said in " ".join(ran.err.split())) == (2, True)


def test_plans_in_another_currency_are_refused(karma, sales, tmp_path, speak):
    speak("en")
    path = tmp_path / "plans.csv"
    path.write_text("Customer,Year,Stated on,Planned amount,Currency\nK001,2026,2025-12-01,5000,USD\n")
    lines = tmp_path / "lines.csv"
    lines.write_text(
        "Customer,Date,Revenue,Currency\n" + "\n".join(f"K001,2025-{m:02}-03,100,EUR" for m in range(1, 13))
    )
    ran = karma("plan", "--purchases", lines, *QUARTER[:6], "--customer-plans", path)
    assert (ran.status, "EUR, USD" in ran.err) == (2, True)
