"""Who sees what customers pay: whoever sells or leads. Who delivers sees the work, and no amounts beside it."""

from django.contrib.auth.base_user import AbstractBaseUser

from karma.people.enums import Function
from karma.people.models import Person

DELIVERING = (Function.DELIVERY, Function.SERVICE)


def sees_amounts(user: AbstractBaseUser) -> bool:
    """Whether amounts of deals and invoices are shown to this person."""
    return isinstance(user, Person) and (user.sees_everything or user.function not in DELIVERING)
