"""Parts of a customer's page that later apps add: the page itself knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from karma.common.text import Text
from karma.customers.models import Customer
from karma.people.models import Person


@dataclass(frozen=True)
class Panel:
    """One part: its heading, its template, and what the template gets for this viewer, customer and day."""

    title: Text
    template: str
    order: int
    load: Callable[[Person, Customer, date], Mapping[str, object]]


@dataclass(frozen=True)
class Filled:
    """A panel with what it shows."""

    panel: Panel
    content: Mapping[str, object]


PANELS: list[Panel] = []


def add_panel(panel: Panel) -> None:
    """Add a part; the same part twice is one part."""
    if panel not in PANELS:
        PANELS.append(panel)


def panels_of(viewer: Person, customer: Customer, *, on: date) -> list[Filled]:
    """All parts of a customer's page, in order."""
    ordered = sorted(PANELS, key=lambda panel: panel.order)
    return [Filled(panel, panel.load(viewer, customer, on)) for panel in ordered]
