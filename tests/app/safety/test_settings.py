"""Settings with which an installation would be unsafe keep it from starting, and oversized forms are refused."""

import pytest
from django.test import Client

from karma.configuration import ConfigurationError, read_configuration

GOOD = {"KARMA_SECRET_KEY": "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"}


def test_production_with_a_long_key_starts(tmp_path):
    configuration = read_configuration({**GOOD, "KARMA_HOME": str(tmp_path)})
    assert (configuration.mode, configuration.is_secure) == ("production", False)


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"KARMA_SECRET_KEY": ""}, "secret key"),
        ({"KARMA_SECRET_KEY": "short"}, "secret key"),
        ({"KARMA_SECRET_KEY": "a" * 80}, "secret key"),
        ({"KARMA_SECRET_KEY": "django-insecure-" + "xyz0123456789" * 6}, "secret key"),
        ({"KARMA_URL": "http://karma.example.nl"}, "KARMA_URL"),
        ({"KARMA_MODE": "debug"}, "KARMA_MODE"),
    ],
)
def test_unsafe_setting_in_production_is_refused(unsafe, named, tmp_path):
    with pytest.raises(ConfigurationError, match=named):
        read_configuration({**GOOD, "KARMA_HOME": str(tmp_path), **unsafe})


def test_form_with_ten_thousand_fields_is_refused(db):
    form = {f"field{number}": "x" for number in range(10_000)}
    assert Client().post("/account/login/", form).status_code == 400


def test_body_larger_than_any_form_is_refused(db):
    answer = Client().post("/account/login/", b"login=" + b"a" * 3_000_000, "application/x-www-form-urlencoded")
    assert answer.status_code in (400, 413)
