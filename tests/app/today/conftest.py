"""A Monday on which Anna has customers with readings."""

import pytest
from tests.factories.people import NOW, TODAY
from tests.factories.today import make_day


@pytest.fixture
def day(house, monkeypatch):
    """Anna's customers by name, on the Monday of the house, whatever the clock says."""
    customers = make_day(house, as_of=TODAY)
    for module in ("karma.today.views", "karma.today.rules", "karma.customers.views"):
        monkeypatch.setattr(f"{module}.today", lambda: TODAY)
    for module in ("karma.today.views", "karma.customers.views"):
        monkeypatch.setattr(f"{module}.now", lambda: NOW)
    return customers
