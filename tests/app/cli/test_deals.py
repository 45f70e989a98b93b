"""`karma deals`: chances of open deals with their reasons, from a person's own files."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

KEYS = {
    "deals", "open", "expected_wins", "expected_value_cents", "base_rates", "calibration", "refused_columns",
    "funnel", "warnings",
}  # fmt: skip
ROW = ["id", "chance_win_by_until", "chance_win_ever", "expected_close", "value_cents_low", "value_cents_high"]
START = date(2024, 1, 1)
COLUMNS = (
    "--id", "Nummer", "--opened", "Geopend", "--closed", "Gesloten", "--outcome", "Uitslag", "--won", "Binnen",
    "--lost", "Weg", "--amount", "Bedrag",
)  # fmt: skip
MOMENT = ("--as-of", "2026-01-01", "--until", "2026-04-01")


def pipeline(n: int) -> list[dict[str, object]]:
    """Deals of two years; those from a fair are won twice as often, and "Nazorg" is filled in after a win only."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(n):
        fair = rng.random() < 0.4
        opened = START + timedelta(days=int(rng.integers(0, 730)))
        closed = opened + timedelta(days=int(rng.gamma(2.0, 45)))
        won = rng.random() < (0.6 if fair else 0.3)
        is_open = closed >= date(2026, 1, 1)
        rows.append(
            {
                "Nummer": f"A{number:04}",
                "Geopend": opened.isoformat(),
                "Gesloten": "" if is_open else closed.isoformat(),
                "Uitslag": "" if is_open else ("Binnen" if won else "Weg"),
                "Bedrag": f"{rng.lognormal(9, 0.5):.2f}",
                "Herkomst": "beurs" if fair else "lijst",
                "Regio": ["noord", "zuid", "oost"][number % 3],
                "Nazorg": "" if is_open or not won else f"{rng.integers(1, 4)} gesprekken",
            }
        )
    return rows


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("deals") / "kansen.csv"
    pl.DataFrame(pipeline(500)).write_csv(path)
    return path


@pytest.fixture
def asked(karma, exported, tmp_path):
    def ask(*more):
        out = tmp_path / "open.csv"
        ran = karma("deals", exported, *COLUMNS, *MOMENT, "--out", out, *more, "--json")
        assert ran.status == 0, ran.err
        return ran.document, pl.read_csv(out)

    return ask


@pytest.fixture(scope="module")
def said(exported, tmp_path_factory):
    """One answer that several tests look at."""
    import contextlib
    import io
    import json

    from karma.cli import run

    out, printed = tmp_path_factory.mktemp("said") / "open.csv", io.StringIO()
    more = ("--features", "Regio,Nazorg", "--out", out, "--currency", "EUR", "--json")
    with contextlib.redirect_stdout(printed):
        status = run([str(part) for part in ("deals", exported, *COLUMNS, *MOMENT, *more)])
    assert status == 0
    return json.loads(printed.getvalue()), pl.read_csv(out, try_parse_dates=True)


def test_json_holds_every_promised_key(said):
    document, _ = said
    assert KEYS - set(document) == set()
    assert set(document["calibration"]) >= {"brier", "ece", "log_loss", "baseline_brier"}
    assert set(document["expected_wins"]) == {"mean", "p05", "p95"}


def test_one_row_for_every_open_deal(said):
    document, rows = said
    assert rows.columns[:7] == [*ROW, "reasons"]
    assert len(rows) == document["open"] == sum(row["Uitslag"] == "" for row in pipeline(500))
    assert rows["id"].n_unique() == len(rows)


def test_chances_are_chances_and_ever_is_no_less_than_by_until(said):
    _, rows = said
    assert rows["chance_win_by_until"].is_between(0, 1).all()
    assert (rows["chance_win_ever"] >= rows["chance_win_by_until"]).all()
    assert (rows["expected_close"] >= date(2026, 1, 1)).all()


def test_expected_wins_are_the_sum_of_the_chances(said):
    document, rows = said
    assert document["expected_wins"]["mean"] == pytest.approx(rows["chance_win_by_until"].sum(), rel=1e-6)
    assert (
        document["expected_wins"]["p05"] <= document["expected_wins"]["mean"] <= document["expected_wins"]["p95"]
    )


def test_a_planted_column_is_refused_with_its_reason(said):
    document, rows = said
    assert [one["column"] for one in document["refused_columns"]] == ["Nazorg"]
    assert not rows["moved"].str.contains("Nazorg").any()


def test_a_source_that_wins_more_often_has_the_higher_chances(said, exported):
    _, rows = said
    source = pl.read_csv(exported).select(pl.col("Nummer").alias("id"), "Herkomst")
    means = dict(rows.join(source, on="id").group_by("Herkomst").agg(pl.col("chance_win_ever").mean()).iter_rows())
    assert means["beurs"] > means["lijst"] + 0.1


def test_what_is_allowed_is_used_and_recorded(asked):
    document, rows = asked("--features", "Nazorg", "--allow", "Nazorg")
    assert document["refused_columns"] == []
    assert any("Nazorg" in warning and "--allow" in warning for warning in document["warnings"])
    assert rows["chance_win_by_until"].mean() < 0.05, "a column that looks ahead makes every open deal look lost"


def test_below_fifty_won_it_is_said_that_there_is_too_little(karma, tmp_path, speak):
    speak("nl")
    path = tmp_path / "weinig.csv"
    pl.DataFrame(pipeline(60)).write_csv(path)
    document = karma("deals", path, *COLUMNS, *MOMENT, "--json").document
    assert any("Te weinig gegevens" in warning for warning in document["warnings"])


def test_a_readable_answer_speaks_dutch_and_names_no_percentage(karma, exported, speak):
    speak("nl")
    ran = karma("deals", exported, *COLUMNS, *MOMENT)
    assert ran.status == 0
    assert "Van de aanvragen die binnenkomen" in ran.out
    assert "%" not in ran.out


def test_snapshots_serve_as_history(karma, exported, tmp_path):
    rows = pl.read_csv(exported, schema_overrides={"Gesloten": pl.String}).with_columns(
        pl.col("Geopend").str.to_date()
    )
    months = [date(2025, month, 1) for month in range(3, 13)]
    snapshots = [
        (deal, on, "offerte" if (on - opened).days > 45 else "gesprek")
        for deal, opened, closed in rows.select("Nummer", "Geopend", "Gesloten").iter_rows()
        for on in months
        if opened <= on and (not closed or closed > on.isoformat())
    ]
    path = tmp_path / "momentopnamen.csv"
    pl.DataFrame(snapshots, orient="row", schema=["deal id", "date", "stage"]).write_csv(path)
    ran = karma("deals", exported, *COLUMNS, *MOMENT, "--history", path, "--json")
    assert ran.status == 0, ran.err
    assert {"gesprek", "offerte"} <= set(ran.document["base_rates"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-of", "2026-01-01", "--until", "2025-12-01"), "--until"),
        (("--as-of", "2026-01-01", "--until", "morgen"), "--until"),
        (("--until", "2026-04-01"), "--as-of"),
        ((*MOMENT, "--features", "Bestaat niet"), "Bestaat niet"),
        ((*MOMENT, "--out", "/nowhere/x.csv"), "/nowhere"),
    ],
)
def test_wrong_input_is_refused_with_a_sentence(karma, exported, arguments, said):
    ran = karma("deals", exported, *COLUMNS, *arguments, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_an_unknown_word_for_won_is_refused(karma, exported):
    command = [("Gewonnen" if part == "Binnen" else part) for part in COLUMNS]
    ran = karma("deals", exported, *command, *MOMENT)
    assert (ran.status, "Gewonnen" in ran.err, "Traceback" in ran.err) == (2, True, False)


def test_a_team_that_won_nothing_yet_is_answered(karma, exported, tmp_path):
    none_won = pl.read_csv(exported).filter(pl.col("Uitslag").fill_null("") != "Binnen")
    path = tmp_path / "verloren.csv"
    none_won.write_csv(path)
    ran = karma("deals", path, *COLUMNS, *MOMENT, "--json")
    assert ran.status == 0, ran.err
    assert ran.document["open"] > 0
    assert ran.document["expected_wins"]["mean"] < 5


def test_without_open_deals_the_answer_is_empty(karma, exported, tmp_path):
    path = tmp_path / "gesloten.csv"
    pl.read_csv(exported).filter(pl.col("Uitslag").is_in(["Binnen", "Weg"])).write_csv(path)
    ran = karma("deals", path, *COLUMNS, *MOMENT, "--json")
    assert ran.status == 0, ran.err
    assert (ran.document["open"], ran.document["expected_wins"]["p95"]) == (0, 0.0)


def test_what_moves_with_the_deal_is_no_feature_and_is_called_as_in_the_file(karma, exported, tmp_path):
    path = tmp_path / "fase.csv"
    hoped = [f"2026-05-{1 + number % 28:02}" for number in range(500)]
    pl.read_csv(exported).with_columns(pl.Series("Expected close date", hoped), stage=pl.lit("offerte")).write_csv(
        path
    )
    ran = karma("deals", path, *COLUMNS, *MOMENT, "--features", "Expected close date,stage,Regio", "--json")
    assert ran.status == 0, ran.err
    assert [one["column"] for one in ran.document["refused_columns"]] == ["Expected close date", "stage"]
