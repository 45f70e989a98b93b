"""The columns that the mirror asks for, read from a person's file: labels, numbers and days."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from karma.cli.language import _, ngettext
from karma.cli.options import OptionError, Reading
from karma.cli.sources import read_mapping
from karma_core.mirror import Question
from karma_core.words import Sentence, counted
from karma_files import Mapping, RawTable, open_table
from karma_files.amounts import decide_decimals, weigh_amounts
from karma_files.dates import VALUE, decide_date_order, read_dates, weigh_dates

HEAD_BYTES = 65_536
NO_VALUE = ("NA", "NaN", "nan")
"""What R and Python write where there is nothing; in a bare fit that is a gap."""
FEWEST_NUMBERS, MOSTLY = 12, 0.9
"""A column with this many different numbers, and only one in ten different values else, was meant as numbers."""


@dataclass(frozen=True)
class Opened:
    """A person's file, opened but not yet understood."""

    path: Path
    table: RawTable
    mapping: Mapping


@dataclass(frozen=True)
class ModelColumns:
    """The columns of a bare fit; a random column may be "slope|column"."""

    response: str
    random: tuple[str, ...]
    fixed: tuple[str, ...]
    trials: str | None

    def names(self) -> list[str]:
        """Every column that is read."""
        terms = [part.strip() for term in self.terms() for part in term.split("|")]
        return list(dict.fromkeys([self.response, *terms, *self.fixed, *([self.trials] if self.trials else [])]))

    def terms(self) -> list[str]:
        """The random terms without the brackets and the "1 +" that people who know lme4 write."""
        plain = [term.strip().removeprefix("(").removesuffix(")") for term in self.random]
        return [re.sub(r"^1\s*\+|^1\s*\|", "", term).strip() for term in plain]


def open_deals(file: Path, reading: Reading) -> Opened:
    """Open the file; raises FileError or OptionError with what to do."""
    mapping = read_mapping(reading)
    return Opened(file, open_table(file, mapping=mapping), mapping)


def file_notes(opened: Opened) -> list[Sentence]:
    """What the reader of the answer must know of the file: rows that do not fit its header, and choices made."""
    said = [Sentence(nl=note.say("nl"), en=note.say("en")) for note in opened.table.notes]
    if odd := opened.table.rejections.height:
        fits_not = counted(
            odd,
            one=Sentence(
                nl="Eén regel van het bestand past niet bij de kop en telt niet mee.",
                en="One row of the file does not fit its header and is left out.",
            ),
            more=Sentence(
                nl=f"{odd} regels van het bestand passen niet bij de kop en tellen niet mee.",
                en=f"{odd} rows of the file do not fit its header and are left out.",
            ),
        )
        said.append(fits_not)
    return said


def mirror_frame(opened: Opened, question: Question) -> pl.DataFrame:
    """The columns of a question: labels as text, numbers and amounts as numbers, days as dates."""
    _refuse_missing(opened.table, question.columns())
    labels = [question.outcome, question.person, *question.mix]
    numbers = [name for name in (*question.numeric, question.margin, question.realised) if name]
    days = [name for name in (question.opened, question.closed) if name]
    frame = _collect(opened.table, [*labels, *numbers, *days])
    made = {name: frame[name] for name in labels}
    made |= {name: _number(frame[name], opened, may_be_mix=name in question.numeric) for name in numbers}
    return pl.DataFrame({**made, **_days({name: frame[name] for name in days}, opened)})


def fit_frame(opened: Opened, columns: ModelColumns) -> tuple[pl.DataFrame, list[str]]:
    """The columns of a bare fit without the rows that have a gap, and a sentence about those."""
    _refuse_missing(opened.table, columns.names())
    frame = _without_no_value(_collect(opened.table, columns.names()))
    quoted = _quoted(opened)
    numbers = {columns.response, *([columns.trials] if columns.trials else [])}
    numbers |= {term.split("|")[0].strip() for term in columns.terms() if "|" in term}
    factors = {term.rpartition("|")[2].strip() for term in columns.terms()}
    made = []
    for name in columns.names():
        if name in numbers:
            made.append(_number(frame[name], opened))
        elif name in factors or name in quoted or not _is_numeric(frame[name]):
            made.append(frame[name].cast(pl.String))
        else:
            made.append(_number(frame[name], opened))
    whole = pl.DataFrame(made).drop_nulls()
    if not whole.height:
        raise OptionError(_("No row has a value in every column that was named."))
    dropped = frame.height - whole.height
    said = ngettext("{n} row has a gap and was left out.", "{n} rows have a gap and were left out.", dropped)
    return whole, [said.format(n=dropped)] if dropped else []


def _refuse_missing(table: RawTable, names: Iterable[str]) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise OptionError(
            _("{file} has no column {missing}. It has: {there}.").format(
                file=table.name, missing=", ".join(f'"{n}"' for n in missing), there=", ".join(table.columns)
            )
        )


def _collect(table: RawTable, names: list[str]) -> pl.DataFrame:
    frame = table.frame.select(list(dict.fromkeys(names))).collect()
    if not frame.height:
        raise OptionError(_("{file} holds no rows. Export it again with the rows in it.").format(file=table.name))
    texts = [name for name in frame.columns if frame.schema[name] == pl.String]
    trimmed = [pl.col(name).str.strip_chars() for name in texts]
    return frame.with_columns(trimmed).with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts
    )


def _without_no_value(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    floats = [name for name, kind in frame.schema.items() if kind.is_float()]
    return frame.with_columns(
        *(pl.when(~pl.col(name).is_in(NO_VALUE)).then(pl.col(name)).alias(name) for name in texts),
        *(pl.col(name).fill_nan(None) for name in floats),
    )


def _is_numeric(column: pl.Series) -> bool:
    """Whether a fixed column is one of numbers; raises OptionError where all but a few of its values are."""
    if column.dtype != pl.String:
        return column.dtype.is_numeric() or column.dtype == pl.Boolean
    texts = column.drop_nulls().unique(maintain_order=True)
    numbers = texts.str.contains(r"^[-+]?[\d.,\s]*\d[\d.,\s]*(?:[eE][-+]?\d+)?$")
    count = len(texts.filter(numbers))
    if max(FEWEST_NUMBERS, MOSTLY * len(texts)) <= count < len(texts):
        raise OptionError(
            _('Column "{column}" holds numbers, but also {seen}. Leave those cells empty.').format(
                column=column.name, seen=", ".join(texts.filter(~numbers).head(3))
            )
        )
    return count == len(texts)


def _number(column: pl.Series, opened: Opened, *, may_be_mix: bool = False) -> pl.Series:
    """A column as numbers; a cell that is none becomes a gap, and a column without any is refused."""
    if column.dtype != pl.String:
        if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
            raise _no_numbers(column, may_be_mix=may_be_mix)
        return column.cast(pl.Float64)
    texts = column.drop_nulls().unique()
    sign = "."
    if column.name not in opened.table.number_columns:
        evidence = {column.name: weigh_amounts(texts)}
        sign = decide_decimals(evidence, given=opened.mapping.decimal, name=opened.table.name)[0][column.name]
    group, point = (".", ",") if sign == "," else (",", ".")
    plain = column.str.replace_all(r"[€$£%\s\x{00a0}']", "").str.replace_all(group, "", literal=True)
    numbers = plain.str.replace(point, ".", literal=True).cast(pl.Float64, strict=False)
    if len(texts) and numbers.null_count() == len(column):
        raise _no_numbers(column, may_be_mix=may_be_mix)
    return numbers


def _no_numbers(column: pl.Series, *, may_be_mix: bool) -> OptionError:
    seen = ", ".join(str(value) for value in column.drop_nulls().unique(maintain_order=True).head(3))
    said = (
        _('Column "{column}" holds no numbers but {seen}. Give it with --mix, or leave it out.')
        if may_be_mix
        else _('Column "{column}" holds no numbers but {seen}. Name a column with numbers.')
    )
    return OptionError(said.format(column=column.name, seen=seen))


def _days(columns: dict[str, pl.Series], opened: Opened) -> dict[str, pl.Series]:
    texts = {name: column.drop_nulls().unique() for name, column in columns.items() if column.dtype == pl.String}
    order, _notices = decide_date_order(
        {name: weigh_dates(values) for name, values in texts.items()},
        given=opened.mapping.date_order,
        name=opened.table.name,
    )
    made = {}
    for name, column in columns.items():
        if name in texts:
            read = read_dates(texts[name], order=order, time_zone=opened.mapping.time_zone)
            days = column.replace_strict(read["text"], read[VALUE], default=None, return_dtype=pl.Date)
        elif column.dtype.is_temporal():
            days = column.cast(pl.Date)
        else:
            days = pl.Series(name, [None] * len(column), dtype=pl.Date)
        if not days.is_not_null().any():
            raise OptionError(_('Column "{column}" holds no days.').format(column=name))
        made[name] = days
    return made


def _quoted(opened: Opened) -> set[str]:
    """Columns whose numbers stand in quotes in a CSV, where others do not: labels, as R writes them."""
    table = opened.table
    if table.format != "csv" or not opened.path.is_file():
        return set()
    with opened.path.open("rb") as file:
        lines = file.read(HEAD_BYTES).decode(table.encoding or "utf-8", errors="replace").splitlines()
    if len(lines) < 2:
        return set()
    between = re.escape(table.delimiter or ",")
    cells = re.findall(rf'(?:^|{between})("(?:[^"]|"")*"|[^"]*?)(?={between}|$)', lines[1])
    if len(cells) != len(table.columns) or all(cell.startswith('"') for cell in cells):
        return set()
    return {name for name, cell in zip(table.columns, cells, strict=True) if cell.startswith('"')}
