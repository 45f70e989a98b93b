"""Turns imported files of the invented company into an installation in which its people can sign in."""

from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from karma.common.audit import record
from karma.customers.models import Guest
from karma.deals.enums import Outcome
from karma.deals.models import Deal
from karma.demo.cast import CAST, PASSWORD, Part
from karma.people.enums import Currency, Function, Language
from karma.people.models import Membership, Person, Team
from karma.people.operations import Company, close_guide, describe_company

DELIVERED_WITHIN = timedelta(days=120)
TEAMS = {Function.DELIVERY: "Levering", Function.SERVICE: "Service"}


def found(*, at: datetime) -> None:
    """Found Noorderlicht Techniek, with its administrator as the one who did."""
    part = next(each for each in CAST if each.function == Function.ADMINISTRATION)
    with transaction.atomic():
        administrator = _let_in(part, at=at)
        company = Company("Noorderlicht Techniek", "Europe/Amsterdam", 1, Currency.EUR, Language.DUTCH)
        describe_company(company, by=administrator, at=at)
        close_guide(by=administrator, at=at)


def let_people_in(*, at: datetime, on: date) -> None:
    """Give the cast their sign-ins, and delivery and service the customers for whom they work now."""
    with transaction.atomic():
        for part in CAST:
            _let_in(part, at=at)
        for function, name in TEAMS.items():
            team, _made = Team.objects.get_or_create(name=name)
            _gather(team, function=function, on=on)
            _invite_to_customers(team, on=on)


def _let_in(part: Part, *, at: datetime) -> Person:
    """The person with a password, whether the files have brought them already or not."""
    person = Person.objects.filter(email=part.email).first() or Person(email=part.email)
    person.name, person.function, person.role = part.name, part.function, part.role
    person.joined_at = person.joined_at or at
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.get_or_create(user=person, email=part.email, defaults={"verified": True, "primary": True})
    record("people.invitation_accepted", by=person, at=at, of=person)
    return person


def _gather(team: Team, *, function: Function, on: date) -> None:
    """Put everyone with a function in their team."""
    inside = Membership.objects.filter(team=team).values("person")
    for person in Person.objects.filter(function=function, is_active=True).exclude(pk__in=inside):
        Membership.objects.create(person=person, team=team, from_on=on)


def _invite_to_customers(team: Team, *, on: date) -> None:
    """Let a team look in on the customers whose deal was won lately: there is work to deliver."""
    won = Deal.objects.filter(outcome=Outcome.WON, closed_on__gte=on - DELIVERED_WITHIN, customer__isnull=False)
    already = Guest.objects.filter(team=team).values_list("customer", flat=True)
    customers = set(won.values_list("customer", flat=True)) - set(already)
    Guest.objects.bulk_create(Guest(customer_id=each, team=team, from_on=on) for each in sorted(customers))
