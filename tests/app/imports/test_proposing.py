"""What is proposed for a file: only kinds that the import can write."""

from karma.imports.models import ImportFile
from karma.imports.proposing import propose

PLANS = {"kind": "customer_plans", "columns": {"customer": "Klant"}, "doubts": {}, "is_likely": True, "score": 9}
LINES = {"kind": "purchases", "columns": {"customer": "Klant"}, "doubts": {}, "is_likely": True, "score": 3}


def file_of(*candidates) -> ImportFile:
    return ImportFile(columns=[{"name": "Klant"}], proposal={"candidates": list(candidates)})


def test_a_file_of_customers_plans_is_left_for_a_person_to_name(db):
    file = file_of(PLANS)
    propose([file], source="erp")
    assert (file.kind, file.mapping["columns"]) == ("", {})


def test_the_likeliest_kind_that_can_be_written_is_proposed(db):
    file = file_of(PLANS, LINES)
    propose([file], source="erp")
    assert (file.kind, file.mapping["columns"]) == ("purchases", {"customer": "Klant"})
