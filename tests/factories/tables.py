"""What stands in the tables that imports write, so that two states can be compared."""

from typing import Any

from karma.customers.models import (
    ContactMoment,
    ContactPerson,
    Customer,
    CustomerSegment,
    CustomerSource,
    Responsibility,
)
from karma.deals.models import Deal, PurchaseLine, StageChange
from karma.people.models import Membership, Person, Team

TABLES = (
    Person, Team, Membership, Customer, CustomerSource, CustomerSegment, Responsibility, ContactPerson,
    ContactMoment, Deal, StageChange, PurchaseLine,
)  # fmt: skip


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, whole."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


def row_counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in TABLES}
