"""People and their teams from a file: known ones are recognised, others are made without access."""

import re
from typing import Any

import polars as pl

from karma.common.columns import BEGINNING
from karma.customers.models import Responsibility
from karma.imports.loading import Chunk, Counts
from karma.imports.models import RunChange
from karma.imports.world import People, World
from karma.people.enums import Function
from karma.people.models import WEEKDAYS, Membership, Person, WorkingWeek

# The first word that is found decides: an accountmanager is no manager, a projectmanager is delivery.
FUNCTIONS: tuple[tuple[str, Function], ...] = (
    ("accountmanager|verkoper|vertegenwoordiger|salesrep|salesperson", Function.ACCOUNT_MANAGER),
    ("binnendienst|insidesales", Function.INSIDE_SALES),
    ("coach", Function.COACH),
    ("directeur|director|ceo|eigenaar", Function.DIRECTOR),
    ("uitvoer|projectleider|projectmanager|delivery", Function.DELIVERY),
    ("service|monteur", Function.SERVICE),
    ("manager|leider|hoofd|headof|teamlead", Function.MANAGER),
    ("beheer|administrat", Function.ADMINISTRATION),
)
WORKING_DAYS = 5


def function_of(words: str | None) -> str:
    """The function that a file's words stand for; "" where it says none.

    >>> [str(function_of(words)) for words in ("Sr. Account Manager", "Verkoopmanager", "Stagiair", None)]
    ['account_manager', 'manager', 'other', '']
    """
    plain = re.sub(r"[^a-zà-ÿ]", "", (words or "").casefold())
    found = (function for pattern, function in FUNCTIONS if re.search(pattern, plain))
    return next(found, Function.OTHER) if plain else ""


def load_people(world: World, chunk: Chunk) -> Counts:
    """One row after the other: a company has few people, and each may be known by id, address or name."""
    world.people = world.people or People.read(world.source)
    today = world.on.isoformat()
    until = pl.col("until_on").fill_null("9999-12-31").max().over("key")
    rows = chunk.frame.with_columns((until <= today).alias("has_left"), pl.len().over("key").alias("stands"))
    counts = Counts()
    for row in rows.iter_rows(named=True):
        counts += _load(world, row)
    return counts


def _load(world: World, row: dict[str, Any]) -> Counts:
    people = world.people or People.read(world.source)
    pk = people.find(row["key"], email=row["email"]) or people.find(row["name"])
    is_new = pk is None
    if pk is None:
        pk = _make(world, row)
        people.add(pk, row["name"], key=row["key"], email=row["email"])
    is_changed = not is_new and _complete(world, pk, row)
    has_week = bool(row["hours"]) and _give_week(world, pk, row["hours"])
    has_joined = bool(row["team"]) and _join(world, pk, row)
    if is_new:
        return Counts(created=1)
    return Counts(updated=1) if is_changed or has_week or has_joined else Counts(skipped=1)


def _make(world: World, row: dict[str, Any]) -> int:
    return world.make_person(
        name=row["name"],
        key=row["key"],
        email=row["email"],
        function=function_of(row["function"]),
        is_active=not row["has_left"],
    )


def _complete(world: World, pk: int, row: dict[str, Any]) -> bool:
    """Add what was not known of somebody; what people say of themselves is never overruled."""
    person = Person.objects.filter(pk=pk).first() if pk > 0 else None
    if person is None:
        return False
    function, email = function_of(row["function"]), (row["email"] or "").lower()
    changes: dict[str, Any] = {"email": email} if email and not person.email else {}
    if _is_only_a_name(person) and function not in ("", person.function):
        changes["function"] = function
    if row["has_left"] and person.is_active and not person.has_joined:
        changes["is_active"] = False
    if changes:
        world.writer.update(Person, tuple(changes), [(pk, tuple(changes.values()))])
    return bool(changes)


def _is_only_a_name(person: Person) -> bool:
    """Somebody of whom nothing is known but that a file named them as an owner."""
    return not person.has_joined and bool(person.source) and person.source_key == person.name


def _give_week(world: World, pk: int, hours: float) -> bool:
    """The week of somebody who has none yet, spread evenly over the working days."""
    minutes = round(hours * 60 / WORKING_DAYS)
    if not 0 < minutes <= 24 * 60 or (WorkingWeek, str(pk)) in world.made:
        return False
    if pk > 0 and WorkingWeek.objects.filter(person=pk).exists():
        return False
    days = WEEKDAYS[:WORKING_DAYS]
    values = (pk, BEGINNING.isoformat(), *(minutes for _ in days))
    made = world.writer.insert(WorkingWeek, ("person_id", "from_on", *days), [values])
    world.remember(WorkingWeek, str(pk), made[0], None)
    return True


def _join(world: World, pk: int, row: dict[str, Any]) -> bool:
    """Let a person be in a team. One that is known stays, but may now have ended."""
    team = world.teams([row["team"]])[row["team"]] or 0
    start, until = row["from_on"] or BEGINNING.isoformat(), row["until_on"]
    if (Membership, f"{pk}/{team}/{start}") in world.made or (until and until <= start):
        return False
    known = list(Membership.objects.filter(person=pk, team=team).order_by("from_on")) if min(pk, team) > 0 else []
    same = [each for each in known if not row["from_on"] or _overlaps(each, start, until)]
    if same:
        return _end(world, same[-1], until)
    if row["stands"] == 1 and not until:
        start = _moved_on(world, pk, row["from_on"]) or start
    lead = function_of(row["function"]) == Function.MANAGER
    columns = ("person_id", "team_id", "from_on", "until_on", "is_lead")
    made = world.writer.insert(Membership, columns, [(pk, team, start, until, lead)])
    world.remember(Membership, f"{pk}/{team}/{start}", made[0], None)
    if start <= world.on.isoformat() and (not until or until > world.on.isoformat()):
        _give_team_to_customers(world, pk, team)
    return True


def _overlaps(known: Membership, start: str, until: str | None) -> bool:
    begins_before = until is None or known.from_on.isoformat() < until
    return begins_before and (known.until_on is None or known.until_on.isoformat() > start)


def _end(world: World, known: Membership, until: str | None) -> bool:
    if known.until_on or not until or until <= known.from_on.isoformat():
        return False
    world.writer.update(Membership, ("until_on",), [(known.pk, (until,))])
    return True


def _moved_on(world: World, person: int, said: str | None) -> str | None:
    """The day of a move, if it is one: who stands in a file with another team than an earlier file gave has moved.

    Teams that people gave on the screen stay.
    """
    day = said or world.on.isoformat()
    changes = RunChange.objects.filter(run__source=world.source, table=Membership._meta.label)
    given = {pk for created in changes.values_list("created", flat=True) for pk in created}
    open_ones = Membership.objects.filter(person=person, until_on__isnull=True, from_on__lt=day)
    left = [pk for pk in open_ones.values_list("pk", flat=True) if pk in given] if person > 0 else []
    world.writer.update(Membership, ("until_on",), [(pk, (day,)) for pk in left])
    return day if left else None


def _give_team_to_customers(world: World, person: int, team: int) -> None:
    """Customers of somebody whose team was not known when they came in now have that team."""
    rows = Responsibility.objects.filter(person=person, team__isnull=True, until_on__isnull=True)
    teamless = list(rows.values_list("pk", flat=True)) if person > 0 else []
    stamped = [(pk, (team, world.writer.run_id)) for pk in teamless]
    world.writer.update(Responsibility, ("team_id", "last_run"), stamped)
