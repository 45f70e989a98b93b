"""Few requests work at once in a process, and of one visitor fewer still: nobody takes all the room.

Whoever asks for more waits for a place of their own to come free. Others do not wait for them.
"""

import threading
from collections import Counter
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

PLACES = 4
OWN_PLACES = 1
OWN_QUEUE = 16
"""A browser asks for six things at once at most."""
PATIENCE_SECONDS = 10.0


class Places:
    """Let a request in when there is a place for its visitor; say to try again where that takes too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.changed = threading.Condition()
        self.here: Counter[str] = Counter()
        self.working: Counter[str] = Counter()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        visitor = visitor_of(request)
        with self.changed:
            self.here[visitor] += 1
            may_work = self._waits_for_a_place(visitor)
            self.working[visitor] += may_work
        try:
            return self.get_response(request) if may_work else _too_much(request)
        finally:
            with self.changed:
                self.here -= Counter([visitor])
                self.working -= Counter([visitor] if may_work else [])
                self.changed.notify_all()

    def _waits_for_a_place(self, visitor: str) -> bool:
        def is_free() -> bool:
            return self.working[visitor] < OWN_PLACES and self.working.total() < PLACES

        return self.here[visitor] <= OWN_QUEUE and self.changed.wait_for(is_free, PATIENCE_SECONDS)


def visitor_of(request: HttpRequest) -> str:
    """Whose request this is: of whoever is signed in the session, of others where they come from."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    known = 0 < proxies <= len(forwarded)
    return session or (forwarded[-proxies].strip() if known else str(request.META.get("REMOTE_ADDR", "")))


def _too_much(request: HttpRequest) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        said = {
            "title": _("You are asking for a lot at once."),
            "advice": _("Try again in a few seconds. Others can go on meanwhile."),
        }
        page = render_to_string("errors/429.html", said)
    return HttpResponse(page, status=429, headers={"Retry-After": "5"})
