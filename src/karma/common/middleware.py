"""What happens around every request: who may, idle sessions, and no page kept by a cache."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.db.utils import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from karma.common.access import declared_for, is_allowed
from karma.common.audit import record_refusal

logger = logging.getLogger(__name__)
Respond = Callable[[HttpRequest], HttpResponseBase]
SEEN_EVERY_SECONDS = 5 * 60
METHODS = ("GET", "HEAD", "POST")  # the generic views of others answer to PUT and OPTIONS too


class WhoMayMiddleware:
    """Let a request through to its view only if the view's declaration allows it; closed where there is none."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        who = declared_for(view, name)
        if who is not None and is_allowed(who, request.user):
            return None if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        if who is not None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404


def end_idle_sessions(get_response: Respond) -> Respond:
    """Sign out whoever did nothing for SESSION_IDLE_SECONDS; "seen" is written every five minutes at most."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            moment = int(timezone.now().timestamp())
            idle = moment - request.session.get("seen", moment)
            if idle > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif idle > SEEN_EVERY_SECONDS or "seen" not in request.session:
                request.session["seen"] = moment
        return get_response(request)

    return respond


def private_pages(get_response: Respond) -> Respond:
    """Keep pages out of every cache and index; files of the product itself may be cached."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store, private")
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            if isinstance(response, HttpResponse):
                patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return respond


def note_refusals(get_response: Respond) -> Respond:
    """Keep in the audit list who asked for a row that is absent or another's; only its number, never a token."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        match = request.resolver_match
        rows = [value for value in match.kwargs.values() if isinstance(value, int)] if match else []
        if match and rows and response.status_code == 404 and isinstance(request.user, AbstractBaseUser):
            record_refusal(by=request.user, page=match.url_name or "", row=rows[-1], at=timezone.now())
        return response

    return respond


class SayBusy:
    """Say 503, and when to try again, where others wrote for so long that somebody could not."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if not isinstance(fault, OperationalError) or "locked" not in str(fault):
            return None
        logger.warning("The database was busy for too long; asked to try again")
        response = render(request, "errors/503.html", status=503)
        response.headers["Retry-After"] = "5"
        return response
