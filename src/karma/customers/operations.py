"""The code by which people write about customers; imports have their own bulk way.

Each operation writes its audit event in the same transaction; where it raises, nothing has changed.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from karma.common.audit import record
from karma.common.columns import holds_on
from karma.customers.models import ContactMoment, ContactPerson, Customer, Responsibility, Rest
from karma.people.models import Person, Team

SAME_PRESS = timedelta(minutes=1)


def assign(
    customer: Customer, *, team: Team | None, person: Person | None, on: date, by: Person, at: datetime
) -> None:
    """Let a team, and a person if named, answer for a customer from a day on; what was before that day stays.

    Rows that would only begin later give way. Answering already as asked changes nothing.
    """
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        rows = Responsibility.objects.filter(customer=customer)
        if rows.filter(holds_on(on), until_on__isnull=True, team=team, person=person).exists():
            return
        rows.filter(from_on__gte=on).delete()
        rows.filter(Q(until_on__isnull=True) | Q(until_on__gt=on)).update(until_on=on, last_run=None)
        Responsibility.objects.create(customer=customer, team=team, person=person, from_on=on)
        details = {"team": team.pk if team else None, "person": person.pk if person else None}
        record("customers.assigned", by=by, at=at, of=customer, details=details)


def hand_over(
    customers: Iterable[Customer], *, team: Team | None, person: Person | None, on: date, by: Person, at: datetime
) -> None:
    """Let a team, and a person if named, answer for all of these customers from a day on: all of them or none."""
    with transaction.atomic():
        for customer in customers:
            assign(customer, team=team, person=person, on=on, by=by, at=at)


def note_contact(
    customer: Customer,
    *,
    kind: str,
    summary: str,
    contact_person: ContactPerson | None,
    by: Person,
    at: datetime,
    again_on: date | None = None,
    happened_at: datetime | None = None,
) -> ContactMoment:
    """Write down that there was contact, just now if not said otherwise, and when there will be again if agreed.

    The same words about the same contact within a minute are the same button pressed twice: one moment.
    """
    moment_at = happened_at or at
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        same = ContactMoment.objects.filter(
            customer=customer,
            person=by,
            kind=kind,
            summary=summary,
            contact_person=contact_person,
            again_on=again_on,
        )
        if already := same.filter(at__gt=moment_at - SAME_PRESS, at__lte=moment_at).first():
            return already
        moment = ContactMoment.objects.create(
            customer=customer,
            kind=kind,
            summary=summary,
            contact_person=contact_person,
            person=by,
            at=moment_at,
            again_on=again_on,
        )
        record("customers.contact_noted", by=by, at=at, of=customer)
    return moment


def add_to_contact(
    moment: ContactMoment, *, summary: str, again_on: date | None, by: Person, at: datetime
) -> None:
    """Add a few words, and when to speak again, to contact that one noted oneself."""
    with transaction.atomic():
        moment.summary, moment.again_on = summary, again_on
        moment.save(update_fields=["summary", "again_on"])
        record("customers.contact_added_to", by=by, at=at, of=moment.customer)


def take_back_contact(moment: ContactMoment, *, by: Person, at: datetime) -> None:
    """Take away contact that one noted by mistake."""
    with transaction.atomic():
        customer = moment.customer
        if ContactMoment.objects.filter(pk=moment.pk).delete()[0]:
            record("customers.contact_taken_back", by=by, at=at, of=customer)


def leave_in_peace(customer: Customer, *, until_on: date, why: str, by: Person, at: datetime) -> Rest:
    """Let a customer be until a day, in the place of what was asked before; the same again changes nothing."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        present = Rest.objects.filter(customer=customer, lifted_at__isnull=True).first()
        if present and (present.until_on, present.why) == (until_on, why):
            return present
        Rest.objects.filter(customer=customer, lifted_at__isnull=True).update(lifted_at=at, lifted_by=by)
        rest = Rest.objects.create(customer=customer, until_on=until_on, why=why, set_by=by, set_at=at)
        record("customers.left_in_peace", by=by, at=at, of=customer)
    return rest


def lift_rest(customer: Customer, *, by: Person, at: datetime) -> None:
    """Let contact with a customer be proposed again; where nobody asked for rest nothing changes."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        if Rest.objects.filter(customer=customer, lifted_at__isnull=True).update(lifted_at=at, lifted_by=by):
            record("customers.rest_lifted", by=by, at=at, of=customer)
