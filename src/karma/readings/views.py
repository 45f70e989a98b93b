"""Readings opened, and how the analysis stands."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from karma.common.access import SIGNED_IN, who_may
from karma.common.clock import today
from karma.people.viewer import viewer
from karma.readings.asking import ask_analysis
from karma.readings.models import Analysis, PlanReading
from karma.readings.opening import opened, weighed
from karma.readings.phrases import phase_words, reader
from karma.readings.queries import latest_readings, standing


@who_may(SIGNED_IN)
@require_safe
def customer_reading(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Why a customer is where it is: which facts, how much each weighs, since when."""
    mine = latest_readings().visible_to(viewer(request), on=today()).select_related("customer", "analysis")
    reading = get_object_or_404(mine, customer=customer_id)
    reason = reading.reason_nl if reader() == "nl" else reading.reason_en
    context = {"reading": reading, "reason": reason, "facts": weighed(reading), **_rests_on(reading.analysis)}
    return render(request, "readings/customer.html", context)


@who_may(SIGNED_IN)
@require_safe
def plan_reading(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Where a team's expectation comes from."""
    mine = PlanReading.objects.visible_to(viewer(request), on=today()).select_related("team", "analysis")
    plan = get_object_or_404(mine.defer("draws", "document", "fan"), pk=plan_id)
    since = date.fromisoformat(plan.moved["since"]) if plan.moved else None
    context = {"plan": plan, "opened": opened(plan), "since": since, **_rests_on(plan.analysis)}
    return render(request, "readings/plan.html", context)


@who_may("readings.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def readings(request: HttpRequest) -> HttpResponse:
    """How the analysis stands, and the button that asks for a new one."""
    if request.method == "POST":
        ask_analysis(by=viewer(request))
        return redirect("readings")
    now = standing()
    job = now.running.job if now.running else now.waiting
    context: dict[str, object] = {"standing": now, "job": job, "phase": phase_words(job.phase if job else "")}
    if now.shown:
        context |= _rests_on(now.shown)
    page = "readings/readings.html#standing" if request.htmx else "readings/readings.html"  # type: ignore[attr-defined]
    return render(request, page, context)


def _rests_on(analysis: Analysis) -> dict[str, object]:
    """What every opened reading says of its analysis."""
    facts = {name: _day(value) if name.endswith("_on") else value for name, value in analysis.facts.items()}
    told = [warning[reader()] for warning in analysis.warnings]
    return {"analysis": analysis, "counted": facts, "told": told}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
