"""The register of data: for each model who owns it, how private it is, and how long it is kept.

The works-council pack and the processing register are written from it; a house test fails on a model without it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.apps import apps
from django.db.models import Model


class Privacy(StrEnum):
    """How private a model's rows are."""

    TECHNICAL = "technical"  # about no person
    COMPANY = "company"  # about a company or a sale
    PERSONAL = "personal"  # about an employee or a contact person
    SECRET = "secret"  # noqa: S105 (a class of data) nobody reads it: passwords, keys, tokens


@dataclass(frozen=True)
class Register:
    """One model's line in the register. `personal` names the fields that hold personal data."""

    owner: str
    privacy: Privacy
    retention: str
    personal: tuple[str, ...] = field(default=())


_SESSION = "until it ends, 12 hours at most"
_PERSON = "as long as the person has an account"
THIRD_PARTY = {
    "auth.Permission": Register("nobody", Privacy.TECHNICAL, "not used"),
    "auth.Group": Register("nobody", Privacy.TECHNICAL, "not used"),
    "auth.Group_permissions": Register("nobody", Privacy.TECHNICAL, "not used"),
    "contenttypes.ContentType": Register("nobody", Privacy.TECHNICAL, "not used"),
    "sessions.Session": Register("the person signed in", Privacy.SECRET, _SESSION),
    "account.EmailAddress": Register("the person", Privacy.PERSONAL, _PERSON, ("email",)),
    "account.EmailConfirmation": Register("the person", Privacy.SECRET, "3 days"),
    "mfa.Authenticator": Register("the person", Privacy.SECRET, _PERSON, ("data",)),
    "usersessions.UserSession": Register("the person", Privacy.PERSONAL, _SESSION, ("ip", "user_agent")),
    "django_tasks_database.DBTaskResult": Register("the administrator", Privacy.TECHNICAL, "30 days"),
}


def register_of(model: type[Model]) -> Register | None:
    """The line of a model, or None while nobody has written it."""
    own = vars(model).get("register")
    return own if isinstance(own, Register) else THIRD_PARTY.get(model._meta.label)


def register_lines() -> dict[str, Register]:
    """Every model with a line, by label."""
    lines = {model._meta.label: register_of(model) for model in apps.get_models(include_auto_created=True)}
    return {label: line for label, line in sorted(lines.items()) if line}
