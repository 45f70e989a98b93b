"""Words find the same customers and deals, whether they are rare enough to be looked up by id or not."""

import pytest
from tests.factories.people import TODAY

from karma.customers import queries as customers
from karma.deals import queries as deals

pytestmark = pytest.mark.django_db
RARE_AND_COMMON = (500, 0)


@pytest.mark.parametrize("few", RARE_AND_COMMON)
@pytest.mark.parametrize(
    ("words", "found"), [("VRIES", 1), ("kanarie", 2), ("kanariez", 1), ("narienoord", 1), ("%", 0), ("x", 0)]
)
def test_words_find_customers_by_name_place_and_number(words, found, few, house, dossiers, monkeypatch):
    monkeypatch.setattr(customers, "FEW", few)
    chosen = customers.CustomerFilter(words=words)
    assert customers.customers_found(house.joost, chosen, on=TODAY).count() == found
    own = "kanariezuid" if words != "VRIES" else "nobody"
    seen = customers.customers_found(house.otto, chosen, on=TODAY).values_list("number", flat=True)
    assert set(seen) <= {own}


@pytest.mark.parametrize("few", RARE_AND_COMMON)
@pytest.mark.parametrize(("words", "found"), [("warmtepomp", 2), ("JANSEN", 1), ("pomp kanarien", 1), ("x", 0)])
def test_words_find_deals_by_title_and_customer(words, found, few, house, dossiers, monkeypatch):
    monkeypatch.setattr(deals, "FEW", few)
    chosen = deals.DealFilter(words=words, outcome="all")
    assert deals.deals_found(house.joost, chosen, on=TODAY).count() == found
