"""One download at a time for each person: fifty at once would keep everybody else waiting."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

LONGEST_SECONDS = 10 * 60
"""After this a download whose end nobody saw no longer stands in the way."""


def downloaded(
    request: HttpRequest, make: Callable[["Whole"], HttpResponseBase], *, by: AbstractBaseUser
) -> HttpResponseBase:
    """The response that `make` gives, or a refusal while this person has another download running.

    A response that streams takes its rows through the `Whole` that it is given, which ends with the last of them
    or with the connection.
    """
    whole = Whole(f"download:{by.pk}")
    if not cache.add(whole.key, True, LONGEST_SECONDS):
        said = {
            "title": _("One download at a time."),
            "advice": _("You are already downloading something. Try again when that has come in."),
        }
        refused = render(request, "errors/429.html", said, status=429)
        refused.headers["Retry-After"] = "5"
        return refused
    try:
        response = make(whole)
    except BaseException:
        whole.close()
        raise
    if isinstance(response, HttpResponse):
        whole.close()
    return response


class Whole:
    """What a download streams; the server closes it when all was sent and when the reader went away."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.rows: Iterable[Any] = ()

    def of(self, rows: Iterable[Any]) -> "Whole":
        self.rows = rows
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def close(self) -> None:
        cache.delete(self.key)
