"""What Today adds to the shell: the menu, parts of a customer's page, the export of one's own data."""

from collections.abc import Mapping
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from karma.common.export import add_to_export
from karma.common.menu import MenuItem, add_to_menu
from karma.common.phrases import say_actions
from karma.customers.models import Customer
from karma.customers.panels import Panel, add_panel
from karma.people.models import Person
from karma.readings.phrases import reader
from karma.readings.queries import reading_of
from karma.today import rules as _rules  # noqa: F401 (registers the permission)
from karma.today.models import DayDraw, Handover, Placement, WorkMinutes
from karma.today.phrases import ACTIONS
from karma.today.queries import placement_of
from karma.today.rhythm import draw, purchase_days, rows_of


def connect() -> None:
    """Called once, when the app is ready."""
    say_actions(ACTIONS)
    add_to_menu(MenuItem(pgettext_lazy("menu", "Today"), "today", "sun", 10, who="today.use"))
    add_panel(Panel(_("Rhythm"), "today/panel_rhythm.html", 4, _rhythm))
    add_to_export("today_placements", _placements)
    add_to_export("today_handovers", _handovers)
    add_to_export("today_draws", _draws)
    add_to_export("today_minutes", _minutes)


def _rhythm(viewer: Person, customer: Customer, on: date) -> Mapping[str, object]:
    reading, days = reading_of(customer), purchase_days(viewer, customer, on=on)
    return {
        "customer": customer,
        "reading": reading,
        "reason": getattr(reading, f"reason_{reader()}", ""),
        "picture": draw(days, reading, now=on),
        "rows": rows_of(days),
        "placement": placement_of(viewer, customer, on=on),
    }


def _placements(person: AbstractBaseUser) -> object:
    own = Placement.objects.visible_to(_of(person))
    return list(own.values("customer__name", "place", "kind", "words", "placed_at", "until_on"))


def _handovers(person: AbstractBaseUser) -> object:
    own = Handover.objects.visible_to(_of(person))
    names = ("customer__name", "given_by__name", "given_to__name", "words", "given_at", "ended_at")
    return list(own.values(*names))


def _draws(person: AbstractBaseUser) -> object:
    return list(DayDraw.objects.visible_to(_of(person)).values("customer__name", "on", "propensity", "is_drawn"))


def _minutes(person: AbstractBaseUser) -> object:
    return list(WorkMinutes.objects.filter(person_id=person.pk).values("call", "help", "visit"))


def _of(person: AbstractBaseUser) -> Person:
    if not isinstance(person, Person):
        raise TypeError("Only people have a day.")
    return person
