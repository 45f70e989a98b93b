"""What `karma deals` says: one document for a program, sentences and two tables for a person."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl
from rich.table import Table

from karma.cli import output
from karma.cli.deals_columns import Known
from karma.cli.language import _, language, ngettext
from karma.cli.sources import Source, distinct, grouped
from karma_core.deals import Conversion, DealsReading
from karma_core.money import in_words
from karma_core.words import chance_in_words, day_in_words, round_to_range

SHOWN = 10
ALL = "all"


@dataclass(frozen=True)
class Answer:
    """A reading of the deals on its way to a person or to a program."""

    reading: DealsReading
    known: Known
    history: Source | None
    as_of: date
    until: date

    @property
    def sources(self) -> list[Source]:
        """The files that were read, by kind."""
        return [self.known.source, *([self.history] if self.history else [])]

    def document(self) -> dict[str, Any]:
        """The answer as one JSON document."""
        said = self.reading
        return {
            "deals": said.deals,
            "open": len(said.open_deals),
            "as_of": f"{self.as_of}",
            "until": f"{self.until}",
            "expected_wins": asdict(said.expected_wins),
            "expected_value_cents": asdict(said.expected_value_cents) if said.expected_value_cents else None,
            "measure": said.measure,
            "left_after_signature": said.left_after_signature,
            "currency": self.known.source.currency,
            "base_rates": said.base_rates,
            "calibration": asdict(said.record),
            "model": said.model,
            "corrected_by": said.corrected_by,
            "stated_chances_pooled": said.is_pooled,
            "funnel": [asdict(one) for one in said.funnel],
            "refused_columns": [
                {"column": one.column, "reason": one.in_words().say(language())} for one in self.known.refused
            ],
            "columns": {source.kind: source.columns for source in self.sources},
            "rows": {source.kind: source.account() for source in self.sources},
            "warnings": self.warnings(),
        }

    def rows(self) -> pl.DataFrame:
        """One row per open deal."""
        rows = self.reading.open_deals.rename({"deal": "id"})
        said = pl.col(f"reasons_{language()}").alias("reasons")
        return rows.select(
            *(name for name in rows.columns if name not in ("reasons_nl", "reasons_en", "moved")),
            said,
            "reasons_nl",
            "reasons_en",
            "moved",
        )

    def warnings(self) -> list[str]:
        """What the reader has to know, in sentences."""
        said = [warning.say(language()) for warning in self.reading.warnings]
        said += [
            _("--allow {column}: used all the same. {reason}").format(
                column=one.column, reason=one.in_words().say(language())
            )
            for one in self.known.allowed
        ]
        said += [
            _(
                '"{column}" goes together with the outcome remarkably closely. Check that it was known before.'
            ).format(column=column)
            for column in self.known.suspicious
        ]
        said += [_("--allow: {field} may look ahead.").format(field=field) for field in self.known.allow]
        return distinct([*said, *(warning for source in self.sources for warning in source.warnings)])

    def tell(self) -> None:
        """Say it in sentences, then the deals likeliest to be won, then conversion, then what this rests on."""
        for sentence in self.sentences():
            output.answer.print(sentence, markup=False)
        rows = self.rows().sort(["chance_win_by_until", "id"], descending=[True, False]).head(SHOWN)
        if len(rows):
            output.answer.print("\n" + _("Most likely before then, and why"), style="bold", markup=False)
            output.answer.print(_deal_table(rows))
        if self.reading.funnel:
            output.answer.print(
                "\n" + _("Of the deals that come in, so many are won (9 times in 10 between)"),
                style="bold",
                markup=False,
            )
            output.answer.print(_funnel_table(self.reading.funnel))
        refused = [one.in_words().say(language()) for one in self.known.refused]
        notes = [note for source in self.sources for note in source.notes()]
        output.tell_notes(_("Not used, since it looks ahead"), refused)
        output.tell_notes(_("What this rests on"), [*self.warnings(), *self.record(), *notes])

    def sentences(self) -> list[str]:
        """How many wins and how much before until, as ranges."""
        said, wins = self.reading, self.reading.expected_wins
        number = len(said.open_deals)
        found = [
            ngettext(
                "With what was known before {as_of}: {n} deal is open.",
                "With what was known before {as_of}: {n} deals are open.",
                number,
            ).format(as_of=day_in_words(self.as_of, language=language()), n=grouped(number)),
            _("Before {until} about {mean} of them are won; 9 times in 10 between {low} and {high}.").format(
                until=day_in_words(self.until, language=language()),
                mean=grouped(round(wins.mean)),
                low=grouped(round(wins.p05)),
                high=grouped(round(wins.p95)),
            ),
        ]
        if said.expected_value_cents:
            told = (
                _("Together about {mean} of margin; 9 times in 10 between {low} and {high}.")
                if said.measure == "margin"
                else _("Together about {mean} of revenue; 9 times in 10 between {low} and {high}.")
            )
            value = said.expected_value_cents
            found.append(told.format(mean=self.say(value.mean), low=self.say(value.p05), high=self.say(value.p95)))
        return found

    def say(self, cents: float) -> str:
        """An amount, no more precise than the range carries."""
        value = self.reading.expected_value_cents
        width = round(value.p95 - value.p05) if value else 0
        rounded = round_to_range(round(cents), width_cents=width)
        return in_words(rounded, currency=self.known.source.currency, language=language())

    def record(self) -> list[str]:
        """How good earlier chances were, in words."""
        record = self.reading.record
        if record.brier is None or record.baseline_brier is None or record.ece is None:
            return []
        better = 1 - record.brier / max(record.baseline_brier, 1e-9)
        compared = (
            _("that is {share} in 100 closer to what came than the stage's usual rate.")
            if better > 0
            else _("the stage's usual rate was {share} in 100 closer to what came.")
        ).format(share=round(100 * abs(better)))
        return [
            _("On {days} earlier days the same was asked, {n} chances in all; {compared}").format(
                days=record.days, n=grouped(record.chances), compared=compared
            ),
            _("What was said and what came lay {ece} in 100 apart on average.").format(
                ece=f"{100 * record.ece:.1f}"
            ),
        ]


def _deal_table(rows: pl.DataFrame) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for deal, chance, reason in rows.select("id", "chance_win_by_until", "reasons").iter_rows():
        table.add_row(deal, chance_in_words(chance, language=language()), reason)
    return table


def _funnel_table(funnel: tuple[Conversion, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for name, side in ((_("stage"), "left"), (_("kind of customer"), "left"), (_("came in"), "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    table.add_column(_("won in 100"), justify="right")
    for one in funnel:
        if one.stage == ALL or one.segment == ALL:
            middle, low, high = (round(100 * share) for share in (one.conversion, one.low, one.high))
            table.add_row(
                _named(one.stage), _named(one.segment), grouped(one.entered), f"{middle}  ({low} … {high})"
            )
    return table


def _named(text: str) -> str:
    return {ALL: _("all"), "unknown": _("unknown")}.get(text, text)
