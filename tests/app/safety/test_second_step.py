"""An administrator who signs in with a password alone is told so by `karma doctor`."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from karma.wellbeing import look

pytestmark = pytest.mark.django_db


def _second_step() -> bool:
    return next(finding.is_well for finding in look() if finding.what == "second step")


def test_doctor_says_that_an_administrator_has_no_second_step(house):
    assert _second_step() is False


def test_doctor_is_content_once_every_administrator_has_one(house):
    TOTP.activate(house.bea, "JBSWY3DPEHPK3PXP")
    assert _second_step() is True
