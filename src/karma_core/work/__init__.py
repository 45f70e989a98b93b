"""One person's day: what was promised, then who needs us, as much as fits, and chance where it is a toss-up."""

from karma_core.work.day import (
    DEFAULT_MINUTES,
    Day,
    Draw,
    Kind,
    Origin,
    Room,
    WorkLine,
    compose,
    is_proposal,
)
from karma_core.work.lots import chance_to_be_drawn, lot
from karma_core.work.sharing import whose_turn

__all__ = [
    "DEFAULT_MINUTES",
    "Day",
    "Draw",
    "Kind",
    "Origin",
    "Room",
    "WorkLine",
    "chance_to_be_drawn",
    "compose",
    "is_proposal",
    "lot",
    "whose_turn",
]
