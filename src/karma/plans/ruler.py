"""An axis of money, in percentages of a picture's width, so that a picture fits a phone and a wall alike.

Nothing here draws: a template puts the numbers into an SVG of its own, in the colours of the house.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from karma.readings.amounts import exactly

EDGE = 1.0
TICKS = 5


def percent(share: float) -> str:
    """A place as an SVG wants it, whatever the reader's language.

    >>> percent(41.25)
    '41.2%'
    """
    return f"{share:.1f}%"


@dataclass(frozen=True)
class Ruler:
    """An axis from `low` to `high`, in cents."""

    low: int
    high: int

    def share(self, cents: int) -> float:
        """Where an amount lies, 0..100; what lies outside lies at the edge."""
        width = max(self.high - self.low, 1)
        inside = (min(max(cents, self.low), self.high) - self.low) / width
        return EDGE + inside * (100 - 2 * EDGE)

    def at(self, cents: int) -> str:
        return percent(self.share(cents))

    def between(self, low: int, high: int) -> str:
        """The width of a band."""
        return percent(max(self.share(high) - self.share(low), 0.4))


def ruler_for(amounts: Sequence[int], *, room: float = 0.06) -> Ruler:
    """An axis on which all amounts lie, with some room at both ends."""
    low, high = min(amounts), max(amounts)
    spare = max(round((high - low) * room), 100)
    return Ruler(low - spare, high + spare)


@dataclass(frozen=True)
class Tick:
    """One round amount on an axis."""

    x: str
    label: str
    anchor: str = "middle"


def ticks_of(ruler: Ruler, currency: str, *, most: int = TICKS) -> list[Tick]:
    """Round amounts along an axis, at most so many."""
    step = _step(ruler.high - ruler.low, most)
    first = math.ceil(ruler.low / step)
    amounts = [n * step for n in range(first, math.floor(ruler.high / step) + 1)]
    return [Tick(ruler.at(cents), exactly(cents, currency), _anchor(ruler.share(cents))) for cents in amounts]


def _step(width: int, most: int) -> int:
    """The least round step by which at most so many amounts fit."""
    power = 10 ** max(math.floor(math.log10(max(width / most, 1))), 2)
    return next(
        step for step in (int(power), int(2 * power), int(5 * power), int(10 * power)) if width / step < most
    )


def _anchor(share: float) -> str:
    return "start" if share < 12 else "end" if share > 88 else "middle"
