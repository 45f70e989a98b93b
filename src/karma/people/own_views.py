"""Pages on oneself: settings, sessions, export, and the first visit by an invitation."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from karma.common.access import ANYONE, SIGNED_IN, who_may
from karma.common.audit import record
from karma.common.clock import now, today
from karma.common.downloads import Whole, downloaded
from karma.common.export import export_of
from karma.people import invitations, operations
from karma.people.forms import OwnSettingsForm, WelcomeForm, WorkingWeekForm
from karma.people.invitations import invitation_for
from karma.people.operations import Refused
from karma.people.queries import has_second_step, sessions_of, working_week
from karma.people.viewer import viewer


@who_may(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    current = {"name": person.name, "language": person.language, "appearance": person.appearance}
    form = OwnSettingsForm(request.POST or None, initial=current)
    if request.method == "POST" and form.is_valid():
        operations.choose_own_settings(person, choices=form.cleaned_data, at=now())
        return redirect("me")
    context = {"form": form, "has_second_step": has_second_step(person), "sessions": sessions_of(person)}
    return render(request, "people/me.html", context, status=422 if form.errors else 200)


@who_may(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def my_week(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    week = working_week(person, on=today())
    form = WorkingWeekForm(request.POST or None, week=week)
    if request.method == "POST" and form.is_valid():
        operations.set_working_week(person, minutes=form.minutes(), on=today(), by=person, at=now())
        return redirect("me")
    return render(request, "people/week.html", {"form": form, "week": week}, status=422 if form.errors else 200)


@who_may(SIGNED_IN)
@require_GET
def my_sessions(request: HttpRequest) -> HttpResponse:
    context = {"sessions": sessions_of(viewer(request)), "this": request.session.session_key}
    return render(request, "people/sessions.html", context)


@who_may(SIGNED_IN)
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    person = viewer(request)
    mine = {session.pk: session for session in sessions_of(person)}
    if session_id not in mine:
        raise Http404
    mine[session_id].end()
    with transaction.atomic():
        record("people.session_ended", by=person, at=now())
    return redirect("my-sessions")


@who_may(SIGNED_IN)
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    for session in sessions_of(person):
        if session.session_key != request.session.session_key:
            session.end()
    with transaction.atomic():
        record("people.other_sessions_ended", by=person, at=now())
    return redirect("my-sessions")


@who_may(SIGNED_IN)
@require_GET
@reauthentication_required  # type: ignore[untyped-decorator]
def my_export(request: HttpRequest) -> HttpResponseBase:
    """All that is held about this person, as JSON; asks the password again first."""
    person = viewer(request)

    def make(_whole: Whole) -> HttpResponseBase:
        with transaction.atomic():
            record("people.own_data_exported", by=person, at=now())
        response = JsonResponse(export_of(person), json_dumps_params={"indent": 2, "ensure_ascii": False})
        response.headers["Content-Disposition"] = f'attachment; filename="karma-{today():%Y-%m-%d}.json"'
        return response

    return downloaded(request, make, by=person)


@who_may(ANYONE)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A GET only shows, since mail scanners open links; the POST with a password lets the person in."""
    found = invitation_for(token, at=now())
    if found is None:
        return render(request, "people/invitation_gone.html", status=404)
    form = WelcomeForm(request.POST or None, person=found.person)
    if request.method == "POST" and form.is_valid():
        return _welcome(request, token, form.cleaned_data["password"])
    context = {"form": form, "person": found.person, "invited_by": found.invited_by}
    return render(request, "people/invitation.html", context, status=422 if form.errors else 200)


def _welcome(request: HttpRequest, token: str, password: str) -> HttpResponse:
    try:
        person = invitations.accept(token, password=password, at=now())
    except Refused:
        return render(request, "people/invitation_gone.html", status=404)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.info(request, _("Welcome. From now on you sign in with your e-mail address and this password."))
    return redirect("guide" if person.is_administrator else "home")
