"""What a person can ask for about themselves: each app adds its part when it is ready."""

from collections.abc import Callable

from django.contrib.auth.base_user import AbstractBaseUser

Part = Callable[[AbstractBaseUser], object]
PARTS: dict[str, Part] = {}


def add_to_export(name: str, part: Part) -> None:
    """Add a part; `part(person)` returns what JSON can hold, of this person only."""
    PARTS[name] = part


def export_of(person: AbstractBaseUser) -> dict[str, object]:
    """Everything that the installation holds about a person, by part."""
    return {name: part(person) for name, part in sorted(PARTS.items())}
