"""Delimited text in any dialect: what was written is read back, and every record is accounted for."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karma_files import FileError, Mapping, RawTable, open_table


def rows(table: RawTable) -> list[tuple[object, ...]]:
    return table.frame.collect().rows()


def opened(text: str | bytes, **given: object) -> RawTable:
    return open_table(text if isinstance(text, bytes) else text.encode(), name="f.csv", **given)


CELL = st.text(st.characters(codec="cp1252", exclude_characters="\0\r\x0b\x0c\x1c\x1d\x1e\x85\ufeff"), max_size=12)
FULL = CELL.filter(lambda cell: bool(cell.strip()))
BODY = st.lists(st.tuples(FULL, FULL, FULL, CELL), min_size=1, max_size=12)


@given(
    BODY,
    st.sampled_from(";,\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_a_table_is_read_back_as_it_was_written(
    body: list[tuple[str, ...]], delimiter: str, encoding: str, ending: str, quoting: int
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerow(["klant", "plaats", "omschrijving", "noot"])
    writer.writerows(body)
    mapping = Mapping(encoding=encoding if encoding == "cp1252" else None, delimiter=delimiter)
    table = open_table(written.getvalue().encode(encoding), name="f.csv", mapping=mapping)
    read = table.frame.select(table.columns).collect().rows()
    kept = [tuple(cell or None for cell in row) for row in body]
    assert (read, table.rejections.height, dict(table.ignored)) == (kept, 0, {})


@given(BODY, st.sampled_from(";,\t|"))
def test_records_and_lines_agree_with_the_standard_library(body: list[tuple[str, ...]], delimiter: str) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("klant", "plaats", "omschrijving", "noot"), *body])
    reader = csv.reader(io.StringIO(written.getvalue(), newline=""), delimiter=delimiter)
    starts, line = [], 0
    for _ in reader:
        starts.append(line + 1)
        line = reader.line_num
    table = opened(written.getvalue(), mapping=Mapping(delimiter=delimiter, encoding="utf-8"))
    assert table.frame.collect()["line"].to_list() == starts[1:]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    lines = ["klant@datum@omzet", "Jansen@2026-01-05@12", 'De "Bos@2026-01-06@7']
    text = "\n".join(lines[:2]).replace("@", delimiter) + "\n"
    assert opened(text).delimiter == delimiter


def test_delimiter_is_not_the_decimal_comma() -> None:
    assert opened("klant;datum;omzet\nJansen;2026-01-05;12,50\nBakker;2026-01-06;7,25\n").delimiter == ";"


def test_delimiter_follows_excels_own_first_line() -> None:
    table = opened("sep=;\nklant;datum\nJansen;2026-01-05\n")
    assert (table.delimiter, rows(table)) == (";", [(3, "Jansen", "2026-01-05")])


def test_header_is_found_below_a_title() -> None:
    table = opened("Omzet per klant 2026;;\n;;\nklant;datum;omzet\nJansen;2026-01-05;12\n")
    assert (table.columns, rows(table), table.ignored["title"]) == (
        ("klant", "datum", "omzet"),
        [(4, "Jansen", "2026-01-05", "12")],
        2,
    )


def test_header_names_that_repeat_or_lack_are_told_apart() -> None:
    table = opened("naam;;naam\na;b;c\n")
    assert table.columns == ("naam", "column 2", "naam (2)")
    assert [note.code for note in table.notes] == ["headers_renamed"]


def test_line_breaks_within_quotes_belong_to_the_cell() -> None:
    table = opened('klant;noot;omzet\nJansen;"eerste\ntweede";12\nBakker;kort;7\n')
    assert rows(table) == [(2, "Jansen", "eerste\ntweede", "12"), (4, "Bakker", "kort", "7")]


def test_a_row_with_too_few_or_too_many_cells_is_rejected_with_its_line() -> None:
    table = opened("klant;datum;omzet\nJansen;2026-01-05;12\nBakker;7\nDe Vries;a;b;c\nVisser;x;1\n")
    found = table.rejections.select("line", "reason", "value").rows()
    assert found == [(3, "too_few_fields", "Bakker;7"), (4, "too_many_fields", "De Vries;a;b;c")]
    assert [row[0] for row in rows(table)] == [2, 5]


def test_a_trailing_delimiter_is_no_cell() -> None:
    assert rows(opened("klant;datum;omzet\nJansen;2026-01-05;12;\nBakker;2026-01-06;7\n"))[0] == (
        2,
        "Jansen",
        "2026-01-05",
        "12",
    )


def test_blank_group_and_total_rows_are_counted_apart() -> None:
    table = opened(
        "klant;datum;omzet\n"
        "Nieuw (2);;19\n"
        "Jansen;2026-01-05;12\n"
        "\n"
        ";;\n"
        "Utrecht;;\n"
        "Bakker;2026-01-06;7\n"
        "Totaal;;19\n"
        "Afgedrukt op 7 januari;;\n"
    )
    assert dict(table.ignored) == {"blank": 2, "group": 2, "footer": 2}
    assert [row[1] for row in rows(table)] == ["Jansen", "Bakker"]


def test_a_header_that_comes_again_is_counted_apart() -> None:
    table = opened("klant;datum;omzet\nJansen;2026-01-05;12\nklant;datum;omzet\nBakker;2026-01-06;7\n")
    assert (dict(table.ignored), len(rows(table))) == ({"header": 1}, 2)


def test_a_footer_block_below_the_data_is_counted_apart() -> None:
    text = '"klant","datum","omzet"\n"Jansen","2026-01-05","12"\n\n"Omzet per klant"\n"Copyright (c) 2026"\n'
    assert dict(opened(text).ignored) == {"blank": 1, "footer": 2}


def test_a_customer_whose_name_begins_with_total_is_no_total() -> None:
    assert len(rows(opened("klant;datum;omzet\nTotaal Installaties;2026-01-05;12\n"))) == 1


def test_quotation_marks_as_inches_are_text() -> None:
    table = opened('klant;product;omzet\nJansen;buis 1/2";12\nBakker;buis 3/4";7\n')
    assert [row[2] for row in rows(table)] == ['buis 1/2"', 'buis 3/4"']
    assert [note.code for note in table.notes] == ["quotes_literal"]


def test_quotation_marks_within_a_cell_are_said() -> None:
    table = opened('klant;product;omzet\nJansen;"a;b" c;12\nBakker;d;7\n')
    assert [note.code for note in table.notes] == ["quotes_loose"]


def test_old_macintosh_line_ends_are_read() -> None:
    assert len(rows(opened("klant;omzet\rJansen;12\rBakker;7\r"))) == 2


@pytest.mark.parametrize(
    ("encoding", "said"), [("cp1252", ["encoding_guessed"]), ("cp850", ["encoding_guessed"]), ("utf-8", [])]
)
def test_dutch_letters_survive_every_encoding(encoding: str, said: list[str]) -> None:
    names = ["Crème de la Crème", "Café Ruïne", "Coöperatie Zeeuwse Eilanden", "Één & Zoön"]
    text = "klant;omzet\n" + "".join(f"{name};12\n" for name in names)
    table = opened(text.encode(encoding))
    assert [row[1] for row in rows(table)] == names
    assert (table.encoding, [note.code for note in table.notes]) == (encoding, said)


def test_the_euro_sign_of_windows_survives() -> None:
    assert rows(opened("klant;omzet\nCafé;€ 12\n".encode("cp1252")))[0] == (2, "Café", "€ 12")


def test_mixed_encodings_are_refused_with_a_line_of_each() -> None:
    with pytest.raises(FileError) as refused:
        opened("klant;omzet\nCafé;1\n".encode() + "Ruïne;2\n".encode("cp1252"))
    assert (refused.value.code, refused.value.parameters["utf8_line"], refused.value.parameters["other_line"]) == (
        "mixed_encodings",
        2,
        3,
    )


def test_an_encoding_by_a_persons_word_is_taken() -> None:
    table = opened("klant;omzet\nCafé;1\n".encode("utf-16-le"), mapping=Mapping(encoding="utf-16-le"))
    assert rows(table) == [(2, "Café", "1")]


def test_an_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(FileError) as refused:
        opened("klant;omzet\nJansen;2\nCafé;1\n".encode("cp1252"), mapping=Mapping(encoding="utf-8"))
    assert (refused.value.code, refused.value.parameters["line"]) == ("encoding", 3)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(FileError) as refused:
        opened("klant;omzet\nJansen;2\n", mapping=Mapping(encoding="utf-9"))
    assert refused.value.code == "unknown_encoding"


@given(
    st.lists(st.sampled_from(["a;b;c", "a;b", "a;b;c;d", "", ";;", '"a";"b";"c"', '"a\nb";c;d', "a"]), max_size=15)
)
def test_every_record_is_accounted_for(lines: list[str]) -> None:
    text = "klant;datum;omzet\nJansen;x;1\n" + "".join(f"{line}\n" for line in lines)
    table = opened(text, mapping=Mapping(delimiter=";"))
    physical = len(lines) + 1
    assert (
        table.frame.select(pl.len()).collect().item() + table.rejections.height + sum(table.ignored.values())
        == physical
    )
