"""The code by which a person changes their own day.

What was done with a proposal is not recorded anywhere: setting it aside and moving it up or down leave no event,
since it may not be counted. Contact, rests and what goes to a colleague are recorded as every write is.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from karma.common.audit import record
from karma.customers.models import ContactMoment, Customer
from karma.customers.operations import note_contact, take_back_contact
from karma.people.models import Person
from karma.people.operations import Refused
from karma.today.enums import Place
from karma.today.models import DayDraw, Handover, Placement, WorkMinutes
from karma.today.morning import Morning
from karma_core.work import Draw

LOWER = timedelta(days=28)
PROPOSAL_ASIDE = timedelta(days=7)
KEPT_DRAWS = timedelta(days=365)
KEPT_HANDOVERS = timedelta(days=30)


def do(
    customer: Customer, *, kind: str, morning: Morning, at: datetime, happened_at: datetime | None = None
) -> ContactMoment:
    """Note that a line is done: contact without words, just now or earlier that day. Twice on a day is once."""
    person = morning.person
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        noted = noted_today(customer, morning=morning)
        if noted:
            return noted
        tomorrow = morning.on + timedelta(days=1)
        Placement.objects.filter(person=person, customer=customer, place=Place.UP).update(until_on=tomorrow)
        Handover.objects.open().filter(customer=customer, given_to=person).update(ended_at=at, is_done=True)
        return note_contact(
            customer, kind=kind, summary="", contact_person=None, by=person, at=at, happened_at=happened_at
        )


def undo(customer: Customer, *, morning: Morning, at: datetime) -> None:
    """Take back what was noted by mistake today; the line stands open again."""
    person = morning.person
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        moment = noted_today(customer, morning=morning)
        if moment is None:
            return
        take_back_contact(moment, by=person, at=at)
        Placement.objects.filter(person=person, customer=customer, place=Place.UP).update(until_on=None)
        given = Handover.objects.filter(customer=customer, given_to=person, is_done=True)
        latest = given.filter(ended_at__gte=morning.began_at).order_by("-ended_at").first()
        if latest and not Handover.objects.open().filter(customer=customer).exists():
            latest.ended_at, latest.is_done = None, False
            latest.save(update_fields=["ended_at", "is_done"])


def set_aside(customer: Customer, *, is_proposal: bool, morning: Morning, at: datetime) -> None:
    """Not now: a proposal comes back in a week if it still holds, what somebody asked the next day."""
    until_on = morning.work_on + (PROPOSAL_ASIDE if is_proposal else timedelta(days=1))
    _place(customer, Place.ASIDE, by=morning.person, at=at, until_on=until_on)


def put_on_list(customer: Customer, *, kind: str, words: str, by: Person, at: datetime) -> None:
    """Put a customer on one's own list until it is done, whatever any reading says."""
    _place(customer, Place.UP, by=by, at=at, kind=kind, words=words)


def lower(customer: Customer, *, morning: Morning, at: datetime) -> None:
    """Let a customer come after all others for four weeks."""
    _place(customer, Place.DOWN, by=morning.person, at=at, until_on=morning.on + LOWER)


def put_back(customer: Customer, *, by: Person) -> None:
    """Forget where this person put the customer."""
    Placement.objects.filter(person=by, customer=customer).delete()


def _place(
    customer: Customer,
    place: Place,
    *,
    by: Person,
    at: datetime,
    until_on: date | None = None,
    kind: str = "call",
    words: str = "",
) -> None:
    with transaction.atomic():
        Placement.objects.filter(person=by, until_on__lte=at.date()).delete()
        Placement.objects.update_or_create(
            person=by,
            customer=customer,
            defaults={"place": place, "kind": kind, "words": words, "placed_at": at, "until_on": until_on},
        )


def give(customer: Customer, *, to: Person, words: str, by: Person, on: date, at: datetime) -> None:
    """Ask a colleague to take up a customer, in the place of who was asked before.

    Raises Refused, and changes nothing, where the colleague may not see the customer.
    """
    if not Customer.objects.visible_to(to, on=on).filter(pk=customer.pk).exists():
        raise Refused(_("%(name)s does not see this customer. Ask a colleague of the team.") % {"name": to.name})
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        Handover.objects.filter(given_by=by, ended_at__lt=at - KEPT_HANDOVERS).delete()
        given = Handover.objects.open().filter(customer=customer)
        if given.filter(given_by=by, given_to=to, words=words).exists():
            return
        given.update(ended_at=at)
        Handover.objects.create(customer=customer, given_by=by, given_to=to, words=words, given_at=at)
        put_back(customer, by=by)
        record("today.handed_over", by=by, at=at, of=customer, details={"to": to.pk})


def take_back(customer: Customer, *, by: Person, at: datetime) -> None:
    """Take back what a person gave to a colleague and is not done yet."""
    with transaction.atomic():
        if Handover.objects.open().filter(customer=customer, given_by=by).update(ended_at=at):
            record("today.taken_back", by=by, at=at, of=customer)


def choose_minutes(person: Person, *, minutes: Mapping[str, int], at: datetime) -> None:
    """Say how long each kind of work takes this person."""
    with transaction.atomic():
        WorkMinutes.objects.update_or_create(person=person, defaults=dict(minutes))
        record("today.minutes_chosen", by=person, at=at, of=person)


def keep_draws(draws: tuple[Draw, ...], *, morning: Morning) -> None:
    """Keep what chance decided for a day, once: the first time that the day is looked at counts."""
    own = DayDraw.objects.filter(person=morning.person)
    if not draws or own.filter(on=morning.work_on).exists():
        return
    with transaction.atomic():
        own.filter(on__lt=morning.on - KEPT_DRAWS).delete()
        rows = (
            DayDraw(
                person=morning.person,
                customer_id=int(draw.customer),
                on=morning.work_on,
                propensity=draw.propensity,
                is_drawn=draw.is_drawn,
            )
            for draw in draws
        )
        DayDraw.objects.bulk_create(rows, ignore_conflicts=True)


def noted_today(customer: Customer, *, morning: Morning) -> ContactMoment | None:
    """The contact with a customer that the person noted on that day; None where there is none."""
    own = ContactMoment.objects.filter(customer=customer, person=morning.person, source="")
    day = own.filter(at__gte=morning.began_at, at__lt=morning.began_at + timedelta(days=1))
    return day.order_by("-at", "-id").first()
