"""The audit list: written with its write, and never changed."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories.people import NOW

from karma.common.audit import AuditOutsideTransaction, record
from karma.common.models import AuditEvent
from karma.people import operations

pytestmark = pytest.mark.django_db


def test_event_rolled_back_with_its_write(house):
    before = AuditEvent.objects.count()
    with transaction.atomic():
        operations.found_team("Oost", by=house.bea, at=NOW)
        transaction.set_rollback(True)
    assert AuditEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused():
    with pytest.raises(AuditOutsideTransaction, match="people"):
        record("people.test", by=None, at=NOW)
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE common_auditevent SET action = 'x'", "DELETE FROM common_auditevent"]
)
def test_database_refuses_to_change_an_event(house, statement, audit_guard):
    with pytest.raises(DatabaseError, match="only added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_audit_list_shows_who_did_what_to_the_administrator(house, sign_in):
    operations.found_team("Oost", by=house.bea, at=NOW)
    page = sign_in(house.bea).get("/administration/audit/").content.decode()
    assert "Bea Bakker" in page
    assert sign_in(house.anna).get("/administration/audit/").status_code == 404
