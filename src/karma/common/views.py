"""Pages that belong to no app: the start, health, search, jobs, and what is shown when something is wrong."""

import logging
import secrets

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from karma.common.access import ANYONE, SIGNED_IN, who_may
from karma.common.clock import now
from karma.common.menu import MAIN, menu_for
from karma.common.models import Job, SavedView
from karma.common.queries import audit_page, database_answers
from karma.common.saved_views import PAGES, drop_view, keep_view
from karma.common.search import search

logger = logging.getLogger(__name__)
PAGE = 40


@who_may(SIGNED_IN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page that this person has in the menu."""
    first = next(iter(menu_for(request.user, section=MAIN)), None)
    return redirect(first.url_name if first else "account_login")


@who_may(ANYONE)
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process and its database answer; says nothing else to strangers."""
    try:
        database_answers()
    except DatabaseError:
        return JsonResponse({"well": False}, status=503)
    return JsonResponse({"well": True})


@who_may(SIGNED_IN)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Ctrl+K: a page of its own, that htmx refreshes while one types."""
    words = request.GET.get("q", "")
    page = "common/search.html#found" if request.htmx else "common/search.html"  # type: ignore[attr-defined]
    return render(request, page, {"words": words, "found": search(request.user, words)})


@who_may(SIGNED_IN)
@require_GET
def job(request: HttpRequest, job_id: str) -> HttpResponse:
    """How far a job is; htmx asks again every two seconds until it ended."""
    shown = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    page = "common/job.html#progress" if request.htmx else "common/job.html"  # type: ignore[attr-defined]
    return render(request, page, {"job": shown})


@who_may("common.read_audit")
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    events = audit_page(action=request.GET.get("action", ""), person=request.GET.get("person", ""))
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    return render(request, "common/audit.html", {"page": page})


@who_may(SIGNED_IN)
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The list of keys that work on every page."""
    return render(request, "common/keys.html")


@who_may(SIGNED_IN)
@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """What does not fit in the menu of a phone."""
    return render(request, "common/more.html")


@who_may(SIGNED_IN)
@require_POST
def view_keep(request: HttpRequest) -> HttpResponse:
    """Keep the list that one looks at under a name, and go back to it."""
    page, name = request.POST.get("page", ""), request.POST.get("name", "").strip()[:80]
    if page not in PAGES or not name:
        return redirect("home")
    query = request.POST.get("query", "")
    view = keep_view(
        page, name=name, query=query, is_shared="is_shared" in request.POST, by=_person(request), at=now()
    )
    return redirect(f"{reverse(page)}?{view.query}")


@who_may(SIGNED_IN)
@require_POST
def view_drop(request: HttpRequest, view_id: int) -> HttpResponse:
    person = _person(request)
    view = get_object_or_404(SavedView, pk=view_id, person_id=person.pk)
    page = view.page
    drop_view(view, by=person, at=now())
    return redirect(page)


def _person(request: HttpRequest) -> AbstractBaseUser:
    if not isinstance(request.user, AbstractBaseUser):
        raise TypeError("Only a view that is declared for signed-in people may ask who looks.")
    return request.user


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """A page without any data, with a mark by which the administrator finds the line in the log.

    It asks the database nothing, not even who looks: that may be what went wrong.
    """
    mark = secrets.token_hex(4)
    logger.error("Shown to someone as %s", mark)
    return HttpResponse(render_to_string("errors/500.html", {"mark": mark}), status=500)
