"""Two customers: De Vries of team Noord, Jansen of team Zuid; each with everything that a customer can have."""

from dataclasses import dataclass
from datetime import date

from tests.factories.people import NOW, House

from karma.customers.models import ContactMoment, ContactPerson, Customer, CustomerSegment, Responsibility
from karma.deals.models import Deal, PurchaseLine, StageChange
from karma.people.models import Person, Team


@dataclass(frozen=True)
class Dossier:
    """A customer with one row of each kind; every text in it holds the canary word."""

    customer: Customer
    deal: Deal
    contact_person: ContactPerson
    moment: ContactMoment
    line: PurchaseLine


def make_dossier(name: str, *, team: Team | None, person: Person | None, canary: str) -> Dossier:
    customer = Customer.objects.create(
        name=f"{name} {canary}", number=canary, city=canary, industry=canary, phone=canary, created_at=NOW
    )
    start = date(2024, 1, 1)
    Responsibility.objects.create(customer=customer, team=team, person=person, from_on=start)
    CustomerSegment.objects.create(customer=customer, segment=f"segment {canary}", from_on=start)
    contact = ContactPerson.objects.create(
        customer=customer, name=f"mevrouw {canary}", email=f"{canary}@example.nl"
    )
    moment = ContactMoment.objects.create(
        customer=customer, contact_person=contact, person=person, at=NOW, summary=f"gesproken over {canary}"
    )
    deal = Deal.objects.create(
        title=f"warmtepomp {canary}", customer=customer, owner=person, stage=canary, opened_on=start
    )
    StageChange.objects.create(deal=deal, on=start, stage=canary)
    line = PurchaseLine.objects.create(
        customer=customer, on=start, product=f"product {canary}", revenue_cents=12_345_00, invoice=canary
    )
    return Dossier(customer, deal, contact, moment, line)


def make_dossiers(house: House) -> tuple[Dossier, Dossier]:
    """De Vries for team Noord with Anna, Jansen for team Zuid with Otto."""
    north = make_dossier("De Vries", team=house.north, person=house.anna, canary="kanarienoord")
    south = make_dossier("Jansen", team=house.south, person=house.otto, canary="kanariezuid")
    return north, south
