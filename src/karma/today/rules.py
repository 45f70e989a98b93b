"""Who has a Today: whoever sells, and whoever else has something on it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists

from karma.common.clock import today
from karma.common.columns import holds_on
from karma.common.permissions import permit
from karma.customers.models import Responsibility
from karma.people.enums import Function
from karma.people.models import Person
from karma.today.models import Handover

SELLERS = (Function.ACCOUNT_MANAGER, Function.INSIDE_SALES)


def has_today(user: AbstractBaseUser) -> bool:
    """Sellers always; others while they answer for a customer themselves, or a colleague gave them one."""
    if not isinstance(user, Person) or not user.is_active:
        return False
    if user.function in SELLERS:
        return True
    answers = Responsibility.objects.filter(holds_on(today()), person=user)
    given = Handover.objects.open().filter(given_to=user)
    return Person.objects.filter(Exists(answers) | Exists(given), pk=user.pk).exists()


permit("today.use", has_today)
