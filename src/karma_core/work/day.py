"""The day itself: obligations in their order, then proposals by need, as much as fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import groupby

from karma_core.rhythm.states import TIE
from karma_core.work.lots import DOUBLE, chance_to_be_drawn, lot, place


class Kind(StrEnum):
    """What there is to do."""

    CALL = "call"
    HELP = "help"
    VISIT = "visit"


class Origin(StrEnum):
    """Why a line is there, in the order in which lines stand: what people asked, then what a model proposes."""

    HANDED_OVER = "handed_over"
    AGREED = "agreed"
    BY_HAND = "by_hand"
    DEAL_DUE = "deal_due"
    LED_BY_HAND = "led_by_hand"
    NEED = "need"


DEFAULT_MINUTES: Mapping[Kind, int] = {Kind.CALL: 15, Kind.HELP: 30, Kind.VISIT: 90}
"""How long each kind of work takes until a person says otherwise; a visit with the way there and back."""

PROPOSED = (Origin.LED_BY_HAND, Origin.NEED)
LED_SHARE = 3
"""Of each three proposals one is for somebody who cannot choose alone, as long as there are."""


@dataclass(frozen=True)
class WorkLine:
    """One line of a day: a customer (an id), why it is there, and what is to be done.

    `need` is 0..1 and counts for proposals only; `worth` (cents, or None) tilts a near-tie between proposals and
    nothing else; `due_on` orders what people asked.
    """

    customer: str
    origin: Origin
    kind: Kind
    minutes: int
    need: float = 0.0
    worth: int | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Room:
    """What a day still holds: minutes, lines at most, and up to how many lines proposals may fill it."""

    minutes: int
    lines: int = 9
    proposals: int = 7

    def without(self, line: WorkLine) -> "Room":
        """The room that is left beside a line."""
        return Room(self.minutes - line.minutes, self.lines - 1, self.proposals - 1)

    def holds(self, line: WorkLine) -> bool:
        """Whether a line still fits."""
        return self.lines > 0 and line.minutes <= self.minutes


@dataclass(frozen=True)
class Draw:
    """What chance decided on a customer: how likely they were to be on the list (0..1), and whether they are."""

    customer: str
    propensity: float
    is_drawn: bool


@dataclass(frozen=True)
class Day:
    """What is to be done, what people asked that does not fit any more, and what chance decided."""

    lines: tuple[WorkLine, ...] = ()
    waiting: tuple[WorkLine, ...] = ()
    draws: tuple[Draw, ...] = ()
    room: Room = field(default_factory=lambda: Room(0))

    @property
    def minutes(self) -> int:
        """How long the lines take together."""
        return sum(line.minutes for line in self.lines)


def is_proposal(line: WorkLine) -> bool:
    """Whether a model proposed the line; the others were asked by people.

    >>> is_proposal(WorkLine("De Vries", Origin.NEED, Kind.CALL, 15))
    True
    """
    return line.origin in PROPOSED


def compose(lines: Sequence[WorkLine], *, room: Room, seed: str) -> Day:
    """Choose and order the lines of a day.

    First what people asked (`Origin` before the proposals), by origin and day; what does not fit waits. Then the
    proposals: of each three one for who is to be led by the hand, the others for need. Needs that round to the
    same twentieth are a near-tie: chance decides, the better half by `worth` twice as readily as the others, and
    each chance is told in `draws`. Where a near-tie does not fit as a whole, nobody with less need passes it.
    `seed` names the person and the day; the same gives the same. A customer stands on the list once, with the
    first reason that holds. An empty list gives an empty day. Source: ours.

    >>> lines = [WorkLine("Bakker", Origin.NEED, Kind.CALL, 15, need=0.9),
    ...     WorkLine("Jansen", Origin.AGREED, Kind.VISIT, 90, due_on=date(2026, 3, 9)),
    ...     WorkLine("De Vries", Origin.NEED, Kind.CALL, 15, need=0.6)]
    >>> day = compose(lines, room=Room(minutes=110), seed="anna 2026-03-09")
    >>> [line.customer for line in day.lines], day.minutes
    (['Jansen', 'Bakker'], 105)
    """
    ordered = sorted(lines, key=lambda line: list(Origin).index(line.origin))
    once = list({line.customer: line for line in reversed(ordered)}.values())[::-1]
    day = _asked(sorted((line for line in once if not is_proposal(line)), key=_order), room)
    led, needed = ([line for line in once if line.origin == origin] for origin in PROPOSED)
    most = max(0, min(day.room.proposals, day.room.lines))
    for_led = min(len(led), max(most // LED_SHARE, most - len(needed)))
    for each, places in ((needed, most - for_led), (led, for_led)):
        day = _proposed(each, day, places=places, seed=seed)
    return day


def _order(line: WorkLine) -> tuple[int, date, str]:
    return (list(Origin).index(line.origin), line.due_on or date.max, line.customer)


def _asked(lines: Sequence[WorkLine], room: Room) -> Day:
    """What people asked, in order, as far as it fits."""
    day = Day(room=room)
    for line in lines:
        if day.room.holds(line):
            day = replace(day, lines=(*day.lines, line), room=day.room.without(line))
        else:
            day = replace(day, waiting=(*day.waiting, line))
    return day


def _proposed(lines: Sequence[WorkLine], day: Day, *, places: int, seed: str) -> Day:
    """Add proposals in order of need; near-ties by lot, until one does not fit as a whole."""
    for tied in _near_ties(lines):
        longest = max(line.minutes for line in tied)
        fit = min(len(tied), places, max(0, day.room.minutes) // longest)
        chosen, draws = _by_lot(tied, drawn=fit, seed=seed)
        for line in chosen:
            day = replace(day, lines=(*day.lines, line), room=day.room.without(line))
        places -= len(chosen)
        day = replace(day, draws=(*day.draws, *draws))
        if fit < len(tied):
            break
    return day


def _near_ties(lines: Sequence[WorkLine]) -> Iterator[list[WorkLine]]:
    """The lines in groups whose need rounds to the same step, the greatest need first."""

    def step(line: WorkLine) -> int:
        return -round(line.need / TIE)

    for _, tied in groupby(sorted(lines, key=step), key=step):
        yield list(tied)


def _by_lot(tied: Sequence[WorkLine], *, drawn: int, seed: str) -> tuple[list[WorkLine], tuple[Draw, ...]]:
    """The first `drawn` by lot, and what chance decided; nothing where all of them fit or none does."""
    weights = _weights(tied)
    moments = {
        line.customer: place(lot(seed, line.customer), weight=weight)
        for line, weight in zip(tied, weights, strict=True)
    }
    chosen = sorted(tied, key=lambda line: moments[line.customer])[:drawn]
    if drawn in (0, len(tied)):
        return chosen, ()
    names = {line.customer for line in chosen}
    chances = chance_to_be_drawn(weights, drawn=drawn)
    told = zip(tied, chances, strict=True)
    return chosen, tuple(Draw(line.customer, float(chance), line.customer in names) for line, chance in told)


def _weights(tied: Sequence[WorkLine]) -> list[int]:
    """2 for those worth more than the middle of the group, 1 for the others and where worth is not known."""
    known = sorted(line.worth for line in tied if line.worth is not None)
    middle = known[(len(known) - 1) // 2] if known else 0
    return [DOUBLE if line.worth is not None and line.worth > middle else 1 for line in tied]
