"""Who has Plan and Team's figures in the menu. Which plans a person sees is `PlanReading.visible_to` alone."""

from django.contrib.auth.base_user import AbstractBaseUser

from karma.common.clock import today
from karma.common.permissions import permit
from karma.people.enums import Function
from karma.people.models import Person
from karma.readings.models import PlanReading

SELLING = (Function.ACCOUNT_MANAGER, Function.INSIDE_SALES, Function.MANAGER, Function.DIRECTOR)


def has_plan(user: AbstractBaseUser) -> bool:
    """Whether Plan says something to this person: those who sell or lead, and whoever's team has a plan."""
    if not isinstance(user, Person) or not user.is_active:
        return False
    if user.sees_everything or user.function in SELLING:
        return True
    return PlanReading.objects.visible_to(user, on=today()).exists()


permit("plans.has_plan", has_plan)


def sees_company(user: AbstractBaseUser) -> bool:
    """Whoever sees everything also sees the plan of the whole organisation."""
    return isinstance(user, Person) and user.sees_everything


permit("plans.see_company", sees_company)
