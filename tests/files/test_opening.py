"""What is given and is no table: refused in one sentence that says what to do."""

import gzip
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import polars as pl
import pytest

from karma_files import FileError, Limits, Mapping, open_table, parse

GOOD = b"klant;datum;omzet\nJansen;2026-01-05;12,50\nBakker;2026-01-06;7,25\n"
SMALL = Limits(bytes=100_000, record_bytes=10_000, columns=100, rows=1_000)


def refusal(source: bytes | Path, **given: object) -> FileError:
    with pytest.raises(FileError) as refused:
        open_table(source, name="verkoop.csv", **given)
    return refused.value


def zipped(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"klant;datum;omzet\n", "header_only"),
        (b"klant;datum;omzet", "header_only"),
        (b"klant;datum;omzet\n\n;;\n", "header_only"),
        (b"klant\nJansen\n", "one_column"),
        (b"klant:datum:omzet\nJansen:2026-01-05:12\n", "one_column"),
        (b"%PDF-1.7 ...", "wrong_kind"),
        (b"\x89PNG\r\n\x1a\n....", "wrong_kind"),
        (b"\xff\xd8\xff\xe0JFIF", "wrong_kind"),
        (b"GIF89a....", "wrong_kind"),
        (b"RIFF....WAVE", "wrong_kind"),
        (b'{"rows": []}', "wrong_kind"),
        (b'[{"a": 1}]', "wrong_kind"),
        (b"<?xml version='1.0'?><Workbook/>", "wrong_kind"),
        (b"<svg onload=alert(1)>", "wrong_kind"),
        (b"MZ\x90\x00", "wrong_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"\r\n<HTML><body><table><tr><td>a</td></tr></table>", "html"),
        (b"<table border=1><tr><td>klant</td></tr></table>", "html"),
        (zipped(readme=b"hello"), "no_workbook"),
        (b"PK\x03\x04broken", "damaged"),
        (b"PAR1broken", "damaged"),
        (GOOD.replace(b"Jansen", b"Jan\x00sen"), "nul"),
        (GOOD.decode().encode("utf-16-le"), "utf16_without_mark"),
        (b"1;272;20101229\n2;281;20101229\n", "no_header"),
        (b'klant;datum;omzet\nJansen;2026-01-05;12,50\nBakker;"2026-01', "unclosed_quote"),
        (b"klant;datum;omzet\nJansen;2026-01-05;12,50\nBakker;2026-", "cut_off"),
        (gzip.compress(GOOD, mtime=0)[:-12], "damaged"),
    ],
)
def test_open_table_refuses(content: bytes, code: str) -> None:
    refused = refusal(content)
    assert refused.code == code
    assert "verkoop.csv" in refused.say("nl")


def test_open_table_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "weg.csv").code == "not_found"


def test_open_table_refuses_a_folder_without_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    assert refusal(tmp_path).code == "directory"


def test_open_table_refuses_a_line_without_end() -> None:
    assert refusal(b"a" * 20_000, limits=SMALL).code == "line_too_long"


def test_open_table_refuses_a_file_of_one_line_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "lang.csv"
    with path.open("wb") as opened:
        opened.write(b"a;b;c")
        opened.truncate(2_500_000_000)
    tracemalloc.start()
    assert refusal(path).code == "line_too_long"
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_open_table_refuses_more_cells_than_allowed() -> None:
    assert refusal(GOOD * 50, limits=Limits(cells=100)).code == "too_large"


def test_open_table_refuses_a_record_longer_than_any_honest_one() -> None:
    refused = refusal(GOOD + b'"' + b"x\n" * 6_000 + b'";2026-01-07;1\n', limits=SMALL)
    assert (refused.code, refused.parameters["line"]) == ("line_too_long", 4)


def test_open_table_refuses_more_bytes_than_allowed() -> None:
    assert refusal(GOOD + b"x;2026-01-01;1\n" * 10_000, limits=SMALL).code == "too_large"


def test_open_table_refuses_more_rows_than_allowed() -> None:
    assert refusal(GOOD + b"x;;1\n" * 1_001, limits=SMALL).code == "too_large"


def test_open_table_refuses_a_hundred_thousand_columns() -> None:
    wide = b";".join(b"c%d" % n for n in range(100_000)) + b"\n" + b";".join([b"1"] * 100_000) + b"\n"
    assert refusal(wide).code == "too_many_columns"


def test_open_table_takes_three_hundred_columns() -> None:
    wide = b";".join(b"c%d" % n for n in range(300)) + b"\n" + b";".join([b"x"] * 300) + b"\n"
    assert len(open_table(wide, name="f").columns) == 300


def test_open_table_stops_unpacking_a_gzip_bomb() -> None:
    bomb = gzip.compress(bytes(60_000_000))
    assert refusal(bomb).code == "too_large"


def test_open_table_unpacks_gzip_once_only() -> None:
    with pytest.raises(FileError):
        open_table(gzip.compress(gzip.compress(GOOD, mtime=0)), name="f")


def test_open_table_goes_by_content_and_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "plaatje.png"
    path.write_bytes(GOOD)
    assert open_table(path).columns == ("klant", "datum", "omzet")


def test_open_table_says_on_which_line_a_quote_opens() -> None:
    broken = b'klant;datum;omzet\nJansen;2026-01-05;1\n"Bakker;2026-01-05;1\nDe Vries;2026-01-05;1\n'
    assert refusal(broken).parameters["line"] == 3


def test_open_table_reads_without_header_where_the_mapping_gives_one() -> None:
    table = open_table(b"1|272|x\n2|281|y\n", name="f", mapping=Mapping(header=("a", "b", "c")))
    assert table.frame.collect().rows() == [(1, "1", "272", "x"), (2, "2", "281", "y")]


def test_open_table_refuses_a_header_of_another_width() -> None:
    assert refusal(b"1|272|x\n2|281|y\n", mapping=Mapping(header=("a", "b"))).code == "header_width"


def test_open_table_refuses_the_wrong_delimiter() -> None:
    assert refusal(GOOD, mapping=Mapping(delimiter="|")).code == "one_column"


def test_open_table_scans_a_folder_of_parquet(tmp_path: Path) -> None:
    for year in (2025, 2026):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        pl.DataFrame({"customer": ["a", "b"], "line": [8, 9]}).write_parquet(folder / "part.parquet")
    table = open_table(tmp_path)
    assert table.frame.collect()["line"].to_list() == [1, 2, 3, 4]


def test_open_table_reads_parquet_from_bytes() -> None:
    packed = io.BytesIO()
    pl.DataFrame({"customer": ["a"]}).write_parquet(packed)
    assert open_table(packed.getvalue(), name="f").frame.collect().rows() == [(1, "a")]


def test_open_table_refuses_half_a_parquet_file() -> None:
    packed = io.BytesIO()
    pl.DataFrame({"customer": ["a"] * 1000}).write_parquet(packed)
    assert refusal(packed.getvalue()[:-200]).code == "damaged"


def test_open_table_refuses_parquet_without_rows() -> None:
    packed = io.BytesIO()
    pl.DataFrame({"customer": []}, schema={"customer": pl.String}).write_parquet(packed)
    assert refusal(packed.getvalue()).code == "header_only"


@pytest.mark.parametrize("garbage", [bytes(range(256)) * 20, struct.pack("<200I", *range(200)), b"\xff" * 500])
def test_open_table_never_crashes_on_garbage(garbage: bytes) -> None:
    with pytest.raises(FileError):
        open_table(garbage, name="f")


def test_parse_refuses_parquet_whose_pages_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    frame = pl.DataFrame({"customer": [f"klant {n}" for n in range(5_000)], "date": ["2026-01-05"] * 5_000})
    frame.with_columns(sales=pl.int_range(5_000)).write_parquet(path, compression="zstd")
    data = bytearray(path.read_bytes())
    data[100:3_000] = bytes(2_900)
    path.write_bytes(data)
    with pytest.raises(FileError) as refused:
        parse(open_table(path), "purchases")
    assert refused.value.code == "damaged"


def test_parse_refuses_a_folder_whose_files_differ(tmp_path: Path) -> None:
    pl.DataFrame({"customer": ["a"], "date": ["2026-01-05"], "sales": [1.5]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"customer": [1], "date": ["2026-01-05"], "omzet": ["x"]}).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(FileError) as refused:
        parse(open_table(tmp_path), "purchases")
    assert refused.value.code == "damaged"
