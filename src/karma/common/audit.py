"""The one way to write the audit list, inside the transaction of the write that it records."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction

from karma.common.models import AuditEvent


class AuditOutsideTransaction(RuntimeError):  # noqa: N818 (our own fault, seen by developers only)
    """An audit event was about to be written apart from the write that it records."""


def record(
    action: str,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    of: models.Model | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Add one event. `by` None means the installation itself. Raises outside a transaction, and adds nothing."""
    if not transaction.get_connection().in_atomic_block:
        raise AuditOutsideTransaction(f'"{action}" must be recorded in the transaction of its write.')
    return AuditEvent.objects.create(
        at=at,
        actor_id=by.pk if by else None,
        action=action,
        object_kind=of._meta.label_lower if of else "",
        object_id=str(of.pk) if of else "",
        details=dict(details or {}),
    )


REFUSED = "common.page_refused"
_AGAIN, _MOST_A_DAY = timedelta(hours=1), 100


def record_refusal(*, by: AbstractBaseUser, page: str, row: object, at: datetime) -> None:
    """Write down that somebody asked for a row that is not there, or not theirs: the two look alike here too.

    The same page within an hour counts once, and a hundred a day are enough to see what goes on.
    """
    with transaction.atomic():
        mine = AuditEvent.objects.filter(action=REFUSED, actor_id=by.pk)
        same = mine.filter(object_kind=page[:60], object_id=str(row)[:40], at__gt=at - _AGAIN)
        if not same.exists() and mine.filter(at__gt=at - timedelta(days=1)).count() < _MOST_A_DAY:
            AuditEvent.objects.create(
                at=at, actor_id=by.pk, action=REFUSED, object_kind=page[:60], object_id=str(row)[:40]
            )
