"""The Team screen."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from karma.common.access import SIGNED_IN, who_may
from karma.common.clock import today
from karma.people.viewer import viewer
from karma.plans.queries import Offer, Scope, offer_to, plan_shown
from karma.readings.enums import CustomerState, PeriodKind
from karma.team.queries import at_rest, attention, colleagues_in
from karma.team.together import Together


@who_may(SIGNED_IN)
@require_GET
def team(request: HttpRequest) -> HttpResponse:
    """The viewer's own team, or the whole company; who is in no team sees which teams there are."""
    chosen = request.GET.get("team", "")
    if chosen:
        return redirect(_address(chosen))
    offer = offer_to(viewer(request), on=today())
    return _page(request, offer, offer.first) if offer.first else redirect("teams")


@who_may("plans.see_company")
@require_GET
def team_company(request: HttpRequest) -> HttpResponse:
    offer = offer_to(viewer(request), on=today())
    return _page(request, offer, _scope(offer, None))


@who_may(SIGNED_IN)
@require_GET
def team_page(request: HttpRequest, team_id: int) -> HttpResponse:
    offer = offer_to(viewer(request), on=today())
    return _page(request, offer, _scope(offer, team_id))


def _address(chosen: str) -> str:
    is_team = chosen.isascii() and chosen.isdigit() and len(chosen) < 18
    return reverse("team-page", args=[int(chosen)]) if is_team else reverse("team-company")


def _scope(offer: Offer, team_id: int | None) -> Scope:
    scope = offer.scope(team_id)
    if scope is None:
        raise Http404
    return scope


def _page(request: HttpRequest, offer: Offer, scope: Scope) -> HttpResponse:
    person, on = viewer(request), today()
    row = plan_shown(person, offer, scope, PeriodKind.QUARTER, on=on)
    context: dict[str, object] = {
        "offer": offer,
        "scope": scope,
        "row": row,
        "together": Together(row) if row else None,
        "people": colleagues_in(scope.team, on=on) if scope.team else [],
    }
    shown = offer.standing.shown
    if shown:
        context |= {
            "call": attention(person, shown, scope.team, CustomerState.CALL_NOW, on=on),
            "lead": attention(person, shown, scope.team, CustomerState.LEAD_BY_HAND, on=on),
            "unripe": attention(person, shown, scope.team, CustomerState.LEAVE_IN_PEACE, on=on),
        }
    return render(request, "team/team.html", context | {"rest": at_rest(person, scope.team, on=on)})
