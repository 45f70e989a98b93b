from datetime import date

import pytest

from karma_core.simulate import Company, Recipe, company_of

ENDS_ON = date(2026, 11, 22)


def made(**changes) -> Company:
    return company_of(Recipe(**{"ends_on": ENDS_ON, "customers": 400, **changes}))


@pytest.fixture(scope="session")
def plain() -> Company:
    return made()
