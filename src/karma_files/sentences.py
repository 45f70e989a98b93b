"""The sentences themselves: by code, in English and in Dutch."""

from typing import NamedTuple


class Said(NamedTuple):
    """One sentence in two languages; names in braces are filled in."""

    en: str
    nl: str


ERRORS: dict[str, Said] = {
    "not_found": Said(
        '"{name}" is not there. Check the path.',
        '"{name}" is er niet. Controleer het pad.',
    ),
    "directory": Said(
        '"{name}" is a folder without Parquet files. Name the file itself.',
        '"{name}" is een map zonder Parquet-bestanden. Noem het bestand zelf.',
    ),
    "unreadable": Said(
        '"{name}" cannot be opened: {cause}. Check that you may read it.',
        '"{name}" gaat niet open: {cause}. Controleer of je het mag lezen.',
    ),
    "empty": Said(
        '"{name}" is empty. Export it again with the rows in it.',
        '"{name}" is leeg. Exporteer het opnieuw, met de regels erin.',
    ),
    "header_only": Said(
        '"{name}" has a header and no rows. Export it again with the rows in it.',
        '"{name}" heeft een kopregel en geen regels. Exporteer het opnieuw, met de regels erin.',
    ),
    "no_header": Said(
        '"{name}" has no header row: its first row reads {sample}. Add a row with names above it, or '
        'give header = ["...", "..."] in the mapping.',
        '"{name}" heeft geen kopregel: de eerste regel is {sample}. Zet er een regel met namen '
        'boven, of geef header = ["...", "..."] in de mapping.',
    ),
    "header_width": Said(
        '"{name}" has {found} columns and the mapping\'s header names {given}. Name them all.',
        '"{name}" heeft {found} kolommen en de header in de mapping noemt er {given}. Noem ze alle.',
    ),
    "wrong_kind": Said(
        '"{name}" is {what_en}. Give a CSV, XLSX or Parquet file.',
        '"{name}" is {what_nl}. Geef een CSV-, XLSX- of Parquet-bestand.',
    ),
    "old_excel": Said(
        '"{name}" is an old Excel file (.xls). Open it in Excel and save it as .xlsx or CSV.',
        '"{name}" is een oud Excel-bestand (.xls). Open het in Excel en bewaar het als .xlsx of CSV.',
    ),
    "html": Said(
        '"{name}" is a web page, as some programs export under the name .xls. Open it in Excel and '
        "save it as .xlsx.",
        '"{name}" is een webpagina, zoals sommige programma\'s exporteren onder de naam .xls. Open '
        "het in Excel en bewaar het als .xlsx.",
    ),
    "locked": Said(
        '"{name}" is protected by a password. Save it without one.',
        '"{name}" is beveiligd met een wachtwoord. Bewaar het zonder.',
    ),
    "no_workbook": Said(
        '"{name}" is an archive and no workbook. Unpack it and give the file inside.',
        '"{name}" is een archief en geen werkmap. Pak het uit en geef het bestand dat erin zit.',
    ),
    "unsafe_archive": Said(
        '"{name}" was not opened: {why_en}. Save the workbook again in Excel, or export it as CSV.',
        '"{name}" is niet geopend: {why_nl}. Bewaar de werkmap opnieuw in Excel, of exporteer als CSV.',
    ),
    "no_sheet": Said(
        '"{name}" has no sheet "{sheet}". It has: {sheets}.',
        '"{name}" heeft geen blad "{sheet}". Er is: {sheets}.',
    ),
    "damaged": Said(
        '"{name}" is damaged or cut off: it cannot be read to its end. Export it again.',
        '"{name}" is beschadigd of afgebroken: het is niet tot het einde te lezen. Exporteer het opnieuw.',
    ),
    "cut_off": Said(
        '"{name}" stops in the middle of line {line}: part of it is missing. Export it again.',
        '"{name}" stopt midden in regel {line}: een deel ontbreekt. Exporteer het opnieuw.',
    ),
    "unclosed_quote": Said(
        '"{name}": a quotation mark that opens on line {line} is never closed. The file may be cut '
        "off; export it again, or close the quotation mark.",
        '"{name}": een aanhalingsteken dat op regel {line} begint, sluit nergens. Misschien is het '
        "bestand afgebroken; exporteer het opnieuw, of sluit het aanhalingsteken.",
    ),
    "nul": Said(
        '"{name}" holds NUL characters (first on line {line}): it is no plain text. Save it as CSV in UTF-8.',
        '"{name}" bevat NUL-tekens (het eerst op regel {line}): het is geen gewone tekst. Bewaar het '
        "als CSV in UTF-8.",
    ),
    "utf16_without_mark": Said(
        '"{name}" looks like UTF-16 without its mark. Save it as CSV in UTF-8, or give encoding = '
        '"utf-16-le" in the mapping.',
        '"{name}" lijkt UTF-16 zonder herkenningsteken. Bewaar het als CSV in UTF-8, of geef '
        'encoding = "utf-16-le" in de mapping.',
    ),
    "encoding": Said(
        '"{name}" is not {encoding}: line {line} cannot be read. Save it as CSV in UTF-8, or give '
        "another encoding.",
        '"{name}" is geen {encoding}: regel {line} is niet te lezen. Bewaar het als CSV in UTF-8, of '
        "geef een andere codering.",
    ),
    "unknown_encoding": Said(
        '"{encoding}" is no known encoding. Use utf-8, cp1252, cp850 or utf-16.',
        '"{encoding}" is geen bekende codering. Gebruik utf-8, cp1252, cp850 of utf-16.',
    ),
    "mixed_encodings": Said(
        '"{name}" mixes encodings: line {utf8_line} is UTF-8 and line {other_line} is not. Save it '
        'as one, or give encoding = "cp1252" in the mapping.',
        '"{name}" mengt coderingen: regel {utf8_line} is UTF-8 en regel {other_line} niet. Bewaar '
        'het als één, of geef encoding = "cp1252" in de mapping.',
    ),
    "one_column": Said(
        '"{name}" has one column only. Separate the columns by ; or , or a tab or |, or give '
        "delimiter in the mapping.",
        '"{name}" heeft maar één kolom. Scheid de kolommen met ; of , of een tab of |, of geef '
        "delimiter in de mapping.",
    ),
    "too_large": Said(
        '"{name}" is larger than {limit} {unit_en}. Split it, or give it as Parquet.',
        '"{name}" is groter dan {limit} {unit_nl}. Splits het, of geef het als Parquet.',
    ),
    "line_too_long": Said(
        '"{name}": the record on line {line} is longer than {limit} bytes, which no table has. Check the file.',
        '"{name}": de regel op {line} is langer dan {limit} bytes; zo ziet geen tabel eruit. '
        "Controleer het bestand.",
    ),
    "too_many_columns": Said(
        '"{name}" has {found} columns, more than {limit}. Export only the columns that are needed.',
        '"{name}" heeft {found} kolommen, meer dan {limit}. Exporteer alleen de kolommen die nodig zijn.',
    ),
    "unknown_column": Said(
        'There is no column "{column}" in "{name}". {nearest_en}',
        'Er is geen kolom "{column}" in "{name}". {nearest_nl}',
    ),
    "unknown_field": Said(
        '"{field}" is nothing that {kind} have. Use one of: {fields}.',
        '"{field}" hoort niet bij {kind}. Gebruik een van: {fields}.',
    ),
    "missing_columns": Said(
        '"{name}": no column was recognised as {missing}. Name it with an option or in a mapping. '
        "The columns are: {columns}.",
        '"{name}": geen kolom is herkend als {missing}. Noem haar met een optie of in een mapping. '
        "De kolommen zijn: {columns}.",
    ),
    "ambiguous_column": Said(
        '"{name}": {columns} could each be {field}. Name the right one with an option or in a mapping.',
        '"{name}": {columns} kunnen elk {field} zijn. Noem de juiste met een optie of in een mapping.',
    ),
    "date_order": Said(
        '"{name}": {column} holds {sample}, which can be day-month or month-day, and nothing in the '
        'file decides. Give --date-order dmy or mdy, or date_order = "dmy" in the mapping.',
        '"{name}": in {column} staat {sample}; dat kan dag-maand of maand-dag zijn, en niets in het '
        'bestand beslist dat. Geef --date-order dmy of mdy, of date_order = "dmy" in de mapping.',
    ),
    "date_orders_mixed": Said(
        '"{name}": {column} holds both {dmy} and {mdy}, so day and month change places. Give '
        '--date-order dmy or mdy, or date_order = "dmy" in the mapping.',
        '"{name}": in {column} staan {dmy} en {mdy}, dus dag en maand wisselen van plaats. Geef '
        '--date-order dmy of mdy, of date_order = "dmy" in de mapping.',
    ),
    "decimal": Said(
        '"{name}": {column} holds {sample}, which can be thousands or decimals, and nothing in the file '
        'decides. Give --decimal comma or --decimal point, or decimal = "," in the mapping.',
        '"{name}": in {column} staat {sample}; dat kunnen duizendtallen of decimalen zijn, en niets in het '
        'bestand beslist dat. Geef --decimal comma of --decimal point, of decimal = "," in de mapping.',
    ),
    "decimals_mixed": Said(
        '"{name}": {column} holds both {comma} and {point}. Give --decimal comma or --decimal point, or '
        'decimal = "," in the mapping.',
        '"{name}": in {column} staan {comma} en {point}. Geef --decimal comma of --decimal point, of '
        'decimal = "," in de mapping.',
    ),
    "two_currencies": Said(
        '"{name}" has amounts in {currencies}. Give --currency to say which one counts; rows in the '
        "others are set aside.",
        '"{name}" heeft bedragen in {currencies}. Geef --currency om te zeggen welke telt; regels in '
        "de andere worden apart gelegd.",
    ),
    "unknown_values": Said(
        '"{name}": {column} holds {values}, which are not known as {field}. Say what they mean in '
        'the mapping: [{kind}.values.{field}] "{example}" = "{choice}".',
        '"{name}": in {column} staat {values}; dat is niet bekend als {field}. Zeg in de mapping wat '
        'het betekent: [{kind}.values.{field}] "{example}" = "{choice}".',
    ),
    "nothing_kept": Said(
        '"{name}": none of its {rows} rows can be used. Line {line}, {column}: {value}. {reason_en}',
        '"{name}": geen van de {rows} regels is te gebruiken. Regel {line}, {column}: {value}. {reason_nl}',
    ),
    "nothing_left": Said(
        '"{name}" has no rows but {what_en}. Export it again with the rows that count.',
        '"{name}" heeft geen regels behalve {what_nl}. Exporteer het opnieuw met de regels die tellen.',
    ),
    "mapping_toml": Said(
        "The mapping is no valid TOML: {cause}. Check quotation marks and brackets there.",
        "De mapping is geen geldige TOML: {cause}. Controleer daar aanhalingstekens en haken.",
    ),
    "mapping_key": Said(
        'The mapping has "{key}"{where_en}, which is not known. Known there: {known}.',
        'De mapping heeft "{key}"{where_nl}; dat is niet bekend. Bekend zijn daar: {known}.',
    ),
    "mapping_value": Said(
        "The mapping has {key} = {value}{where_en}. Expected: {expected_en}.",
        "De mapping heeft {key} = {value}{where_nl}. Verwacht: {expected_nl}.",
    ),
    "join_file": Said(
        'The mapping joins "{file}", which was not given. Name that file too.',
        'De mapping koppelt "{file}", en dat bestand is niet gegeven. Noem het ook.',
    ),
    "join_twice": Said(
        '"{file}" has the {key} {value} more than once, so it cannot be joined by it. Use a column '
        "that is unique there.",
        '"{file}" heeft {key} {value} meer dan eens, dus daarop is niet te koppelen. Gebruik een '
        "kolom die daar uniek is.",
    ),
}

REASONS: dict[str, Said] = {
    "too_few_fields": Said(
        "The row has fewer cells than the header.",
        "De regel heeft minder cellen dan de kop.",
    ),
    "too_many_fields": Said(
        "The row has more cells than the header.",
        "De regel heeft meer cellen dan de kop.",
    ),
    "no_such_day": Said(
        "That day does not exist.",
        "Die dag bestaat niet.",
    ),
    "no_date": Said(
        "The date is missing.",
        "De datum ontbreekt.",
    ),
    "not_a_date": Said(
        "This is not a date.",
        "Dit is geen datum.",
    ),
    "not_an_amount": Said(
        "This is not an amount.",
        "Dit is geen bedrag.",
    ),
    "not_a_number": Said(
        "This is not a number.",
        "Dit is geen getal.",
    ),
    "too_large": Said(
        "This is too large to be true.",
        "Dit is te groot om waar te zijn.",
    ),
    "no_amount": Said(
        "The amount is missing.",
        "Het bedrag ontbreekt.",
    ),
    "not_a_chance": Said(
        "A chance lies between 0 and 100%.",
        "Een kans ligt tussen 0 en 100%.",
    ),
    "not_a_choice": Said(
        "This value is not known here.",
        "Deze waarde is hier niet bekend.",
    ),
    "no_rate": Said(
        "The amount is in another currency and there is no rate for it.",
        "Het bedrag is in een andere valuta en er is geen koers voor.",
    ),
    "not_a_currency": Said(
        "This is not a currency.",
        "Dit is geen valuta.",
    ),
    "no_value": Said(
        "This must be filled in.",
        "Dit moet ingevuld zijn.",
    ),
    "ends_first": Said(
        "This ends on or before the day that it begins.",
        "Dit eindigt op of voor de dag dat het begint.",
    ),
    "not_above_zero": Said(
        "The amount must be above zero.",
        "Het bedrag moet boven nul liggen.",
    ),
    "not_a_year": Said(
        "This is not a year.",
        "Dit is geen jaar.",
    ),
    "repeated": Said(
        "This number occurred on an earlier row.",
        "Dit nummer stond al op een eerdere regel.",
    ),
}

IGNORED: dict[str, Said] = {
    "title": Said(
        "rows above the header",
        "regels boven de kop",
    ),
    "header": Said(
        "repeated headers",
        "herhaalde kopregels",
    ),
    "blank": Said(
        "empty rows",
        "lege regels",
    ),
    "group": Said(
        "group rows",
        "groepsregels",
    ),
    "footer": Said(
        "totals and footers",
        "totalen en voetregels",
    ),
    "continuation": Said(
        "continuation rows",
        "vervolgregels",
    ),
    "cancelled": Said(
        "cancelled lines",
        "geannuleerde regels",
    ),
    "draft": Said(
        "lines not yet invoiced",
        "regels die nog niet gefactureerd zijn",
    ),
    "deleted": Said(
        "deleted records",
        "verwijderde regels",
    ),
    "by_mapping": Said(
        "rows that the mapping leaves out",
        "regels die de mapping weglaat",
    ),
}

NOTICES: dict[str, Said] = {
    "encoding_guessed": Said(
        '"{name}" was read as {encoding}, for example line {line}: {sample}. If that looks wrong, '
        "give encoding in the mapping.",
        '"{name}" is gelezen als {encoding}, bijvoorbeeld regel {line}: {sample}. Klopt dat niet, '
        "geef dan encoding in de mapping.",
    ),
    "sheet_chosen": Said(
        '"{name}" has several sheets: {sheets}. "{sheet}" was read; give sheet in the mapping for another.',
        '"{name}" heeft meer bladen: {sheets}. "{sheet}" is gelezen; geef sheet in de mapping voor een ander.',
    ),
    "headers_renamed": Said(
        "Column names that occur twice or are empty were told apart: {columns}.",
        "Kolomnamen die dubbel of leeg zijn, hebben een eigen naam gekregen: {columns}.",
    ),
    "quotes_literal": Said(
        '"{name}" uses quotation marks as text (as in 1/2"), and was read so.',
        '"{name}" gebruikt aanhalingstekens als tekst (zoals in 1/2"), en is zo gelezen.',
    ),
    "quotes_loose": Said(
        '"{name}" has quotation marks inside its cells (first on line {line}). Check that the cells '
        "there are right.",
        '"{name}" heeft aanhalingstekens binnen cellen (het eerst op regel {line}). Controleer of de '
        "cellen daar kloppen.",
    ),
    "ambiguous_column": Said(
        "{columns} could each be {field}; none was used. Name the right one with an option or in a mapping.",
        "{columns} kunnen elk {field} zijn; geen ervan is gebruikt. Noem de juiste met een optie of "
        "in een mapping.",
    ),
    "date_order_few": Said(
        "Dates in {column} were read as {order}; {count} that do not fit were set aside.",
        "Datums in {column} zijn gelezen als {order}; {count} die niet passen, zijn apart gelegd.",
    ),
    "decimal_few": Said(
        'Amounts in {column} were read with "{decimal}" for decimals; {count} that do not fit were set aside.',
        'Bedragen in {column} zijn gelezen met "{decimal}" voor decimalen; {count} die niet passen, '
        "zijn apart gelegd.",
    ),
    "no_customer": Said(
        '{count} of {rows} rows have no customer. They count under "no customer": in totals, not in rhythm.',
        '{count} van de {rows} regels hebben geen klant. Ze tellen onder "geen klant": in totalen, niet in ritme.',
    ),
    "without_amounts": Said(
        "There is no amount in it, so nothing is said of revenue or margin.",
        "Er zit geen bedrag bij, dus over omzet of marge is niets gezegd.",
    ),
    "no_cost": Said(
        "There is no cost in it, so we speak of revenue.",
        "Er zit geen kostprijs bij, dus we spreken over omzet.",
    ),
    "cost_missing": Said(
        "{count} of {rows} rows have no cost.",
        "{count} van de {rows} regels hebben geen kostprijs.",
    ),
    "no_currency": Said(
        "No currency is named in it. Give --currency to say which.",
        "Er staat geen valuta in. Geef --currency om te zeggen welke.",
    ),
    "currency_blank": Said(
        "Rows that name no currency, read as {currency}: {count}.",
        "Regels zonder valuta, gelezen als {currency}: {count}.",
    ),
    "other_currency": Said(
        "Rows in {currencies}, set aside because there is no rate to {currency}: {count}.",
        "Regels in {currencies}, apart gelegd omdat er geen koers naar {currency} is: {count}.",
    ),
    "numbers_from_cells": Said(
        "Ids in {column} ended in .0 and were read without it.",
        "Nummers in {column} eindigden op .0 en zijn zonder gelezen.",
    ),
    "outcome_from_stage": Said(
        "Whether a deal is won or lost was read from its stage: won is {won}; lost is {lost}; all "
        "others are open.",
        "Of een aanvraag gewonnen of verloren is, komt uit de fase: gewonnen is {won}; verloren is "
        "{lost}; de rest is open.",
    ),
    "open_without_status": Said(
        "Deals with neither an outcome nor a day on which they closed count as open: {count}.",
        "Aanvragen zonder uitkomst en zonder sluitdatum tellen als open: {count}.",
    ),
    "deal_from_name": Said(
        "The deals have no number, so their names serve as one. A renamed deal will look like a new one.",
        "De aanvragen hebben geen nummer, dus de naam dient als nummer. Een aanvraag met een andere naam "
        "lijkt een nieuwe.",
    ),
    "same_name": Said(
        "Deals that share their name with another, told apart by a number behind it: {count}.",
        "Deals met dezelfde naam als een andere, uit elkaar gehouden met een volgnummer: {count}.",
    ),
    "closed_before_opened": Said(
        "Deals that were closed before the day they were opened: {count}.",
        "Deals die gesloten zijn vóór de dag waarop ze werden geopend: {count}.",
    ),
    "chance_as_percentage": Said(
        "Chances in {column} were read as percentages.",
        "Kansen in {column} zijn gelezen als percentages.",
    ),
    "chance_all_ones": Said(
        "Chances in {column} are only 0 and 1, and were read as never and certain.",
        "Kansen in {column} zijn alleen 0 en 1, en zijn gelezen als nooit en zeker.",
    ),
    "values_unknown": Said(
        "{values} in {column} is not known as {field} and was left empty. Say what it means in the mapping.",
        "{values} in {column} is niet bekend als {field} en is leeg gelaten. Zeg in de mapping wat het betekent.",
    ),
    "repeated_rows": Said(
        "Rows that repeat the number of an earlier row: {count}. The first of each was kept.",
        "Regels met een nummer dat al eerder stond: {count}. Telkens is de eerste gehouden.",
    ),
    "joined_without_match": Said(
        'Rows with a {key} that "{file}" does not know: {count}.',
        'Regels met een {key} dat "{file}" niet kent: {count}.',
    ),
}
