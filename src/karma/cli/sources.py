"""A person's files of one kind, read and put together, with every row accounted for."""

from collections.abc import Mapping as ReadMapping
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from karma.cli import output
from karma.cli.language import _, language, ngettext
from karma.cli.options import OptionError, Reading
from karma.exports import write_table
from karma_files import Mapping, Parsed, ignored_text, load_mapping, open_table, parse, reason_text
from karma_files.parquet_table import is_delta_table

SHOWN = 3


@dataclass(frozen=True)
class Source:
    """The files of one kind, together."""

    kind: str
    parts: tuple[Parsed, ...]

    @property
    def frame(self) -> pl.LazyFrame:
        """All kept rows, in the kind's contract; still on disk where the file is Parquet."""
        return pl.concat([part.frame for part in self.parts])

    def collect(self) -> pl.DataFrame:
        """All kept rows in memory, the contract checked."""
        return pl.concat([part.collect() for part in self.parts])

    @property
    def columns(self) -> dict[str, dict[str, str]]:
        """Which column each field came from, and how it was recognised; the first file speaks for all."""
        return dict(self.parts[0].columns)

    @property
    def currency(self) -> str | None:
        """The currency of the amounts, where a file or an option names one."""
        return next((part.currency for part in self.parts if part.currency), None)

    @property
    def ignored(self) -> dict[str, int]:
        """How many rows were no record, by reason."""
        found: dict[str, int] = {}
        for part in self.parts:
            for reason, number in part.ignored.items():
                found[reason] = found.get(reason, 0) + number
        return found

    @property
    def rejected(self) -> int:
        """How many records were set aside."""
        return sum(part.rejected for part in self.parts)

    @property
    def warnings(self) -> list[str]:
        """What the reader of the figures must know about the files, in sentences."""
        return [notice.say(language()) for part in self.parts for notice in part.warnings]

    def not_yet(self, as_of: date) -> str | None:
        """Says how many rows are dated on or after the as-of date, and so do not count; None for none."""
        day = "opened_on" if self.kind == "deals" else "on"
        return said_not_yet(self.frame.lazy().filter(pl.col(day) >= as_of).select(pl.len()).collect().item())

    def account(self) -> dict[str, int | dict[str, int]]:
        """Rows = kept + rejected; ignored rows were never records."""
        rows, kept = sum(part.rows for part in self.parts), sum(part.kept for part in self.parts)
        return {"rows": rows, "kept": kept, "rejected": self.rejected, "ignored": self.ignored}

    def notes(self) -> list[str]:
        """What happened to the rows and which columns were read, in sentences."""
        names = ", ".join(part.name for part in self.parts)
        rows = sum(part.rows for part in self.parts)
        said = [
            ngettext("{rows} row from {names}.", "{rows} rows from {names}.", rows).format(
                rows=grouped(rows), names=names
            )
        ]
        read = ", ".join(f"{name} = {where['column']}" for name, where in self.columns.items())
        said.append(_("Columns: {read}.").format(read=read))
        if self.ignored:
            kinds = ", ".join(f"{grouped(n)} {ignored_text(code, language())}" for code, n in self.ignored.items())
            said.append(_("Left out, since they are no record: {kinds}.").format(kinds=kinds))
        return said + self._rejection_notes()

    def _rejection_notes(self) -> list[str]:
        if not self.rejected:
            return []
        rejections = pl.concat([part.rejections for part in self.parts])
        said = [
            ngettext("{n} row was set aside.", "{n} rows were set aside.", self.rejected).format(
                n=grouped(self.rejected)
            )
        ]
        for row in rejections.head(SHOWN).iter_rows(named=True):
            said.append(say_rejection(row))
        return said


def say_rejection(row: ReadMapping[str, Any]) -> str:
    """Why a row was set aside: `file, line, column, value, reason`, where an empty cell has no value."""
    shown = {**row, "value": row["value"] or "", "reason": reason_text(row["reason"], language())}
    return _('{file}, row {line}: {column} is "{value}". {reason}').format(**shown)


def read_source(files: list[Path], kind: str, reading: Reading) -> Source:
    """Read all files of one kind. Raises FileError or OptionError with what to do."""
    mapping = read_mapping(reading)
    options = {name: column for name, column in reading.columns.items() if column}
    with output.step(_("Reading {names}").format(names=", ".join(file.name for file in files))):
        parts = tuple(_read(file, kind, mapping=mapping, columns=options, reading=reading) for file in files)
    return one_currency(Source(kind, parts))


def one_currency(source: Source) -> Source:
    """The files themselves. Raises OptionError where they speak of two currencies."""
    currencies = {part.currency for part in source.parts if part.currency}
    if len(currencies) > 1:
        raise OptionError(
            _(
                "The files speak of {currencies}. Give files of one currency, or choose one with --currency."
            ).format(currencies=", ".join(sorted(currencies)))
        )
    return source


def said_not_yet(late: int) -> str | None:
    """Says that so many rows do not count yet; None for none."""
    if not late:
        return None
    return ngettext(
        "{n} row is dated on or after the as-of date and does not count.",
        "{n} rows are dated on or after the as-of date and do not count.",
        late,
    ).format(n=grouped(late))


def write_rejected(sources: list[Source], path: Path | None) -> None:
    """Write the rows of all files that were set aside, where that was asked."""
    if path:
        write_table(pl.concat([part.rejections for source in sources for part in source.parts]), path)


def read_mapping(reading: Reading) -> Mapping:
    """What the person said about their files, by option or in map.toml."""
    if reading.mapping is None:
        mapping = Mapping()
    else:
        try:
            mapping = load_mapping(reading.mapping.read_bytes())
        except OSError as fault:
            raise OptionError(
                _("--mapping {path} cannot be opened. Check the path.").format(path=reading.mapping)
            ) from fault
    if reading.date_order:
        mapping = replace(mapping, date_order=reading.date_order.value)
    return replace(mapping, decimal=reading.decimal.sign) if reading.decimal else mapping


def _read(file: Path, kind: str, *, mapping: Mapping, columns: ReadMapping[str, str], reading: Reading) -> Parsed:
    if is_delta_table(file):
        need_package("deltalake", _("{name} is a Delta table.").format(name=file.name))
    others = {join.file: open_table(file.parent / join.file) for join in mapping.of(kind).joins}
    raw = open_table(file, mapping=mapping)
    return parse(
        raw,
        kind,
        mapping=mapping,
        columns=columns,
        currency=reading.currency,
        others=others,
        needs_amounts=reading.needs_amounts,
    )


def need_package(name: str, why: str) -> None:
    """Raise OptionError that says what to install, where a package of the extra spark is not there."""
    if find_spec(name) is None:
        raise OptionError(
            _("{why} What that takes is not installed: type make spark in the folder of Karma Sales.").format(
                why=why
            )
        )


def grouped(number: int) -> str:
    """A number with its thousands apart, as a Dutch or an English reader expects it."""
    grouped = f"{number:,}"
    return grouped if language() == "en" else grouped.replace(",", ".")


def distinct(sentences: Sequence[str | None]) -> list[str]:
    """Each sentence once, in order; those that are none left out."""
    return list(dict.fromkeys(sentence for sentence in sentences if sentence))
