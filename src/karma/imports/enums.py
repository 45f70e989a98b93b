"""Words of the imports app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class RunStatus(TextChoices):
    """How far a run is. Work by a job and work by a person alternate."""

    LOOKING = "looking", pgettext_lazy("import", "being looked at")
    MAPPING = "mapping", pgettext_lazy("import", "being prepared")
    READING = "reading", pgettext_lazy("import", "being read")
    READY = "ready", pgettext_lazy("import", "ready to be written")
    PUBLISHING = "publishing", pgettext_lazy("import", "being written")
    DONE = "done", pgettext_lazy("import", "done")
    UNDOING = "undoing", pgettext_lazy("import", "being taken back")
    UNDONE = "undone", pgettext_lazy("import", "taken back")
    DISCARDED = "discarded", pgettext_lazy("import", "put away")


BUSY = (RunStatus.LOOKING, RunStatus.READING, RunStatus.PUBLISHING, RunStatus.UNDOING)
