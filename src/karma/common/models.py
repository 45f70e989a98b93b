"""Jobs that survive being killed, and the audit list that only grows."""

import uuid
from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from karma.common.enums import JobStatus
from karma.common.register import Privacy, Register


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """A person sees the jobs they asked for; an administrator sees all."""
        return self if getattr(user, "is_administrator", False) else self.filter(asked_by_id=user.pk)

    def held(self, job: "Job") -> Self:
        """The job as long as this attempt still holds its lease; the attempt's number is the fencing token."""
        return self.filter(pk=job.pk, job_status=JobStatus.RUNNING, attempt=job.attempt)


class Job(models.Model):
    """Work that takes longer than a second: asked, taken with a lease, reported on, done or given up."""

    register = Register("who asked for it", Privacy.TECHNICAL, "90 days after it ended", ("asked_by",))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    job_status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    task_id = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    phase = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    failure = models.CharField(max_length=300, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["job_status", "lease_until"], name="job_sweep")]
        constraints = [
            models.CheckConstraint(
                name="job_running_has_lease",
                condition=~Q(job_status=JobStatus.RUNNING) | Q(lease_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.job_status}"

    @property
    def has_ended(self) -> bool:
        return self.job_status in (JobStatus.DONE, JobStatus.FAILED)


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def between(self, start: date, end: date) -> Self:
        return self.filter(at__date__gte=start, at__date__lt=end)


class AuditEvent(models.Model):
    """One thing that somebody did. Rows are only added: the database refuses to change or remove them.

    It holds ids and names of fields, never what was typed, so that erasing a person needs no change here.
    """

    register = Register("the administrator", Privacy.PERSONAL, "7 years", ("actor",))

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    action = models.CharField(max_length=60, db_index=True)
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["object_kind", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_kind} {self.object_id}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """A person's own views, and those that colleagues share."""
        return self.filter(Q(person_id=user.pk) | Q(is_shared=True))


class SavedView(models.Model):
    """A list as somebody wants to see it again: its filters and order under a name."""

    register = Register("the person", Privacy.PERSONAL, "until it is removed", ("person", "name", "query"))

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(name="saved_view_name", fields=["person", "page", "name"])]

    def __str__(self) -> str:
        return self.name
