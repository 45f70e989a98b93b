"""The Plan screen."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from karma.common.access import SIGNED_IN, who_may
from karma.common.clock import today
from karma.people.viewer import viewer
from karma.plans.before import Before
from karma.plans.forms import read_amount, read_kind
from karma.plans.queries import Offer, Scope, names_of, offer_to, plan_shown, record_of
from karma.plans.saying import Saying


@who_may(SIGNED_IN)
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """The plan that this person looks at first; the chooser, which works without JavaScript, lands here too."""
    chosen = request.GET.get("team", "")
    if chosen:
        return redirect(_address(chosen) + f"?period={request.GET.get('period', '')[:12]}")
    offer = offer_to(viewer(request), on=today())
    return _page(request, offer, offer.first)


@who_may("plans.see_company")
@require_GET
def plan_company(request: HttpRequest) -> HttpResponse:
    """The plan of the whole organisation."""
    offer = offer_to(viewer(request), on=today())
    return _page(request, offer, _scope(offer, None))


@who_may(SIGNED_IN)
@require_GET
def plan_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """The plan of one team."""
    offer = offer_to(viewer(request), on=today())
    return _page(request, offer, _scope(offer, team_id))


def _address(chosen: str) -> str:
    is_team = chosen.isascii() and chosen.isdigit() and len(chosen) < 18
    return reverse("plan-team", args=[int(chosen)]) if is_team else reverse("plan-company")


def _scope(offer: Offer, team_id: int | None) -> Scope:
    scope = offer.scope(team_id)
    if scope is None:
        raise Http404
    return scope


def _page(request: HttpRequest, offer: Offer, scope: Scope | None) -> HttpResponse:
    person, on = viewer(request), today()
    kind = read_kind(request.GET, scope.kinds if scope else ())
    row = plan_shown(person, offer, scope, kind, on=on) if scope else None
    context: dict[str, object] = {"offer": offer, "scope": scope, "kind": kind}
    if row is None:
        return render(request, "plans/empty.html", context)
    asked = read_amount(request.GET)
    saying = Saying(row, typed_cents=asked.cents)
    context |= {"row": row, "saying": saying, "asked": asked}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "plans/plan.html#whatif", context)
    names = names_of(person, [each["customer"] for each in row.customers.get("largest", [])], on=on)
    buyers = saying.buyers(names)
    before = Before(record_of(person, row, on=on), currency=row.currency)
    context |= {"buyers": buyers, "others": saying.other_buyers(buyers), "before": before}
    return render(request, "plans/plan.html", context)
