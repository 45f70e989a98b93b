"""Pages on teams and people."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from karma.common.access import SIGNED_IN, who_may
from karma.common.clock import now, today
from karma.people import invitations, operations
from karma.people.enums import Function
from karma.people.forms import InvitationForm, JoinForm, LeaveForm, PersonForm, TeamForm
from karma.people.invitations import Newcomer, link_of, mail_invitation
from karma.people.models import Membership, Person, Team
from karma.people.operations import Refused
from karma.people.queries import (
    current_organisation,
    memberships_of_team,
    open_invitation,
    people_found,
    person_with_history,
    team_lines,
)
from karma.people.viewer import viewer

PAGE = 40


@who_may(SIGNED_IN)
@require_GET
def team_list(request: HttpRequest) -> HttpResponse:
    return render(request, "people/teams.html", {"lines": team_lines(viewer(request), on=today())})


@who_may(SIGNED_IN)
@require_GET
def team_page(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=team_id)
    context = {
        "team": team,
        "memberships": memberships_of_team(team),
        "today": today(),
        "join": JoinForm(initial={"from_on": today()}),
    }
    return render(request, "people/team.html", context)


@who_may("people.manage")
@require_http_methods(["GET", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = operations.found_team(form.cleaned_data["name"], by=viewer(request), at=now())
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            return redirect("teams-page", team.pk)
    return render(request, "people/team_form.html", {"form": form}, status=422 if form.errors else 200)


@who_may("people.manage")
@require_http_methods(["GET", "POST"])
def team_change(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=team_id)
    form = TeamForm(request.POST or None, initial={"name": team.name})
    if request.method == "POST" and form.is_valid():
        try:
            operations.rename_team(team, name=form.cleaned_data["name"], by=viewer(request), at=now())
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            return redirect("teams-page", team.pk)
    return render(
        request, "people/team_form.html", {"form": form, "team": team}, status=422 if form.errors else 200
    )


@who_may("people.manage")
@require_POST
def team_retire(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=team_id)
    try:
        operations.retire_team(team, on=today(), by=viewer(request), at=now())
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("teams-page", team.pk)
    return redirect("teams")


@who_may("people.manage")
@require_POST
def team_join(request: HttpRequest, team_id: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=team_id)
    form = JoinForm(request.POST)
    if form.is_valid():
        try:
            operations.join_team(
                form.cleaned_data["person"],
                team=team,
                is_lead=form.cleaned_data["is_lead"],
                on=form.cleaned_data["from_on"],
                by=viewer(request),
                at=now(),
            )
        except Refused as refused:
            form.add_error("person", str(refused))
        else:
            return redirect("teams-page", team.pk)
    context = {"team": team, "memberships": memberships_of_team(team), "today": today(), "join": form}
    return render(request, "people/team.html", context, status=422)


@who_may("people.manage")
@require_http_methods(["GET", "POST"])
def team_leave(request: HttpRequest, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("person", "team"), pk=membership_id)
    form = LeaveForm(request.POST or None, initial={"until_on": today()})
    if request.method == "POST" and form.is_valid():
        operations.leave_team(membership, on=form.cleaned_data["until_on"], by=viewer(request), at=now())
        return redirect("teams-page", membership.team_id)
    context = {"form": form, "membership": membership}
    return render(request, "people/leave.html", context, status=422 if form.errors else 200)


@who_may(SIGNED_IN)
@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    words, function, left = (request.GET.get(key, "") for key in ("q", "function", "left"))
    people = people_found(words=words, function=function, left=bool(left), on=today())
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "words": words, "function": function, "left": left, "functions": Function.choices}
    return render(request, "people/people.html", context)


@who_may(SIGNED_IN)
@require_GET
def person_page(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(person_with_history(person_id))
    context = {"person": person, "invitation": open_invitation(person, at=now()), "today": today()}
    return render(request, "people/person.html", context)


@who_may("people.manage")
@require_http_methods(["GET", "POST"])
def person_invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None, teams=Team.objects.current(on=today()))
    if request.method == "POST" and form.is_valid():
        try:
            return _invited(request, form)
        except Refused as refused:
            form.add_error("email", str(refused))
    return render(request, "people/invite.html", {"form": form}, status=422 if form.errors else 200)


def _invited(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    answers = {**form.cleaned_data}
    team = answers.pop("team")
    by = viewer(request)
    person, token = invitations.invite(Newcomer(**answers), by=by, at=now())
    if team and operations.present_team(person, on=today()) != team:
        operations.join_team(person, team=team, is_lead=False, on=today(), by=by, at=now())
    return _show_link(request, person, token)


def _show_link(request: HttpRequest, person: Person, token: str) -> HttpResponse:
    """Show the link once; only its hash is kept."""
    organisation = current_organisation()
    is_mailed = mail_invitation(
        person,
        token=token,
        language=person.language or (organisation.language if organisation else settings.LANGUAGE_CODE),
        invited_by=viewer(request).name,
        organisation=organisation.name if organisation else "",
    )
    context = {"person": person, "link": link_of(token), "is_mailed": is_mailed, "days": settings.INVITATION_DAYS}
    return render(request, "people/invited.html", context)


@who_may("people.manage")
@require_POST
def person_invite_again(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id, is_active=True)
    try:
        token = invitations.invite_again(person, by=viewer(request), at=now())
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("people-person", person.pk)
    return _show_link(request, person, token)


@who_may("people.manage")
@require_POST
def person_revoke(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    invitations.revoke(person, by=viewer(request), at=now())
    messages.info(request, _("The link does not work any more."))
    return redirect("people-person", person.pk)


@who_may("people.manage")
@require_http_methods(["GET", "POST"])
def person_change(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    current = {"name": person.name, "function": person.function, "role": person.role}
    form = PersonForm(request.POST or None, initial=current)
    if request.method == "POST" and form.is_valid():
        try:
            operations.describe_person(person, changes=form.cleaned_data, by=viewer(request), at=now())
        except Refused as refused:
            form.add_error("role", str(refused))
        else:
            return redirect("people-person", person.pk)
    context = {"form": form, "person": person}
    return render(request, "people/person_form.html", context, status=422 if form.errors else 200)


@who_may("people.manage")
@require_http_methods(["GET", "POST"])
def person_let_go(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id, is_active=True)
    if request.method == "POST":
        try:
            operations.let_go(person, on=today(), by=viewer(request), at=now())
        except Refused as refused:
            messages.warning(request, str(refused))
        return redirect("people-person", person.pk)
    return render(request, "people/let_go.html", {"person": person})


@who_may("people.manage")
@require_POST
def person_welcome_back(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id, is_active=False)
    operations.welcome_back(person, by=viewer(request), at=now())
    return redirect("people-person", person.pk)
