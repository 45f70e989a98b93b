"""What a reader asks of Plan: a period, and an amount as they type it."""

from collections.abc import Mapping
from dataclasses import dataclass

from karma.readings.enums import PeriodKind
from karma.readings.phrases import reader
from karma_core.money import AmountError, parse_amount

LONGEST = 24
LARGEST_CENTS = 10**15


@dataclass(frozen=True)
class Asked:
    """The amount that was typed: its text, its cents where it could be read, and else what to do."""

    text: str = ""
    cents: int | None = None
    fault: str = ""


def read_amount(query: Mapping[str, str]) -> Asked:
    """Read an amount as a Dutch or an English reader types it; nothing typed is nothing asked."""
    text = query.get("amount", "").replace("\x00", "").strip()[:LONGEST]
    if not text:
        return Asked()
    try:
        cents = parse_amount(text)
    except AmountError as fault:
        return Asked(text, fault=fault.say(reader()))
    return Asked(text, max(min(cents, LARGEST_CENTS), -LARGEST_CENTS))


def read_kind(query: Mapping[str, str], kinds: tuple[PeriodKind, ...]) -> PeriodKind:
    """The period that was asked for, or the first that was read."""
    asked = query.get("period", "")
    return next((kind for kind in kinds if kind == asked), kinds[0] if kinds else PeriodKind.QUARTER)
