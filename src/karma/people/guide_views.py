"""The first-run guide, and the company's own page that it begins with."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from karma.common.access import who_may
from karma.common.clock import now, today
from karma.people import operations
from karma.people.forms import CompanyForm, InvitationForm, TeamForm
from karma.people.models import Person, Team
from karma.people.operations import Refused
from karma.people.queries import current_organisation, guide_state, team_lines
from karma.people.viewer import viewer


@who_may("people.change_organisation")
@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """Go to the step that comes next."""
    return redirect(guide_state(on=today()).next_step)


@who_may("people.change_organisation")
@require_http_methods(["GET", "POST"])
def guide_company(request: HttpRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, initial=_company_now())
    if request.method == "POST" and form.is_valid():
        operations.describe_company(form.company(), by=viewer(request), at=now())
        return redirect("guide-teams")
    context = {"form": form, "step": 1, "state": guide_state(on=today())}
    return render(request, "people/guide/company.html", context, status=422 if form.errors else 200)


@who_may("people.change_organisation")
@require_http_methods(["GET", "POST"])
def guide_teams(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = operations.found_team(form.cleaned_data["name"], by=person, at=now())
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            if "mine" in request.POST:
                operations.join_team(person, team=team, is_lead=False, on=today(), by=person, at=now())
            return redirect("guide-teams")
    lines = team_lines(person, on=today())
    context = {"form": form, "step": 2, "lines": lines, "state": guide_state(on=today())}
    return render(request, "people/guide/teams.html", context, status=422 if form.errors else 200)


@who_may("people.change_organisation")
@require_GET
def guide_people(request: HttpRequest) -> HttpResponse:
    context = {
        "step": 3,
        "people": Person.objects.colleagues(),
        "form": InvitationForm(teams=Team.objects.current(on=today())),
        "state": guide_state(on=today()),
    }
    return render(request, "people/guide/people.html", context)


@who_may("people.change_organisation")
@require_GET
def guide_files(request: HttpRequest) -> HttpResponse:
    return render(request, "people/guide/files.html", {"step": 4, "state": guide_state(on=today())})


@who_may("people.change_organisation")
@require_POST
def guide_close(request: HttpRequest) -> HttpResponse:
    operations.close_guide(by=viewer(request), at=now())
    return redirect("home")


@who_may("people.change_organisation")
@require_http_methods(["GET", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, initial=_company_now())
    if request.method == "POST" and form.is_valid():
        operations.describe_company(form.company(), by=viewer(request), at=now())
        messages.info(request, _("Saved."))
        return redirect("company")
    return render(request, "people/company.html", {"form": form}, status=422 if form.errors else 200)


def _company_now() -> dict[str, object]:
    organisation = current_organisation()
    if organisation is None:
        return {"time_zone": "Europe/Amsterdam", "fiscal_start_month": 1, "currency": "EUR", "language": "nl"}
    return {
        "name": organisation.name,
        "time_zone": organisation.time_zone,
        "fiscal_start_month": organisation.fiscal_start_month,
        "currency": organisation.currency,
        "language": organisation.language,
    }
