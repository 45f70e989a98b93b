"""Wrong input: exit status 2 and one sentence that says what to do; nothing is written."""

import io
import zipfile

import pytest

FILES = {
    "empty.csv": b"",
    "header.csv": b"Klantnummer;Factuurdatum;Netto bedrag\n",
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "wrong_delimiter.csv": b"klant_datum_bedrag\n1_2_3\n",
    "unknown.csv": b"foo;bar;baz\n1;2;3\n4;5;6\n",
    "two_currencies.csv": (
        b"Klant;Datum;Omzet;Valuta\nA;2025-01-01;10,00;EUR\nB;2025-01-02;11,50;USD\nA;2025-02-01;12,25;EUR\n"
    ),
    "wide.csv": (";".join(f"kolom{i}" for i in range(300)) + "\n" + ";".join("1" * 300) + "\n").encode(),
    "ambiguous.csv": b"Klant;Datum;Omzet\nA;01-02-2025;10,00\nB;03-04-2025;11,50\n",
    "later.csv": b"Klant;Datum;Omzet\nA;2031-01-15;10,00\nB;2031-02-15;11,50\n",
}


def bomb() -> bytes:
    """A workbook whose one sheet unpacks to a gigabyte."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 28))
    return held.getvalue()


@pytest.fixture
def make(tmp_path):
    def write(name: str):
        path = tmp_path / name
        path.write_bytes(bomb() if name == "bomb.xlsx" else FILES[name])
        return path

    return write


@pytest.mark.parametrize("name", [*FILES, "bomb.xlsx"])
def test_rhythm_refuses_a_file_with_one_sentence(karma, make, tmp_path, name):
    out = tmp_path / "out.csv"
    ran = karma("rhythm", make(name), "--as-of", "2026-01-01", "--horizon", 28, "--out", out, "--json")
    assert (ran.status, ran.out, out.exists()) == (2, "", False)
    assert "Traceback" not in ran.err
    assert len(ran.err.strip()) > 30


@pytest.mark.parametrize("name", ["empty.csv", "picture.csv", "unknown.csv", "bomb.xlsx"])
def test_plan_refuses_a_file_with_one_sentence(karma, make, name):
    ran = karma("plan", "--purchases", make(name), "--from", "2026-01-01", "--until", "2026-04-01",
                "--as-of", "2026-01-01", "--json")  # fmt: skip
    assert (ran.status, ran.out) == (2, "")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--horizon", "28"], "--as-of"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--through", "2026-01-01"], "--as-of"),
        (["--horizon", "28", "--as-of", "01-01-2026"], "01-01-2026"),
        (["--horizon", "0", "--as-of", "2026-01-01"], "--horizon"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--plot", "x.png"], ".svg"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--out", "/nowhere/x.csv"], "/nowhere"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--customer", "Naam"], "Naam"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--model", "magic"], "magic"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--mapping", "no.toml"], "no.toml"),
        (["--horizon", "28", "--as-of", "2026-01-01", "--currency", "euro"], "euro"),
    ],
)
def test_rhythm_names_the_option_that_is_wrong(karma, sales, arguments, said):
    ran = karma("rhythm", sales, *arguments)
    assert (ran.status, said in ran.err, "Traceback" in ran.err) == (2, True, False)


@pytest.mark.parametrize("options", [[], ["--compare"]])
def test_a_day_before_all_facts_is_refused_in_the_persons_language(karma, sales, speak, options):
    speak("nl")
    ran = karma("rhythm", sales, "--as-of", "1990-01-01", "--horizon", 28, *options)
    assert (ran.status, ran.err.strip().splitlines()[-1]) == (
        2,
        "Geen enkele klant kocht iets voor deze datum. Kies een latere datum.",
    )


def test_the_last_day_of_the_calendar_is_a_day(karma, sales):
    ran = karma("rhythm", sales, "--through", "9999-12-31", "--horizon", 28, "--json")
    assert (ran.status, ran.document["as_of"]) == (0, "9999-12-31")


def test_a_folder_is_no_file(karma, tmp_path):
    ran = karma("rhythm", tmp_path, "--as-of", "2026-01-01", "--horizon", 28)
    assert (ran.status, ran.out) == (2, "")


def test_a_file_that_is_not_there_is_named(karma, tmp_path):
    ran = karma("rhythm", tmp_path / "weg.csv", "--as-of", "2026-01-01", "--horizon", 28)
    assert (ran.status, "weg.csv" in ran.err) == (2, True)


def test_half_a_file_is_refused_with_the_row_where_it_stops(karma, sales):
    whole = sales.read_bytes()
    sales.write_bytes(whole[:-20])
    ran = karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28)
    assert (ran.status, str(whole.count(b"\n")) in ran.err) == (2, True)


def test_row_that_cannot_be_is_set_aside_and_the_rest_counts(karma, sales, tmp_path):
    sales.write_bytes(sales.read_bytes() + b"K001;F9999;31-02-2025;10,00;5,00\r\n")
    aside = tmp_path / "aside.csv"
    command = ("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28, "--rejected", aside, "--json")
    document = karma(*command).document
    assert (document["rejected"], document["rows"]) == (1, document["kept"] + 1)
    assert "31-02-2025" in aside.read_text("utf-8-sig")


def test_an_empty_cell_is_said_to_be_empty(karma, sales):
    sales.write_bytes(sales.read_bytes() + b"K001;F9999;;10,00;5,00\r\n")
    ran = karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28)
    said = " ".join((ran.out + ran.err).split())
    assert 'Factuurdatum is "".' in said


def test_period_that_ends_before_it_starts_is_refused(karma, sales):
    ran = karma(
        "plan", "--purchases", sales, "--from", "2026-04-01", "--until", "2026-01-01", "--as-of", "2026-01-01"
    )
    assert (ran.status, "2026-04-01" in ran.err) == (2, True)


def test_amount_that_is_none_is_refused(karma, sales):
    ran = karma("plan", "--purchases", sales, "--from", "2026-01-01", "--until", "2026-04-01",
                "--as-of", "2026-01-01", "--amount", "veel")  # fmt: skip
    assert (ran.status, '"veel"' in ran.err) == (2, True)


def test_a_fault_of_our_own_is_status_1_and_says_so(karma, sales, monkeypatch):
    monkeypatch.setattr("karma.cli.rhythm.models.observe", lambda *_, **__: 1 / 0)
    assert karma("rhythm", sales, "--as-of", "2026-01-01", "--horizon", 28).status == 1
