"""Deals, the course of their stages, and lines of sale. Amounts are in the organisation's currency.

Where a file held another currency, what it said stays beside it as the original.
"""

from datetime import date
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from karma.common.columns import (
    content_hash_column,
    holds_on,
    last_run_column,
    once_per_source,
    source_column,
    source_key_column,
)
from karma.common.register import Privacy, Register
from karma.customers.models import ContactPerson, Customer, is_seen_by
from karma.deals.enums import Outcome
from karma.people.models import Membership, Person


class DealQuerySet(models.QuerySet["Deal"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Deals of the customers that a person may see; without a customer, those of their teams' people."""
        if isinstance(user, Person) and user.sees_everything:
            return self
        if not isinstance(user, Person) or not user.is_active:
            return self.none()
        teams = Membership.objects.filter(holds_on(on), person=user).values("team")
        colleagues = Membership.objects.filter(holds_on(on), team__in=teams).values_list("person", flat=True)
        without_customer = Q(customer__isnull=True) & Q(owner__in={user.pk, *colleagues})
        return self.filter(is_seen_by(user, on=on, customer="customer") | without_customer)


class Deal(models.Model):
    """A customer's question that may become a sale."""

    register = Register("the responsible team", Privacy.COMPANY, "7 years after it closed", ("owner",))

    title = models.CharField(max_length=200)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="deals")
    contact_person = models.ForeignKey(ContactPerson, null=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=4, choices=Outcome.choices, default=Outcome.OPEN)
    stage = models.CharField(max_length=80, blank=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    expected_close_on = models.DateField(null=True)
    revenue_cents = models.BigIntegerField(null=True)
    margin_cents = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    original_cents = models.BigIntegerField(null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    stated_chance = models.FloatField(null=True)
    lead_source = models.CharField(max_length=120, blank=True)
    loss_reason = models.CharField(max_length=200, blank=True)
    product = models.CharField(max_length=120, blank=True)
    source = source_column()
    source_key = source_key_column()
    content_hash = content_hash_column()
    last_run = last_run_column()

    objects = DealQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-opened_on", "-id"], name="deal_opened"),
            models.Index(fields=["outcome", "-opened_on", "-id"], name="deal_outcome_opened"),
            models.Index(fields=["outcome", "stage", "-opened_on", "-id"], name="deal_outcome_stage"),
            models.Index(fields=["outcome", "expected_close_on", "id"], name="deal_outcome_close"),
            models.Index(fields=["outcome", "title", "id"], name="deal_outcome_title"),
            models.Index(fields=["expected_close_on", "id"], name="deal_close"),
            models.Index(fields=["title", "id"], name="deal_title"),
        ]
        constraints = [
            once_per_source("deal_source"),
            models.CheckConstraint(
                name="deal_stated_chance",
                condition=Q(stated_chance__isnull=True) | Q(stated_chance__gte=0, stated_chance__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class StageChangeQuerySet(models.QuerySet["StageChange"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Changes of the deals that a person may see."""
        return self.filter(deal__in=Deal.objects.visible_to(user, on=on))


class StageChange(models.Model):
    """What held for a deal from a day on; nulls mean that it stayed as it was."""

    register = Register("the responsible team", Privacy.COMPANY, "as the deal")

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="stage_changes")
    on = models.DateField()
    stage = models.CharField(max_length=80)
    revenue_cents = models.BigIntegerField(null=True)
    stated_chance = models.FloatField(null=True)
    expected_close_on = models.DateField(null=True)
    source = source_column()
    source_key = source_key_column()
    content_hash = content_hash_column()
    last_run = last_run_column()

    objects = StageChangeQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [once_per_source("stage_change_source")]

    def __str__(self) -> str:
        return f"{self.stage} from {self.on}"


class PurchaseLineQuerySet(models.QuerySet["PurchaseLine"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Lines of the customers that a person may see; lines under no customer only for who sees everything."""
        if isinstance(user, Person) and user.sees_everything:
            return self
        return self.filter(is_seen_by(user, on=on, customer="customer"))


class PurchaseLine(models.Model):
    """One line of sale, on its invoice (else order) date. A negative amount is a credit."""

    register = Register("the responsible team", Privacy.COMPANY, "7 years, as bookkeeping asks")

    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="purchase_lines")
    deal = models.ForeignKey(Deal, null=True, on_delete=models.SET_NULL, related_name="purchase_lines")
    on = models.DateField()
    invoice = models.CharField(max_length=80, blank=True)
    order_number = models.CharField(max_length=80, blank=True)
    product = models.CharField(max_length=200, blank=True)
    product_name = models.CharField(max_length=200, blank=True)
    quantity = models.FloatField(null=True)
    revenue_cents = models.BigIntegerField()
    cost_cents = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    original_cents = models.BigIntegerField(null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    legal_entity = models.CharField(max_length=120, blank=True)
    source = source_column()
    source_key = source_key_column()
    content_hash = content_hash_column()
    last_run = last_run_column()

    objects = PurchaseLineQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        indexes = [
            models.Index(fields=["customer", "-on", "-id"], name="purchase_line_customer"),
            models.Index(fields=["on"], name="purchase_line_on"),
        ]
        constraints = [once_per_source("purchase_line_source")]

    def __str__(self) -> str:
        return f"{self.product} on {self.on}"
