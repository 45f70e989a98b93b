"""Words of the common app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class JobStatus(TextChoices):
    QUEUED = "queued", pgettext_lazy("job", "waiting")
    RUNNING = "running", pgettext_lazy("job", "running")
    DONE = "done", pgettext_lazy("job", "done")
    FAILED = "failed", pgettext_lazy("job", "stopped")
