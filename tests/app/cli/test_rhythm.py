"""`karma rhythm`: whom to call, whom to leave in peace, on a person's own file."""

from datetime import date

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

KEYS = {
    "model", "k", "parameters", "log_likelihood", "regularised", "customers", "cells", "horizon_days",
    "expected_purchases", "expected_margin_cents", "columns", "ignored", "rejected", "warnings",
}  # fmt: skip
COLUMNS = [
    "customer", "x", "t_x", "T", "chance_active", "chance_order", "expected_purchases", "expected_margin_cents",
    "customer_state", "leave_until", "reason_nl", "reason_en",
]  # fmt: skip
STATES = {"call_now", "lead_by_hand", "leave_in_peace", "calm", "asleep", "too_little_data"}


def test_rhythm_json_holds_every_promised_key(karma, sales):
    ran = karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--json")
    assert (ran.status, KEYS - set(ran.document)) == (0, set())


def test_rhythm_needs_no_amounts_and_then_says_nothing_of_margin(karma, sales, tmp_path):
    bare = tmp_path / "days.csv"
    lines = [line.split(";") for line in sales.read_text("cp1252").splitlines()]
    places = [lines[0].index(name) for name in ("Klantnummer", "Factuurdatum")]
    bare.write_text("\n".join(";".join(line[place] for place in places) for line in lines))
    moment = ("--as-of", "2026-01-01", "--horizon", 28)
    document, whole = (karma("rhythm", file, *moment, "--json").document for file in (bare, sales))
    assert (document["kept"], document["expected_margin_cents"]) == (whole["kept"], None)
    assert karma("plan", "--purchases", bare, "--from", "2026-01-01", "--until", "2026-04-01").status == 2


def test_rhythm_counts_every_row_of_the_file(karma, sales):
    document = karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--json").document
    assert document["rows"] == len(sales.read_text("cp1252").splitlines()) - 1
    assert (document["kept"], document["rejected"]) == (document["rows"], 0)


def test_rhythm_writes_one_row_per_customer_with_a_reason(karma, sales, tmp_path):
    out = tmp_path / "out.parquet"
    karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--out", out)
    frame = pl.read_parquet(out)
    assert (frame.columns, len(frame)) == (COLUMNS, 40)
    assert set(frame["customer_state"]) <= STATES
    assert frame.select(pl.col("reason_nl", "reason_en").str.len_chars().min()).row(0) > (10, 10)


def test_rhythm_tells_the_same_in_its_csv_and_its_parquet(karma, sales, tmp_path):
    for name in ("out.csv", "out.parquet"):
        karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--out", tmp_path / name)
    written = pl.read_csv(tmp_path / "out.csv", schema_overrides={"leave_until": pl.Date})
    assert written["customer"].to_list() == pl.read_parquet(tmp_path / "out.parquet")["customer"].to_list()


def test_through_is_as_of_the_day_after(karma, sales):
    answers = [
        karma("rhythm", sales, *moment, "--horizon", 28, "--json").document
        for moment in (("--through", "2025-09-30"), ("--as-of", "2025-10-01"))
    ]
    assert answers[0] == answers[1]


def test_rhythm_given_the_same_seed_answers_the_same(karma, sales):
    command = ("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--seed", 5, "--json")
    assert karma(*command).out == karma(*command).out


def test_rhythm_sees_nothing_dated_on_or_after_as_of(karma, sales):
    before = karma("rhythm", sales, "--as-of", "2025-06-01", "--horizon", 28, "--json").document
    kept = [row for row in sales.read_text("cp1252").splitlines() if not _on_or_after_june(row)]
    sales.write_text("\r\n".join(kept), encoding="cp1252")
    after = karma("rhythm", sales, "--as-of", "2025-06-01", "--horizon", 28, "--json").document
    assert {key: before[key] for key in ("log_likelihood", "expected_purchases", "expected_margin_cents")} == {
        key: after[key] for key in ("log_likelihood", "expected_purchases", "expected_margin_cents")
    }


def _on_or_after_june(row: str) -> bool:
    day = row.split(";")[2]
    return day[:1].isdigit() and day[6:] + day[3:5] >= "202506"


@pytest.mark.parametrize("model", ["nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_k"])
def test_rhythm_fits_the_model_that_was_named(karma, sales, model):
    document = karma(
        "rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--model", model, "--json"
    ).document
    assert document["model"] == model


@pytest.mark.parametrize(("language", "title"), [("nl", "Waar dit op rust"), ("en", "What this rests on")])
def test_rhythm_speaks_the_language_of_the_person(karma, sales, speak, language, title):
    speak(language)
    assert title in karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28).out


def test_rhythm_draws_the_customers_to_call(karma, sales, tmp_path):
    plot = tmp_path / "rhythm.svg"
    karma("rhythm", sales, "--as-of", "2026-02-01", "--horizon", 28, "--plot", plot)
    assert plot.read_text().startswith("<svg")


def test_compare_sets_models_and_baselines_side_by_side(karma, sales):
    command = ("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28)
    compared = karma(*command, "--compare", "--json").document["compare"]
    assert [one["days"] for one in compared["horizons"]] == [7, 14, 28]
    for one in compared["horizons"]:
        names = {figures["name"] for figures in one["figures"]}
        assert names >= {"nbd", "bg_nbd", "mbg_nbd", "mbg_cnbd_k", "pareto_nbd", "personal_rate", "hiatus"}
        assert one["winner"] in names
    assert "compare" not in karma(*command, "--json").document


def test_compare_says_who_wins_in_words(karma, sales, speak):
    speak("nl")
    told = karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--compare").out
    assert "14 dagen vooruit: " in told
    assert "eigen tempo" in told


def test_a_folder_of_parquet_is_read_as_one_file(karma, tmp_path):
    lines = pl.DataFrame(
        {"klant": ["a", "b"] * 20, "datum": [f"2025-0{i % 9 + 1}-11" for i in range(40)], "omzet": 5}
    )
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(4):
        part = lines[number * 10 : number * 10 + 10].with_columns(pl.col("datum").str.to_date())
        part.write_parquet(folder / f"{number}.parquet")
    document = karma("rhythm", folder, "--as-of", "2026-01-01", "--horizon", 28, "--json").document
    assert (document["rows"], document["customers"]) == (40, 2)


def test_of_a_delta_table_only_what_counts_now_is_read(karma, tmp_path):
    lines = pl.DataFrame(
        {"klant": ["a", "b"] * 20, "datum": [date(2025, i % 9 + 1, 11) for i in range(40)], "omzet": 5}
    )
    write_deltalake(tmp_path / "sales", lines)
    DeltaTable(tmp_path / "sales").delete("klant = 'b'")
    document = karma("rhythm", tmp_path / "sales", "--as-of", "2026-01-01", "--horizon", 28, "--json").document
    assert (document["rows"], document["customers"]) == (20, 1)


def test_a_delta_table_whose_log_is_gone_is_no_parquet_folder(karma, tmp_path):
    (tmp_path / "sales" / "_delta_log").mkdir(parents=True)
    pl.DataFrame({"klant": ["a"]}).write_parquet(tmp_path / "sales" / "old.parquet")
    ran = karma("rhythm", tmp_path / "sales", "--as-of", "2026-01-01", "--horizon", 28)
    assert (ran.status, "sales" in ran.err) == (2, True)


def test_without_the_extra_it_says_what_to_install(karma, tmp_path, monkeypatch):
    (tmp_path / "sales" / "_delta_log").mkdir(parents=True)
    monkeypatch.setattr("karma.cli.sources.find_spec", lambda _name: None)
    ran = karma("rhythm", tmp_path / "sales", "--as-of", "2026-01-01", "--horizon", 28)
    assert (ran.status, "make spark" in ran.err) == (2, True)
