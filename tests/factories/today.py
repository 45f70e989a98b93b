"""What Today needs: customers of Anna's and of her team, with readings of an analysis."""

from datetime import date, timedelta

from tests.factories.people import NOW, House

from karma.customers.models import Customer, Responsibility
from karma.people.models import Person, Team
from karma.readings.enums import AnalysisStatus, CustomerState
from karma.readings.models import Analysis, CustomerReading


def make_analysis(as_of: date) -> Analysis:
    return Analysis.objects.create(
        as_of=as_of, started_at=NOW, ended_at=NOW, analysis_status=AnalysisStatus.COMPLETE
    )


def make_customer(name: str, *, team: Team | None, person: Person | None, phone: str = "") -> Customer:
    customer = Customer.objects.create(name=name, city="Lindehorst", phone=phone, created_at=NOW)
    Responsibility.objects.create(customer=customer, team=team, person=person, from_on=date(2024, 1, 1))
    return customer


def read(analysis: Analysis, customer: Customer, state: str = CustomerState.CALL_NOW, **given) -> CustomerReading:
    weeks = {"typical_gap_days": 35.0, "longest_gap_days": 49.0, "x": 12, "t_x_days": 400, "age_days": 456}
    values = {
        "need": 0.8,
        "reason_nl": f"{customer.name} bestelt ongeveer elke vijf weken en is nu acht weken stil.",
        "reason_en": f"{customer.name} orders about every five weeks and has now been silent for eight weeks.",
        "state_since": analysis.as_of - timedelta(days=7),
        **weeks,
        **given,
    }
    return CustomerReading.objects.create(analysis=analysis, customer=customer, customer_state=state, **values)


def make_day(house: House, *, as_of: date) -> dict[str, Customer]:
    """Of Anna: De Vries to call, Bakker to help choose, Jansen at rest, Smit calm. Of nobody in Noord: Mulder."""
    analysis, found = make_analysis(as_of), {}
    until = as_of + timedelta(days=40)
    cases = {
        "De Vries Installaties": (CustomerState.CALL_NOW, {"need": 0.9}, house.anna),
        "Bakker Klimaattechniek": (CustomerState.LEAD_BY_HAND, {"need": 0.4}, house.anna),
        "Jansen Zuivel": (CustomerState.LEAVE_IN_PEACE, {"need": 0.1, "leave_until": until}, house.anna),
        "Smit Techniek": (CustomerState.CALM, {"need": 0.1}, house.anna),
        "Mulder Bouw": (CustomerState.CALL_NOW, {"need": 0.7}, None),
    }
    for name, (state, given, person) in cases.items():
        customer = make_customer(name, team=house.north, person=person, phone="06 1234 5678")
        read(analysis, customer, state, **given)
        found[name.split()[0]] = customer
    found["Otto"] = make_customer("Otto's klant", team=house.south, person=house.otto)
    read(analysis, found["Otto"])
    return found
