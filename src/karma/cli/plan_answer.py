"""What `karma plan` says: one document for a program, sentences and a table for a person."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from rich.table import Table

from karma.cli import output
from karma.cli.facts import FactTable
from karma.cli.language import _, language, ngettext
from karma.cli.plan_record import LookedBack, needs_of
from karma.cli.sources import Source, distinct
from karma.pictures import Band, Mark, plan_picture, record_picture
from karma_core import reach
from karma_core.money import in_words
from karma_core.reach.phrases import in_words as code_in_words
from karma_core.words import chance_in_words, day_in_words, round_to_range
from karma_files.phrases import Notice

SAID_OF_THE_PLAN = ("no_cost", "no_currency")
"""What a file lacks and the plan itself says too, in better words."""


def source_in_words(source: str) -> str:
    """What a source of the expectation is called."""
    return {
        "existing_customers": _("existing customers"),
        "open_deals": _("open deals"),
        "new_business": _("new business"),
        "margin_loss": _("margin loss"),
    }[source]


@dataclass(frozen=True)
class Asked:
    """An amount and what it is called."""

    label: str
    cents: int


@dataclass(frozen=True)
class Answer:
    """A plan reading on its way to a person or to a program."""

    reading: reach.PlanReading
    currency: str | None
    asked: tuple[Asked, ...]
    sources: tuple[Source | FactTable, ...]
    looked_back: LookedBack | None = None

    def amounts(self) -> list[Asked]:
        """The amounts whose chance is told: last year's where the data carry them, then what was asked."""
        last_year, plus_10 = self.reading.last_year_cents, self.reading.last_year_plus_10_cents
        if last_year is None or plus_10 is None:
            return list(self.asked)
        return [Asked("last_year", last_year), Asked("last_year_plus_10", plus_10), *self.asked]

    def missing(self) -> list[str]:
        """What is missing, by code: what the reading lacks, and the currency where no file names one."""
        return [*self.reading.missing, *([] if self.currency else ["currency"])]

    def document(self) -> dict[str, Any]:
        """The answer as one JSON document."""
        said = self.reading
        return {
            "period": {"from": f"{said.period.start}", "until": f"{said.period.end}"},
            "as_of": f"{said.as_of}",
            "currency": self.currency,
            "measure": said.measure,
            "realised_cents": said.realised_cents,
            "quantiles_cents": said.quantiles_cents,
            "mean_cents": said.mean_cents,
            "sources": [
                {
                    "source": part.source,
                    "mean_cents": part.mean_cents,
                    "p10_cents": part.p10_cents,
                    "p90_cents": part.p90_cents,
                }
                for part in said.sources
            ],
            "chance_of": [
                {"label": one.label, "amount_cents": one.cents, "chance": said.chance_of(one.cents)}
                for one in self.amounts()
            ],
            "what_would_have_to_be_true": needs_of(said, {one.label: one.cents for one in self.asked}),
            **self.ahead_document(),
            **({"record": self.looked_back.document()} if self.looked_back else {}),
            "columns": {source.kind: source.columns for source in self.sources},
            "rows": {source.kind: source.account() for source in self.sources},
            "missing": self.missing(),
            "warnings": self.warnings(),
            "core_version": said.core_version,
        }

    def ahead_document(self) -> dict[str, Any]:
        """What customers' plans and bounds did, each only where it was given."""
        plans, held = self.reading.customer_plans, self.reading.held
        bounds = [{"bound": one.bound, "share": one.share, "held_back_cents": one.cents} for one in held]
        return {
            **({"customer_plans": asdict(plans)} if plans else {}),
            **({"bounds": bounds} if held else {}),
        }

    def warnings(self) -> list[str]:
        """What the reader has to know, in sentences."""
        own = [code_in_words(code).say(language()) for code in self.reading.warnings]
        files = [warning for source in self.sources for warning in source.warnings]
        return distinct([*own, *files, self.sources[0].not_yet(self.reading.as_of)])

    def tell(self) -> None:
        """Say it in sentences, then the table of sources, then what is missing."""
        when = _("From {start} up to {end}, with what was known before {as_of}:").format(
            start=_day(self.reading.period.start),
            end=_day(self.reading.period.end),
            as_of=_day(self.reading.as_of),
        )
        for sentence in [when, *self.sentences()]:
            output.answer.print(sentence, markup=False)
        if not (self.is_over or self.knows_nothing):
            output.answer.print()
            output.answer.print(self.table())
        if self.looked_back:
            output.tell_notes(_("How good earlier plans were"), self.looked_back.sentences())
        output.tell_notes(_("What this rests on"), self.notes())

    def sentences(self) -> list[str]:
        """The headline, the range, what is realised, and the chance of each amount.

        The headline takes the middle: as often more as less. A mean lies above it where a few large orders may
        come, and would promise what more often does not happen.
        """
        said, words = self.reading, self.reading.quantiles_cents
        if self.is_over:
            return self.looking_back()
        if self.knows_nothing:
            return [_("Nothing is known from before that day, so nothing can be said of this period yet.")]
        sixty = int(np.quantile(said.draws.total, 0.4))
        headline = (
            _("We can expect about {middle} of margin; 6 times in 10 it will be more than {sixty}.")
            if said.measure == "margin"
            else _("We can expect about {middle} of revenue; 6 times in 10 it will be more than {sixty}.")
        )
        found = [
            headline.format(middle=self.say(words["p50"]), sixty=self.say(sixty)),
            _("9 times in 10 it ends between {low} and {high}.").format(
                low=self.say(words["p05"]), high=self.say(words["p95"])
            ),
        ]
        if said.period.start < said.as_of:
            found.append(_("Of that, {amount} is already realised.").format(amount=self.say(said.realised_cents)))
        found += self.plan_sentences()
        return found + [self.chance_sentence(one) for one in self.amounts()] + self.needs()

    def plan_sentences(self) -> list[str]:
        """How much customers' plans moved the expectation, and how earlier ones came true."""
        plans = self.reading.customer_plans
        if plans is None:
            return []
        if not plans.customers:
            return [_("No customer's plan is about days that are still open."), *self.unheard(plans)]
        told = ngettext(
            "{n} customer has a plan. It counts for {share} in 100 in what we expect there; {moved}.",
            "{n} customers have a plan. Plans count for {share} in 100 in what we expect there; {moved}.",
            plans.customers,
        )
        found = [
            told.format(n=plans.customers, share=round(100 * plans.share), moved=self.moved(plans.moved_cents))
        ]
        if plans.came_true is None:
            return [*found, *self.unheard(plans)]
        came = ngettext(
            "Of what {n} earlier plan said, {percent}% was bought; that is reckoned with.",
            "Of what {n} earlier plans said, {percent}% was bought; that is reckoned with.",
            plans.earlier,
        )
        told = came.format(n=plans.earlier, percent=round(100 * plans.came_true))
        return [*found, told, *self.unheard(plans)]

    @staticmethod
    def unheard(plans: reach.CustomerPlans) -> list[str]:
        """Plans of customers who are not expected: they are new business, or go by another name."""
        if not plans.not_expected:
            return []
        told = ngettext(
            "{n} plan is of a customer who has not bought in the last two years. It does not count.",
            "{n} plans are of customers who have not bought in the last two years. They do not count.",
            plans.not_expected,
        )
        return [told.format(n=plans.not_expected)]

    def moved(self, cents: int) -> str:
        """By how much plans moved the expectation, in words."""
        quantiles = self.reading.quantiles_cents
        amount = round_to_range(abs(cents), width_cents=quantiles["p95"] - quantiles["p05"])
        if not amount:
            return _("that hardly moves it")
        told = _("that makes it {amount} higher") if cents > 0 else _("that makes it {amount} lower")
        return told.format(amount=in_words(amount, currency=self.currency, language=language()))

    @property
    def knows_nothing(self) -> bool:
        """Whether there is nothing that an expectation could rest on."""
        return "purchases" in self.reading.missing and not self.reading.draws.cents.any()

    @property
    def is_over(self) -> bool:
        """Whether nothing of the period is left to chance."""
        return self.reading.period.end <= self.reading.as_of

    def looking_back(self) -> list[str]:
        """What a period brought that is over, beside last year; nothing of it is left to chance."""
        brought = (
            _("This period is over. It brought {amount} of margin.")
            if self.reading.measure == "margin"
            else _("This period is over. It brought {amount} of revenue.")
        )
        last = [one.cents for one in self.amounts() if one.label == "last_year"]
        return [
            brought.format(amount=self.say(self.reading.realised_cents)),
            *(_("The year before it was {amount}.").format(amount=self.say(cents)) for cents in last),
        ]

    def needs(self) -> list[str]:
        """For each amount asked that is less likely than not: the source that would have to bring most more."""
        unlikely = [one for one in self.asked if self.reading.chance_of(one.cents) < 0.5]
        return [self.need_sentence(one) for one in unlikely]

    def need_sentence(self, one: Asked) -> str:
        """What would have to be true for an amount; where no drawn future reaches it, just that."""
        amount = in_words(one.cents, currency=self.currency, language=language())
        if self.reading.chance_of(one.cents) == 0:
            return _("None of the futures that we worked out reaches {amount}.").format(amount=amount)
        need = reach.what_would_have_to_be_true(self.reading, one.cents)[0]
        told = _("For {amount} more has to come than we expect, above all from {source}: {more}.")
        return told.format(amount=amount, source=source_in_words(need.source), more=self.say(need.more_cents))

    def chance_sentence(self, one: Asked) -> str:
        """What chance an amount has, in words."""
        named = {
            "last_year": _("Last year it was {amount}; the chance of that or more: {chance}."),
            "last_year_plus_10": _("Last year plus 10% is {amount}; the chance of that or more: {chance}."),
        }
        told = named.get(one.label, _("The chance of {amount} or more: {chance}."))
        chance = chance_in_words(self.reading.chance_of(one.cents), language=language())
        return told.format(amount=in_words(one.cents, currency=self.currency, language=language()), chance=chance)

    def table(self) -> Table:
        """Where it comes from: each source with its range."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
        table.add_column(_("where it comes from"))
        table.add_column(_("on average"), justify="right")
        table.add_column(_("8 times in 10 between"), justify="right")
        for part in self.reading.sources:
            band = f"{self.say(part.p10_cents)} … {self.say(part.p90_cents)}"
            table.add_row(source_in_words(part.source), self.say(part.mean_cents), band)
        quantiles = self.reading.quantiles_cents
        band = f"{self.say(quantiles['p10'])} … {self.say(quantiles['p90'])}"
        table.add_row(_("together"), self.say(self.reading.mean_cents), band)
        return table

    def notes(self) -> list[str]:
        """What is missing, what to know, and what happened to each file's rows."""
        codes = () if self.is_over else self.reading.missing
        missing = [code_in_words(code).say(language()) for code in codes]
        if not self.currency:
            missing.append(_("No file names a currency. Give it with --currency EUR."))
        twice = {Notice(code).say(language()) for code in SAID_OF_THE_PLAN}
        beware = [warning for warning in self.warnings() if warning not in twice]
        return distinct(missing + beware) + [note for source in self.sources for note in source.notes()]

    def say(self, cents: int) -> str:
        """An amount, no more precise than the range carries."""
        quantiles = self.reading.quantiles_cents
        rounded = round_to_range(cents, width_cents=quantiles["p95"] - quantiles["p05"])
        return in_words(rounded, currency=self.currency, language=language())

    def picture(self) -> str:
        """The whole and its sources as bands, the amounts as marks; with a record, where earlier plans ended."""
        said = self.reading
        if self.looked_back:
            title = " ".join(self.looked_back.sentences()[:1])
            axis = _("where it ended within the range, from low to high")
            return record_picture(self.looked_back.record.pits, title=title, axis=axis, expected=_("expected"))
        q = said.quantiles_cents
        whole = Band(_("together"), q["p10"], said.mean_cents, q["p90"], self.say(said.mean_cents))
        parts = [
            Band(
                source_in_words(part.source),
                part.p10_cents,
                part.mean_cents,
                part.p90_cents,
                self.say(part.mean_cents),
            )
            for part in said.sources
        ]
        named = {"last_year": _("last year"), "last_year_plus_10": _("last year + 10%")}
        marks = [Mark(named.get(one.label, one.label), one.cents) for one in self.amounts()]
        return plan_picture(
            [whole, *parts], marks, title=self.sentences()[0], currency=self.currency, language=language()
        )


def _day(day: date) -> str:
    return day_in_words(day, language=language())
