"""What a file's references point at: people, customers, contact persons and deals, found or made.

Found by the source's own id first; a customer then by its exact name, so that what one program calls 10018 and
another calls 733 is one customer, as long as each program knows it once. In a rehearsal what would be made is
remembered, so that later files see it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max

from karma.common.columns import holds_on
from karma.customers.models import ContactPerson, Customer, CustomerSource
from karma.deals.models import Deal
from karma.imports.writing import Model, Rehearsal, Row, Writer, as_moment
from karma.people.enums import Appearance, Function, Role
from karma.people.models import Membership, Person, Team

Known = dict[str, tuple[int, int | None]]


def hash_of(values: Row) -> int:
    """A hash of what an import read for a row, the same in every process and version."""
    text = "\x1f".join(map(str, values))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass
class World:
    """The installation as one run sees it. `forget` before each chunk: others write too."""

    source: str
    writer: Writer
    on: date
    at: datetime
    made: dict[tuple[Model, str], tuple[int, int | None]] = field(default_factory=dict)
    names: dict[str, int | None] = field(default_factory=dict)
    people: "People | None" = None

    @property
    def is_rehearsal(self) -> bool:
        return isinstance(self.writer, Rehearsal)

    def forget(self) -> None:
        """Look again at what others may have changed."""
        if not self.is_rehearsal:
            self.made.clear()
            self.names.clear()
            self.people = None

    def known(self, model: Model, keys: Iterable[str]) -> Known:
        """Rows of this source by key: their id and the hash of what was last read for them."""
        wanted = set(keys)
        if not wanted:
            return {}
        rows = model._default_manager.filter(source=self.source, source_key__among=wanted)
        found = {key: (pk, content) for key, pk, content in rows.values_list("source_key", "pk", "content_hash")}
        return found | {key: self.made[model, key] for key in wanted if (model, key) in self.made}

    def remember(self, model: Model, key: str, pk: int, content: int | None) -> None:
        """What a rehearsal made or changed, for the rows that come after."""
        if self.is_rehearsal:
            self.made[model, key] = (pk, content)

    def persons(self, references: Iterable[str | None]) -> dict[str | None, int | None]:
        """People by id, address or name; who is not known yet is made, without access."""
        wanted = {reference for reference in references if reference}
        people = self.people = self.people or People.read(self.source)
        for reference in sorted(wanted):
            if people.find(reference) is None:
                people.add(self.make_person(name=reference, key=reference), reference)
        found: dict[str | None, int | None] = {reference: people.find(reference) for reference in wanted}
        return {**found, None: None}

    def make_person(
        self, *, name: str, key: str, email: str | None = None, function: str = "", **others: Any
    ) -> int:
        """Somebody who may come to work with this: an owner of rows, without access until they are invited."""
        address = email or (name if "@" in name else None)
        values = {
            "name": name[:120],
            "email": address.lower() if address else None,
            "function": function or Function.ACCOUNT_MANAGER,
            "role": Role.MEMBER,
            "appearance": Appearance.AUTO,
            "password": "!",
            "is_active": True,
            "source": self.source,
            "source_key": key,
            **others,
        }
        return self.writer.insert(Person, list(values), [tuple(values.values())])[0]

    def customers(self, references: Iterable[Row]) -> dict[str | None, int | None]:
        """Customers by the source's id, else by name; who is not known yet is made, in the order of the rows."""
        wanted = {key: name or key for key, name in references if key}
        keyed: dict[str | None, int | None] = {key: found[0] for key, found in self.customer_ids(wanted).items()}
        missing = {key: name for key, name in wanted.items() if key not in keyed}
        if missing:
            keyed |= self._customers_by_name(missing)
        left = {key: name for key, name in missing.items() if key not in keyed}
        if left:
            keyed |= self._make_customers(left)
        return {None: None, **keyed}

    def customer_ids(self, keys: Iterable[str]) -> Known:
        """Customers that have an id in this source: their id here, and the hash of what was last read."""
        wanted = set(keys)
        rows = CustomerSource.objects.filter(source=self.source, source_key__among=wanted)
        found: Known = {
            str(key): (pk, content)
            for key, pk, content in rows.values_list("source_key", "customer", "content_hash")
        }
        return found | {key: self.made[Customer, key] for key in wanted if (Customer, key) in self.made}

    def customers_named(self, names: Iterable[str], *, with_id_here: bool) -> dict[str, int]:
        """Customers whose name is theirs alone; with an id in this source only where that is allowed."""
        wanted = set(names)
        if not wanted:
            return {}
        rows = Customer.objects.filter(name__among=wanted)
        if not with_id_here:
            rows = rows.exclude(sources__source=self.source)
        counted = rows.order_by().values("name").annotate(number=Count("pk"), one=Max("pk")).filter(number=1)
        found = {row["name"]: row["one"] for row in counted}
        if with_id_here:
            found |= {name: pk for name in wanted if (pk := self.names.get(name)) is not None}
        return found

    def _customers_by_name(self, missing: dict[str, str]) -> dict[str | None, int | None]:
        """By name: a reference that is a name may be any customer's, one beside an id only of another source."""
        bare = {key for key, name in missing.items() if name == key}
        found: dict[str | None, int | None] = {}
        for keys, anywhere in ((bare, True), (set(missing) - bare, False)):
            named = self.customers_named({missing[key] for key in keys}, with_id_here=anywhere)
            first = {missing[key]: key for key in sorted(keys, reverse=True)}
            found |= {key: named[name] for name, key in sorted(first.items()) if name in named}
        self.give_ids({str(key): pk for key, pk in found.items() if pk and key not in bare})
        return found

    def give_ids(self, customers: dict[str, int]) -> None:
        """Keep the ids by which this source knows customers."""
        rows = [(pk, self.source, key, None, self.writer.run_id) for key, pk in customers.items()]
        self.writer.insert(CustomerSource, _SOURCE_COLUMNS, rows)
        for key, pk in customers.items():
            self.remember(Customer, key, pk, None)

    def _make_customers(self, left: dict[str, str]) -> dict[str | None, int | None]:
        number = {key: "" if key == name else key[:60] for key, name in left.items()}
        rows = [(name[:200], number[key], as_moment(self.at), self.writer.run_id) for key, name in left.items()]
        ids = self.writer.insert(Customer, ("name", "number", "created_at", "last_run"), rows)
        made = dict(zip(left, ids, strict=True))
        self.give_ids(made)
        self.remember_names({left[key]: pk for key, pk in made.items()})
        return {key: pk for key, pk in made.items()}  # noqa: C416 (widens the type)

    def remember_names(self, names: dict[str, int]) -> None:
        """Names of customers that a rehearsal made; a name that two of them have is nobody's."""
        if self.is_rehearsal:
            for name, pk in names.items():
                self.names[name] = None if name in self.names else pk

    def teams(self, names: Iterable[str | None]) -> dict[str | None, int | None]:
        """Teams by name, whatever its capitals; who is not known yet is made."""
        wanted = sorted({name for name in names if name})
        return {None: None, **{name: self._team(name) for name in wanted}}

    def _team(self, name: str) -> int:
        found = Team.objects.filter(name__iexact=name).values_list("pk", flat=True).first()
        if found:
            return found
        if (Team, name.casefold()) in self.made:
            return self.made[Team, name.casefold()][0]
        pk = self.writer.insert(Team, ("name", "source", "source_key"), [(name, self.source, name)])[0]
        self.remember(Team, name.casefold(), pk, None)
        return pk

    def contacts(self, keys: Iterable[str | None]) -> dict[str | None, int | None]:
        """Contact persons of this source; null where it is not known."""
        wanted = {key for key in keys if key}
        known = self.known(ContactPerson, wanted)
        return {None: None, **{key: known[key][0] if key in known else None for key in wanted}}

    def deals(self, keys: Iterable[str | None]) -> dict[str | None, int | None]:
        """Deals of this source; else of another, where only one has that id: a deal's id is the CRM's own."""
        wanted = {key for key in keys if key}
        known = self.known(Deal, wanted)
        if len(known) == len(wanted):
            return {None: None, **{key: found[0] for key, found in known.items()}}
        others = Deal.objects.filter(source_key__among=wanted - set(known)).order_by().values("source_key")
        alone = others.annotate(number=Count("pk"), one=Max("pk")).filter(number=1)
        elsewhere = {row["source_key"]: row["one"] for row in alone}
        return {None: None, **{key: known[key][0] if key in known else elsewhere.get(key) for key in wanted}}


_SOURCE_COLUMNS = ("customer_id", "source", "source_key", "content_hash", "last_run")


@dataclass
class People:
    """Everyone who is known, by what a file may call them. A name that two people have is nobody's."""

    by_key: dict[str, int]
    by_email: dict[str, int]
    by_name: dict[str, int | None]

    @classmethod
    def read(cls, source: str) -> "People":
        people = cls({}, {}, {})
        for pk, name, email, origin, key in Person.objects.values_list(
            "pk", "name", "email", "source", "source_key"
        ):
            people.add(pk, name, key=key if origin == source else None, email=email)
        return people

    def add(self, pk: int, name: str, *, key: str | None = None, email: str | None = None) -> None:
        if key:
            self.by_key[key] = pk
        if email:
            self.by_email[email.lower()] = pk
        plain = _plain(name)
        self.by_name[plain] = pk if self.by_name.get(plain, pk) == pk else None

    def find(self, reference: str, *, email: str | None = None) -> int | None:
        by_address = self.by_email.get((email or reference).lower())
        return self.by_key.get(reference) or by_address or self.by_name.get(_plain(reference))


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def team_in_charge(memberships: Sequence[Membership], *, on: date) -> int | None:
    """The one team that somebody is in on a day; where nothing is known of that day, the only one ever."""
    then = {m.team_id for m in memberships if m.from_on <= on and (m.until_on is None or m.until_on > on)}
    teams = then or {each.team_id for each in memberships}
    return next(iter(teams)) if len(teams) == 1 else None


def teams_of(people: Sequence[int], *, on: date) -> dict[int, int]:
    """The team of each person who is in exactly one on a day; where there is one team at all, it is everyone's."""
    rows = Membership.objects.filter(holds_on(on), person__in=people).values_list("person", "team")
    found: dict[int, set[int]] = {}
    for person, team in rows:
        found.setdefault(person, set()).add(team)
    teams = list(Team.objects.current(on=on).values_list("pk", flat=True)[:2])
    only = teams[0] if len(teams) == 1 else None
    own = {person: next(iter(each)) for person, each in found.items() if len(each) == 1}
    return own | ({person: only for person in people if person not in found} if only else {})
