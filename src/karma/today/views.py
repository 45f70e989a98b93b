"""Today and what one touch does on it. Every POST leads back to the list, or to the customer's page."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from karma.common.access import who_may
from karma.common.clock import now, today
from karma.customers import operations as of_customers
from karma.customers.enums import ContactKind
from karma.customers.forms import RestForm
from karma.customers.models import Customer
from karma.customers.resting import rest_suggestions
from karma.people.operations import Refused
from karma.people.viewer import viewer
from karma.today import operations
from karma.today.enums import WorkKind
from karma.today.forms import GiveForm, HappenedForm, MinutesForm, PlaceForm, WordsForm
from karma.today.models import DayDraw, WorkMinutes
from karma.today.morning import Morning, morning_of
from karma.today.queries import colleagues_of, customers_to_add, day_of, today_of
from karma_core.work import Kind

NOTED_AS = {Kind.CALL: ContactKind.CALL, Kind.HELP: ContactKind.CALL, Kind.VISIT: ContactKind.VISIT}
Act = Callable[[Customer, Morning], object]


@who_may("today.use")
@require_GET
def today_page(request: HttpRequest) -> HttpResponse:
    person, on = viewer(request), today()
    page = today_of(person, on=on)
    just = request.GET.get("just", "")
    context = {
        "page": page,
        "just": int(just) if just.isascii() and just.isdigit() and len(just) < 18 else None,
        "colleagues": colleagues_of(person, on=on),
        "suggestions": rest_suggestions(on),
        "is_new": bool(page.draws) and not _is_kept(page.morning),
    }
    return render(request, "today/today.html", context)


@who_may("today.use")
@require_GET
def today_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows today's list where there is no connection; the browser keeps it for /today/ only."""
    return render(request, "today/worker.js", content_type="text/javascript")


@who_may("today.use")
@require_POST
def today_seen(request: HttpRequest) -> HttpResponse:
    """The page itself asks for this, once a day: what chance decided is kept, not when or how often one looked."""
    _keep_draws(request)
    return HttpResponse(status=204)


@who_may("today.use")
@require_POST
def today_done(request: HttpRequest, customer_id: int) -> HttpResponse:
    kind = NOTED_AS.get(request.POST.get("kind", ""), ContactKind.CALL)  # type: ignore[call-overload]
    return _act(request, customer_id, lambda customer, morning: operations.do(
        customer, kind=kind, morning=morning, at=now(), happened_at=_happened_at(request)
    ))  # fmt: skip


@who_may("today.use")
@require_POST
def today_undo(request: HttpRequest, customer_id: int) -> HttpResponse:
    return _act(request, customer_id, lambda customer, morning: operations.undo(
        customer, morning=morning, at=now()
    ))  # fmt: skip


@who_may("today.use")
@require_POST
def today_words(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Add to what was noted today; where nothing was, nothing changes."""
    form = WordsForm(request.POST, on=today())

    def add(customer: Customer, morning: Morning) -> None:
        moment = operations.noted_today(customer, morning=morning)
        if not form.is_valid():
            messages.warning(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
        elif moment:
            of_customers.add_to_contact(moment, **form.cleaned_data, by=morning.person, at=now())

    return _act(request, customer_id, add)


@who_may("today.use")
@require_POST
def today_aside(request: HttpRequest, customer_id: int) -> HttpResponse:
    is_proposal = "asked" not in request.POST
    return _act(request, customer_id, lambda customer, morning: operations.set_aside(
        customer, is_proposal=is_proposal, morning=morning, at=now()
    ))  # fmt: skip


@who_may("today.use")
@require_POST
def today_up(request: HttpRequest, customer_id: int) -> HttpResponse:
    form = PlaceForm(request.POST)

    def put(customer: Customer, morning: Morning) -> None:
        if form.is_valid():
            operations.put_on_list(customer, **form.cleaned_data, by=morning.person, at=now())

    return _act(request, customer_id, put)


@who_may("today.use")
@require_POST
def today_down(request: HttpRequest, customer_id: int) -> HttpResponse:
    return _act(request, customer_id, lambda customer, morning: operations.lower(
        customer, morning=morning, at=now()
    ))  # fmt: skip


@who_may("today.use")
@require_POST
def today_back(request: HttpRequest, customer_id: int) -> HttpResponse:
    return _act(request, customer_id, lambda customer, morning: operations.put_back(customer, by=morning.person))


@who_may("today.use")
@require_POST
def today_rest(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Leave a customer in peace; without a good day the customer's own page asks for one."""
    form = RestForm(request.POST, on=today())
    if not form.is_valid():
        return redirect("customers-rest", _customer(request, customer_id).pk)

    def rest(customer: Customer, morning: Morning) -> None:
        of_customers.leave_in_peace(customer, **form.cleaned_data, by=morning.person, at=now())

    return _act(request, customer_id, rest)


@who_may("today.use")
@require_POST
def today_give(request: HttpRequest, customer_id: int) -> HttpResponse:
    form = GiveForm(request.POST, person=viewer(request), on=today())

    def give(customer: Customer, morning: Morning) -> None:
        if not form.is_valid():
            messages.warning(request, _("Choose a colleague of your team."))
            return
        try:
            operations.give(customer, **form.cleaned_data, by=morning.person, on=morning.on, at=now())
        except Refused as refusal:
            messages.warning(request, str(refusal))

    return _act(request, customer_id, give)


@who_may("today.use")
@require_POST
def today_take_back(request: HttpRequest, customer_id: int) -> HttpResponse:
    return _act(request, customer_id, lambda customer, morning: operations.take_back(
        customer, by=morning.person, at=now()
    ))  # fmt: skip


@who_may("today.use")
@require_GET
def today_add(request: HttpRequest) -> HttpResponse:
    """Find a customer to put on one's own list."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = customers_to_add(viewer(request), words=words, on=today())
    template = "today/add.html#found" if request.htmx else "today/add.html"  # type: ignore[attr-defined]
    return render(request, template, {"words": words, "found": found, "kinds": WorkKind.choices})


@who_may("today.use")
@require_http_methods(["GET", "POST"])
def today_minutes(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    form = MinutesForm(request.POST or None, instance=WorkMinutes.objects.filter(person=person).first())
    if request.method == "POST" and form.is_valid():
        operations.choose_minutes(person, minutes=form.cleaned_data, at=now())
        return redirect("today")
    return render(request, "today/minutes.html", {"form": form}, status=422 if form.errors else 200)


def _act(request: HttpRequest, customer_id: int, act: Act) -> HttpResponse:
    """Do something with a customer whom this person may see, and go back to where one was."""
    customer = _customer(request, customer_id)
    happened_at = _happened_at(request)
    _keep_draws(request)
    act(customer, morning_of(viewer(request), on=timezone.localdate(happened_at)))
    if request.POST.get("back") == "customer":
        return redirect("customers-page", customer.pk)
    return redirect(f"{reverse('today')}?just={customer.pk}#c{customer.pk}")


def _customer(request: HttpRequest, customer_id: int) -> Customer:
    mine = Customer.objects.visible_to(viewer(request), on=today())
    return get_object_or_404(mine, pk=customer_id)


def _happened_at(request: HttpRequest) -> datetime:
    """The moment at which this was noted: now, or earlier where it waited for a connection."""
    form = HappenedForm(request.POST, at=now())
    if not form.is_valid():
        raise BadRequest("happened_at")
    happened_at: datetime = form.cleaned_data["happened_at"]
    return happened_at


def _is_kept(morning: Morning) -> bool:
    return DayDraw.objects.visible_to(morning.person).filter(on=morning.work_on).exists()


def _keep_draws(request: HttpRequest) -> None:
    """Keep today's lots before anything changes the day, unless that is done."""
    person, on = viewer(request), today()
    if not _is_kept(morning_of(person, on=on)):
        page = day_of(person, on=on)
        operations.keep_draws(page.draws, morning=page.morning)
