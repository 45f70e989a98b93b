"""Sentences of the customers app that stand in more than one place."""

from django.utils.translation import gettext_lazy as _

from karma.common.text import Text

ACTIONS: dict[str, Text] = {
    "customers.assigned": _("Said who answers for a customer"),
    "customers.contact_noted": _("Noted contact with a customer"),
    "customers.contact_added_to": _("Added to a contact with a customer"),
    "customers.contact_taken_back": _("Took back a contact with a customer"),
    "customers.left_in_peace": _("Asked to leave a customer in peace"),
    "customers.rest_lifted": _("Ended a customer's rest"),
}
