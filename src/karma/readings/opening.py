"""A reading opened: what it rests on, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from karma.common.text import Text
from karma.readings.amounts import Scale
from karma.readings.models import CustomerReading, PlanReading
from karma.readings.phrases import driver_words, effect_words, fact_words, reader, source_words
from karma_core.reach.phrases import in_words as code_in_words

P05, P95 = 5, 95


@dataclass(frozen=True)
class Weighed:
    """A fact and how much it weighs, both in words."""

    fact: str
    weight: Text


@dataclass(frozen=True)
class Part:
    """One part of an amount: what it is called, its mean, and the range that holds 8 times out of 10."""

    name: str
    mean: str
    low: str = ""
    high: str = ""


def weighed(reading: CustomerReading) -> list[Weighed]:
    """The facts behind a customer's reading, in order of weight."""
    return [Weighed(fact_words(fact), effect_words(fact["effect"])) for fact in reading.explanation]


@dataclass(frozen=True)
class OpenedPlan:
    """A plan reading with its amounts said as precisely as its range carries."""

    sources: Sequence[Part]
    together: Part
    moved: Sequence[Part]
    notes: Sequence[str]


def opened(plan: PlanReading) -> OpenedPlan:
    """What a plan reading rests on."""

    say = Scale(plan.grid[P95] - plan.grid[P05], plan.currency).say

    def part(name: str, said: dict[str, Any]) -> Part:
        return Part(name, say(said["mean_cents"]), say(said["p10_cents"]), say(said["p90_cents"]))

    whole = {"mean_cents": plan.mean_cents, "p10_cents": plan.grid[10], "p90_cents": plan.grid[90]}
    return OpenedPlan(
        sources=[part(source_words(each["source"]), each) for each in plan.sources],
        together=part("", whole),
        moved=[Part(driver_words(driver), say(driver["cents"])) for driver in plan.moved.get("drivers", ())],
        notes=[code_in_words(code).say(reader()) for code in (*plan.missing, *plan.warnings)],
    )
