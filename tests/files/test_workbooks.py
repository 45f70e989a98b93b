"""Workbooks: cells as text, and archives that are judged before they are opened."""

import io
import stat
import subprocess
import sys
import time
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from karma_files import FileError, Limits, Mapping, open_table, parse

TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
SHEET = "xl/worksheets/sheet1.xml"
SHARED = "xl/sharedStrings.xml"


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    day = book.add_format({"num_format": "dd-mm-yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(r, c, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(r, c, cell)
                else:
                    sheet.write(r, c, cell)
    book.close()
    return packed.getvalue()


ROWS: list[list[object]] = [
    ["Omzet 2026"],
    [],
    ["Klantnummer", "Factuurdatum", "Netto bedrag", "Aantal"],
    ["00123", datetime.fromisoformat("2026-01-05"), 1234.125, 3],
    [],
    ["00124", datetime.fromisoformat("2026-01-06"), -7.5, 1],
    ["Totaal", None, 1226.625, 4],
]


def test_read_workbook_keeps_leading_zeros_and_line_numbers() -> None:
    table = open_table(workbook({"Blad1": ROWS}), name="f.xlsx")
    assert table.frame.select("line", "Klantnummer").collect().rows() == [(4, "00123"), (6, "00124")]
    assert dict(table.ignored) == {"title": 1, "blank": 1, "footer": 1}
    assert table.sheet == "Blad1"


READ = """
import sys
from pathlib import Path
from karma_files import open_table
print(sorted(open_table(Path(sys.argv[1]).read_bytes(), name="f.xlsx").number_columns))
"""


@pytest.mark.parametrize("nothing", [None, ""])
def test_column_without_values_is_read_without_a_word(nothing, tmp_path) -> None:
    """In a process of its own, since a library's log goes elsewhere in this one."""
    path = tmp_path / "f.xlsx"
    path.write_bytes(workbook({"Blad1": [["Nr", "Leeg", "Bedrag"], ["a", nothing, 1.5], ["b", nothing, 2]]}))
    ran = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("['Bedrag']\n", "")


def test_parse_reads_cells_that_are_dates_and_numbers() -> None:
    parsed = parse(open_table(workbook({"Blad1": ROWS}), name="f.xlsx"), "purchases", currency="EUR")
    found = parsed.collect().select("customer", "on", "revenue_cents").rows()
    assert [(customer, str(on), cents) for customer, on, cents in found] == [
        ("00123", "2026-01-05", 123413),
        ("00124", "2026-01-06", -750),
    ]


def test_parse_takes_a_point_in_a_number_cell_as_decimal() -> None:
    rows: list[list[object]] = [["klant", "datum", "omzet"], ["a", "2026-01-05", 1.234], ["b", "2026-01-06", 7]]
    parsed = parse(open_table(workbook({"Blad1": rows}), name="f.xlsx"), "purchases")
    assert parsed.collect()["revenue_cents"].to_list() == [123, 700]


def test_parse_asks_about_a_point_in_a_text_cell() -> None:
    rows: list[list[object]] = [["klant", "datum", "omzet"], ["a", "2026-01-05", "1.234"]]
    with pytest.raises(FileError) as refused:
        parse(open_table(workbook({"Blad1": rows}), name="f.xlsx"), "purchases")
    assert refused.value.code == "decimal"


def test_parse_reads_dates_stored_as_serial_numbers() -> None:
    rows: list[list[object]] = [["klant", "datum", "omzet"], ["a", 45631, 12]]
    parsed = parse(open_table(workbook({"Blad1": rows}), name="f.xlsx"), "purchases")
    assert [str(day) for day in parsed.collect()["on"]] == ["2024-12-05"]


def test_read_workbook_says_which_of_several_sheets_it_took() -> None:
    data = workbook({"Leeg": [], "Omzet": [["a", "b"], ["x", "y"]], "Oud": [["a", "b"], ["p", "q"]]})
    table = open_table(data, name="f.xlsx")
    assert (table.sheet, [note.code for note in table.notes]) == ("Omzet", ["sheet_chosen"])
    assert open_table(data, name="f.xlsx", mapping=Mapping(sheet="Oud")).frame.collect().rows() == [(2, "p", "q")]


def test_read_workbook_refuses_a_sheet_that_is_not_there() -> None:
    with pytest.raises(FileError) as refused:
        open_table(workbook({"Omzet": [["a", "b"], ["x", "y"]]}), name="f.xlsx", mapping=Mapping(sheet="Blad9"))
    assert (refused.value.code, refused.value.parameters["sheets"]) == ("no_sheet", "Omzet")


def test_read_workbook_refuses_empty_and_header_only() -> None:
    for rows, code in (([], "empty"), ([["klant", "datum"]], "header_only")):
        with pytest.raises(FileError) as refused:
            open_table(workbook({"Blad1": rows}), name="f.xlsx")
        assert refused.value.code == code


def test_read_workbook_refuses_half_a_file() -> None:
    whole = workbook({"Blad1": ROWS})
    with pytest.raises(FileError) as refused:
        open_table(whole[: len(whole) // 2], name="f.xlsx")
    assert refused.value.code == "damaged"


def archive(*parts: tuple[str | zipfile.ZipInfo, bytes], level: int = 9) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as made:
        made.writestr("[Content_Types].xml", TYPES)
        made.writestr("xl/workbook.xml", b"<workbook/>")
        for name, content in parts:
            made.writestr(name, content)
    return packed.getvalue()


def link() -> zipfile.ZipInfo:
    part = zipfile.ZipInfo("xl/media/link")
    part.external_attr = (stat.S_IFLNK | 0o777) << 16
    return part


def twice(name: str) -> bytes:
    data = archive((name, b"a" * 50), (name.replace("1", "2"), b"b" * 50))
    return data.replace(name.replace("1", "2").encode(), name.encode())


def lying(honest: bytes, *, claimed: int, real: int) -> bytes:
    return honest.replace(real.to_bytes(4, "little"), claimed.to_bytes(4, "little"))


def overlapping() -> bytes:
    data = bytearray(archive((SHEET, b"x" * 5_000), ("xl/a.xml", b"y" * 5_000), level=0))
    central = data.rindex(b"PK\x01\x02")
    data[central + 42 : central + 46] = data.index(b"PK\x03\x04", 1).to_bytes(4, "little")
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(archive((SHEET, b"x" * 50)))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(magic)
        data[at + offset] |= 1
    return bytes(data)


ZEROS = bytes(40_000_000)
FAR = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha">]><worksheet>&b;</worksheet>'


def repeated_text() -> bytes:
    """Twenty kilobytes of text in a hundred thousand cells: two gigabytes in a file of a few hundred kilobytes."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))
    text = b"<sst><si><t>" + b"ha" * 10_000 + b"</t></si></sst>"
    return archive((SHEET, f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()), (SHARED, text))


BOMBS = {
    "repeated text": (repeated_text, "more than 1000 MB of text"),
    "ratio": (lambda: archive((SHEET, ZEROS)), "more than 100 times its size"),
    "lying size": (lambda: lying(archive((SHEET, ZEROS)), claimed=1_000, real=len(ZEROS)), "damaged"),
    "many parts": (lambda: archive(*((f"xl/media/{n}.png", b"") for n in range(10_000))), "more than 200 parts"),
    "duplicate names": (lambda: twice("xl/media1.xml"), "share a name"),
    "symbolic link": (lambda: archive((link(), b"/etc/passwd")), "points outside"),
    "path upwards": (lambda: archive(("../../etc/cron.d/x", b"x")), "points outside"),
    "absolute path": (lambda: archive(("/etc/cron.d/x", b"x")), "points outside"),
    "drive": (lambda: archive(("C:\\x", b"x")), "points outside"),
    "archive within": (lambda: archive(("xl/inner.zip", archive((SHEET, b"x")))), "another archive"),
    "overlap": (overlapping, "overlap"),
    "far cell": (lambda: archive((SHEET, FAR)), "too far apart"),
    "entities": (lambda: archive((SHEET, LAUGHS)), "entities"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_read_workbook_refuses_a_bomb_within_a_second(kind: str) -> None:
    make, said = BOMBS[kind]
    bomb = make()
    started = time.process_time()
    with pytest.raises(FileError, match=said):
        open_table(bomb, name="f.xlsx")
    assert time.process_time() - started < 1


def test_read_workbook_refuses_a_protected_one() -> None:
    with pytest.raises(FileError) as refused:
        open_table(encrypted(), name="f.xlsx")
    assert refused.value.code == "locked"


def test_read_workbook_counts_what_it_unpacks() -> None:
    data = workbook({"Blad1": [["a", "b"], *([[f"{n}", f"{n * 7}"] for n in range(2_000)])]})
    with pytest.raises(FileError) as refused:
        open_table(data, name="f.xlsx", limits=Limits(unpacked_bytes=50_000))
    assert refused.value.code == "unsafe_archive"


def test_read_workbook_takes_an_honest_one_of_fifty_thousand_rows() -> None:
    rows: list[list[object]] = [["klant", "datum", "omzet"], *([["a", "2026-01-05", 12.5]] * 50_000)]
    assert open_table(workbook({"Blad1": rows}), name="f.xlsx").frame.collect().height == 50_000
