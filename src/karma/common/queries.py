"""Reads of the common app."""

from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet

from karma.common.clock import now
from karma.common.models import AuditEvent, Job, SavedView


def audit_page(*, action: str = "", person: str = "") -> QuerySet[AuditEvent]:
    """The audit list, newest first, narrowed by the start of an action and by a person's id."""
    events = AuditEvent.objects.select_related("actor")
    if action:
        events = events.filter(action__startswith=action)
    return events.filter(actor_id=int(person)) if person.isdigit() else events


def database_answers() -> bool:
    """Whether the database answers; raises what the database raises."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def missing_migrations() -> list[str]:
    """Migrations of this version that the database does not have yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrations_of_a_newer_version() -> list[str]:
    """Migrations of ours that the database has and this version does not know."""
    loader = MigrationExecutor(connection).loader
    unknown = set(loader.applied_migrations) - set(loader.disk_migrations)
    ours = {each.label for each in apps.get_app_configs() if each.name.startswith("karma.")}
    return [f"{label}.{name}" for label, name in sorted(unknown) if label in ours]


def waiting_too_long() -> int:
    """How many jobs have waited for ten minutes: a sign that no worker runs."""
    return Job.objects.filter(job_status="queued", asked_at__lt=now() - timedelta(minutes=10)).count()


def home_folder() -> Path:
    return Path(settings.CONFIGURATION.home)


def saved_views(person: AbstractBaseUser, *, page: str) -> QuerySet[SavedView]:
    """The views of a page that a person made, and those that colleagues share."""
    return SavedView.objects.visible_to(person).filter(page=page).select_related("person")
