"""One plan on its way to a reader: sentences first, then the picture, then where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from karma.plans import phrases
from karma.plans.picture import Mark, Picture, picture_of
from karma.plans.ruler import Ruler, ruler_for
from karma.readings.amounts import Scale, about, chance_words, exactly
from karma.readings.models import PlanReading
from karma.readings.packing import core_reading
from karma_core import reach

CUSTOMERS = 12
SEGMENTS = 9
TENTHS = (9, 8, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True)
class Answer:
    """What is said of one amount: its chance, and what it would take."""

    kind: str
    cents: int
    sentence: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One row of a split: its name, its mean, its range, and the range as a small picture."""

    name: str
    mean: str
    low: str
    high: str
    realised: str
    x: str
    width: str
    line: str


@dataclass(frozen=True)
class Buyer:
    """One customer of a split, with the mean that they bring."""

    key: str
    name: str
    expected: str
    realised: str


@dataclass(frozen=True)
class Step:
    """One row of the table behind the picture: an amount and the chance to reach it."""

    amount: str
    chance: str
    label: str = ""


class Saying:
    """A plan reading with everything that the page says of it; each part is worked out when it is asked for."""

    def __init__(self, row: PlanReading, *, typed_cents: int | None = None) -> None:
        """`row` still has its draws; `typed_cents` is the amount that the reader asks about."""
        self.row = row
        self.said = core_reading(row)
        self.typed_cents = typed_cents
        self.quantiles = self.said.quantiles_cents
        self.scale = Scale(self.quantiles["p95"] - self.quantiles["p05"], row.currency)

    @property
    def has_begun(self) -> bool:
        return self.row.period_from < self.row.as_of

    @property
    def period(self) -> str:
        return phrases.period_words(self.said.period)

    @cached_property
    def sixty_cents(self) -> int:
        """What is reached in 6 of 10 futures."""
        return int(np.quantile(self.said.draws.total, 0.4))

    @property
    def headline(self) -> str:
        middle, sixty = self.scale.say(self.quantiles["p50"]), self.scale.say(self.sixty_cents)
        return phrases.headline(middle, sixty, measure=self.row.measure)

    @property
    def range(self) -> str:
        said = {"low": self.scale.say(self.quantiles["p10"]), "high": self.scale.say(self.quantiles["p90"])}
        return _("8 times in 10 it ends between %(low)s and %(high)s.") % said

    @property
    def realised(self) -> str:
        """What stands in the books already; empty for a period that has yet to begin."""
        if not self.has_begun:
            return ""
        return _("Of that, %(amount)s is already realised.") % {"amount": self.scale.say(self.row.realised_cents)}

    @property
    def mostly(self) -> str:
        """How much comes from customers who already buy, where that is most of it."""
        mean = next((s.mean_cents for s in self.said.sources if s.source == "existing_customers"), 0)
        if mean * 2 < self.said.mean_cents:
            return ""
        amount = {"amount": self.scale.say(mean)}
        return _("About %(amount)s comes from customers who already buy from us.") % amount

    @cached_property
    def answers(self) -> list[Answer]:
        """Last year, and last year plus 10%, where the data carry them."""
        last_year, plus_10 = self.said.last_year_cents, self.said.last_year_plus_10_cents
        if last_year is None or plus_10 is None:
            return []
        told, more = self._told(last_year), self._told(plus_10)
        return [
            Answer("last_year", last_year, phrases.last_year_sentence(*told)),
            Answer("plus_10", plus_10, phrases.plus_10_sentence(*more), self._evidence(plus_10)),
        ]

    @cached_property
    def typed(self) -> Answer | None:
        """The amount that the reader typed, to the cent that they typed it."""
        if self.typed_cents is None:
            return None
        amount = exactly(self.typed_cents, self.row.currency)
        chance = chance_words(self.said.chance_of(self.typed_cents))
        needs = self._needs(self.typed_cents)
        return Answer("own", self.typed_cents, phrases.own_sentence(amount, chance), needs)

    def _told(self, cents: int) -> tuple[str, str]:
        return self.scale.say(cents), chance_words(self.said.chance_of(cents))

    def _evidence(self, cents: int) -> tuple[str, ...]:
        """How much more would have to come for an amount, and that nothing here says that it will."""
        growth = phrases.growth_sentence(self.growth(cents))
        return (growth, phrases.evidence_sentence()) if growth else ()

    def _needs(self, cents: int) -> tuple[str, ...]:
        """What would have to be true for an amount above the middle; nothing for one that is expected anyway."""
        growth = phrases.growth_sentence(self.growth(cents))
        if not growth:
            return ()
        need = reach.what_would_have_to_be_true(self.said, cents)[0]
        if self.scale.rounded(need.more_cents) <= 0:
            return (growth,)
        return (growth, phrases.most_of_it_sentence(need.source, self.scale.say(need.more_cents)))

    def growth(self, cents: int) -> float | None:
        """How much more than expected still has to come for an amount; None where nothing more is expected."""
        still = self.quantiles["p50"] - self.row.realised_cents
        return (cents - self.row.realised_cents) / still - 1 if still > 0 else None

    @cached_property
    def picture(self) -> Picture:
        marks = [Mark("middle", self.scale.say(self.quantiles["p50"]), self.quantiles["p50"])]
        names = {"last_year": _("last year"), "plus_10": _("last year + 10%")}
        marks += [Mark("beside", f"{names[a.kind]} {self.scale.say(a.cents)}", a.cents) for a in self.answers]
        if self.typed:
            own = exactly(self.typed.cents, self.row.currency)
            marks.append(Mark("own", own, self.typed.cents))
        if self.has_begun:
            done = _("realised %(amount)s") % {"amount": self.scale.say(self.row.realised_cents)}
            marks.append(Mark("ink", done, self.row.realised_cents))
        low, high = self.quantiles["p10"], self.quantiles["p90"]
        return picture_of(low, high, marks, currency=self.row.currency)

    @cached_property
    def steps(self) -> list[Step]:
        """The table behind the picture: tenths of chance with their amount, and each mark where it belongs."""
        tenths = np.quantile(self.said.draws.total, [1 - tenth / 10 for tenth in TENTHS])
        rows = [(float(cents), "") for cents in tenths]
        names = {"last_year": _("last year"), "plus_10": _("last year + 10%"), "own": _("your amount")}
        marked = [*self.answers, *([self.typed] if self.typed else [])]
        rows += [(float(answer.cents), names[answer.kind]) for answer in marked]
        return [self._step(round(cents), label) for cents, label in sorted(rows)]

    def _step(self, cents: int, label: str) -> Step:
        return Step(self.scale.say(cents), chance_words(self.said.chance_of(cents)), label)

    @cached_property
    def sources(self) -> list[Part]:
        """Where it comes from, source by source; the means add up to the last row."""
        booked = self._booked()
        rows = [
            (phrases.source_words(s.source), s.mean_cents, s.p10_cents, s.p90_cents, booked.get(s.source, 0))
            for s in self.said.sources
        ]
        return self._parts(rows)

    @cached_property
    def segments(self) -> list[Part]:
        """Where it comes from, segment by segment, the largest first; small ones are summed."""
        draws = self.said.draws
        names = list(dict.fromkeys(draws.segments))
        drawn = sorted(((name, draws.of_segment(name)) for name in names), key=lambda each: -each[1].mean())
        rows = [(phrases.segment_words(name), cents) for name, cents in drawn[:SEGMENTS]]
        if others := [cents for _name, cents in drawn[SEGMENTS:]]:
            rows.append((_("other segments"), np.sum(others, axis=0)))
        spread = [(name, *_spread(cents), 0) for name, cents in rows]
        own = ruler_for([0, *(amount for _name, _mean, *ends, _booked in spread for amount in ends)], room=0.02)
        return self._parts(spread, ruler=own) if len(rows) > 1 else []

    @cached_property
    def together(self) -> Part:
        """The whole, as the last row of a split."""
        q = self.quantiles
        row = (_("together"), self.said.mean_cents, q["p10"], q["p90"], self.row.realised_cents)
        return self._parts([row], ruler=self._ruler())[0]

    def _parts(self, rows: list[tuple[str, int, int, int, int]], *, ruler: Ruler | None = None) -> list[Part]:
        shared = ruler or self._ruler()
        means = self.scale.say_parts([mean for _name, mean, *_rest in rows])
        return [
            Part(
                name=name,
                mean=said,
                low=self.scale.say(low),
                high=self.scale.say(high),
                realised=self.scale.say(booked) if booked else "",
                x=shared.at(low),
                width=shared.between(low, high),
                line=shared.at(mean),
            )
            for (name, mean, low, high, booked), said in zip(rows, means, strict=True)
        ]

    def _ruler(self) -> Ruler:
        lows = [source.p10_cents for source in self.said.sources]
        return ruler_for([0, *lows, self.quantiles["p90"]], room=0.02)

    def _booked(self) -> Mapping[str, int]:
        """What each source has brought already, as the way through the period says."""
        here = [point for point in self.said.fan if point.until == self.row.as_of]
        return dict(here[0].sources) if here and self.has_begun else {}

    @property
    def mean_note(self) -> str:
        """Why the table's total is not the headline's amount, where the two differ in what is said."""
        middle, mean = self.scale.say(self.quantiles["p50"]), self.scale.say(self.said.mean_cents)
        if middle == mean:
            return ""
        said = {"mean": mean, "middle": middle}
        if self.said.mean_cents > self.quantiles["p50"]:
            return (
                _("Means add up, so they stand in this table. Now and then a large order comes; therefore the "
                  "mean, %(mean)s, lies above the middle, %(middle)s.") % said
            )  # fmt: skip
        return (
            _("Means add up, so they stand in this table. Now and then much falls away; therefore the mean, "
              "%(mean)s, lies below the middle, %(middle)s.") % said
        )  # fmt: skip

    def buyers(self, names: Mapping[str, str]) -> list[Buyer]:
        """The customers from whom most is expected, of those that the reader may see by name."""
        found = [each for each in self.row.customers.get("largest", []) if each["customer"] in names]
        return [self._buyer(each, names[each["customer"]]) for each in found[:CUSTOMERS]]

    def _buyer(self, each: Mapping[str, Any], name: str) -> Buyer:
        return Buyer(
            key=each["customer"],
            name=name,
            expected=about(each["expected_cents"], self.row.currency),
            realised=about(each["realised_cents"], self.row.currency) if each["realised_cents"] else "",
        )

    def other_buyers(self, shown: list[Buyer]) -> str:
        """What all other existing customers are expected to bring together."""
        named = {buyer.key for buyer in shown}
        kept = self.row.customers
        rest = sum(each["expected_cents"] for each in kept.get("largest", []) if each["customer"] not in named)
        return about(rest + kept.get("others_expected_cents", 0), self.row.currency)

    @property
    def notes(self) -> list[str]:
        """What is missing and what to know, each in a sentence."""
        codes = dict.fromkeys([*self.row.missing, *self.row.warnings])
        return [phrases.code_sentence(code) for code in codes]


def _spread(cents: reach.reading.Cents) -> tuple[int, int, int]:
    low, high = np.quantile(cents, [0.1, 0.9])
    return round(float(cents.mean())), round(float(low)), round(float(high))
