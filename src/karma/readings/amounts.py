"""Amounts and chances as a screen says them: never more precise than their range carries."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from karma.readings.phrases import reader
from karma_core.money import in_words
from karma_core.words import chance_in_words, round_to_range

HARDLY = 0.005
_TIMES = re.compile(r"(\d+) (op|in) (\d+)")
"""What must not be torn apart at the end of a line."""


def exactly(cents: int, currency: str) -> str:
    """An amount in whole units, on one line."""
    return in_words(cents, currency=currency or None, language=reader()).replace(" ", "\u00a0")


def chance_words(chance: float) -> str:
    """A chance as it stands after "the chance is": about 6 in 10, and never a percentage."""
    words = _("almost nil") if chance < HARDLY else chance_in_words(chance, language=reader())
    return _TIMES.sub("\\1\u00a0\\2\u00a0\\3", words)


@dataclass(frozen=True)
class Scale:
    """How precisely the amounts of one plan are said: the width of its range decides."""

    width_cents: int
    currency: str

    @property
    def step_cents(self) -> int:
        """The least difference that is said."""
        return max(100, int(10 ** math.floor(math.log10(max(abs(self.width_cents) / 20, 1)))))

    def rounded(self, cents: int) -> int:
        return round_to_range(cents, width_cents=self.width_cents)

    def say(self, cents: int) -> str:
        """An amount as the range carries it."""
        return exactly(self.rounded(cents), self.currency)

    def say_parts(self, parts: Sequence[int]) -> list[str]:
        """Parts of a whole, rounded so that what is said adds up to what is said of the whole."""
        return [exactly(cents, self.currency) for cents in add_up(parts, step=self.step_cents)]


def add_up(parts: Sequence[int], *, step: int) -> list[int]:
    """Round parts to a step so that they add up to their rounded sum: the largest remainders take the rest.

    >>> add_up([149, 149, 149], step=100)
    [200, 100, 100]
    """
    down = [math.floor(part / step) for part in parts]
    short = math.floor(sum(parts) / step + 0.5) - sum(down)
    by_rest = sorted(range(len(parts)), key=lambda i: (down[i] * step - parts[i], i))
    for i in by_rest[:short]:
        down[i] += 1
    return [count * step for count in down]


def about(cents: int, currency: str) -> str:
    """An amount that has no range of its own, to two figures."""
    return exactly(round_to_range(cents, width_cents=2 * abs(cents)), currency)
