"""Who may do what with customers. Which customers a person sees is `Customer.objects.visible_to` alone."""

from django.contrib.auth.base_user import AbstractBaseUser

from karma.common.permissions import permit
from karma.people.models import Person


def may_assign(user: AbstractBaseUser) -> bool:
    """Whoever leads a team now, or sees all customers, says which team answers for a customer."""
    if not isinstance(user, Person) or not user.is_active:
        return False
    return user.sees_everything or user.memberships.filter(is_lead=True, until_on__isnull=True).exists()


permit("customers.assign", may_assign)
