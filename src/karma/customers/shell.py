"""What customers add to the shell: menu, search and the export of one's own data."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from karma.common.clock import today
from karma.common.export import add_to_export
from karma.common.menu import MenuItem, add_to_menu
from karma.common.phrases import say_actions
from karma.common.search import Hit, Source, add_source
from karma.customers import rules as _rules  # noqa: F401 (registers the permissions)
from karma.customers.models import ContactMoment, ContactPerson, Customer, Responsibility, Rest
from karma.customers.panels import Panel, add_panel
from karma.customers.phrases import ACTIONS
from karma.customers.queries import rest_of
from karma.customers.resting import rest_suggestions
from karma.people.models import Person


def connect() -> None:
    """Called once, when the app is ready."""
    say_actions(ACTIONS)
    add_to_menu(MenuItem(_("Customers"), "customers", "building", 40))
    add_source(Source(_("Customers"), "building", 10, _find_customers))
    add_source(Source(_("People at customers"), "person", 35, _find_contact_persons))
    add_panel(Panel(_("Leave in peace"), "customers/panel_rest.html", 6, _rest))
    add_to_export("responsible_for", _responsibilities)
    add_to_export("rests_asked", _rests)
    add_to_export("contact_moments", _moments)


def _find_customers(user: object, words: str, limit: int) -> Iterable[Hit]:
    assert isinstance(user, Person)  # noqa: S101 (for the type checker)
    found = Customer.objects.visible_to(user, on=today()).filter(name__icontains=words)
    for customer in found.order_by("name", "id")[:limit]:
        yield Hit(customer.name, reverse("customers-page", args=[customer.pk]), customer.city)


def _find_contact_persons(user: object, words: str, limit: int) -> Iterable[Hit]:
    assert isinstance(user, Person)  # noqa: S101 (for the type checker)
    found = ContactPerson.objects.visible_to(user, on=today()).filter(name__icontains=words)
    for contact in found.select_related("customer")[:limit]:
        if contact.customer:
            yield Hit(contact.name, reverse("customers-page", args=[contact.customer_id]), contact.customer.name)


def _responsibilities(person: AbstractBaseUser) -> object:
    rows = Responsibility.objects.filter(person_id=person.pk)
    return list(rows.values("customer__name", "team__name", "from_on", "until_on"))


def _moments(person: AbstractBaseUser) -> object:
    rows = ContactMoment.objects.filter(person_id=person.pk)
    return list(rows.values("customer__name", "kind", "at", "summary"))


def _rest(viewer: Person, customer: Customer, on: date) -> Mapping[str, object]:
    return {"rest": rest_of(viewer, customer, on=on), "suggestions": rest_suggestions(on), "customer": customer}


def _rests(person: AbstractBaseUser) -> object:
    rows = Rest.objects.filter(set_by_id=person.pk)
    return list(rows.values("customer__name", "until_on", "why", "set_at", "lifted_at"))
