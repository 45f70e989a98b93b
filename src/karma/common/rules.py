"""Who may do what in the common app."""

from django.contrib.auth.base_user import AbstractBaseUser

from karma.common.permissions import permit


def is_administrator(user: AbstractBaseUser) -> bool:
    return bool(getattr(user, "is_administrator", False))


permit("common.read_audit", is_administrator)
