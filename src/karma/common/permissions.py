"""Named permissions: an app's rules.py says who has each; views declare the one they need."""

from collections.abc import Callable

import rules.permissions
import rules.predicates
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

Test = Callable[[AbstractBaseUser], bool]


def permit(name: str, test: Test) -> None:
    """Give a permission to whoever passes the test; the same name again replaces the test."""
    rules.permissions.set_perm(name, rules.predicates.predicate(test))  # type: ignore[no-untyped-call]


def exists(name: str) -> bool:
    return bool(rules.permissions.perm_exists(name))  # type: ignore[no-untyped-call]


def has_permission(user: AbstractBaseUser | AnonymousUser, name: str) -> bool:
    """Whether the user has the permission; a permission that nobody gave is nobody's."""
    return exists(name) and bool(rules.permissions.has_perm(name, user))  # type: ignore[no-untyped-call]
