"""Reads of deals and of what was invoiced, always of what the viewer may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Max, Min, Q, QuerySet, Sum, When

from karma.common.suggestions import MOST, remembered
from karma.customers.models import FEW, Customer
from karma.customers.queries import scope_of
from karma.deals.enums import Outcome
from karma.deals.models import Deal, PurchaseLine
from karma.people.models import Person

ORDERS = {
    "opened": ("-opened_on", "-id"),
    "close": ("expected_close_on", "id"),
    "title": ("title", "id"),
}

OPEN_FIRST = Case(When(outcome=Outcome.OPEN, then=0), default=1)


@dataclass(frozen=True)
class DealFilter:
    """What narrows the list: words, an outcome, a stage, an owner's id, and the order."""

    words: str = ""
    outcome: str = "open"
    stage: str = ""
    owner: str = ""
    order: str = "opened"


def read_filter(query: Mapping[str, str]) -> DealFilter:
    """Read a filter from an address; what is not known there is left out. Open deals unless asked otherwise."""
    outcome, order, owner = query.get("outcome", "open"), query.get("order", "opened"), query.get("owner", "")
    return DealFilter(
        words=query.get("q", "").replace("\x00", "").strip()[:100],
        outcome=outcome if outcome in Outcome.values or outcome == "all" else "open",
        stage=query.get("stage", "").replace("\x00", "")[:80],
        owner=owner if owner.isascii() and owner.isdigit() and len(owner) < 18 else "",
        order=order if order in ORDERS else "opened",
    )


def deals_found(viewer: Person, chosen: DealFilter, *, on: date) -> QuerySet[Deal]:
    """The viewer's deals that a filter leaves, in order, each with its customer and owner."""
    deals = Deal.objects.visible_to(viewer, on=on).select_related("customer", "owner")
    if chosen.words:
        deals = deals.filter(_about(chosen.words))
    if chosen.outcome != "all":
        deals = deals.filter(outcome=chosen.outcome)
    if chosen.stage:
        deals = deals.filter(stage=chosen.stage)
    if chosen.owner:
        deals = deals.filter(owner=int(chosen.owner))
    return deals.order_by(*ORDERS[chosen.order])


def _about(words: str) -> Q:
    """Deals whose title or whose customer's name holds the words: rare ones by id, as `named` does; two reads."""
    titled = Deal.objects.filter(title__icontains=words).order_by().values_list("pk", flat=True)[: FEW + 1]
    named = Customer.objects.filter(name__icontains=words).order_by().values_list("pk", flat=True)[: FEW + 1]
    deals, customers = set(titled), set(named)
    if max(len(deals), len(customers)) <= FEW:
        return Q(pk__in=deals) | Q(customer__in=customers)
    return Q(title__icontains=words) | Q(customer__name__icontains=words)


def stages_of(viewer: Person, *, on: date) -> tuple[str, ...]:
    """The stages of the viewer's open deals."""
    deals = Deal.objects.visible_to(viewer, on=on).filter(outcome=Outcome.OPEN).exclude(stage="")
    names = deals.values_list("stage", flat=True).distinct().order_by("stage")[:MOST]
    return remembered("stages", names, scope=scope_of(viewer, on=on))


def deals_of(viewer: Person, customer: Customer, *, on: date) -> QuerySet[Deal]:
    """A customer's deals, open ones first."""
    deals = Deal.objects.visible_to(viewer, on=on).filter(customer=customer).select_related("owner")
    return deals.order_by(OPEN_FIRST, "-opened_on", "-id")


@dataclass(frozen=True)
class Bought:
    """What a customer has bought, in words and days: no amounts, for the page on which one works for them."""

    first_on: date | None
    last_on: date | None
    days: int
    latest: tuple[PurchaseLine, ...]


def bought_by(viewer: Person, customer: Customer, *, on: date) -> Bought:
    """When a customer bought, on how many days, and the latest lines."""
    lines = PurchaseLine.objects.visible_to(viewer, on=on).filter(customer=customer)
    sold = lines.filter(revenue_cents__gte=0)
    counted = sold.aggregate(first_on=Min("on"), last_on=Max("on"), days=Count("on", distinct=True))
    return Bought(**counted, latest=tuple(sold[:5]))


@dataclass(frozen=True)
class Year:
    """What was invoiced in one calendar year."""

    year: int
    revenue_cents: int
    days: int


def years_of(viewer: Person, customer: Customer, *, on: date) -> list[Year]:
    """Invoiced amounts of a customer by calendar year, the latest first."""
    lines = PurchaseLine.objects.visible_to(viewer, on=on).filter(customer=customer)
    by_year = lines.values("on__year").annotate(cents=Sum("revenue_cents"), days=Count("on", distinct=True))
    return [Year(row["on__year"], row["cents"], row["days"]) for row in by_year.order_by("-on__year")]


def lines_of(viewer: Person, customer: Customer, *, on: date) -> QuerySet[PurchaseLine]:
    """A customer's lines of sale, the latest first."""
    return PurchaseLine.objects.visible_to(viewer, on=on).filter(customer=customer)
