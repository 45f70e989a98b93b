"""Sentences above a list about something that goes on now: an import that runs, an account that is not safe."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from karma.common.text import Text


@dataclass(frozen=True)
class Banner:
    """One sentence, and the address by URL name of where something can be done about it."""

    text: Text
    url_name: str = ""
    link: Text = ""


Ask = Callable[[AbstractBaseUser], Banner | None]
ASKED: list[Ask] = []


def add_banner(ask: Ask) -> None:
    """Add a function that says a banner for a viewer, or none; the same one twice is one."""
    if ask not in ASKED:
        ASKED.append(ask)


def banners_for(user: AbstractBaseUser) -> list[Banner]:
    """What is to be said to this viewer now."""
    return [banner for ask in ASKED if (banner := ask(user)) is not None]
