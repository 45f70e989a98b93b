"""Words of the customers app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class ContactKind(TextChoices):
    CALL = "call", pgettext_lazy("contact", "call")
    MAIL = "mail", pgettext_lazy("contact", "mail")
    MEETING = "meeting", pgettext_lazy("contact", "meeting")
    VISIT = "visit", pgettext_lazy("contact", "visit")
    NOTE = "note", pgettext_lazy("contact", "note")
