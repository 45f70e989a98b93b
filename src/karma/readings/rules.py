"""Who may ask for an analysis. Which readings a person sees is each model's `visible_to` alone."""

from django.contrib.auth.base_user import AbstractBaseUser

from karma.common.permissions import permit
from karma.people.models import Person


def may_ask(user: AbstractBaseUser) -> bool:
    """Whoever leads a team now, and whoever runs the installation."""
    if not isinstance(user, Person) or not user.is_active:
        return False
    return user.is_administrator or user.memberships.filter(is_lead=True, until_on__isnull=True).exists()


permit("readings.ask", may_ask)
