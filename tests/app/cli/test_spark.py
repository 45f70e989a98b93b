"""`--spark`: a Spark gives the answers that the same folder gives here, or a sentence says why not."""

import socket
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from polars.testing import assert_frame_equal

ASKED = ("--as-of", "2026-01-01", "--horizon", 28)
QUARTER = ("--as-of", "2026-01-01", "--from", "2026-01-01", "--until", "2026-04-01")


def lines(seed: int = 3) -> pl.DataFrame:
    """Sixty customers over two years: names, segments, credits, empty cells, and a line after as-of."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 730, (60, 14))).ravel()
    number = np.repeat(np.arange(60), 14)
    revenue = np.round(rng.gamma(2.0, 300.0, number.size) * np.where(rng.random(number.size) < 0.05, -1, 1), 2)
    return pl.DataFrame(
        {
            "Klantnummer": [f" K{i:02} " if i else "-" for i in number.tolist()],
            "Klantnaam": [f"Bakker {i}" for i in number.tolist()],
            "Factuurdatum": [date(2024, 1, 5) + timedelta(days=int(day)) for day in days],
            "Omzet": revenue,
            "Kostprijs": [None if i % 50 == 0 else float(c) for i, c in enumerate(revenue * 0.6)],
            "Segment": [("bouw", "zorg", None)[i % 3] for i in number.tolist()],
        }
    ).with_columns(pl.col("Omzet").cast(pl.Decimal(12, 2)))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "sales"
    place.mkdir()
    for number in range(3):
        lines()[number * 280 : number * 280 + 280].write_parquet(place / f"{number}.parquet")
    return place


def both(karma, spark_address: str, command: str, *words: object) -> tuple[dict, dict]:
    """What the command says here and of the same on Spark, its warnings in one order."""
    said = []
    for where in ((), ("--spark", spark_address)):
        ran = karma(command, *words, *where, "--json", "--currency", "EUR")
        assert ran.status == 0, ran.err
        said.append({**ran.document, "warnings": sorted(ran.document["warnings"])})
    return said[0], said[1]


def test_rhythm_on_spark_says_what_it_says_here(karma, spark_address, folder):
    near, far = both(karma, spark_address, "rhythm", folder, *ASKED)
    assert near["rows"] == 840
    assert len(near["warnings"]) > 3
    assert far.keys() == near.keys()
    for key, value in near.items():
        close = isinstance(value, float) or key in ("parameters", "expected_purchases", "expected_margin_cents")
        assert far[key] == (pytest.approx(value, rel=1e-6) if close else value), key


def test_every_customer_reads_alike_on_spark(karma, spark_address, folder, tmp_path):
    for name, where in (("near", ()), ("far", ("--spark", spark_address))):
        karma(
            "rhythm",
            folder,
            *ASKED,
            *where,
            "--out",
            tmp_path / f"{name}.parquet",
            "--plot",
            tmp_path / f"{name}.svg",
        )
    near, far = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("near", "far"))
    assert_frame_equal(far, near, rel_tol=1e-6)
    assert far["reason_nl"].str.contains("Bakker").all()
    assert (tmp_path / "far.svg").read_text() == (tmp_path / "near.svg").read_text()


def test_plan_on_spark_says_what_it_says_here(karma, spark_address, folder):
    near, far = both(karma, spark_address, "plan", "--purchases", folder, *QUARTER)
    assert near["measure"] == "margin"
    assert far == near


def test_of_a_delta_table_spark_too_reads_only_what_counts_now(karma, spark_address, tmp_path):
    write_deltalake(tmp_path / "delta", lines())
    DeltaTable(tmp_path / "delta").delete("Klantnaam = 'Bakker 7'")
    near, far = both(karma, spark_address, "rhythm", tmp_path / "delta", *ASKED)
    assert far["rows"] == near["rows"] == 826
    assert far["customers"] == near["customers"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Factuurdatum": pl.col("Factuurdatum").cast(pl.String)}, "Factuurdatum must be a day"),
        ({"Omzet": pl.col("Omzet").cast(pl.String)}, "Omzet must be a number"),
        ({"Klantnummer": pl.lit(1.5)}, "Klantnummer must be text"),
        ({"Munt": pl.lit("EUR")}, "Munt cannot be weighed"),
    ],
)
def test_columns_that_spark_cannot_read_are_refused(karma, spark_address, tmp_path, speak, change, says):
    speak("en")
    (tmp_path / "sales").mkdir()
    lines().with_columns(**change).write_parquet(tmp_path / "sales" / "0.parquet")
    ran = karma("rhythm", tmp_path / "sales", *ASKED, "--spark", spark_address)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err


@pytest.mark.parametrize("name", ["no_such_table", "/no/such/folder"])
def test_what_spark_does_not_have_is_a_sentence(karma, spark_address, name):
    ran = karma("rhythm", name, *ASKED, "--spark", spark_address)
    assert (ran.status, "Traceback" in ran.err) == (2, False)


def test_a_spark_that_does_not_answer_is_said_at_once(karma, speak, folder):
    speak("en")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"sc://127.0.0.1:{taken.getsockname()[1]}"
        ran = karma("rhythm", folder, *ASKED, "--spark", closed)
    assert (ran.status, "No Spark answers at 127.0.0.1" in ran.err) == (2, True)


@pytest.mark.parametrize("address", ["localhost:15002", "https://host", "sc://", "sc://host:port"])
def test_an_address_that_is_none_is_said(karma, speak, folder, address):
    speak("en")
    ran = karma("rhythm", folder, *ASKED, "--spark", address)
    assert (ran.status, "sc://host:15002" in ran.err) == (2, True)


def test_without_the_extra_spark_says_what_to_install(karma, folder, monkeypatch):
    monkeypatch.setattr("karma.cli.sources.find_spec", lambda _name: None)
    ran = karma("rhythm", folder, *ASKED, "--spark", "sc://127.0.0.1:1")
    assert (ran.status, "make spark" in ran.err) == (2, True)
