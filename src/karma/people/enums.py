"""Words of the people app that stand in the database."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Function(TextChoices):
    """A person's job. It says what screens put first or leave out, never whose rows one may see."""

    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    INSIDE_SALES = "inside_sales", _("Inside sales")
    MANAGER = "manager", _("Sales manager")
    COACH = "coach", _("Coach")
    DIRECTOR = "director", pgettext_lazy("function", "Director")
    DELIVERY = "delivery", pgettext_lazy("function", "Delivery")
    SERVICE = "service", pgettext_lazy("function", "Service")
    ADMINISTRATION = "administration", pgettext_lazy("function", "Administration")
    OTHER = "other", pgettext_lazy("function", "Other")


class Role(TextChoices):
    """What access grants; the only thing that rules read."""

    MEMBER = "member", _("Sees the customers of their own teams")
    OVERVIEW = "overview", _("Sees the customers of all teams")
    ADMINISTRATOR = "administrator", _("Sees all customers, and runs the installation")


class Appearance(TextChoices):
    AUTO = "auto", _("As on my device")
    LIGHT = "light", pgettext_lazy("appearance", "Light")
    DARK = "dark", pgettext_lazy("appearance", "Dark")


class Language(TextChoices):
    DUTCH = "nl", "Nederlands"
    ENGLISH = "en", "English"


class Currency(TextChoices):
    EUR = "EUR", _("Euro (EUR)")
    USD = "USD", _("US dollar (USD)")
    GBP = "GBP", _("Pound sterling (GBP)")
    CHF = "CHF", _("Swiss franc (CHF)")
    SEK = "SEK", _("Swedish krona (SEK)")
    DKK = "DKK", _("Danish krone (DKK)")
    NOK = "NOK", _("Norwegian krone (NOK)")
    PLN = "PLN", _("Polish zloty (PLN)")
