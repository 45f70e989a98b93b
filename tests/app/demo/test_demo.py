"""The demo: its people sign in with one touch, on this machine only, and never in one's own installation."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from karma.configuration import ConfigurationError, read_configuration
from karma.demo.cast import CAST, PASSWORD
from karma.demo.making import found, let_people_in
from karma.people.models import Membership, Organisation, Person
from karma_core.simulate.names import address
from karma_core.simulate.people import DOMAIN, KNOWN

AT, ON = datetime(2026, 6, 1, 8, tzinfo=UTC), date(2026, 6, 1)
KEY = {"KARMA_SECRET_KEY": "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"}


@pytest.fixture
def noorderlicht(db, settings):
    settings.IS_DEMO = True
    found(at=AT)
    let_people_in(at=AT, on=ON)


def test_cast_are_people_of_the_invented_company():
    assert {part.name for part in CAST} <= {name for name, _function, _team in KNOWN}
    assert [part.email for part in CAST] == [address(part.name, domain=DOMAIN) for part in CAST]


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.function)
def test_visitor_signs_in_with_what_the_page_offers(noorderlicht, part):
    browser = Client()
    page = browser.get("/account/login/").content.decode()
    assert part.email in page
    browser.post("/account/login/", {"login": part.email, "password": PASSWORD})
    assert browser.get("/me/").status_code == 200
    assert Person.objects.get(email=part.email).role == part.role


def test_own_installation_offers_nobody(noorderlicht, settings):
    settings.IS_DEMO = False
    page = Client().get("/account/login/").content.decode()
    assert all(part.email not in page for part in CAST)
    assert PASSWORD not in page


def test_letting_in_twice_is_letting_in_once(noorderlicht):
    before = (Person.objects.count(), Membership.objects.count(), Organisation.objects.count())
    let_people_in(at=AT, on=ON)
    assert (Person.objects.count(), Membership.objects.count(), Organisation.objects.count()) == before


def test_demo_on_an_address_that_others_reach_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="KARMA_DEMO"):
        read_configuration(
            {**KEY, "KARMA_HOME": str(tmp_path), "KARMA_URL": "https://karma.example.nl", "KARMA_DEMO": "1"}
        )


def test_demo_is_off_where_nobody_asked(tmp_path):
    assert not read_configuration({**KEY, "KARMA_HOME": str(tmp_path)}).is_demo
