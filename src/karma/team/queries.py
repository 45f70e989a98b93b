"""What the Team screen reads: the course of a plan, and the customers that ask for attention. Never people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from karma.common.columns import holds_on
from karma.customers.enums import ContactKind
from karma.customers.models import ContactMoment, Responsibility, Rest
from karma.customers.queries import of_held
from karma.people.models import Membership, Person, Team
from karma.readings.enums import CustomerState
from karma.readings.models import Analysis, CustomerReading, PlanReading
from karma.readings.phrases import reader
from karma.readings.queries import course_of

SHOWN = 6
BY_NEED = ("-need", "customer_id")  # as the index stands
ASKING = (CustomerState.CALL_NOW, CustomerState.LEAD_BY_HAND)
QUIET = timedelta(days=14)
"""After contact nobody asks for attention again for two weeks: they have just had it."""
TALKS = (ContactKind.CALL, ContactKind.MAIL, ContactKind.MEETING, ContactKind.VISIT)


@dataclass(frozen=True)
class Need:
    """A customer that asks for something, with the reason in a sentence; nothing of who answers for them."""

    customer: int
    name: str
    reason: str
    until: date | None = None

    @property
    def rest(self) -> str:
        """The sentence after the name that it begins with, so that the name stands once and is the link."""
        return self.reason.removeprefix(self.name)

    @property
    def is_sentence(self) -> bool:
        return bool(self.name) and self.reason.startswith(self.name)


@dataclass(frozen=True)
class Attention:
    """Customers of one state, those in most need first, and whether there are more than are shown."""

    needs: tuple[Need, ...]
    is_cut: bool


def attention(
    viewer: Person, analysis: Analysis, team: Team | None, state: CustomerState, *, on: date
) -> Attention:
    """The customers of a team in a state, without those at rest and those whom somebody has just spoken to."""
    same = {"customer": OuterRef("customer")}
    spoken = ContactMoment.objects.filter(at__date__gt=on - QUIET, kind__in=TALKS, **same).order_by()
    rows = _readings(viewer, analysis, team, on=on).filter(customer_state=state)
    rows = rows.exclude(Exists(Rest.objects.held(on=on).filter(**same)))
    rows = rows.exclude(Exists(spoken)) if state in ASKING else rows
    keys = list(rows.order_by(*BY_NEED).values_list("pk", flat=True)[: SHOWN + 1])  # the rows are wide to sort
    found = list(CustomerReading.objects.filter(pk__in=keys).select_related("customer").order_by(*BY_NEED))
    return Attention(tuple(_need(row) for row in found[:SHOWN]), len(found) > SHOWN)


def at_rest(viewer: Person, team: Team | None, *, on: date) -> Attention:
    """The customers of a team whom somebody asked to leave in peace, those whose rest ends soonest first."""
    rests = Rest.objects.visible_to(viewer, on=on).held(on=on)
    rests = rests.filter(of_team(team, on=on)) if team else rests
    found = list(rests.select_related("customer").order_by("until_on", "id")[: SHOWN + 1])
    needs = (Need(rest.customer_id, rest.customer.name, rest.why, rest.until_on) for rest in found[:SHOWN])
    return Attention(tuple(needs), len(found) > SHOWN)


def _readings(viewer: Person, analysis: Analysis, team: Team | None, *, on: date) -> QuerySet[CustomerReading]:
    rows = CustomerReading.objects.visible_to(viewer, on=on).filter(analysis=analysis)
    return rows.filter(of_team(team, on=on)) if team else rows


def of_team(team: Team, *, on: date) -> Q:
    """Rows whose customer a team answers for."""
    return of_held(Responsibility.objects.filter(holds_on(on), team=team))


def _need(row: CustomerReading) -> Need:
    reason = row.reason_nl if reader() == "nl" else row.reason_en
    return Need(row.customer_id, row.customer.name, reason, row.leave_until)


@dataclass(frozen=True)
class Moment:
    """What was expected at one day: the range, and the chance of the amount that the course follows."""

    as_of: date
    low: int
    middle: int
    high: int
    chance: float


def course(plan: PlanReading, amount_cents: int) -> list[Moment]:
    """The expectations of the same period at each day that they were worked out, the last of each day."""
    by_day = {row.as_of: row for row in course_of(plan) if row.grid and row.measure == plan.measure}
    return [_moment(row, amount_cents) for row in by_day.values()]


def _moment(row: PlanReading, amount_cents: int) -> Moment:
    grid = row.grid
    return Moment(row.as_of, grid[10], grid[50], grid[90], chance_in_grid(grid, amount_cents))


def chance_in_grid(grid: Sequence[int], amount_cents: int) -> float:
    """The chance to reach an amount, from the amounts below which 0, 1, .. 100 of 100 futures stay.

    >>> chance_in_grid([0, 100, 200], 150)
    0.25
    """
    shares = np.linspace(0, 1, len(grid))
    if amount_cents <= grid[0]:
        return 1.0
    if amount_cents > grid[-1]:
        return 0.0
    return float(1 - np.interp(amount_cents, grid, shares))


def colleagues_in(team: Team, *, on: date) -> list[Membership]:
    """Who is in the team, whoever leads it first and then by name."""
    rows = Membership.objects.filter(holds_on(on), team=team, person__is_active=True)
    return list(rows.select_related("person").order_by("-is_lead", "person__name", "pk"))
