"""Runs of imports, their files, the mappings that were kept, and what each run changed."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from karma.common.models import Job
from karma.common.register import Privacy, Register
from karma.imports.enums import BUSY, RunStatus
from karma.people.models import Person


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Person | AnonymousUser) -> Self:
        """Runs write across all teams, so only who runs the installation sees them."""
        return self if isinstance(user, Person) and user.is_administrator else self.none()


class ImportRun(models.Model):
    """One time that files were brought in from one source."""

    register = Register("the administrator", Privacy.COMPANY, "7 years", ("asked_by", "undone_by"))

    source = models.CharField(max_length=60)
    run_status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.LOOKING)
    is_complete = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, blank=True)
    settings = models.JSONField(default=dict)
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    undone_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undo_cursor = models.PositiveBigIntegerField(default=0)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["run_status"], name="import_run_status")]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def is_busy(self) -> bool:
        return self.run_status in BUSY

    @property
    def may_be_undone(self) -> bool:
        """A run of more than a year ago is final: what stood before it is no longer kept."""
        return self.run_status == RunStatus.DONE and not self.settings.get("is_final")


class ImportFile(models.Model):
    """One file of a run: what it holds, what it means, and how far it has been written."""

    register = Register("the administrator", Privacy.COMPANY, "the file itself 30 days, its line as the run")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    stored = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, blank=True)
    columns = models.JSONField(default=list)
    proposal = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    seen_values = models.JSONField(default=dict)
    notices = models.JSONField(default=list)
    fault = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    ignored = models.JSONField(default=dict)
    planned = models.JSONField(default=dict)
    cursor = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="import_file_position", fields=["run", "position"])]

    def __str__(self) -> str:
        return self.name

    @property
    def kept(self) -> int:
        """Rows that are there to be written."""
        return self.rows - self.rejected


class SavedMapping(models.Model):
    """How a file with these columns, from this source, was read the last time."""

    register = Register("the administrator", Privacy.COMPANY, "as long as the installation")

    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=32)
    mapping = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="saved_mapping_once", fields=["source", "fingerprint"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source}"


class RunChange(models.Model):
    """What one chunk of a run did to one table: ids of rows it made, and rows as they stood before it."""

    register = Register("the administrator", Privacy.PERSONAL, "1 year; after that the run stays", ("before",))

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    table = models.CharField(max_length=60)
    created = models.JSONField(default=list)
    before = models.JSONField(default=list)
    removed = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.table} in import {self.run_id}"
