"""Words of the today app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from karma_core.work import Kind


class Place(TextChoices):
    """Where a person puts a customer by their own judgement."""

    UP = "up", pgettext_lazy("place", "on my list")
    DOWN = "down", pgettext_lazy("place", "less often")
    ASIDE = "aside", pgettext_lazy("place", "not now")


class WorkKind(TextChoices):
    """What there is to do; the core's own kinds."""

    CALL = Kind.CALL.value, pgettext_lazy("to do", "Call")
    HELP = Kind.HELP.value, pgettext_lazy("to do", "Help to choose")
    VISIT = Kind.VISIT.value, pgettext_lazy("to do", "Visit")
