"""Bounds on new business: how much a team can take up, and how much there is at most to win."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karma_core.errors import KarmaError
from karma_core.reach.compound import Arrivals, Volume
from karma_core.reach.reading import Held

Floats = NDArray[np.float64]

CAPACITY = "capacity"
POTENTIAL = "market_potential"


class BoundError(KarmaError):
    """A bound below zero."""


@dataclass(frozen=True)
class Bounds:
    """What new business cannot exceed; None is no bound.

    `deals_per_week` is how many new deals and new customers together the team can take up in a week,
    `cents_per_year` how much there is at most to win from new business in a year, in cents of the measure.

    >>> Bounds(deals_per_week=-1)
    Traceback (most recent call last):
    ...
    karma_core.reach.bounds.BoundError: What a team can take up, or a market can bring, is zero or more.
    """

    deals_per_week: float | None = None
    cents_per_year: int | None = None

    def __post_init__(self) -> None:
        """Refuse a bound below zero, and one that is no number."""
        if not all(bound is None or bound >= 0 for bound in (self.deals_per_week, self.cents_per_year)):
            raise BoundError(
                "What a team can take up, or a market can bring, is zero or more.",
                nl="Wat een team kan oppakken of een markt kan brengen is nul of meer.",
            )


UNBOUNDED = Bounds()


def hold(new: Arrivals, bounds: Bounds, *, days: int) -> tuple[Volume, tuple[Held, ...]]:
    """New business of `days` days held to its bounds in each drawn future, and what each bound held back.

    Where more arrives than the team can take up, all of it shrinks in proportion: those that wait are as good as
    those that are helped. What is left is then held to the market's potential over those days.

    >>> new = Arrivals(Volume(np.array([[70.0, 70.0]]), np.array([[70.0, 70.0]])), per_day=np.array([1.0, 2.0]))
    >>> volume, held = hold(new, Bounds(deals_per_week=7), days=7)
    >>> volume.value.tolist(), held
    ([[70.0, 35.0]], (Held(bound='capacity', share=0.5, cents=18),))
    """
    volume = new.volume
    held: list[Held] = []
    if bounds.deals_per_week is not None:
        most = bounds.deals_per_week / 7
        factor = np.divide(most, new.per_day, out=np.ones(new.per_day.size), where=new.per_day > most)
        volume = _held(CAPACITY, volume, factor, held)
    if bounds.cents_per_year is not None:
        total, most = volume.value.sum(axis=0), bounds.cents_per_year * days / 365
        factor = np.divide(most, total, out=np.ones(total.size), where=total > most)
        volume = _held(POTENTIAL, volume, factor, held)
    return volume, tuple(held)


def _held(bound: str, volume: Volume, factor: Floats, held: list[Held]) -> Volume:
    less = volume.times(factor)
    gone = volume.value.sum(axis=0) - less.value.sum(axis=0)
    held.append(Held(bound, float((factor < 1).mean()), round(float(gone.mean()))))
    return less
