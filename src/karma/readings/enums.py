"""Words of the readings app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AnalysisStatus(TextChoices):
    """How far an analysis is. Screens show the latest complete one, whatever became of later ones."""

    RUNNING = "running", pgettext_lazy("analysis", "running")
    COMPLETE = "complete", pgettext_lazy("analysis", "complete")
    FAILED = "failed", pgettext_lazy("analysis", "stopped")


class CustomerState(TextChoices):
    """What a customer needs of us now, by their own rhythm and what is open with them."""

    CALL_NOW = "call_now", pgettext_lazy("customer state", "call now")
    LEAD_BY_HAND = "lead_by_hand", pgettext_lazy("customer state", "help to choose")
    LEAVE_IN_PEACE = "leave_in_peace", pgettext_lazy("customer state", "leave in peace")
    CALM = "calm", pgettext_lazy("customer state", "calm")
    ASLEEP = "asleep", pgettext_lazy("customer state", "asleep")
    TOO_LITTLE_DATA = "too_little_data", pgettext_lazy("customer state", "too little known")


class PeriodKind(TextChoices):
    """Which periods of the organisation's own year an analysis looks at."""

    QUARTER = "quarter", _("This quarter")
    NEXT_QUARTER = "next_quarter", _("Next quarter")
    YEAR = "year", _("This year")


class Measure(TextChoices):
    """What amounts are: margin where cost is known, else revenue, and it is said."""

    MARGIN = "margin", pgettext_lazy("measure", "margin")
    REVENUE = "revenue", pgettext_lazy("measure", "revenue")
