"""What people say about their own day. Only the person reads it, and nothing in it can be counted.

A person has at most one placement of a customer: what they say now takes the place of what they said before, so
that no history of it exists.
"""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from karma.common.register import Privacy, Register
from karma.customers.models import Customer
from karma.people.models import Person
from karma.today.enums import Place, WorkKind
from karma_core.work import DEFAULT_MINUTES, Kind


class OwnQuerySet(models.QuerySet["Placement"]):
    def visible_to(self, user: Person | AnonymousUser) -> Self:
        """Their own and nobody else's, whatever their role."""
        return self.filter(person_id=user.pk)


class Placement(models.Model):
    """That a person puts a customer on their list, lower, or aside for now, without having to say why."""

    register = Register("the person", Privacy.PERSONAL, "until its last day", ("person", "words"))

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=5, choices=Place.choices)
    kind = models.CharField(max_length=5, choices=WorkKind.choices, default=WorkKind.CALL)
    words = models.CharField(max_length=200, blank=True)
    placed_at = models.DateTimeField()
    until_on = models.DateField(null=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="placement_once", fields=["person", "customer"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.place}"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: Person | AnonymousUser) -> Self:
        """What one gave and what one was given."""
        return self.filter(Q(given_by_id=user.pk) | Q(given_to_id=user.pk))

    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Handover(models.Model):
    """That a person asks a colleague to take up a customer; it ends when that is done, given on or taken back."""

    register = Register(
        "both people", Privacy.PERSONAL, "30 days after it ended", ("given_by", "given_to", "words")
    )

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    given_by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    given_to = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    words = models.CharField(max_length=200, blank=True)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_done = models.BooleanField(default=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="handover_open_once", fields=["customer"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(name="handover_to_another", condition=~Q(given_by=models.F("given_to"))),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} from {self.given_by_id} to {self.given_to_id}"


class DrawQuerySet(models.QuerySet["DayDraw"]):
    def visible_to(self, user: Person | AnonymousUser) -> Self:
        """Their own and nobody else's, whatever their role."""
        return self.filter(person_id=user.pk)


class DayDraw(models.Model):
    """What chance decided for a person's day: how likely a customer was to be on the list, and whether they were.

    It is kept so that it can be learned what contact does, and says nothing of what the person then did.
    """

    register = Register("the person", Privacy.PERSONAL, "1 year", ("person",))

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    propensity = models.FloatField()
    is_drawn = models.BooleanField()

    objects = DrawQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="day_draw_once", fields=["person", "on", "customer"]),
            models.CheckConstraint(name="day_draw_chance", condition=Q(propensity__gt=0, propensity__lt=1)),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} on {self.on}"


def _minutes(kind: Kind) -> "models.PositiveSmallIntegerField[int, int]":
    bounds = [MinValueValidator(5), MaxValueValidator(480)]
    return models.PositiveSmallIntegerField(default=DEFAULT_MINUTES[kind], validators=bounds)


class WorkMinutes(models.Model):
    """How long a person takes for each kind of work, where it differs from the usual."""

    register = Register("the person", Privacy.PERSONAL, "as long as the person has an account", ("person",))

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    call = _minutes(Kind.CALL)
    help = _minutes(Kind.HELP)
    visit = _minutes(Kind.VISIT)

    def __str__(self) -> str:
        return f"minutes of {self.person_id}"
