"""What could stand on a person's day: what people asked, and what the readings propose.

Everything is gathered as it was this morning: what a person has done today since stays in its place, so that the
list does not shift under their hands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from karma.common.columns import holds_on
from karma.customers.enums import ContactKind
from karma.customers.models import ContactMoment, Responsibility, Rest, is_seen_by
from karma.customers.queries import asked_of_held
from karma.deals.enums import Outcome
from karma.deals.models import Deal
from karma.people.models import Membership, Person
from karma.readings.enums import CustomerState
from karma.readings.models import Analysis, CustomerReading
from karma.today.enums import Place
from karma.today.models import Handover, Placement
from karma.today.morning import Morning
from karma.today.rules import SELLERS
from karma_core.work import Kind, Origin, WorkLine, whose_turn

QUIET = timedelta(days=14)
"""After contact nobody is proposed again for two weeks: they have just been asked."""

DECISION = timedelta(days=30)
"""A decision expected longer ago than this is no next step any more but a deal that stands still."""

REMEMBERED = timedelta(days=400)
MOST = 200
FEW = 5_000
"""Up to so many customers are looked up at once; of more, two hundred stand near the top."""

LUCK = 2
"""Of so many times as many customers as take turns, nobody is short of their own."""

PROPOSED = {CustomerState.CALL_NOW: Origin.NEED, CustomerState.LEAD_BY_HAND: Origin.LED_BY_HAND}
TALKS = (ContactKind.CALL, ContactKind.MAIL, ContactKind.MEETING, ContactKind.VISIT)

Ranked = QuerySet[CustomerReading, Any]


@dataclass(frozen=True)
class Entry:
    """That a customer (an id) could stand on the list, why, and what people asked.

    `need` and `worth` are those of a proposal's reading. What the line says of customer and reading is fetched for
    the few that come on the list.
    """

    customer: int
    origin: Origin
    kind: Kind
    asked_at: datetime | None = None
    need: float = 0.0
    worth: int | None = None
    placement: Placement | None = None
    handover: Handover | None = None
    moment: ContactMoment | None = None
    deal: Deal | None = None
    rest: Rest | None = None
    """A rest that does not silence the entry."""

    def line(self, morning: Morning) -> WorkLine:
        """The entry as the core weighs it."""
        lowered = self.placement is not None and self.placement.place == Place.DOWN
        return WorkLine(
            customer=str(self.customer),
            origin=self.origin,
            kind=self.kind,
            minutes=morning.minutes[self.kind],
            need=0.0 if lowered else self.need,
            worth=self.worth,
            due_on=self.due_on,
        )

    @property
    def due_on(self) -> date | None:
        """The day that orders what people asked."""
        if self.moment:
            return self.moment.again_on
        if self.deal:
            return self.deal.expected_close_on
        return self.asked_at.date() if self.asked_at else None


@dataclass(frozen=True)
class Gathered:
    """What could stand on a day, each customer possibly more than once, and where the person put whom."""

    entries: tuple[Entry, ...]
    placements: tuple[Placement, ...]


def gather(morning: Morning, *, shown: Analysis | None) -> Gathered:
    """What people asked of a person and what the readings propose, less what the person set aside."""
    seen = is_seen_by(morning.person, on=morning.on, customer="customer")
    placements = tuple(_placements(morning, seen))
    asked = [
        *_handed_over(morning, seen),
        *_agreed(morning, seen),
        *(_by_hand(each) for each in placements if each.place == Place.UP),
        *_deals_due(morning, seen),
    ]
    proposed = _proposed(morning, shown) if shown else ()
    entries = (*_awake(asked, morning), *proposed)
    return Gathered(tuple(_placed(entries, {each.customer_id: each for each in placements})), placements)


def _placed(entries: Iterable[Entry], placements: Mapping[int, Placement]) -> Iterator[Entry]:
    """The entries with where the person put their customer, without those set aside."""
    for each in entries:
        placement = placements.get(each.customer)
        if placement is None:
            yield each
        elif placement.place != Place.ASIDE:
            yield replace(each, placement=placement)


def _placements(morning: Morning, seen: Q) -> QuerySet[Placement]:
    """Where the person put customers, as far as it holds on the day of the list; by name."""
    holds = Q(until_on__isnull=True) | Q(until_on__gt=morning.work_on)
    own = Placement.objects.visible_to(morning.person).filter(holds & seen)
    return own.select_related("customer").order_by("customer__name", "pk")


def _by_hand(placement: Placement) -> Entry:
    return Entry(placement.customer_id, Origin.BY_HAND, Kind(placement.kind), placement.placed_at)


def _handed_over(morning: Morning, seen: Q) -> list[Entry]:
    """What colleagues gave, and what of it was done today."""
    still = Q(ended_at__isnull=True) | Q(ended_at__gte=morning.began_at, is_done=True)
    given = Handover.objects.filter(still & seen, given_to=morning.person).select_related("given_by")
    return [Entry(each.customer_id, Origin.HANDED_OVER, Kind.CALL, each.given_at, handover=each) for each in given]


def _agreed(morning: Morning, seen: Q) -> list[Entry]:
    """Promises to speak again that are due and that no later contact kept or replaced."""
    left = Person.objects.filter(is_active=False).order_by().values("pk")
    mine = Q(person=morning.person) | Q(_is_answered_for(morning), person__in=left)
    promises = ContactMoment.objects.filter(mine & seen, again_on__lte=morning.work_on, at__lt=morning.began_at)
    since = morning.began_at - REMEMBERED
    latest = {each.customer_id: each for each in promises.order_by("at", "id") if each.at >= since}
    later = ContactMoment.objects.filter(customer__in=latest, at__lt=morning.began_at)
    for each in later.only("customer_id", "at", "again_on", "person_id"):
        promise = latest.get(each.customer_id)
        if promise and _settles(each, promise):
            del latest[each.customer_id]
    due = latest.items()
    return [Entry(key, Origin.AGREED, Kind.CALL, each.at, moment=each) for key, each in due if key]


def _settles(moment: ContactMoment, promise: ContactMoment) -> bool:
    assert promise.again_on is not None  # noqa: S101 (for the type checker)
    kept = timezone.localdate(moment.at) >= promise.again_on or moment.again_on is not None
    return moment.at > promise.at and moment.person_id == promise.person_id and kept


def _deals_due(morning: Morning, seen: Q) -> list[Entry]:
    """Open deals whose expected decision has just come, and of whom nobody has heard since."""
    mine = Q(owner=morning.person) | Q(_is_answered_for(morning), owner__isnull=True)
    talked = ContactMoment.objects.filter(
        customer=OuterRef("customer"), at__date__gte=OuterRef("expected_close_on"), at__lt=morning.began_at
    )
    due = Deal.objects.filter(
        mine & seen,
        outcome=Outcome.OPEN,
        expected_close_on__gte=morning.work_on - DECISION,
        expected_close_on__lte=morning.work_on,
    )
    due = due.exclude(Exists(talked)).only("customer_id", "title", "expected_close_on")
    rows = due.order_by("-expected_close_on", "id")[:MOST]
    return [Entry(each.customer_id, Origin.DEAL_DUE, Kind.HELP, deal=each) for each in rows if each.customer_id]


def _awake(entries: Sequence[Entry], morning: Morning) -> list[Entry]:
    """The entries without those at rest; what a person asked after the rest was set stays.

    A promise to a customer is kept whatever a colleague asks: only a later rest of one's own takes its place.
    """
    ids = {each.customer for each in entries}
    held = Rest.objects.held(on=morning.work_on).filter(customer__in=ids).select_related("set_by")
    rests = {rest.customer_id: rest for rest in held}
    with_rest = (replace(each, rest=rests[each.customer]) if each.customer in rests else each for each in entries)
    return [each for each in with_rest if not _is_silenced(each, morning)]


def _is_silenced(entry: Entry, morning: Morning) -> bool:
    if entry.rest is None or (entry.asked_at and entry.asked_at > entry.rest.set_at):
        return False
    return entry.origin != Origin.AGREED or entry.rest.set_by_id == morning.person.pk


def _proposed(morning: Morning, shown: Analysis) -> Iterator[Entry]:
    """Whom the readings propose to this person: their own customers, and their turn of the team's."""
    teams = _sellers_by_team(morning)
    held = _held(morning, teams)
    takes_turns = max(map(len, teams.values()), default=1)
    most = MOST if takes_turns == 1 else MOST * takes_turns * LUCK
    for state, origin in PROPOSED.items():
        ranked = _open_to_contact(_ranked(morning, shown, state, teams).filter(held), morning)[:most]
        mine = (
            row
            for *row, is_own, team in ranked.iterator(chunk_size=MOST)
            if is_own or _is_turn(morning, row[0], teams[team])
        )
        kind = Kind.CALL if origin == Origin.NEED else Kind.HELP
        for customer, need, worth in islice(mine, MOST):
            yield Entry(customer, origin, kind, need=need, worth=worth)


def _held(morning: Morning, teams: Iterable[int]) -> Q:
    """Rows of customers for whom the person answers by name, or one of the teams without a name."""
    held = Responsibility.objects.filter(holds_on(morning.on))
    unnamed = held.filter(person__isnull=True, team__in=teams)
    named, team = (asked_of_held(each, few=FEW) for each in (held.filter(person=morning.person), unnamed))
    return named("customer") | team("customer")


def _ranked(morning: Morning, shown: Analysis, state: CustomerState, teams: Iterable[int]) -> Ranked:
    """Readings by need: customer, need, worth, whether the person answers for them, and else the team that does.

    The database walks its index by need and stops where the reader does.
    """
    rows = Responsibility.objects.filter(holds_on(morning.on), customer=OuterRef("customer")).order_by()
    unnamed = rows.filter(person__isnull=True, team__in=teams).values("team")[:1]
    ranked = CustomerReading.objects.filter(analysis=shown, customer_state=state).annotate(
        is_own=Exists(rows.filter(person=morning.person)), of_team=Subquery(unnamed)
    )
    columns = ("customer", "need", "expected_margin_cents", "is_own", "of_team")
    return ranked.order_by("-need", "customer_id").values_list(*columns)


def _is_turn(morning: Morning, customer: int, sellers: Sequence[str]) -> bool:
    """Whether a customer for whom a team answers, and nobody by name, is this person's this week."""
    return whose_turn(str(customer), sellers, on=morning.work_on) == str(morning.person.pk)


def _open_to_contact(readings: Ranked, morning: Morning) -> Ranked:
    """Those whose customer is not at rest, was not just spoken to, and is not in a colleague's hands."""
    of = {"customer": OuterRef("customer")}
    since = morning.began_at - QUIET
    talks = ContactMoment.objects.filter(**of, kind__in=TALKS, at__gte=since, at__lt=morning.began_at)
    resting, given = Rest.objects.held(on=morning.work_on).filter(**of), Handover.objects.open().filter(**of)
    return readings.filter(~Exists(resting), ~Exists(talks), ~Exists(given))


def _sellers_by_team(morning: Morning) -> dict[int, list[str]]:
    """Who takes turns in each team of the person: its sellers, or everybody where it has none."""
    own = Membership.objects.filter(holds_on(morning.on), person=morning.person).values("team")
    present = Membership.objects.filter(holds_on(morning.on), team__in=own, person__is_active=True)
    rows = list(present.order_by("person").values_list("team", "person", "person__function"))
    teams: dict[int, list[str]] = {team: [] for team, _person, _function in rows}
    for only_sellers in (True, False):
        for team in [team for team, people in teams.items() if not people]:
            teams[team] = _members(rows, team, only_sellers=only_sellers)
    return teams


def _members(rows: Iterable[tuple[int, int, str]], team: int, *, only_sellers: bool) -> list[str]:
    return [str(who) for where, who, does in rows if where == team and (does in SELLERS or not only_sellers)]


def _is_answered_for(morning: Morning) -> Exists:
    """Whether the person answers by name for the customer of a row."""
    own = Responsibility.objects.filter(holds_on(morning.on), person=morning.person)
    return Exists(own.filter(customer=OuterRef("customer")))
