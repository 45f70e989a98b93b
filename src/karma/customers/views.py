"""Pages on customers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from karma.common.access import SIGNED_IN, who_may
from karma.common.clock import now, today
from karma.common.paging import page_of
from karma.common.queries import saved_views
from karma.customers import operations
from karma.customers.forms import AssignForm, ContactForm, HandOverForm, RestForm
from karma.customers.models import Customer
from karma.customers.panels import panels_of
from karma.customers.queries import (
    choices_for,
    customers_found,
    customers_of,
    latest_moments,
    read_filter,
    with_present,
)
from karma.customers.resting import rest_suggestions
from karma.people.models import Person
from karma.people.operations import present_team
from karma.people.viewer import viewer

MOMENTS = 10


@who_may(SIGNED_IN)
@require_GET
def customer_list(request: HttpRequest) -> HttpResponse:
    person, on = viewer(request), today()
    chosen = read_filter(request.GET)
    context = {
        "page": page_of(customers_found(person, chosen, on=on), number=request.GET.get("page")),
        "chosen": chosen,
        "views": saved_views(person, page="customers"),
        "query": request.GET.urlencode(),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        context |= {"choices": choices_for(person, on=on)}
    template = "customers/list.html#results" if request.htmx else "customers/list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@who_may(SIGNED_IN)
@require_GET
def customer_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = _customer(request, customer_id)
    return _page(request, customer, ContactForm(customer=customer))


@who_may(SIGNED_IN)
@require_POST
def contact_new(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = _customer(request, customer_id)
    form = ContactForm(request.POST, customer=customer)
    if not form.is_valid():
        return _page(request, customer, form, status=422)
    operations.note_contact(customer, **form.cleaned_data, by=viewer(request), at=now())
    return redirect("customers-page", customer.pk)


@who_may("customers.assign")
@require_http_methods(["GET", "POST"])
def customer_assign(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer, on = _customer(request, customer_id), today()
    present = next(iter(getattr(customer, "present", [])), None)
    initial = {"from_on": on, "team": present and present.team_id, "person": present and present.person_id}
    form = AssignForm(request.POST or None, initial=initial, on=on)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        operations.assign(
            customer,
            team=answers["team"],
            person=answers["person"],
            on=answers["from_on"],
            by=viewer(request),
            at=now(),
        )
        return redirect("customers-page", customer.pk)
    context = {"form": form, "customer": customer}
    return render(request, "customers/assign.html", context, status=422 if form.errors else 200)


@who_may("customers.assign")
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give the customers of somebody who moves or leaves to others, from a day on."""
    person, on = get_object_or_404(Person, pk=person_id), today()
    customers = customers_of(person, viewer=viewer(request), on=on)
    initial = {"from_on": on, "team": present_team(person, on=on)}
    form = HandOverForm(request.POST or None, initial=initial, customers=customers, on=on)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        operations.hand_over(
            answers["customers"],
            team=answers["team"],
            person=answers["person"],
            on=answers["from_on"],
            by=viewer(request),
            at=now(),
        )
        return redirect("people-person", person.pk)
    context = {"form": form, "person": person, "has_customers": bool(customers)}
    return render(request, "customers/hand_over.html", context, status=422 if form.errors else 200)


@who_may(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def customer_rest(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Leave a customer in peace until a day; the page asks which day where the POST did not say a good one."""
    customer, on = _customer(request, customer_id), today()
    form = RestForm(request.POST or None, on=on)
    if request.method == "POST" and form.is_valid():
        operations.leave_in_peace(customer, **form.cleaned_data, by=viewer(request), at=now())
        return redirect("customers-page", customer.pk)
    context = {"form": form, "customer": customer, "suggestions": rest_suggestions(on)}
    return render(request, "customers/rest.html", context, status=422 if form.errors else 200)


@who_may(SIGNED_IN)
@require_POST
def customer_rest_lift(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer = _customer(request, customer_id)
    operations.lift_rest(customer, by=viewer(request), at=now())
    return redirect("customers-page", customer.pk)


def _customer(request: HttpRequest, customer_id: int) -> Customer:
    """The customer, if this viewer may see it; else the page that an absent one gives."""
    mine = Customer.objects.visible_to(viewer(request), on=today())
    return get_object_or_404(with_present(mine, on=today()), pk=customer_id)


def _page(request: HttpRequest, customer: Customer, form: ContactForm, *, status: int = 200) -> HttpResponse:
    person, on = viewer(request), today()
    people = list(customer.contact_persons.all())
    context = {
        "customer": customer,
        "people": people,
        "to_call": next((each for each in people if each.phone and not each.left_on), None),
        "moments": latest_moments(person, customer, on=on)[:MOMENTS],
        "history": customer.responsibilities.select_related("team", "person"),
        "panels": panels_of(person, customer, on=on),
        "form": form,
    }
    return render(request, "customers/page.html", context, status=status)
