"""Words of the deals app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class Outcome(TextChoices):
    OPEN = "open", pgettext_lazy("deal", "open")
    WON = "won", pgettext_lazy("deal", "won")
    LOST = "lost", pgettext_lazy("deal", "lost")
