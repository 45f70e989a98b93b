"""`karma plan`: an amount with its range and chance, from a person's own files."""

import re
from datetime import date, timedelta

import pytest

KEYS = {
    "period", "as_of", "currency", "measure", "realised_cents", "quantiles_cents", "mean_cents", "sources",
    "chance_of", "columns", "missing", "warnings",
}  # fmt: skip
QUARTER = ("--from", "2026-01-01", "--until", "2026-04-01", "--as-of", "2026-01-01")


@pytest.fixture
def plan(karma, sales):
    return lambda *more: karma("plan", "--purchases", sales, *QUARTER, *more, "--json").document


def test_plan_json_holds_every_promised_key(plan):
    assert KEYS - set(plan()) == set()


def test_means_of_the_sources_add_up_to_the_mean(plan):
    document = plan()
    assert sum(source["mean_cents"] for source in document["sources"]) == document["mean_cents"]


def test_quantiles_rise(plan):
    quantiles = list(plan()["quantiles_cents"].values())
    assert quantiles == sorted(quantiles)


def test_chance_falls_as_the_amount_rises(plan):
    asked = plan("--amount", "1", "--amount", "50.000", "--amount", "10.000.000")["chance_of"]
    chances = [one["chance"] for one in asked if one["label"] not in ("last_year", "last_year_plus_10")]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1.0
    assert chances[-1] == 0.0


def test_last_year_and_ten_percent_more_stand_beside_it(plan):
    asked = {one["label"]: one["amount_cents"] for one in plan()["chance_of"]}
    assert asked["last_year_plus_10"] == asked["last_year"] + round(asked["last_year"] / 10)


def test_plan_without_cost_speaks_of_revenue_and_says_so(karma, sales):
    bare = [";".join(row.split(";")[:4]) for row in sales.read_text("cp1252").splitlines()]
    sales.write_text("\n".join(bare), encoding="cp1252")
    document = karma("plan", "--purchases", sales, *QUARTER, "--json").document
    assert document["measure"] == "revenue"
    assert "cost" in document["missing"]


def test_currency_that_no_file_names_is_missing(plan):
    assert (plan()["currency"], "currency" in plan()["missing"]) == (None, True)
    assert (plan("--currency", "EUR")["currency"], "currency" in plan("--currency", "EUR")["missing"]) == (
        "EUR",
        False,
    )


def test_what_is_realised_is_part_of_the_whole(karma, sales):
    command = ("plan", "--purchases", sales, "--from", "2025-10-01", "--until", "2026-01-01", "--json")
    halfway = karma(*command, "--as-of", "2025-11-15").document
    over = karma(*command, "--as-of", "2026-01-01").document
    assert 0 < halfway["realised_cents"] < over["realised_cents"]
    assert set(over["quantiles_cents"].values()) == {over["realised_cents"]}


def test_period_that_is_over_is_told_without_chances(karma, sales, speak):
    for language, over in (("nl", "Deze periode is voorbij."), ("en", "This period is over.")):
        speak(language)
        told = karma(
            "plan", "--purchases", sales, "--from", "2025-01-01", "--until", "2025-04-01", "--as-of", "2026-01-01"
        ).out
        assert over in told
        assert not re.search(r"\d (in|op) 10|kans", told.partition("\n\n")[0])


def test_plan_says_its_chances_in_tenths_and_never_in_percent(karma, sales, speak):
    speak("nl")
    said = karma("plan", "--purchases", sales, *QUARTER, "--amount", "60000", "--currency", "EUR").out
    assert "6 van de 10 keer" in said
    assert "%" not in said.replace("Vorig jaar plus 10%", "")


def test_plan_draws_the_range_and_its_sources(karma, sales, tmp_path):
    plot = tmp_path / "plan.svg"
    karma("plan", "--purchases", sales, *QUARTER, "--plot", plot)
    assert plot.read_text().count("var(--tint") >= 3


@pytest.fixture
def deals(tmp_path):
    """Two years of deals in a CRM's export: each is won or lost within four weeks, the last are open."""

    def write(currency="EUR"):
        rows = ["Deal ID,Company,Status,Create Date,Close Date,Amount,Currency"]
        for number in range(240):
            opened = date(2024, 1, 2) + timedelta(days=3 * number)
            closed = opened + timedelta(days=7 + number % 21)
            outcome = "Open" if closed >= date(2026, 1, 1) else ("Won", "Lost", "Won")[number % 3]
            closes = "" if outcome == "Open" else f"{closed}"
            rows.append(
                f"D{number},K{number % 50:03},{outcome},{opened},{closes},{1000 + number % 400},{currency}"
            )
        path = tmp_path / f"deals-{currency}.csv"
        path.write_text("\n".join(rows) + "\n")
        return path

    return write


def test_deals_alone_are_enough_and_it_is_said_what_they_stand_for(karma, deals):
    document = karma("plan", "--deals", deals(), *QUARTER, "--json").document
    assert KEYS - set(document) == set()
    assert "invoices" in document["missing"]
    assert document["mean_cents"] > 0
    assert set(document["rows"]) == {"deals"}


def test_deals_alone_count_those_that_open_later_as_not_yet(karma, deals, speak):
    speak("en")
    early = ("--from", "2025-01-01", "--until", "2025-04-01", "--as-of", "2025-01-01")
    told = karma("plan", "--deals", deals(), *early).out
    assert "dated on or after the as-of date" in told
    assert "There are no lines of sale." in told


def test_files_of_two_kinds_in_two_currencies_are_not_added_up(karma, sales, deals, speak):
    speak("en")
    euros = karma("plan", "--purchases", sales, "--deals", deals("EUR"), *QUARTER, "--json")
    lines = sales.read_text("cp1252").splitlines()
    marked = [lines[0] + ";Valuta", *(f"{row};EUR" for row in lines[1:])]
    sales.write_text("\n".join(marked), encoding="cp1252")
    mixed = karma("plan", "--purchases", sales, "--deals", deals("USD"), *QUARTER, "--json")
    assert (euros.status, mixed.status, mixed.out) == (0, 2, "")
    assert "EUR, USD" in mixed.err


def test_nothing_known_is_said_and_not_a_range_of_zero(karma, sales, speak):
    for language, nothing in (("en", "nothing can be said of this period yet"), ("nl", "nog niets te zeggen")):
        speak(language)
        told = karma(
            "plan", "--purchases", sales, "--from", "2020-01-01", "--until", "2020-04-01", "--as-of", "2020-01-01"
        ).out
        assert nothing in " ".join(told.split())
        assert "10" not in told.partition("\n\n")[0].replace("2020", "")


@pytest.mark.parametrize(
    ("period", "status"),
    [
        (("2024-02-29", "2024-03-01"), 0),
        (("0001-01-01", "0001-02-01"), 0),
        (("0001-01-01", "9999-12-31"), 2),
        (("9999-01-01", "9999-02-01"), 2),
    ],
)
def test_odd_periods_are_answered_or_refused_with_a_sentence(karma, sales, period, status):
    asked = ("--from", period[0], "--until", period[1], "--as-of", "2026-01-01", "--json")
    ran = karma("plan", "--purchases", sales, *asked)
    assert ran.status == status
    assert ran.err.count("\n") == (0 if status == 0 else 1)
    assert status == 2 or "last_year" in ran.document["missing"]


def test_what_a_file_lacks_is_told_once(karma, sales, speak):
    speak("en")
    bare = [";".join(row.split(";")[:4]) for row in sales.read_text("cp1252").splitlines()]
    sales.write_text("\n".join(bare), encoding="cp1252")
    told = karma("plan", "--purchases", sales, *QUARTER).out
    assert (told.count("No file names a currency"), told.count("revenue and not about margin")) == (1, 1)
    assert "There is no cost in it" not in told
    assert "No currency is named in it" not in told
