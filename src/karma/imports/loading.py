"""Rows of each kind on their way into their table: what they point at, and whether they are new or changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import polars as pl
from django.utils import timezone

from karma.common.columns import BEGINNING
from karma.customers.enums import ContactKind
from karma.customers.models import (
    ContactMoment,
    ContactPerson,
    Customer,
    CustomerSegment,
    CustomerSource,
    Responsibility,
)
from karma.deals.models import Deal, PurchaseLine, StageChange
from karma.imports.enums import RunStatus
from karma.imports.models import ImportFile
from karma.imports.staged import KEY
from karma.imports.world import World, hash_of, teams_of
from karma.imports.writing import Model, Row, as_moment

_WRITTEN = (RunStatus.DONE, RunStatus.PUBLISHING)
_STAMP = ("source", "source_key", "content_hash", "last_run")


@dataclass(frozen=True)
class Counts:
    """What became of a chunk's rows."""

    created: int = 0
    updated: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.created + other.created, self.updated + other.updated, self.skipped + other.skipped)


@dataclass(frozen=True)
class Chunk:
    """A few thousand rows of a staged file. `given` are the columns that hold anything in the whole file."""

    frame: pl.DataFrame
    given: frozenset[str]

    def column(self, name: str) -> list[Any]:
        return self.frame[name].to_list()

    def columns(self, *names: str) -> Iterator[Row]:
        return zip(*(self.frame[name].to_list() for name in names), strict=True)

    @property
    def keys(self) -> list[str]:
        return self.column(KEY)


def merge(world: World, model: Model, chunk: Chunk, *, columns: dict[str, str], rows: Sequence[Row]) -> Counts:
    """Add the rows whose key is new, change those whose content is, leave the others.

    `columns` names each column with the staged column that it comes from: one that is empty in the whole file
    is not known here, and does not wipe out what another file said.
    """
    keys = chunk.keys
    known = world.known(model, keys)
    hashes = [hash_of(row) for row in rows]
    stamp = [(world.source, key, content, world.writer.run_id) for key, content in zip(keys, hashes, strict=True)]
    new = [number for number, key in enumerate(keys) if key not in known]
    changed = [number for number, key in enumerate(keys) if key in known and known[key][1] != hashes[number]]
    ids = world.writer.insert(model, (*columns, *_STAMP), [rows[number] + stamp[number] for number in new])
    _change(world, model, chunk, columns, [(known[keys[n]][0], rows[n], stamp[n]) for n in changed])
    for number, pk in zip(new, ids, strict=True):
        world.remember(model, keys[number], pk, hashes[number])
    for number in changed:
        world.remember(model, keys[number], known[keys[number]][0], hashes[number])
    return Counts(len(new), len(changed), len(keys) - len(new) - len(changed))


def _change(
    world: World, model: Model, chunk: Chunk, columns: dict[str, str], rows: Sequence[tuple[int, Row, Row]]
) -> None:
    given = [place for place, staged in enumerate(columns.values()) if staged in chunk.given]
    names = [name for place, name in enumerate(columns) if place in given]
    cut = [(pk, (*(row[place] for place in given), stamp[2], stamp[3])) for pk, row, stamp in rows]
    world.writer.update(model, (*names, "content_hash", "last_run"), cut)


_PURCHASE = {
    "customer_id": "customer", "deal_id": "deal", "on": "on", "invoice": "invoice", "product": "product",
    "product_name": "product_name", "quantity": "quantity", "revenue_cents": "revenue_cents",
    "cost_cents": "cost_cents",
}  # fmt: skip


def load_purchases(world: World, chunk: Chunk) -> Counts:
    customers = world.customers(chunk.columns("customer", "customer_name"))
    deals = world.deals(chunk.column("deal"))
    staged = chunk.columns(*_PURCHASE.values())
    rows = [
        (customers[customer], deals[deal], on, invoice or "", product or "", named or "", quantity, revenue, cost)
        for customer, deal, on, invoice, product, named, quantity, revenue, cost in staged
    ]
    return merge(world, PurchaseLine, chunk, columns=_PURCHASE, rows=rows)


_DEAL = {
    "title": "name", "customer_id": "customer", "contact_person_id": "contact", "owner_id": "owner",
    "outcome": "outcome", "stage": "stage", "opened_on": "opened_on", "closed_on": "closed_on",
    "expected_close_on": "expected_close_on", "revenue_cents": "revenue_cents", "margin_cents": "margin_cents",
    "stated_chance": "stated_chance", "lead_source": "source", "loss_reason": "lost_reason",
}  # fmt: skip


def load_deals(world: World, chunk: Chunk) -> Counts:
    customers = world.customers(chunk.columns("customer", "customer_name"))
    owners = world.persons(chunk.column("owner"))
    contacts = world.contacts(_first(value) for value in chunk.column("contact"))
    rows = [
        (
            name or key, customers[customer], contacts[_first(contact)], owners[owner], outcome, stage or "",
            opened, closed, expected, revenue, margin, chance, source or "", reason or "",
        )
        for name, customer, contact, owner, outcome, stage, opened, closed, expected, revenue, margin, chance,
            source, reason, key in chunk.columns(*_DEAL.values(), KEY)
    ]  # fmt: skip
    return merge(world, Deal, chunk, columns=_DEAL, rows=rows)


_STAGE = {
    "deal_id": "deal", "on": "on", "stage": "stage", "revenue_cents": "revenue_cents",
    "stated_chance": "stated_chance", "expected_close_on": "expected_close_on",
}  # fmt: skip


def load_stage_history(world: World, chunk: Chunk) -> Counts:
    """Changes of deals that are not here yet make the deal, so that files may come in any order."""
    deals = world.deals(chunk.column("deal"))
    missing = sorted({deal for deal in chunk.column("deal") if deals.get(deal) is None})
    values = [(deal[:200], "open", world.source, deal, None, world.writer.run_id) for deal in missing]
    made = world.writer.insert(Deal, ("title", "outcome", *_STAMP), values)
    for deal, pk in zip(missing, made, strict=True):
        world.remember(Deal, deal, pk, None)
        deals[deal] = pk
    rows = [(deals[deal], *others) for deal, *others in chunk.columns(*_STAGE.values())]
    return merge(world, StageChange, chunk, columns=_STAGE, rows=rows)


_CONTACT = {
    "customer_id": "customer", "name": "name", "job_title": "job_title", "email": "email", "phone": "phone"
}  # fmt: skip


def load_contacts(world: World, chunk: Chunk) -> Counts:
    customers = world.customers((_first(each), None) for each in chunk.column("customer"))
    rows = [
        (customers[_first(customer)], name, job or "", email or "", phone or "")
        for customer, name, job, email, phone in chunk.columns(*_CONTACT.values())
    ]
    return merge(world, ContactPerson, chunk, columns=_CONTACT, rows=rows)


_MOMENT = {
    "customer_id": "customer", "contact_person_id": "contact", "person_id": "person", "kind": "channel",
    "at": "on", "summary": "subject",
}  # fmt: skip
_KINDS = {"email": ContactKind.MAIL, "task": ContactKind.NOTE}


def load_contact_moments(world: World, chunk: Chunk) -> Counts:
    customers = world.customers((_first(each), None) for each in chunk.column("customer"))
    people = world.persons(chunk.column("person"))
    contacts = world.contacts(_first(each) for each in chunk.column("contact"))
    names = ("customer", "contact", "person", "channel", "on", "subject", "note")
    rows = [
        (
            customers[_first(customer)], contacts[_first(contact)], people[person],
            str(_KINDS.get(channel, channel or ContactKind.NOTE)), _noon(on), _told(subject, note),
        )
        for customer, contact, person, channel, on, subject, note in chunk.columns(*names)
    ]  # fmt: skip
    return merge(world, ContactMoment, chunk, columns=_MOMENT, rows=rows)


def _first(reference: str | None) -> str | None:
    """The first id where a cell holds several; that is the primary one."""
    return reference.partition(";")[0].strip() or None if reference else None


def _noon(day: str) -> Any:
    """A day of which the hour is not known, as a moment that is that day in every zone near."""
    return as_moment(timezone.make_aware(datetime.combine(date.fromisoformat(day), time(12))))


def _told(subject: str | None, note: str | None) -> str:
    return "\n\n".join(part for part in (subject, note) if part)


_CUSTOMER = {
    "name": "name", "number": "customer", "industry": "segment", "city": "city", "country": "country",
    "phone": "phone", "email": "email", "website": "website",
}  # fmt: skip


def load_customers(world: World, chunk: Chunk) -> Counts:
    """Customers with their ids in this source; then segment and responsibility, as dated rows."""
    owners = world.persons(chunk.column("owner"))
    rows = [
        (name, "" if key == name else key[:60], *(text or "" for text in texts))
        for key, name, *texts in chunk.columns(
            KEY, "name", "segment", "city", "country", "phone", "email", "website"
        )
    ]
    dated = [(owners[owner], since) for owner, since in chunk.columns("owner", "since_on")]
    hashes = [hash_of((*row, *each)) for row, each in zip(rows, dated, strict=True)]
    known = _known_customers(world, chunk, rows)
    new = [number for number, key in enumerate(chunk.keys) if key not in known]
    changed = [n for n, key in enumerate(chunk.keys) if key in known and known[key][1] != hashes[n]]
    pks = _write_customers(world, chunk, rows, hashes, known, new=new, changed=changed)
    _date_segments(
        world,
        {pks[n]: rows[n][2] for n in (*new, *changed) if rows[n][2]},
        since={pks[n]: dated[n][1] for n in (*new, *changed)},
    )
    _date_responsibility(world, {pks[n]: owner for n in (*new, *changed) if (owner := dated[n][0])})
    return Counts(len(new), len(changed), len(rows) - len(new) - len(changed))


def _known_customers(world: World, chunk: Chunk, rows: Sequence[Row]) -> dict[str, tuple[int, int | None]]:
    known = world.customer_ids(chunk.keys)
    missing = {key: row[0] for key, row in zip(chunk.keys, rows, strict=True) if key not in known}
    named = world.customers_named(set(missing.values()), with_id_here=False)
    first = {name: key for key, name in reversed(missing.items()) if name in named}
    found = {key: named[name] for name, key in first.items()}
    world.give_ids(found)
    return known | {key: (pk, None) for key, pk in found.items()}


def _write_customers(
    world: World,
    chunk: Chunk,
    rows: Sequence[Row],
    hashes: Sequence[int],
    known: dict[str, tuple[int, int | None]],
    *,
    new: Sequence[int],
    changed: Sequence[int],
) -> dict[int, int]:
    """Write the customers and what was read for them; returns their ids by their place in the chunk."""
    keys, run = chunk.keys, world.writer.run_id
    moment = as_moment(world.at)
    ids = world.writer.insert(
        Customer, (*_CUSTOMER, "created_at", "last_run"), [(*rows[n], moment, run) for n in new]
    )
    stamps = [(pk, world.source, keys[n], hashes[n], run) for pk, n in zip(ids, new, strict=True)]
    world.writer.insert(CustomerSource, ("customer_id", *_STAMP), stamps)
    given = [place for place, staged in enumerate(_CUSTOMER.values()) if staged in chunk.given]
    names = [name for place, name in enumerate(_CUSTOMER) if place in given]
    world.writer.update(
        Customer,
        (*names, "last_run"),
        [(known[keys[n]][0], (*(rows[n][place] for place in given), run)) for n in changed],
    )
    _restamp(world, {keys[n]: hashes[n] for n in changed})
    pks = {n: known[keys[n]][0] for n in changed} | dict(zip(new, ids, strict=True))
    for number, pk in pks.items():
        world.remember(Customer, keys[number], pk, hashes[number])
    if world.is_rehearsal:
        world.remember_names({rows[n][0]: pks[n] for n in new})
    return pks


def _restamp(world: World, hashes: dict[str, int]) -> None:
    if not hashes or world.is_rehearsal:
        return
    rows = CustomerSource.objects.filter(source=world.source, source_key__among=hashes)
    stamps = [(pk, (hashes[key], world.writer.run_id)) for pk, key in rows.values_list("pk", "source_key") if key]
    world.writer.update(CustomerSource, ("content_hash", "last_run"), stamps)


def _date_segments(world: World, segments: dict[int, str], *, since: dict[int, str | None]) -> None:
    """What a customer is called first holds as far back as the data go; another word later, from the run's day."""
    rows = CustomerSegment.objects.filter(customer__in=segments, until_on__isnull=True)
    present = {
        customer: (pk, segment, start)
        for pk, customer, segment, start in rows.values_list("pk", "customer", "segment", "from_on")
    }
    _move(
        world,
        CustomerSegment,
        ("segment",),
        {c: (value,) for c, value in segments.items()},
        {c: (pk, (segment,), start) for c, (pk, segment, start) in present.items()},
    )


def _date_responsibility(world: World, owners: dict[int, int]) -> None:
    """Who answers for a customer, with the team that they are in; a change holds from the run's day.

    Where files have said from when until when, an owner beside a customer only fills in who has nobody.
    """
    teams = teams_of(sorted(set(owners.values())), on=world.on)
    rows = Responsibility.objects.filter(customer__in=owners, until_on__isnull=True)
    present = {
        customer: (pk, (person, team), start)
        for pk, customer, person, team, start in rows.values_list("pk", "customer", "person", "team", "from_on")
    }
    is_dated = ImportFile.objects.filter(kind="responsibilities", run__run_status__in=_WRITTEN).exists()
    wanted = {
        customer: (person, teams.get(person))
        for customer, person in owners.items()
        if customer not in present or (not is_dated and present[customer][1][0] != person)
    }
    _move(world, Responsibility, ("person_id", "team_id"), wanted, present)


def _move(
    world: World,
    model: Model,
    columns: tuple[str, ...],
    wanted: dict[int, Row],
    present: dict[int, tuple[int, Row, date]],
) -> None:
    """End the row that holds and begin another; a row that began today or later is changed itself."""
    day, run = world.on.isoformat(), world.writer.run_id
    moved = {each: value for each, value in wanted.items() if each in present and present[each][1] != value}
    same_day = {each: value for each, value in moved.items() if present[each][2] >= world.on}
    ended = [present[each][0] for each in moved if each not in same_day]
    world.writer.update(model, ("until_on", "last_run"), [(pk, (day, run)) for pk in ended])
    world.writer.update(
        model, (*columns, "last_run"), [(present[each][0], (*value, run)) for each, value in same_day.items()]
    )
    begun = [
        (each, *value, day if each in present else BEGINNING.isoformat(), run)
        for each, value in wanted.items()
        if each not in present or (each in moved and each not in same_day)
    ]
    world.writer.insert(model, ("customer_id", *columns, "from_on", "last_run"), begun)


LOADERS: dict[str, Callable[[World, Chunk], Counts]] = {
    "customers": load_customers,
    "contacts": load_contacts,
    "deals": load_deals,
    "stage_history": load_stage_history,
    "purchases": load_purchases,
    "contact_moments": load_contact_moments,
}
