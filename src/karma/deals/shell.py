"""What deals add to the shell: menu, search, two parts of a customer's page, the export of one's own data."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from karma.common.clock import today
from karma.common.export import add_to_export
from karma.common.menu import MenuItem, add_to_menu
from karma.common.search import Hit, Source, add_source
from karma.customers.models import Customer
from karma.customers.panels import Panel, add_panel
from karma.deals.models import Deal
from karma.deals.queries import bought_by, deals_of
from karma.people.models import Person

SHOWN = 8


def connect() -> None:
    """Called once, when the app is ready."""
    add_to_menu(MenuItem(_("Deals"), "deals", "chat-left-text", 45))
    add_source(Source(_("Deals"), "chat-left-text", 20, _find))
    add_panel(Panel(_("Deals"), "deals/panel_deals.html", 10, _deals))
    add_panel(Panel(_("Purchases"), "deals/panel_bought.html", 20, _bought))
    add_to_export("deals_owned", _owned)


def _find(user: object, words: str, limit: int) -> Iterable[Hit]:
    assert isinstance(user, Person)  # noqa: S101 (for the type checker)
    found = Deal.objects.visible_to(user, on=today()).filter(title__icontains=words).select_related("customer")
    for deal in found.order_by("title", "id")[:limit]:
        yield Hit(deal.title, reverse("deals-page", args=[deal.pk]), deal.customer.name if deal.customer else "")


def _deals(viewer: Person, customer: Customer, on: date) -> Mapping[str, object]:
    deals = deals_of(viewer, customer, on=on)
    return {"deals": deals[:SHOWN], "more": deals.count() - SHOWN}


def _bought(viewer: Person, customer: Customer, on: date) -> Mapping[str, object]:
    return {"bought": bought_by(viewer, customer, on=on)}


def _owned(person: AbstractBaseUser) -> object:
    return list(Deal.objects.filter(owner_id=person.pk).values("title", "customer__name", "outcome", "opened_on"))
