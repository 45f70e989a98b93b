"""Customers and what is dated about them. A move ends one row and begins another; the past is never restated."""

from datetime import date
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from karma.common.columns import (
    content_hash_column,
    ends_after_it_begins,
    holds_on,
    last_run_column,
    once_per_source,
    source_column,
    source_key_column,
)
from karma.common.register import Privacy, Register
from karma.customers.enums import ContactKind
from karma.people.models import Membership, Person, Team

FEW = 500


def is_seen_by(user: Person | AnonymousUser, *, on: date, customer: str) -> Q:
    """Whether a person may see a customer on a day, for rows that name it in the column `customer`.

    One rule, asked in the way that is cheap. Whoever looks after few customers gets their ids at once: walking a
    hundred thousand to find fifty takes half a second. For many it asks row by row (EXISTS): a list of forty then
    costs forty look-ups, where a list of fifty thousand ids took half a second.
    """
    if not isinstance(user, Person) or not user.is_active:
        return Q(pk__in=[])
    if user.sees_everything:
        return Q()
    teams = list(Membership.objects.filter(holds_on(on), person=user).values_list("team", flat=True))
    whose = (Q(person=user), Q(team__in=teams))
    rows = [each._default_manager.filter(holds_on(on)).order_by() for each in (Responsibility, Guest)]
    first, *others = (each.filter(mine).values_list("customer", flat=True) for each in rows for mine in whose)
    few = list(first.union(*others, all=True)[: FEW + 1])
    if len(few) <= FEW:
        return Q(**{f"{customer}__in": set(few)})
    mine = (whose[0] | whose[1]) & Q(customer=models.OuterRef(customer))
    return Q(models.Exists(rows[0].filter(mine))) | Q(models.Exists(rows[1].filter(mine)))


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """The customers that a person may see on a day. The one rule; nothing beside it decides.

        Those for whom one of their teams, or they themselves, are responsible or a guest on that day. Whoever
        sees everything also sees customers for whom nobody is responsible.
        """
        return self.filter(is_seen_by(user, on=on, customer="pk"))

    def in_segment(self, segment: str, *, on: date) -> Self:
        """Customers that are in a segment on a day."""
        rows = CustomerSegment.objects.filter(holds_on(on), segment=segment)
        return self.filter(pk__in=rows.values("customer"))

    def not_at_rest(self, *, on: date) -> Self:
        """Customers whom nobody asked to leave in peace on a day."""
        return self.exclude(pk__in=Rest.objects.held(on=on).values("customer"))

    def of_team(self, team: Team, *, on: date) -> Self:
        """Customers for whom a team is responsible on a day."""
        return self.filter(pk__in=Responsibility.objects.filter(holds_on(on), team=team).values("customer"))


class Customer(models.Model):
    """A company that buys, or may come to buy."""

    register = Register("the responsible team", Privacy.COMPANY, "7 years after the last purchase or contact")

    name = models.CharField(max_length=200)
    number = models.CharField(max_length=60, blank=True, db_index=True)
    industry = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    website = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    last_run = last_run_column()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], name="customer_name"),
            models.Index(fields=["city", "name", "id"], name="customer_city"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerSource(models.Model):
    """A customer's id in one source. The same company has one in each program that knows it."""

    register = Register("the responsible team", Privacy.COMPANY, "as the customer")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="sources")
    source = source_column()
    source_key = source_key_column()
    content_hash = content_hash_column()
    last_run = last_run_column()

    class Meta:
        ordering = ["source", "id"]
        constraints = [once_per_source("customer_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.source_key}"


class CustomerSegment(models.Model):
    """The segment of a customer, chosen by the organisation, from a day up to a day."""

    register = Register("the responsible team", Privacy.COMPANY, "as the customer")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="segments")
    segment = models.CharField(max_length=120)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    last_run = last_run_column()

    class Meta:
        ordering = ["-from_on", "-id"]
        constraints = [
            ends_after_it_begins("segment_dates"),
            models.UniqueConstraint(
                name="segment_open_once", fields=["customer"], condition=Q(until_on__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["segment", "until_on", "from_on", "customer"], name="segment_held")]

    def __str__(self) -> str:
        return self.segment


class Responsibility(models.Model):
    """Which team answers for a customer, and which person if one does, from a day up to a day.

    A row with neither says that nobody does.
    """

    register = Register("the responsible team", Privacy.PERSONAL, "as the customer", ("person",))

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="responsibilities")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="responsibilities")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    last_run = last_run_column()

    class Meta:
        ordering = ["-from_on", "-id"]
        constraints = [
            ends_after_it_begins("responsibility_dates"),
            models.UniqueConstraint(
                name="responsibility_open_once", fields=["customer"], condition=Q(until_on__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["team", "until_on", "customer"], name="responsibility_team"),
            models.Index(fields=["person", "until_on", "customer"], name="responsibility_person"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} from {self.from_on}"


class Guest(models.Model):
    """A team or person that looks in on a customer beside the one that answers for it."""

    register = Register("the responsible team", Privacy.PERSONAL, "as the customer", ("person",))

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="guests")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            ends_after_it_begins("guest_dates"),
            models.CheckConstraint(
                name="guest_is_team_or_person", condition=Q(team__isnull=True) ^ Q(person__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"guest at {self.customer_id}"


class ContactPersonQuerySet(models.QuerySet["ContactPerson"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Contact persons of the customers that a person may see."""
        return self.filter(is_seen_by(user, on=on, customer="customer"))


class ContactPerson(models.Model):
    """Somebody at a customer; at none as long as no file says where they work."""

    register = Register(
        "the responsible team",
        Privacy.PERSONAL,
        "2 years after the last contact",
        ("name", "job_title", "email", "phone"),
    )

    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="contact_persons")
    name = models.CharField(max_length=160)
    job_title = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True, db_index=True)
    phone = models.CharField(max_length=40, blank=True)
    left_on = models.DateField(null=True)
    source = source_column()
    source_key = source_key_column()
    content_hash = content_hash_column()
    last_run = last_run_column()

    objects = ContactPersonQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [once_per_source("contact_person_source")]

    def __str__(self) -> str:
        return self.name


class ContactMomentQuerySet(models.QuerySet["ContactMoment"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Contact moments with the customers that a person may see."""
        return self.filter(is_seen_by(user, on=on, customer="customer"))


class ContactMoment(models.Model):
    """That there was contact with a customer, when, how, and in a few words about what."""

    register = Register(
        "the responsible team", Privacy.PERSONAL, "2 years after it happened", ("summary", "person")
    )

    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="contact_moments")
    contact_person = models.ForeignKey(ContactPerson, null=True, on_delete=models.SET_NULL, related_name="moments")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ContactKind.choices, default=ContactKind.NOTE)
    at = models.DateTimeField()
    summary = models.TextField(blank=True, max_length=10_000)
    again_on = models.DateField(null=True)
    source = source_column()
    source_key = source_key_column()
    content_hash = content_hash_column()
    last_run = last_run_column()

    objects = ContactMomentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["customer", "-at"], name="contact_moment_customer"),
            models.Index(fields=["person", "-at"], name="contact_moment_person"),
            models.Index(
                fields=["person", "again_on"],
                name="contact_moment_again",
                condition=Q(again_on__isnull=False),
            ),
        ]
        constraints = [once_per_source("contact_moment_source")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.at:%Y-%m-%d}"


class RestQuerySet(models.QuerySet["Rest"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Rests of the customers that a person may see."""
        return self.filter(is_seen_by(user, on=on, customer="customer"))

    def held(self, *, on: date) -> Self:
        """Rests that hold on a day: neither over nor lifted."""
        return self.filter(lifted_at__isnull=True, until_on__gt=on)


class Rest(models.Model):
    """That a person lets a customer be until a day. Whoever proposes contact respects it; people may lift it."""

    register = Register(
        "the responsible team", Privacy.PERSONAL, "2 years after it ended", ("why", "set_by", "lifted_by")
    )

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="rests")
    until_on = models.DateField()
    why = models.CharField(max_length=200, blank=True)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RestQuerySet.as_manager()

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="rest_open_once", fields=["customer"], condition=Q(lifted_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} until {self.until_on}"
