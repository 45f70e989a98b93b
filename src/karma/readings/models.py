"""Analyses, and what each said of customers and of teams' periods. Written by a job, read by every screen."""

from datetime import date
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from karma.common.columns import holds_on
from karma.common.models import Job
from karma.common.register import Privacy, Register
from karma.customers.models import Customer, is_seen_by
from karma.people.models import Membership, Person, Team
from karma.readings.enums import AnalysisStatus, CustomerState, Measure, PeriodKind


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def complete(self) -> Self:
        return self.filter(analysis_status=AnalysisStatus.COMPLETE)

    def regular(self) -> Self:
        """Analyses of their own day; without those that look back to fill the course of the chance."""
        return self.filter(is_backfill=False)

    def latest(self, *fields: str) -> "Analysis":  # type: ignore[override]
        """The newest complete analysis: the one that screens show. Raises DoesNotExist while there is none."""
        if fields:
            return super().latest(*fields)
        found = self.newest()
        if found is None:
            raise self.model.DoesNotExist("There is no complete analysis yet.")
        return found

    def newest(self) -> "Analysis | None":
        """The newest complete analysis, or None while there is none."""
        return self.complete().regular().order_by("-ended_at", "-id").first()


class Analysis(models.Model):
    """One run over the facts as of a day. Its readings count from the moment that it is complete."""

    register = Register("the administrator", Privacy.COMPANY, "as long as the readings that it made")

    as_of = models.DateField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    analysis_status = models.CharField(
        max_length=10, choices=AnalysisStatus.choices, default=AnalysisStatus.RUNNING
    )
    is_backfill = models.BooleanField(default=False)
    core_version = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    failure = models.CharField(max_length=300, blank=True)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        indexes = [models.Index(fields=["analysis_status", "-ended_at"], name="analysis_newest")]

    def __str__(self) -> str:
        return f"analysis {self.pk} as of {self.as_of}"


class CustomerReadingQuerySet(models.QuerySet["CustomerReading"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """Readings of the customers that a person may see, of analyses that are complete."""
        done = Q(analysis__analysis_status=AnalysisStatus.COMPLETE)
        return self.filter(done).filter(is_seen_by(user, on=on, customer="customer"))


class CustomerReading(models.Model):
    """What an analysis said of one customer, and why. Only those of the latest complete analysis are kept."""

    register = Register("the responsible team", Privacy.COMPANY, "until the next analysis replaces it")

    is_derived = True  # made anew from the facts by every analysis: it holds up no undoing

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="customer_readings")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="readings")
    x = models.PositiveIntegerField(default=0)
    t_x_days = models.PositiveIntegerField(default=0)
    age_days = models.PositiveIntegerField(default=0)
    typical_gap_days = models.FloatField(null=True)
    longest_gap_days = models.FloatField(null=True)
    chance_active = models.FloatField(null=True)
    chance_order = models.FloatField(null=True)
    expected_purchases = models.FloatField(null=True)
    expected_margin_cents = models.BigIntegerField(null=True)
    need = models.FloatField(default=0.0)
    customer_state = models.CharField(max_length=20, choices=CustomerState.choices)
    state_since = models.DateField(null=True)
    leave_until = models.DateField(null=True)
    ripe_on = models.DateField(null=True)
    reason_nl = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)
    explanation = models.JSONField(default=list)

    objects = CustomerReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="customer_reading_once", fields=["analysis", "customer"]),
            models.CheckConstraint(name="customer_reading_need", condition=Q(need__gte=0, need__lte=1)),
        ]
        indexes = [
            models.Index(
                fields=["analysis", "customer_state", "-need", "customer"], name="customer_reading_state"
            ),
            models.Index(
                fields=["analysis", "customer_state", "leave_until", "customer"], name="customer_reading_leave"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.customer_state}"


class PlanReadingQuerySet(models.QuerySet["PlanReading"]):
    def visible_to(self, user: Person | AnonymousUser, *, on: date) -> Self:
        """A team's plan for its members on that day; every plan for whoever sees everything."""
        if not isinstance(user, Person) or not user.is_active:
            return self.none()
        done = self.filter(analysis__analysis_status=AnalysisStatus.COMPLETE)
        if user.sees_everything:
            return done
        return done.filter(team__in=Membership.objects.filter(holds_on(on), person=user).values("team"))


class PlanReading(models.Model):
    """What an analysis said of one team's period; team null is the whole organisation.

    `grid` has the 101 amounts in cents below which 0, 1, .. 100 of 100 futures stay; it is kept for ever, so that
    one can look back at chances. `draws` (bytes, read with `document`), `fan`, `customers` and `deals` are kept of
    the latest complete analysis only.
    """

    register = Register("the team", Privacy.COMPANY, "the grid as long as the installation, the rest one analysis")

    is_derived = True

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="plan_readings")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    period_from = models.DateField()
    period_until = models.DateField()
    period_kind = models.CharField(max_length=12, choices=PeriodKind.choices)
    as_of = models.DateField()
    measure = models.CharField(max_length=7, choices=Measure.choices)
    currency = models.CharField(max_length=3, blank=True)
    realised_cents = models.BigIntegerField(default=0)
    last_year_cents = models.BigIntegerField(null=True)
    mean_cents = models.BigIntegerField(default=0)
    grid = models.JSONField(default=list)
    draws = models.BinaryField(null=True)
    document = models.JSONField(default=dict)
    cells = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    fan = models.JSONField(default=dict)
    customers = models.JSONField(default=dict)
    deals = models.JSONField(default=dict)
    record = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    moved = models.JSONField(default=dict)
    core_version = models.CharField(max_length=60, blank=True)

    objects = PlanReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="plan_reading_once", fields=["analysis", "team", "period_kind"]),
            models.UniqueConstraint(
                name="plan_reading_whole_once", fields=["analysis", "period_kind"], condition=Q(team__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["team", "period_from", "as_of"], name="plan_reading_course")]

    def __str__(self) -> str:
        return f"{self.team_id or 'organisation'} {self.period_from} to {self.period_until}"
