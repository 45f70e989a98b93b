"""The limited process in which files are opened: it answers as its function does here, and its limits hold."""

import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from tests.factories.imports import COMPANIES

from karma.imports import child, reading
from karma.imports.reading import FileFault, Request, look_at, read_as

ZONE = "Europe/Amsterdam"


def given(tmp_path: Path, data: bytes, name: str = "file.csv") -> Request:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return Request(path, name, ZONE)


def test_child_answers_as_its_function_does(tmp_path):
    request = given(tmp_path, COMPANIES.encode())
    asked = {"task": "look", **reading._said(request)}
    assert reading.answer_of_child(asked, request) == json.loads(json.dumps(child.answer(asked)))


def test_child_gets_no_secret_and_no_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@host/name")
    monkeypatch.setenv("KARMA_SECRET_KEY", "secret")
    assert "secret" not in " ".join(reading._environment().values())


def test_child_knows_no_django(tmp_path):
    modules = "karma.imports.child, karma.imports.staged"
    command = f"import sys, {modules}; print('django' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


def hampered(monkeypatch, code: str) -> None:
    """Let each child run `code` before it answers."""
    run = subprocess.run

    def start(command, **how):
        return run([sys.executable, "-B", "-c", f"from karma.imports import child; {code}; child.main()"], **how)

    monkeypatch.setattr(subprocess, "run", start)


def lines_of_sale(number: int) -> bytes:
    head = "Klantnummer;Klantnaam;Factuurnummer;Factuurdatum;Artikelnummer;Aantal;Bedrag\n"
    rows = (
        f"K{n % 1000};Klant {n % 1000};F{n};2026-01-{1 + n % 28:02};P{n % 9};1;{n}.00\n" for n in range(number)
    )
    return (head + "".join(rows)).encode()


def as_purchases(tmp_path: Path, number: int) -> Request:
    request = given(tmp_path, lines_of_sale(number), "Jansen.csv")
    columns = {
        "customer": "Klantnummer", "customer_name": "Klantnaam", "invoice": "Factuurnummer", "on": "Factuurdatum",
        "product": "Artikelnummer", "quantity": "Aantal", "revenue": "Bedrag",
    }  # fmt: skip
    return Request(
        request.path, request.name, ZONE, kind="purchases", mapping={"columns": columns}, currency="EUR"
    )


def code_of(request: Request, tmp_path: Path, name: str = "s.parquet") -> str:
    with pytest.raises(FileFault) as refused:
        read_as(request, staged=tmp_path / name, rejected=tmp_path / "r.parquet")
    return refused.value.code


@pytest.mark.parametrize(
    "limit",
    [
        "child.MEMORY_BYTES = 250 * 1024**2",
        "child.OUTPUT_BYTES = 10_000",
        "child.SECONDS = 1; child._seen = lambda *_: exec('while True: pass')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_child_that_meets_its_limits_says_too_large(limit, tmp_path, monkeypatch):
    hampered(monkeypatch, limit)
    assert code_of(as_purchases(tmp_path, 60_000), tmp_path) == "too_large"


def test_panic_where_memory_is_all_but_used_is_of_the_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "_TASKS", {"look": _panics})
    monkeypatch.setattr(child, "_used_bytes", lambda: child.MEMORY_BYTES)
    assert child.answer({"task": "look"})["fault"]["code"] == "too_large"


def _panics(_request: object) -> None:
    from polars.exceptions import PanicException

    raise PanicException("PyObject pointer is null")


@pytest.mark.parametrize(
    "fault",
    [
        "child._set_aside = lambda *_: {}['Jansen in cell B2']",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "child.cap = None",
    ],
)
def test_child_that_breaks_is_our_own_fault_and_tells_nothing_of_the_file(fault, tmp_path, monkeypatch, caplog):
    hampered(monkeypatch, fault)
    request = as_purchases(tmp_path, 3)
    assert (code_of(request, tmp_path), "broke" in caplog.text, "Jansen" in caplog.text) == ("broke", True, False)


def test_log_says_where_a_child_broke(tmp_path, monkeypatch, caplog):
    hampered(monkeypatch, "child._set_aside = lambda *_: {}['Jansen']")
    code_of(as_purchases(tmp_path, 3), tmp_path)
    assert "KeyError < <string>:1 in <lambda> < child.py:" in caplog.text


def test_disk_that_is_full_is_not_the_files_fault(tmp_path, monkeypatch, caplog):
    (tmp_path / "full").symlink_to("/dev/full")
    assert code_of(as_purchases(tmp_path, 3), tmp_path, name="full") == "broke"
    assert "os error 28" in caplog.text


@pytest.mark.slow
def test_four_hundred_thousand_lines_of_sale_fit_the_memory(tmp_path):
    read = read_as(as_purchases(tmp_path, 400_000), staged=tmp_path / "s.parquet", rejected=tmp_path / "r.parquet")
    assert read.rows == 400_000


def test_child_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    def endless(command, **how):
        raise subprocess.TimeoutExpired(command, how["timeout"])

    monkeypatch.setattr(subprocess, "run", endless)
    with pytest.raises(FileFault, match="too_large"):
        look_at(given(tmp_path, COMPANIES.encode()))


def bomb() -> bytes:
    """A workbook of 200 kB that unpacks to 200 MB."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(200):
                sheet.write(b"0" * 1_000_000)
    return target.getvalue()


def test_workbook_that_is_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    request = given(tmp_path, bomb(), "bomb.xlsx")
    begun = time.process_time()
    answer = child.answer({"task": "look", **reading._said(request)})
    assert (answer["fault"]["code"], time.process_time() - begun < 1) == ("unsafe_archive", True)


HTML = b"<html><script>alert(1)</script></html>"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (HTML, "html"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "wrong_kind"),
        (b"%PDF-1.7 ...", "wrong_kind"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "html"),
        (b"", "empty"),
        (b"a;b\n1;\x00\n", "nul"),
        ("naam;plaats\nx;y\n".encode("utf-16-le"), "utf16_without_mark"),
        (b'a;b\n"never closed;1\n' + b"x;y\n" * 40, "unclosed_quote"),
        (b"a;b\n" + b"x" * 3_000_000 + b";y\n", "line_too_long"),
        (b";".join(b"k%d" % n for n in range(100_000)) + b"\n" + b";" * 99_999 + b"\n", "too_many_columns"),
        (b"PK\x03\x04" + b"\0" * 400, "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_file_that_is_no_table_is_refused(tmp_path, data, code):
    request = given(tmp_path, data, "list.csv")
    answer = child.answer({"task": "look", **reading._said(request)})
    assert answer["fault"]["code"] in (code, "wrong_kind") if code == "html" else answer["fault"]["code"] == code


def test_file_cut_halfway_is_refused(tmp_path):
    request = given(tmp_path, COMPANIES.encode()[:-40].rsplit(b",", 1)[0])
    answer = child.answer({"task": "look", **reading._said(request)})
    assert answer["fault"]["code"] == "cut_off"


def test_rows_are_staged_in_columns_that_fit_the_tables(tmp_path):
    import polars as pl

    long = COMPANIES.replace("Jansen Zuivel", "J" * 900)
    request = given(tmp_path, long.encode())
    columns = look_at(request).candidates[0]["columns"]
    request = Request(request.path, "c.csv", ZONE, kind="customers", mapping={"columns": columns})
    read_as(request, staged=tmp_path / "s.parquet", rejected=tmp_path / "r.parquet")
    assert pl.read_parquet(tmp_path / "s.parquet")["name"].str.len_chars().max() == 200
