"""Pages on deals and on what was invoiced."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from karma.common.access import SIGNED_IN, who_may
from karma.common.clock import today
from karma.common.paging import page_of
from karma.common.queries import saved_views
from karma.customers.models import Customer
from karma.deals.enums import Outcome
from karma.deals.models import Deal
from karma.deals.queries import deals_found, lines_of, read_filter, stages_of, years_of
from karma.deals.rules import sees_amounts
from karma.people.viewer import viewer


@who_may(SIGNED_IN)
@require_GET
def deal_list(request: HttpRequest) -> HttpResponse:
    person, on = viewer(request), today()
    chosen = read_filter(request.GET)
    context = {
        "page": page_of(deals_found(person, chosen, on=on), number=request.GET.get("page")),
        "chosen": chosen,
        "views": saved_views(person, page="deals"),
        "query": request.GET.urlencode(),
        "amounts": sees_amounts(person),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        context |= {"stages": stages_of(person, on=on), "outcomes": Outcome.choices}
    template = "deals/list.html#results" if request.htmx else "deals/list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@who_may(SIGNED_IN)
@require_GET
def deal_page(request: HttpRequest, deal_id: int) -> HttpResponse:
    person = viewer(request)
    mine = Deal.objects.visible_to(person, on=today())
    deal = get_object_or_404(mine.select_related("customer", "owner", "contact_person"), pk=deal_id)
    return render(
        request,
        "deals/page.html",
        {"deal": deal, "changes": deal.stage_changes.all(), "amounts": sees_amounts(person)},
    )


@who_may(SIGNED_IN)
@require_GET
def customer_purchases(request: HttpRequest, customer_id: int) -> HttpResponse:
    person, on = viewer(request), today()
    customer = get_object_or_404(Customer.objects.visible_to(person, on=on), pk=customer_id)
    context = {
        "customer": customer,
        "years": years_of(person, customer, on=on),
        "page": page_of(lines_of(person, customer, on=on), number=request.GET.get("page")),
        "amounts": sees_amounts(person),
    }
    return render(request, "deals/purchases.html", context)
