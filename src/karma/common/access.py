"""Who may open a page: declared on each view, enforced by WhoMayMiddleware, walked by tests/house.

A view without a declaration is closed to everyone, and `karma doctor` and the tests name it. Which rows a person
sees is not decided here but by each model's `visible_to(user)`: a foreign row and an absent one are the same 404.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, URLResolver, get_resolver

from karma.common.permissions import has_permission

ANYONE = "anyone"
SIGNED_IN = "signed in"

# Views that others wrote cannot carry a declaration, so theirs stands here, by URL name.
OF_OTHERS = {
    "account_login": ANYONE,
    "account_logout": ANYONE,
    "account_inactive": ANYONE,
    "account_signup": ANYONE,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_reset_password": ANYONE,
    "account_reset_password_done": ANYONE,
    "account_reset_password_from_key": ANYONE,
    "account_reset_password_from_key_done": ANYONE,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": ANYONE,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "mfa_login_webauthn": ANYONE,
    "set_language": ANYONE,
}

View = TypeVar("View", bound=Callable[..., object])


def who_may(who: str) -> Callable[[View], View]:
    """Declare who may open the view: ANYONE, SIGNED_IN, or the name of a permission in an app's rules.py."""

    def declare(view: View) -> View:
        view.who_may = who  # type: ignore[attr-defined]
        return view

    return declare


def declared_for(view: Callable[..., object], url_name: str | None) -> str | None:
    """What was declared for a view, or None where nobody did."""
    who = getattr(view, "who_may", None)
    return who if isinstance(who, str) else OF_OTHERS.get(url_name or "")


def is_allowed(who: str, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the declaration lets this user in."""
    if who == ANYONE:
        return True
    if not user.is_authenticated:
        return False
    return who == SIGNED_IN or has_permission(user, who)


def all_patterns(
    patterns: list[URLPattern | URLResolver] | None = None, base: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every URL of the product as its full pattern and its entry."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = base + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from all_patterns(entry.url_patterns, path)
        else:
            yield path, entry
