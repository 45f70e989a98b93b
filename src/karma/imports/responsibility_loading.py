"""Who answers for which customer, from a file that says from when until when.

Such a file knows more than an owner beside a customer: its first day replaces a beginning that nobody knew. What
people changed on the screen stays, and so do rows that a later export no longer holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from karma.common.columns import BEGINNING
from karma.customers.models import Responsibility
from karma.imports.loading import Chunk, Counts
from karma.imports.world import World, team_in_charge
from karma.people.models import Membership

_COLUMNS = ("customer", "customer_name", "person", "team", "from_on", "until_on")
_WRITTEN = ("team_id", "person_id", "from_on", "until_on", "last_run")


@dataclass(frozen=True)
class Stretch:
    """That a team, a person or both answer from a day up to a day; null is "still". `pk` where it is a row."""

    team: int | None
    person: int | None
    from_on: date
    until_on: date | None
    pk: int | None = None
    by_hand: bool = False


def load_responsibilities(world: World, chunk: Chunk) -> Counts:
    """Lay what the file says over what is known, customer by customer."""
    wanted = _wanted(world, chunk)
    present = _present(wanted)
    counts, changed, new = Counts(), [], []
    for customer, stretches in wanted.items():
        line = timeline(present[customer], stretches)
        counts += _counted(present[customer], stretches, line)
        old = {each.pk: each for each in present[customer]}
        changed += [each for each in line if each.pk and each != old[each.pk]]
        new += [(customer, each) for each in line if not each.pk]
    _write(world, changed, new)
    return counts


def timeline(present: Sequence[Stretch], wanted: Sequence[Stretch]) -> list[Stretch]:
    """One stretch after the other: each ends where the next begins, or earlier where it says so.

    >>> day = date.fromordinal
    >>> guess = Stretch(1, 7, BEGINNING, None, pk=5)
    >>> said = [Stretch(1, 7, day(700000), day(700100)), Stretch(2, 8, day(700100), None)]
    >>> [(each.person, each.from_on.toordinal(), each.pk) for each in timeline([guess], said)]
    [(7, 700000, 5), (8, 700100, None)]
    """
    guesses = [each for each in present if each.from_on == BEGINNING and not each.by_hand]
    begins = {each.from_on: each for each in present if each not in guesses}
    for each in wanted:
        known = begins.get(each.from_on)
        if known is None or not known.by_hand:
            begins[each.from_on] = replace(each, pk=known.pk if known else None)
    in_order = [begins[day] for day in sorted(begins)]
    return _ended(_reusing(in_order, [each.pk for each in guesses]))


def _reusing(line: list[Stretch], spare: list[int | None]) -> list[Stretch]:
    """Rows whose beginning was a guess become the first that have no row yet."""
    left = iter(spare)
    return [each if each.pk else replace(each, pk=next(left, None)) for each in line]


def _ended(line: list[Stretch]) -> list[Stretch]:
    days = [each.from_on for each in line[1:]]
    return [
        replace(each, until_on=min((day for day in (each.until_on, following) if day), default=None))
        for each, following in zip_longest(line, days)
    ]


def _wanted(world: World, chunk: Chunk) -> dict[int, list[Stretch]]:
    """What the file says, by customer. Where it names no team, it is the person's on the first day."""
    rows = list(chunk.columns(*_COLUMNS))
    customers = world.customers((row[0], row[1]) for row in rows)
    people = world.persons(row[2] for row in rows)
    teams = world.teams(row[3] for row in rows)
    memberships = _memberships(people.values())
    found: dict[int, list[Stretch]] = defaultdict(list)
    for customer, _, person, team, begin, until in rows:
        first = date.fromisoformat(begin) if begin else BEGINNING
        own = team_in_charge(memberships[people[person]], on=first if begin else world.on)
        last = date.fromisoformat(until) if until else None
        found[customers[customer] or 0].append(Stretch(teams[team] or own, people[person], first, last))
    return found


def _memberships(people: Iterable[int | None]) -> dict[int | None, list[Membership]]:
    found: dict[int | None, list[Membership]] = defaultdict(list)
    for each in Membership.objects.filter(person__in=[pk for pk in people if pk]):
        found[each.person_id].append(each)
    return found


def _present(customers: Iterable[int]) -> dict[int, list[Stretch]]:
    rows = Responsibility.objects.filter(customer__in=list(customers)).order_by("from_on", "pk")
    found: dict[int, list[Stretch]] = defaultdict(list)
    for row in rows:
        stretch = Stretch(row.team_id, row.person_id, row.from_on, row.until_on, row.pk, row.last_run is None)
        found[row.customer_id].append(stretch)
    return found


def _counted(present: Sequence[Stretch], wanted: Sequence[Stretch], line: Sequence[Stretch]) -> Counts:
    """A row of the file is new where nothing began on its day, changed where what began then reads otherwise."""
    before, after = ({each.from_on: _said(each) for each in rows} for rows in (present, line))
    new = sum(each.from_on not in before for each in wanted)
    same = sum(before.get(each.from_on) == after[each.from_on] for each in wanted)
    return Counts(new, len(wanted) - new - same, same)


def _said(each: Stretch) -> tuple[object, ...]:
    return each.team, each.person, each.until_on


def _write(world: World, changed: Sequence[Stretch], new: Sequence[tuple[int, Stretch]]) -> None:
    """Rows that end come first: a customer never has two that do not."""
    run = world.writer.run_id
    ending_first = sorted(changed, key=lambda each: each.until_on is None)
    world.writer.update(Responsibility, _WRITTEN, [(each.pk or 0, (*_row(each), run)) for each in ending_first])
    world.writer.insert(
        Responsibility, ("customer_id", *_WRITTEN), [(customer, *_row(each), run) for customer, each in new]
    )


def _row(each: Stretch) -> tuple[object, ...]:
    return each.team, each.person, each.from_on.isoformat(), each.until_on and each.until_on.isoformat()
