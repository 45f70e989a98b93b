"""Let the database itself refuse to change or remove audit events."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON common_auditevent "
    "BEGIN SELECT RAISE(ABORT, 'audit events are only added'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "  # noqa: ISC004
    "$$ BEGIN RAISE EXCEPTION 'audit events are only added'; END $$",
    "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON common_auditevent "  # noqa: ISC004
    "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
]
UNDO = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgresql": ["DROP TRIGGER audit_only_grows ON common_auditevent", "DROP FUNCTION audit_only_grows()"],
}


def close(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def reopen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("common", "0001_found")]
    operations = [migrations.RunPython(close, reopen)]
