"""Readings of both teams and of the whole, for tests of what the screen says."""

import pytest
from tests.factories.plans import make_readings


@pytest.fixture
def readings(house, dossiers):
    return make_readings(house, dossiers)
