"""The deals that a person's files hold, and the further columns that chances may depend on."""

import re
from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from karma.cli import output
from karma.cli.language import _
from karma.cli.options import Reading
from karma.cli.sources import Source, read_mapping
from karma_core.deals import LookAhead, look_ahead_columns, suspicious_columns
from karma_core.frames import DEALS
from karma_core.mirror.outcomes import OPEN_WORDS, read_outcomes
from karma_files import Mapping, Parsed, RawTable, open_table, parse
from karma_files.amounts import decide_decimals, weigh_amounts
from karma_files.joins import join_others
from karma_files.recognise import exactly
from karma_files.tables import LINE
from karma_files.words import cleaned

FEWEST_NUMBERS = 12
NUMBER = r"^[-+]?[\d.,\s]*\d[\d.,\s]*%?$"
IDENTIFIES = re.compile(r"(id|seq|nr|no|key|code|nummer|number)$", re.IGNORECASE)
"""Names of columns whose numbers are names."""

FIELDS = {
    "amount": "revenue_cents",
    "margin": "margin_cents",
    "stage": "stage",
    "stated_chance": "stated_chance",
    "owner": "owner",
}
MOVING = (
    "outcome", "is_won", "is_closed", "closed_on", "won_on", "lost_on", "lost_reason", "expected_close_on",
    "stage", "stated_chance",
)  # fmt: skip
"""Fields that change while a deal is open."""

BESIDE = "column "
OWN_NAMES = {*DEALS.schema, "opened", "closed", "realised_cents", "on", LINE}


@dataclass(frozen=True)
class Asked:
    """Which columns were asked for by name, and what won and lost are called."""

    columns: ReadMapping[str, str | None]
    won: str | None
    lost: str | None
    features: tuple[str, ...]
    realised: str | None
    allow: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """The deals with their further columns, which of those were refused, and which ask to be checked.

    `allowed` are refused columns that are used all the same, `allow` the deals' own columns that may look ahead.
    """

    source: Source
    frame: pl.DataFrame
    features: tuple[str, ...]
    refused: tuple[LookAhead, ...]
    allowed: tuple[LookAhead, ...]
    suspicious: tuple[str, ...]
    allow: tuple[str, ...]


def read_deals_files(files: list[Path], asked: Asked, reading: Reading, *, has_history: bool) -> Known:
    """Read the deals; raises FileError, FrameError or OptionError with what to do.

    A column that looks ahead is refused unless it is allowed; a stage without history is one of those.
    """
    with output.step(_("Reading {names}").format(names=", ".join(file.name for file in files))):
        opened = [_opened(file, asked, reading) for file in files]
    source = Source("deals", tuple(one.parsed for one in opened))
    wanted = [exactly(opened[0].table.columns, name, name=files[0].name) for name in asked.features]
    stage = (
        source.columns.get("stage", {}).get("column") if asked.columns.get("stage") and not has_history else None
    )
    if stage:
        wanted.append(stage)
    wanted = [name for name in dict.fromkeys(wanted) if name not in _factors(source)]
    frame = pl.concat([one.deals(wanted, asked.realised) for one in opened], how="vertical_relaxed")
    found = _looks_ahead(frame, [own_name(name) for name in wanted], source)
    allowed = {own_name(name) for name in asked.allow}
    refused = tuple(one for one in found if one.column not in allowed)
    used = [own_name(name) for name in wanted if own_name(name) not in {one.column for one in refused}]
    return Known(
        source=source,
        frame=frame,
        features=tuple(used),
        refused=tuple(_as_asked(one) for one in refused),
        allowed=tuple(_as_asked(one) for one in found if one.column in allowed),
        suspicious=tuple(column.removeprefix(BESIDE) for column in suspicious_columns(frame, columns=used)),
        allow=tuple(
            FIELDS[field]
            for field, where in source.columns.items()
            if field in FIELDS and where["column"] in asked.allow
        ),
    )


def _looks_ahead(frame: pl.DataFrame, columns: list[str], source: Source) -> list[LookAhead]:
    """What looks ahead by name or values, or is read as a fact of the deals that moves with them."""
    told = {one.column: one for one in look_ahead_columns(frame, columns=columns)}
    moving = {own_name(source.columns[field]["column"]) for field in MOVING if field in source.columns}
    told |= {column: LookAhead(column, "changes") for column in columns if column in moving - set(told)}
    return [told[column] for column in columns if column in told]


def own_name(column: str) -> str:
    """What a further column is called beside the columns of the deals themselves."""
    return f"{BESIDE}{column}" if column in OWN_NAMES else column


def _as_asked(found: LookAhead) -> LookAhead:
    """With the column's name as it stands in the file."""
    return replace(found, column=found.column.removeprefix(BESIDE))


@dataclass(frozen=True)
class _Opened:
    """One file, as it stands and understood."""

    table: RawTable
    parsed: Parsed
    mapping: Mapping

    def deals(self, wanted: list[str], realised: str | None) -> pl.DataFrame:
        """The contract's columns with the wanted ones beside them; a row that was set aside is left out."""
        known = self.parsed.records.collect()
        absent = [pl.lit(None, dtype=each.dtype).alias(each.name) for each in DEALS.columns]
        known = known.with_columns(one for one in absent if one.meta.output_name() not in known.columns)
        columns = [*wanted, *([exactly(self.table.columns, realised, name=self.table.name)] if realised else [])]
        raw = self.table.frame.select(LINE, *columns).collect()
        made = [self._typed(raw[name]).alias(own_name(name)) for name in wanted]
        if realised:
            cents = self._numbers(raw[columns[-1]]) * 100
            made.append(cents.round().cast(pl.Int64).alias("realised_cents"))
        beside = pl.DataFrame([raw[LINE].cast(pl.Int64), *made])
        joined = known.with_columns(pl.col(LINE).cast(pl.Int64)).join(
            beside, on=LINE, how="left", maintain_order="left"
        )
        return joined.select(
            *(pl.col(each.name).cast(each.dtype) for each in DEALS.columns), *(one.name for one in made)
        )

    def _typed(self, column: pl.Series) -> pl.Series:
        """Numbers as numbers, all else as labels; an empty cell is null."""
        if column.dtype == pl.String:
            column = pl.DataFrame([column]).select(cleaned(pl.col(column.name))).to_series()
        looks = column.dtype.is_numeric() or (
            column.dtype == pl.String and bool(column.drop_nulls().str.contains(NUMBER).all())
        )
        if looks and column.n_unique() >= FEWEST_NUMBERS and not IDENTIFIES.search(column.name):
            return self._numbers(column)
        return column.cast(pl.String)

    def _numbers(self, column: pl.Series) -> pl.Series:
        """A column as numbers; a cell that is none becomes a gap."""
        if column.dtype != pl.String:
            return column.cast(pl.Float64)
        texts, sign = column.drop_nulls().unique(), "."
        if column.name not in self.table.number_columns:
            evidence = {column.name: weigh_amounts(texts)}
            sign = decide_decimals(evidence, given=self.mapping.decimal, name=self.table.name)[0][column.name]
        group, point = (".", ",") if sign == "," else (",", ".")
        plain = column.str.replace_all(r"[€$£%\s\x{00a0}']", "").str.replace_all(group, "", literal=True)
        return plain.str.replace(point, ".", literal=True).cast(pl.Float64, strict=False)


def _opened(file: Path, asked: Asked, reading: Reading) -> _Opened:
    mapping = read_mapping(reading)
    joins = mapping.of("deals").joins
    others = {join.file: open_table(file.parent / join.file) for join in joins}
    table = join_others(open_table(file, mapping=mapping), joins, others)
    table, mapping = _with_outcomes(table, _without_joins(mapping), asked)
    columns = {name: column for name, column in asked.columns.items() if column}
    parsed = parse(table, "deals", mapping=mapping, columns=columns, currency=reading.currency)
    return _Opened(table, parsed, mapping)


def _without_joins(mapping: Mapping) -> Mapping:
    """The joins are made already."""
    return replace(mapping, kinds={**mapping.kinds, "deals": replace(mapping.of("deals"), joins=())})


def _with_outcomes(table: RawTable, mapping: Mapping, asked: Asked) -> tuple[RawTable, Mapping]:
    """Say what won and lost are called, where that was told; an empty outcome is then an open deal."""
    if not asked.won or not (named := asked.columns.get("outcome")):
        return table, mapping
    column = exactly(table.columns, named, name=table.name)
    text = cleaned(pl.col(column).cast(pl.String))
    values = table.frame.select(text.alias(column)).unique(maintain_order=True).collect()[column].drop_nulls()
    values = values.extend(_not_yet_there(values, asked))
    read = read_outcomes(values, won=asked.won, lost=asked.lost)
    meanings = {
        value: "won" if won else "lost" if closed else "open"
        for value, won, closed in zip(values, read.won, read.closed, strict=True)
    }
    mapped = mapping.of("deals")
    mapped = replace(mapped, values={**mapped.values, "outcome": {**meanings, "open": "open"}})
    filled = table.frame.with_columns(text.fill_null("open").alias(column))
    return replace(table, frame=filled), replace(mapping, kinds={**mapping.kinds, "deals": mapped})


def _not_yet_there(values: pl.Series, asked: Asked) -> pl.Series:
    """The words for won and lost that do not occur, where all that does occur is understood without them.

    A young team has won or lost nothing yet; beside a value that nobody explained, the word was mistyped.
    """
    words = [word for word in (asked.won, asked.lost) if word]
    there = {value.casefold() for value in values}
    if there - {word.casefold() for word in words} - OPEN_WORDS:
        return values.clear()
    return pl.Series(values.name, [word for word in words if word.casefold() not in there], dtype=values.dtype)


def _factors(source: Source) -> set[str]:
    """Columns that are segment or source already."""
    return {where["column"] for field, where in source.columns.items() if field in ("segment", "source")}
