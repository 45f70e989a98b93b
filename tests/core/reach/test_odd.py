"""Odd companies: their fan, their splits and their stored form stay whole too."""

from datetime import date

import pytest
from tests.core.reach.companies import said
from tests.core.reach.test_fan import is_whole
from tests.core.reach.test_forecast import ODD
from tests.core.reach.test_stored import says_the_same

from karma_core.reach import BY_CUSTOMER, BY_DEAL


@pytest.mark.parametrize("name", ODD)
def test_readings_of_odd_companies_are_whole(name: str) -> None:
    reading = said(ODD[name], as_of=date(2025, 1, 15), draws=100)
    is_whole(reading)
    says_the_same(reading)
    assert dict(reading.customers.schema) == BY_CUSTOMER
    assert dict(reading.deals.schema) == BY_DEAL
    assert reading.customers["chance_to_buy"].drop_nulls().is_between(0, 1).all()
