"""Reads of customers for a screen, always of those that the viewer may see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from karma.common.columns import holds_on
from karma.common.suggestions import MOST, remembered
from karma.customers.models import (
    FEW,
    ContactMoment,
    Customer,
    CustomerSegment,
    Responsibility,
    Rest,
    is_seen_by,
)
from karma.people.models import Person, Team

FEW_HELD = 1_500

ORDERS = {
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
    "city": ("city", "name", "id"),
    "-city": ("-city", "-name", "-id"),
}


@dataclass(frozen=True)
class CustomerFilter:
    """What narrows the list: words, a segment, a team's id, a person's id, and the order."""

    words: str = ""
    segment: str = ""
    team: str = ""
    person: str = ""
    order: str = "name"

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.segment or self.team or self.person)


def read_filter(query: Mapping[str, str]) -> CustomerFilter:
    """Read a filter from an address; what is not known there is left out."""
    words = query.get("q", "").replace("\x00", "").strip()[:100]
    order = query.get("order", "name")
    return CustomerFilter(
        words=words,
        segment=query.get("segment", "").replace("\x00", "")[:120],
        team=_number(query.get("team", "")),
        person=_number(query.get("person", "")),
        order=order if order in ORDERS else "name",
    )


def customers_found(viewer: Person, chosen: CustomerFilter, *, on: date) -> QuerySet[Customer]:
    """The viewer's customers that a filter leaves, in order, each with today's responsibility and segment."""
    customers = Customer.objects.visible_to(viewer, on=on)
    if chosen.words:
        customers = customers.filter(named(chosen.words))
    if chosen.segment:
        customers = customers.in_segment(chosen.segment, on=on)
    if chosen.team or chosen.person:
        rows = Responsibility.objects.filter(holds_on(on))
        rows = rows.filter(team=int(chosen.team)) if chosen.team else rows
        rows = rows.filter(person=int(chosen.person)) if chosen.person else rows
        customers = customers.filter(pk__in=rows.values("customer"))
    return with_present(customers, on=on).order_by(*ORDERS[chosen.order])


def named(words: str) -> Q:
    """Customers whose name or place holds the words, or whose number begins with them; one read.

    Rare words are looked up in the indexes alone, and give ids: walking all customers for one of them reads every
    row. Common words need no more than the first rows of that walk.
    """
    ways = [Q(name__icontains=words), Q(city__icontains=words), Q(number__startswith=words)]
    first, *others = (Customer.objects.filter(way).order_by().values_list("pk", flat=True) for way in ways)
    few = list(first.union(*others, all=True)[: FEW + 1])
    return Q(pk__in=set(few)) if len(few) <= FEW else ways[0] | ways[1] | ways[2]


def customers_of(person: Person, *, viewer: Person, on: date) -> QuerySet[Customer]:
    """The customers for whom a person answers by name on a day, as far as the viewer may see them."""
    rows = Responsibility.objects.filter(holds_on(on), person=person)
    return Customer.objects.visible_to(viewer, on=on).filter(pk__in=rows.values("customer")).order_by("name", "id")


def of_held(held: QuerySet[Responsibility], *, column: str = "customer") -> Q:
    """Rows whose customer, in `column`, stands in these responsibilities; one read."""
    return asked_of_held(held)(column)


def asked_of_held(held: QuerySet[Responsibility], *, few: int = FEW_HELD) -> Callable[[str], Q]:
    """`of_held` for any column; one read for all of them.

    Up to `few` are looked up at once, more of them row by row: a list that is walked in order then ends with its
    first rows, but where hardly any row is theirs it would be walked to its end.
    """
    held = held.order_by()
    if held.values("pk")[: few + 1].count() <= few:
        return lambda column: Q(**{f"{column}__in": held.values("customer")})
    return lambda column: Q(Exists(held.filter(customer=OuterRef(column))))


def with_present(customers: QuerySet[Customer], *, on: date) -> QuerySet[Customer]:
    """Fetch with each customer what holds today: `present` (responsibility), `present_segment`, `present_rest`."""
    responsible = Responsibility.objects.filter(holds_on(on)).select_related("team", "person")
    segments = CustomerSegment.objects.filter(holds_on(on))
    return customers.prefetch_related(
        Prefetch("responsibilities", responsible, to_attr="present"),
        Prefetch("segments", segments, to_attr="present_segment"),
        Prefetch("rests", Rest.objects.held(on=on), to_attr="present_rest"),
    )


@dataclass(frozen=True)
class Choices:
    """What one can narrow by."""

    segments: tuple[str, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]


def choices_for(viewer: Person, *, on: date) -> Choices:
    """Segments of the customers that the viewer may see, the viewer's teams, and people who answer for some."""
    answers = Responsibility.objects.filter(person=OuterRef("pk"))
    teams = Team.objects.current(on=on) if viewer.sees_everything else Team.objects.of(viewer, on=on)
    return Choices(
        segments=_segments(viewer, on=on),
        teams=tuple(teams),
        people=tuple(Person.objects.colleagues().filter(Exists(answers))[:200]),
    )


def scope_of(viewer: Person, *, on: date) -> str:
    """What decides which customers a viewer sees on a day, as a key: whoever moves has another at once."""
    teams = Team.objects.of(viewer, on=on).order_by("pk").values_list("pk", flat=True)
    return f"{on}:all" if viewer.sees_everything else f"{on}:{viewer.pk}:{'-'.join(map(str, teams))}"


def _segments(viewer: Person, *, on: date) -> tuple[str, ...]:
    """The segments of the viewer's customers."""
    rows = CustomerSegment.objects.filter(holds_on(on)).filter(is_seen_by(viewer, on=on, customer="customer"))
    names = rows.order_by("segment").values_list("segment", flat=True).distinct()[:MOST]
    return remembered("segments", names, scope=scope_of(viewer, on=on))


def latest_moments(viewer: Person, customer: Customer, *, on: date) -> QuerySet[ContactMoment]:
    """The customer's contact moments, the latest first."""
    moments = ContactMoment.objects.visible_to(viewer, on=on).filter(customer=customer)
    return moments.select_related("person", "contact_person")


def rest_of(viewer: Person, customer: Customer, *, on: date) -> Rest | None:
    """The rest that somebody asked for this customer and that holds on a day."""
    rests = Rest.objects.visible_to(viewer, on=on).held(on=on).filter(customer=customer)
    return rests.select_related("set_by").first()


def _number(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 18 else ""
