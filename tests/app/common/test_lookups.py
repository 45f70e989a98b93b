"""`among` finds what `in` finds."""

import pytest
from tests.factories.people import NOW

from karma.customers.models import Customer

pytestmark = pytest.mark.django_db
ODD = ["Bakker", "bakker", "7", "7.0", "007", "null", "true", "", " Bakker", 'O"Neill \\', "It's; --", "é",
       "e\u0301", "\U0001f33b", "a\x1fb", "%s", "%", "Bakker, Zn", "[1]", "{}"]  # fmt: skip


@pytest.mark.parametrize("wanted", [[], ["nobody"], *([name] for name in ODD), ODD[:7], ODD], ids=ascii)
def test_among_finds_what_in_finds(wanted):
    Customer.objects.bulk_create(Customer(name=name, created_at=NOW) for name in ODD)
    found = Customer.objects.filter(name__among=wanted).order_by("pk").values_list("name", flat=True)
    assert list(found) == [name for name in ODD if name in wanted]
    assert Customer.objects.exclude(name__among=set(wanted)).count() == len(ODD) - len(wanted) * (
        wanted != ["nobody"]
    )


@pytest.mark.sqlite  # PostgreSQL keeps no text with NUL in it
def test_among_finds_a_text_with_nul_in_it():
    Customer.objects.bulk_create(Customer(name=name, created_at=NOW) for name in ("a\x00b", "a", "c"))
    found = Customer.objects.filter(name__among=["a\x00b", "c"]).order_by("pk").values_list("name", flat=True)
    assert list(found) == ["a\x00b", "c"]
