"""What Today shows: the lines of the day, and beneath them who is calm, at rest, aside or with a colleague."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from karma.common.columns import holds_on
from karma.customers.models import ContactMoment, ContactPerson, Customer, Responsibility, Rest
from karma.customers.queries import asked_of_held, named
from karma.people.models import Membership, Person
from karma.readings.enums import CustomerState
from karma.readings.models import Analysis, CustomerReading
from karma.readings.phrases import reader
from karma.today import phrases
from karma.today.enums import Place, WorkKind
from karma.today.gathering import Entry, gather
from karma.today.models import Handover, Placement
from karma.today.morning import Morning, morning_of
from karma_core.work import Draw, Origin, compose

WAITING = 20
"""How many of what does not fit are named; the next come up as these are done."""

SHOWN = 12
"""How many calm and resting customers stand beneath the day; the list of customers has them all."""


@dataclass(frozen=True)
class Line:
    """One line of Today: a customer, what asks for contact, the reason in a sentence, and what to do."""

    entry: Entry
    customer: Customer
    reading: CustomerReading | None
    asked: str
    reason: str
    moment: ContactMoment | None
    """The contact that this person noted today: the line is done."""

    @property
    def opening(self) -> str:
        """How the reason goes on after the customer's name; empty where it does not begin with it."""
        name = self.customer.name
        if not self.reason.startswith(f"{name} "):
            return ""
        first, stop, _rest = self.reason.removeprefix(name).partition(". ")
        return first.strip() + stop.strip()

    @property
    def further(self) -> str:
        """The reason, or what follows its opening."""
        return self.reason.removeprefix(self.customer.name).strip().removeprefix(self.opening).strip()

    @property
    def does(self) -> str:
        return str(WorkKind(self.entry.kind.value).label)

    @property
    def words(self) -> str:
        """What a colleague, or the person themselves, wrote beside it."""
        source = self.entry.handover or (self.entry.placement if self.entry.origin == Origin.BY_HAND else None)
        return source.words if source else ""

    @property
    def contact(self) -> ContactPerson | None:
        """Somebody there with a telephone number."""
        return next((each for each in getattr(self.customer, "to_reach", ()) if each.phone), None)


@dataclass(frozen=True)
class Beneath:
    """What is not to be done today, so that one need not think of it."""

    calm: tuple[Customer, ...] = ()
    resting: tuple["Resting", ...] = ()
    aside: tuple[Placement, ...] = ()
    lower: tuple[Placement, ...] = ()
    given: tuple[Handover, ...] = ()


@dataclass(frozen=True)
class Resting:
    """A customer to leave in peace, until when, and who or what says so."""

    customer: Customer
    until_on: date
    rest: Rest | None = None


@dataclass(frozen=True)
class TodayPage:
    """Everything on Today, for one person and one day."""

    morning: Morning
    shown: Analysis | None
    lines: tuple[Line, ...]
    waiting: tuple[Line, ...]
    waits_more: bool
    draws: tuple[Draw, ...]
    minutes: int
    beneath: Beneath = field(default_factory=Beneath)

    @property
    def is_done(self) -> bool:
        """Whether everything on the list is done."""
        return bool(self.lines) and all(line.moment for line in self.lines)

    @property
    def lasting(self) -> str:
        return phrases.lasting(self.minutes)


def today_of(person: Person, *, on: date) -> TodayPage:
    """A person's day with everything beneath it."""
    morning, shown = morning_of(person, on=on), Analysis.objects.newest()
    gathered = gather(morning, shown=shown)
    page = _page(morning, shown, gathered.entries)
    return replace(page, beneath=_beneath(morning, shown, gathered.placements))


def day_of(person: Person, *, on: date) -> TodayPage:
    """The lines of a person's day alone."""
    morning, shown = morning_of(person, on=on), Analysis.objects.newest()
    return _page(morning, shown, gather(morning, shown=shown).entries)


def _page(morning: Morning, shown: Analysis | None, entries: Sequence[Entry]) -> TodayPage:
    day = compose([each.line(morning) for each in entries], room=morning.room, seed=morning.seed)
    by_key = {(str(each.customer), each.origin): each for each in reversed(entries)}
    placed = [
        [by_key[line.customer, line.origin] for line in lines] for lines in (day.lines, day.waiting[:WAITING])
    ]
    known = _known(morning, shown, [each.customer for entries in placed for each in entries])
    _fetch_contacts([known.customers[each.customer] for each in placed[0]])
    lines, waiting = (tuple(known.line(each) for each in entries) for entries in placed)
    return TodayPage(morning, shown, lines, waiting, len(day.waiting) > WAITING, day.draws, day.minutes)


@dataclass(frozen=True)
class _Known:
    """What lines say of the customers that stand on the day, by the customer's id."""

    customers: Mapping[int, Customer]
    readings: Mapping[int, CustomerReading]
    done: Mapping[int, ContactMoment]

    def line(self, entry: Entry) -> Line:
        customer, reading = self.customers[entry.customer], self.readings.get(entry.customer)
        told = getattr(reading, f"reason_{reader()}") if reading else ""
        reason = _reason(entry, customer) or told
        return Line(entry, customer, reading, _asked(entry), reason, self.done.get(entry.customer))


def _known(morning: Morning, shown: Analysis | None, customers: list[int]) -> _Known:
    read = CustomerReading.objects.filter(analysis=shown, customer__in=customers).defer("explanation")
    readings = {each.customer_id: each for each in read} if shown else {}
    return _Known(Customer.objects.in_bulk(customers), readings, _done_today(morning))


def _asked(entry: Entry) -> str:
    """Which person asked for the line; empty where a reading or a deal did."""
    if entry.handover:
        return phrases.asked_by(entry.handover.given_by.name)
    if entry.rest and entry.origin == Origin.AGREED:
        return phrases.asked_for_rest(entry.rest.set_by.name, until_on=entry.rest.until_on)
    return phrases.by_hand() if entry.origin == Origin.BY_HAND else ""


def _reason(entry: Entry, customer: Customer) -> str:
    """The reason of what people agreed; empty where the reading's own sentence says it."""
    if entry.moment and entry.moment.again_on:
        said = phrases.agreed(said_on=timezone.localdate(entry.moment.at), again_on=entry.moment.again_on)
        return f"{said} {entry.moment.summary[:200]}".strip()
    if entry.deal and entry.deal.expected_close_on:
        deal = entry.deal
        return phrases.deal_due(customer=customer.name, deal=deal.title, on=entry.deal.expected_close_on)
    return ""


def _done_today(morning: Morning) -> dict[int, ContactMoment]:
    """The latest contact with each customer that the person noted today."""
    moments = ContactMoment.objects.filter(person=morning.person, at__gte=morning.began_at, source="")
    return {each.customer_id: each for each in moments.order_by("at", "id") if each.customer_id}


def _fetch_contacts(customers: list[Customer]) -> None:
    """Fetch with each customer whom one could ring."""
    present = ContactPerson.objects.filter(left_on__isnull=True).exclude(phone="")
    prefetch_related_objects(customers, Prefetch("contact_persons", present, to_attr="to_reach"))


def _beneath(morning: Morning, shown: Analysis | None, placements: Sequence[Placement]) -> Beneath:
    own = asked_of_held(Responsibility.objects.filter(holds_on(morning.on), person=morning.person))
    return Beneath(
        calm=tuple(_calm(shown, own)),
        resting=tuple(_resting(morning, shown, own)),
        aside=tuple(each for each in placements if each.place == Place.ASIDE),
        lower=tuple(each for each in placements if each.place == Place.DOWN),
        given=tuple(_given(morning)),
    )


def _calm(shown: Analysis | None, own: Callable[[str], Q]) -> QuerySet[Customer]:
    """The first own customers by name who are calm; found by walking the names, which are in order."""
    calm = CustomerReading.objects.filter(analysis=shown, customer_state=CustomerState.CALM)
    return Customer.objects.filter(own("pk"), Exists(calm.filter(customer=OuterRef("pk")))).order_by("name", "pk")[
        :SHOWN
    ]


def _resting(morning: Morning, shown: Analysis | None, own: Callable[[str], Q]) -> Iterable[Resting]:
    """Own customers at rest: those that somebody asked it for, then those whose time is not ripe yet."""
    held = Rest.objects.held(on=morning.work_on).filter(own("customer"))
    asked = list(held.select_related("customer", "set_by").order_by("until_on", "pk")[:SHOWN])
    unripe = CustomerReading.objects.filter(
        own("customer"),
        analysis=shown,
        customer_state=CustomerState.LEAVE_IN_PEACE,
        leave_until__gt=morning.work_on,
    ).exclude(customer__in=[each.customer_id for each in asked])
    rows = unripe.order_by("leave_until", "pk").values_list("customer", "leave_until")[:SHOWN]
    until = dict(rows)  # the rows of readings are wide to sort
    customers = Customer.objects.in_bulk(list(until))
    yield from (Resting(each.customer, each.until_on, each) for each in asked)
    yield from (Resting(customers[key], on) for key, on in until.items() if on)


def _given(morning: Morning) -> QuerySet[Handover]:
    """What the person gave to colleagues and is still with them."""
    return Handover.objects.open().filter(given_by=morning.person).select_related("customer", "given_to")


def colleagues_of(person: Person, *, on: date) -> QuerySet[Person]:
    """Who is in a team with this person on a day."""
    teams = Membership.objects.filter(holds_on(on), person=person).values("team")
    together = Membership.objects.filter(holds_on(on), team__in=teams).values("person")
    return Person.objects.colleagues().filter(pk__in=together).exclude(pk=person.pk)


def customers_to_add(person: Person, *, words: str, on: date) -> QuerySet[Customer]:
    """Customers whom a person may put on their list, by name, place or number."""
    found = Customer.objects.visible_to(person, on=on)
    return found.filter(named(words)).order_by("name", "pk")[:SHOWN] if words else found.none()


def placement_of(person: Person, customer: Customer, *, on: date) -> str:
    """Where a person put a customer; empty where they did not."""
    holds = Q(until_on__isnull=True) | Q(until_on__gt=on)
    own = Placement.objects.visible_to(person).filter(holds, customer=customer)
    return own.values_list("place", flat=True).first() or ""
