"""What imports no longer keep: uploads after a month, and after a year what undoing would need."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from karma.imports.enums import RunStatus
from karma.imports.models import ImportRun, RunChange

UPLOADS = timedelta(days=30)
CHANGES = timedelta(days=365)
_OPEN = (RunStatus.LOOKING, RunStatus.MAPPING, RunStatus.READING, RunStatus.READY)


def forget_old(at: datetime) -> None:
    """Remove uploads of a month ago, put runs away that nobody ended, and make runs of a year ago final."""
    old = ImportRun.objects.filter(created_at__lt=at - UPLOADS)
    old.filter(run_status__in=_OPEN).update(run_status=RunStatus.DISCARDED)
    idle = set(old.exclude(run_status__in=(RunStatus.PUBLISHING, RunStatus.UNDOING)).values_list("pk", flat=True))
    for folder in (Path(settings.MEDIA_ROOT) / "imports").glob("[0-9]*"):
        if int(folder.name) in idle:
            shutil.rmtree(folder, ignore_errors=True)
    for run in ImportRun.objects.filter(run_status=RunStatus.DONE, published_at__lt=at - CHANGES):
        _make_final(run)


def _make_final(run: ImportRun) -> None:
    """Forget what stood before the run: it can then no longer be taken back."""
    if not run.settings.get("is_final"):
        with transaction.atomic():
            RunChange.objects.filter(run=run).delete()
            run.settings = {**run.settings, "is_final": True}
            run.save(update_fields=["settings"])
