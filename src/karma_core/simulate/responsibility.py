"""Who is responsible for which customer, from when until when."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from karma_core.simulate.customers import KNOWN, Population
from karma_core.simulate.market import Market
from karma_core.simulate.mirror import pick_by_row
from karma_core.simulate.people import NEVER, Staff
from karma_core.simulate.recipe import Recipe

Ints = npt.NDArray[np.int64]

NOBODY = -1
NOBODY_SHARE = 0.02
HANDED_OVER_PER_QUARTER = 0.01
QUARTER = 91
GAP_AFTER_LEAVING_DAYS = 90
SEGMENT_MIX_EVENNESS = 3.0


@dataclass(frozen=True)
class Responsibilities:
    """Dated rows in order of customer and day: from `start` on `seller` (or nobody) of `team` looks after them.

    `leaver` is the account manager who leaves in the family `seller_leaves`, else nobody.
    """

    customer: Ints
    start: Ints
    seller: Ints
    team: Ints
    leaver: int

    def rows_on(self, customer: Ints, day: Ints) -> Ints:
        """The row that holds for each customer on each day; the first row also holds before it starts."""
        wide = 2 * NEVER
        place = np.searchsorted(
            self.customer * wide + self.start + NEVER, customer * wide + day + NEVER, side="right"
        )
        first = np.searchsorted(self.customer, customer)
        return np.asarray(np.maximum(place - 1, first), dtype=np.int64)


@dataclass
class _Ledger:
    """Who holds what now, and every row so far."""

    seller: Ints
    team: Ints
    staff: Staff
    leaver: int = NOBODY
    rows: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)

    def give(self, customers: Ints, seller: Ints, *, day: int) -> None:
        self.seller[customers] = seller
        start = np.full(len(customers), day)
        self.rows.append((customers, start, self.seller[customers].copy(), self.team[customers]))

    def members(self, team: int, *, day: int, without: int) -> Ints:
        staff = self.staff
        now = np.where(staff.moved <= day, staff.next_team, staff.team)
        there = (now == team) & (staff.joined <= day)
        there[[place for place in (without, self.leaver) if place != NOBODY]] = False
        return np.flatnonzero(there)

    def spread(self, rng: np.random.Generator, customers: Ints, *, day: int, without: int) -> None:
        """Give customers to colleagues in the customers' own team, as chance has it."""
        chance = rng.random(len(customers))
        for team in np.unique(self.team[customers]):
            members = self.members(int(team), day=day, without=without)
            mine = self.team[customers] == team
            if len(members):
                self.give(customers[mine], members[(chance[mine] * len(members)).astype(np.int64)], day=day)


def draw_responsibilities(
    rng: np.random.Generator, *, recipe: Recipe, population: Population, staff: Staff, market: Market
) -> Responsibilities:
    """Hand out the customers, and hand them over as people join, move and leave."""
    n = len(population.segment)
    team = rng.choice(len(staff.teams), size=n, p=np.bincount(staff.team) / staff.sellers)
    team[: len(KNOWN)] = 0
    ledger = _Ledger(
        _first_sellers(rng, population=population, staff=staff, market=market, team=team), team, staff
    )
    ledger.rows.append((np.arange(n), population.since, ledger.seller.copy(), team))
    quarters = range(market.first + QUARTER, market.ends, QUARTER)
    events = [(day, "quarter", NOBODY) for day in quarters]
    events += [(int(day), "joins", place) for place, day in enumerate(staff.joined) if day > market.first]
    events += [(int(day), "moves", place) for place, day in enumerate(staff.moved) if day < market.ends]
    if recipe.family == "seller_leaves":
        events += [
            (recipe.event_day, "leaves", NOBODY),
            (recipe.event_day + GAP_AFTER_LEAVING_DAYS, "taken", NOBODY),
        ]
    for day, what, place in sorted(events):
        _apply(rng, ledger, what=what, place=place, day=day)
    return _closed(ledger, since=population.since)


def _first_sellers(
    rng: np.random.Generator, *, population: Population, staff: Staff, market: Market, team: Ints
) -> Ints:
    evenness = np.full(staff.sellers, SEGMENT_MIX_EVENNESS)
    mix = rng.dirichlet(evenness, size=int(population.segment.max()) + 1) + 1e-9
    seller = np.full(len(team), NOBODY)
    for number in range(len(staff.teams)):
        mine = np.flatnonzero(team == number)
        members = np.flatnonzero((staff.team == number) & (staff.joined <= market.first))
        seller[mine] = members[pick_by_row(rng, mix[:, members], population.segment[mine])]
    seller[rng.random(len(team)) < NOBODY_SHARE] = NOBODY
    seller[: len(KNOWN)] = 0
    return seller


def _apply(rng: np.random.Generator, ledger: _Ledger, *, what: str, place: int, day: int) -> None:
    held = np.arange(len(ledger.seller)) >= len(KNOWN)
    if what == "quarter":
        handed = rng.random(len(held)) < HANDED_OVER_PER_QUARTER
        ledger.spread(rng, np.flatnonzero(held & handed), day=day, without=NOBODY)
    elif what == "moves":
        ledger.spread(rng, np.flatnonzero(ledger.seller == place), day=day, without=place)
    elif what == "joins":
        team = int(ledger.staff.team[place])
        share = 1 / max(1, len(ledger.members(team, day=day, without=NOBODY)))
        chosen = (ledger.team == team) & (rng.random(len(held)) < share) & held
        ledger.give(np.flatnonzero(chosen), np.full(int(chosen.sum()), place), day=day)
    elif what == "leaves":
        counts = np.bincount(np.maximum(ledger.seller[held], 0), minlength=ledger.staff.sellers)
        counts[: len(ledger.staff.teams)] = -1
        ledger.leaver = int(np.argmax(counts))
        left = np.flatnonzero(ledger.seller == ledger.leaver)
        ledger.give(left, np.full(len(left), NOBODY), day=day)
    elif ledger.leaver != NOBODY:
        last = ledger.rows[
            [
                start[0] == day - GAP_AFTER_LEAVING_DAYS if len(start) else False for _, start, _, _ in ledger.rows
            ].index(True)
        ]
        ledger.spread(rng, last[0][ledger.seller[last[0]] == NOBODY], day=day, without=NOBODY)


def _closed(ledger: _Ledger, *, since: Ints) -> Responsibilities:
    """All rows in order; what was arranged before a customer was met holds from the day they were."""
    customer, start, seller, team = (np.concatenate(part) for part in zip(*ledger.rows, strict=True))
    start = np.maximum(start, since[customer])
    order = np.lexsort((np.arange(len(start)), start, customer))
    customer, start, seller, team = customer[order], start[order], seller[order], team[order]
    same = np.r_[(customer[1:] == customer[:-1]) & (start[1:] <= start[:-1]), False]
    return Responsibilities(customer[~same], start[~same], seller[~same], team[~same], ledger.leaver)
