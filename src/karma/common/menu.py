"""The menu: each app adds its items when it is ready."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from karma.common.access import SIGNED_IN, is_allowed
from karma.common.text import Text

MAIN, ADMINISTRATION = "main", "administration"


@dataclass(frozen=True)
class MenuItem:
    """One line of a menu. `order`: Today 10, Team 20, Plan 30, Customers 40, Promises 50, Learn 60."""

    name: Text
    url_name: str
    icon: str
    order: int
    section: str = MAIN
    who: str = SIGNED_IN


ITEMS: list[MenuItem] = []


def add_to_menu(*items: MenuItem) -> None:
    """Add items; the same item twice is one item."""
    ITEMS.extend(item for item in items if item not in ITEMS)


def menu_for(user: AbstractBaseUser | AnonymousUser, *, section: str) -> list[MenuItem]:
    """The items of a section that this person may open, in order."""
    mine = [item for item in ITEMS if item.section == section and is_allowed(item.who, user)]
    return sorted(mine, key=lambda item: item.order)
