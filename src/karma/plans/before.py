"""How good earlier expectations were, quarter by quarter, and what becomes of deals: rows for the Plan page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from karma.plans import phrases
from karma.plans.ruler import Ruler, percent, ruler_for
from karma.readings.amounts import Scale
from karma_core.deals.funnel import ALL
from karma_core.deals.kinds import UNKNOWN
from karma_core.periods import Period

FEWEST_CLOSED = 10
"""With fewer deals that ended nothing is said of what becomes of them."""


@dataclass(frozen=True)
class Quarter:
    """One earlier quarter: the range that we would have given, and what came, in words and in the picture."""

    name: str
    came: str
    low: str
    high: str
    x: str
    width: str
    line: str
    dot: str


@dataclass(frozen=True)
class Won:
    """How many in 100 of some deals are won, with the range that holds 9 times in 10; `entered` came in."""

    name: str
    entered: int
    share: int
    low: int
    high: int

    @property
    def x(self) -> str:
        return percent(self.low)

    @property
    def width(self) -> str:
        return percent(max(self.high - self.low, 1))

    @property
    def line(self) -> str:
        return percent(self.share)


class Before:
    """What a plan's record holds for a reader; empty lists while there is none."""

    def __init__(self, record: Mapping[str, Any], *, currency: str) -> None:
        """`record` is as `readings.recording` makes it; what an earlier version left out is not said."""
        self.record, self.currency = record, currency
        self.deals: Mapping[str, Any] = record.get("deals") or {}

    @property
    def sentences(self) -> list[str]:
        """How often the range held; it stands beside the plan."""
        return phrases.record_sentences(self.record)

    @property
    def compared(self) -> list[str]:
        """How sure that is, and how the range did beside plain rules."""
        return phrases.compared_sentences(self.record)

    @property
    def of_chances(self) -> list[str]:
        """How good chances of deals would have been."""
        return phrases.deal_chance_sentences(self.deals)

    @property
    def follows(self) -> str:
        """How far last year plus 10%, and our expectation, follow what was sold last year."""
        return phrases.ratchet_sentence(self.record.get("ratchet") or {}, currency=self.currency)

    @cached_property
    def quarters(self) -> list[Quarter]:
        """Earlier quarters, the latest first, on one axis."""
        rows: Sequence[Mapping[str, Any]] = self.record.get("earlier") or []
        if not rows:
            return []
        ends = ("p10_cents", "p90_cents", "actual_cents")
        ruler = ruler_for([row[end] for row in rows for end in ends], room=0.02)
        return [_quarter(row, ruler, currency=self.currency) for row in reversed(rows)]

    @property
    def whole(self) -> Mapping[str, Any] | None:
        """All deals together, if enough of them ended."""
        rows = (row for row in self.deals.get("funnel") or [] if row["stage"] == row["segment"] == ALL)
        return next((row for row in rows if row["entered"] - row["still_open"] >= FEWEST_CLOSED), None)

    @property
    def of_deals(self) -> str:
        """What becomes of all deals together, in a sentence; empty without enough of them."""
        if self.whole is None:
            return ""
        won = _won(self.whole, "")
        return phrases.won_sentence(won.share, won.low, won.high)

    @property
    def by_kind(self) -> list[Won]:
        """By kind of customer, those with most deals first; empty where there is one kind only."""
        rows = [row for row in self.deals.get("funnel") or [] if row["stage"] == ALL and row["segment"] != ALL]
        return [_won(row, _kind(row["segment"])) for row in rows] if self.whole else []

    @property
    def by_stage(self) -> list[Won]:
        """By the stage that deals entered; empty where no history tells it."""
        rows = [row for row in self.deals.get("funnel") or [] if row["stage"] != ALL and row["segment"] == ALL]
        return [_won(row, row["stage"]) for row in rows] if self.whole else []


def _quarter(row: Mapping[str, Any], ruler: Ruler, *, currency: str) -> Quarter:
    scale = Scale(row["p95_cents"] - row["p05_cents"], currency)
    low, high, came = row["p10_cents"], row["p90_cents"], row["actual_cents"]
    return Quarter(
        name=phrases.period_words(Period(date.fromisoformat(row["from"]), date.fromisoformat(row["until"]))),
        came=scale.say(came),
        low=scale.say(low),
        high=scale.say(high),
        x=ruler.at(low),
        width=ruler.between(low, high),
        line=ruler.at(row["p50_cents"]),
        dot=ruler.at(came),
    )


def _kind(segment: str) -> str:
    return phrases.segment_words(None) if segment == UNKNOWN else segment


def _won(row: Mapping[str, Any], name: str) -> Won:
    share, low, high = (round(100 * row[key]) for key in ("conversion", "low", "high"))
    return Won(name, row["entered"], share, low, high)
