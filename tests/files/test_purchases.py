"""Lines of sale: revenue, cost, credits and everything that is set aside, with its reason."""

# ruff: noqa: E501 (rows of exports stand as programs write them)

from datetime import date

import pytest

from karma_files import FileError, Mapping, Parsed, load_mapping, open_table, parse


def read(text: str, *, toml: str = "", **given: object) -> Parsed:
    mapping = load_mapping(toml.encode())
    return parse(open_table(text.encode(), name="f.csv", mapping=mapping), "purchases", mapping=mapping, **given)


def frame(text: str, *columns: str, **given: object) -> list[tuple[object, ...]]:
    return read(text, **given).collect().select(columns).rows()


def refusal(text: str, **given: object) -> FileError:
    with pytest.raises(FileError) as refused:
        read(text, **given)
    return refused.value


ERP = """Klantnummer;Klantnaam;Factuurdatum;Factuurnummer;Artikelnummer;Aantal;Netto bedrag;Kostprijs regel;Branche
00123;Jansen Installaties;31-01-2026;F1;A-1;2;1.250,00;900,00;Installatie
00123;Jansen Installaties;02-02-2026;F2;A-1;-1;-625,00;-450,00;Installatie
00124;Bakker BV;03-02-2026;F3;A-2;1;99,95;;Bouw
"""


def test_parse_reads_a_dutch_erp_export() -> None:
    parsed = read(ERP, currency="EUR")
    assert parsed.collect().rows() == [
        ("00123", date(2026, 1, 31), 125000, 90000, "F1", None, "Installatie"),
        ("00123", date(2026, 2, 2), -62500, -45000, "F2", None, "Installatie"),
        ("00124", date(2026, 2, 3), 9995, None, "F3", None, "Bouw"),
    ]
    assert (parsed.rows, parsed.kept, parsed.currency, parsed.missing) == (3, 3, "EUR", ())
    assert parsed.choices["date_order"] == "dmy"
    assert [notice.code for notice in parsed.warnings] == ["cost_missing"]


def test_parse_says_which_column_it_took_and_how() -> None:
    parsed = read(ERP, columns={"customer": "Klantnaam"}, toml='[purchases]\nsegment = "Branche"')
    assert parsed.columns["customer"] == {"column": "Klantnaam", "how": "option"}
    assert parsed.columns["segment"] == {"column": "Branche", "how": "mapping"}
    assert parsed.columns["on"] == {"column": "Factuurdatum", "how": "name"}


def test_parse_gives_more_than_the_contract_in_records() -> None:
    record = read(ERP).records.collect().row(0, named=True)
    assert (record["line"], record["customer_name"], record["product"], record["quantity"]) == (
        2,
        "Jansen Installaties",
        "A-1",
        2.0,
    )


LINES = "klant;datum;omzet\n"


def test_parse_sets_faulty_rows_aside_with_line_column_value_and_reason() -> None:
    parsed = read(LINES + "a;31-01-2026;1,50\nb;31-02-2026;2,50\nc;13-02-2026;veel\nd;;3,50\ne;14-02-2026;\n")
    assert parsed.rejections.rows() == [
        ("f.csv", 3, "datum", "31-02-2026", "no_such_day"),
        ("f.csv", 4, "omzet", "veel", "not_an_amount"),
        ("f.csv", 5, "datum", None, "no_date"),
        ("f.csv", 6, "omzet", None, "no_amount"),
    ]
    assert (parsed.rows, parsed.kept, parsed.rejected) == (5, 1, 4)


def test_parse_counts_a_row_with_two_faults_once() -> None:
    parsed = read(LINES + "a;31-01-2026;1,50\nb;31-02-2026;veel\n")
    assert (parsed.rejected, parsed.rejections.height) == (1, 2)


def test_parse_keeps_rows_without_customer_and_says_how_many() -> None:
    parsed = read(LINES + ";31-01-2026;1,50\nNULL;31-01-2026;2,50\na;31-01-2026;1\n")
    assert parsed.collect()["customer"].to_list() == [None, None, "a"]
    assert parsed.warnings[0].parameters == {"count": 2, "rows": 3}


def test_parse_multiplies_quantity_and_price_to_the_cent() -> None:
    text = "klant;datum;aantal;stuksprijs\na;2026-01-05;3;0,335\nb;2026-01-05;-3;0,335\nc;2026-01-05;1,5;0,01\n"
    assert frame(text, "revenue_cents") == [(101,), (-101,), (2,)]


def test_parse_takes_the_lines_own_revenue_before_quantity_times_price() -> None:
    text = "klant;datum;aantal;stuksprijs;omzet\na;2026-01-05;3;10,00;27,00\n"
    assert frame(text, "revenue_cents") == [(2700,)]


def test_parse_takes_the_total_cost_before_the_cost_of_one_piece() -> None:
    text = "klant;datum;aantal;omzet;kostprijs regel;kostprijs per stuk\na;2026-01-05;3;27,00;14,00;5,00\n"
    assert frame(text, "cost_cents") == [(1400,)]


def test_parse_leaves_the_cost_unknown_where_the_total_is_text_null() -> None:
    text = "CustomerKey,OrderDate,SalesAmount,TotalProductCost,StandardCost,OrderQuantity\n1,2026-01-05,27.50,NULL,5.00,2\n"
    assert frame(text, "cost_cents") == [(None,)]


def test_parse_multiplies_the_cost_of_one_piece_where_there_is_no_total() -> None:
    text = "klant;datum;aantal;omzet;kostprijs per stuk\na;2026-01-05;3;27,00;5,00\n"
    assert frame(text, "cost_cents") == [(1500,)]


def test_parse_derives_cost_from_margin() -> None:
    assert frame("klant;datum;omzet;marge\na;2026-01-05;27,50;7,50\n", "cost_cents") == [(2000,)]


def test_parse_prefers_the_invoice_date_to_the_order_date() -> None:
    text = "klant;orderdatum;factuurdatum;omzet\na;2026-01-05;2026-02-07;1,50\n"
    assert frame(text, "on") == [(date(2026, 2, 7),)]


def test_parse_leaves_cancelled_and_draft_lines_aside() -> None:
    text = "klant;datum;omzet;status\na;2026-01-05;1,5;Gefactureerd\nb;2026-01-05;2,5;Geannuleerd\nc;2026-01-05;3,5;concept\n"
    parsed = read(text)
    assert (parsed.kept, dict(parsed.ignored)) == (1, {"cancelled": 1, "draft": 1})


def test_parse_leaves_continuation_rows_aside() -> None:
    parsed = read("klant;datum;omzet;noot\na;2026-01-05;1,5;x\n;;;vervolg van de noot\nb;2026-01-05;2,5;\n")
    assert (parsed.rows, dict(parsed.ignored)) == (2, {"continuation": 1})


def test_parse_fills_down_where_the_mapping_asks() -> None:
    text = "klant;datum;omzet\na;2026-01-05;1,5\n;;2,5\nb;2026-01-06;3,5\n"
    toml = '[purchases]\nfill_down = ["klant", "datum"]'
    assert frame(text, "customer", "revenue_cents", toml=toml) == [("a", 150), ("a", 250), ("b", 350)]


def test_parse_ignores_what_the_mapping_leaves_out() -> None:
    text = "klant;datum;omzet;artikel\na;2026-01-05;1,5;X\nb;2026-01-05;2,5;PORTO\n"
    parsed = read(text, toml='[purchases.ignore]\nartikel = ["PORTO"]')
    assert (parsed.kept, dict(parsed.ignored)) == (1, {"by_mapping": 1})


def test_parse_keeps_exact_repeats_as_real_lines() -> None:
    assert read(LINES + "a;2026-01-05;1,5\na;2026-01-05;1,5\n").kept == 2


def test_parse_asks_for_the_currency_where_there_are_two() -> None:
    text = "klant;datum;omzet;valuta\na;2026-01-05;1,5;EUR\nb;2026-01-05;2,5;USD\n"
    assert refusal(text).code == "two_currencies"
    parsed = read(text, currency="eur")
    assert parsed.rejections.rows() == [("f.csv", 3, "valuta", "USD", "no_rate")]
    assert (parsed.kept, parsed.currency) == (1, "EUR")


def test_parse_sees_the_currency_in_the_amounts() -> None:
    assert read(LINES + "a;2026-01-05;€ 1,50\nb;2026-01-05;€ 2,50\n").currency == "EUR"
    assert refusal(LINES + "a;2026-01-05;€ 1,50\nb;2026-01-05;$ 2,50\n").code == "two_currencies"


def test_parse_names_the_currency_as_missing() -> None:
    assert "currency" in read(LINES + "a;2026-01-05;1,50\n").missing


def test_parse_reads_bare_days_only_where_amounts_are_not_needed() -> None:
    bare = "klant;datum;kostprijs\na;2026-01-05;3\nb;31-02-2026;3\n"
    assert refusal(bare).parameters["missing"] == "revenue"
    parsed = read(bare, needs_amounts=False)
    assert parsed.frame.select("customer", "revenue_cents", "cost_cents").collect().rows() == [("a", 0, None)]
    assert ("amount" in parsed.missing, parsed.rejected) == (True, 1)
    assert [notice.code for notice in parsed.warnings] == ["without_amounts"]
    assert read(LINES + "a;2026-01-05;\nb;2026-01-05;2\n", needs_amounts=False).rejected == 1


def test_parse_refuses_unknown_columns_and_names_those_there_are() -> None:
    refused = refusal("foo;bar;baz\n1a;2b;3c\n")
    assert (refused.code, refused.parameters["columns"]) == ("missing_columns", "foo, bar, baz")


def test_parse_refuses_an_option_for_a_column_that_is_not_there() -> None:
    refused = refusal(ERP, columns={"customer": "Klantnumer"})
    assert (refused.code, "Klantnummer" in str(refused)) == ("unknown_column", True)


def test_parse_asks_where_two_columns_are_equally_likely() -> None:
    refused = refusal("klantnummer;debiteurnummer;datum;omzet\na;b;2026-01-05;1,5\n")
    assert (refused.code, refused.parameters["columns"]) == ("ambiguous_column", "klantnummer, debiteurnummer")


def test_parse_warns_where_two_optional_columns_are_equally_likely() -> None:
    parsed = read("klant;datum;omzet;branche;sector\na;2026-01-05;1,5;x;y\n")
    assert "ambiguous_column" in [notice.code for notice in parsed.warnings]


def test_parse_passes_over_an_empty_column() -> None:
    parsed = read("klantnummer;debiteurnummer;datum;omzet\n;b;2026-01-05;1,5\n;c;2026-01-05;1,5\n")
    assert parsed.columns["customer"]["column"] == "debiteurnummer"


def test_parse_refuses_where_no_row_can_be_kept() -> None:
    refused = refusal(LINES + "a;gisteren;1,5\nb;morgen;2,5\n")
    assert (refused.code, refused.parameters["line"], refused.parameters["rows"]) == ("nothing_kept", 2, 2)


def test_parse_asks_for_the_date_order() -> None:
    assert refusal(LINES + "a;01-02-2026;1,5\n").code == "date_order"
    mapping = Mapping(date_order="mdy")
    parsed = parse(open_table((LINES + "a;01-02-2026;1,5\n").encode(), name="f"), "purchases", mapping=mapping)
    assert parsed.collect()["on"].to_list() == [date(2026, 1, 2)]


def test_parse_keeps_future_dates() -> None:
    assert read(LINES + "a;31-01-2126;1,5\n").kept == 1


def test_parse_takes_cents_where_the_column_says_cents() -> None:
    assert frame(
        "customer,on,revenue_cents,cost_cents\na,2026-01-05,150,100\n", "revenue_cents", "cost_cents"
    ) == [(150, 100)]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("date,customer_id,spend", "2026-01-05,7,1.50"),
        ("CustomerID,InvoiceDate,UnitPrice,Quantity,InvoiceNo", "7,2026-01-05 08:26:00,0.75,2,5"),
        ("ResellerKey,OrderDate,SalesAmount,TotalProductCost", "7,2026-01-05,1.50,1"),
        ("Debiteurnr.,Boekdatum,Omzet (excl. BTW),Kostprijswaarde", '7,2026-01-05,"1,50","1,00"'),
        ("cust,date,sales", "7,2026-01-05,1.50"),
    ],
)
def test_parse_knows_names_that_samples_and_programs_use(header: str, row: str) -> None:
    assert frame(f"{header}\n{row}\n", "customer", "on", "revenue_cents") == [("7", date(2026, 1, 5), 150)]


def test_parse_reads_numbers_that_became_fractions_as_the_ids_they_were() -> None:
    parsed = read("customer,date,sales\n17850.0,2026-01-05,1.50\n,2026-01-05,1.50\n17851.0,2026-01-05,1.50\n")
    assert parsed.collect()["customer"].to_list() == ["17850", None, "17851"]
    assert "numbers_from_cells" in [notice.code for notice in parsed.notes]
