"""Whatever happens to an analysis, the last complete readings stay, and the next one ends as if it had not."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection
from tests.factories.imports import LINES, imported, ready, start_publishing
from tests.factories.people import NOW, TODAY

from karma import cli
from karma.common.models import AuditEvent, Job
from karma.common.tasks import run_job
from karma.customers.models import Customer
from karma.deals.models import PurchaseLine
from karma.imports import undoing
from karma.imports.models import ImportRun
from karma.people.operations import Refused
from karma.readings import asking, operations, queries
from karma.readings.asking import KIND, ask_analysis, ask_nightly
from karma.readings.models import Analysis, CustomerReading, PlanReading
from karma.readings.operations import analyse
from karma.readings.writing import Superseded


class Killed(BaseException):
    """Stands for SIGKILL: nothing that would tidy up runs."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Fewer futures: what is tested here is what becomes of them."""
    monkeypatch.setattr(operations, "expect_each", partial(operations.expect_each, draws=40))


@pytest.fixture
def bought(house, dossiers):
    """Both customers bought every month for a year."""
    for dossier in dossiers:
        for month in range(1, 13):
            PurchaseLine.objects.create(
                customer=dossier.customer, on=TODAY - timedelta(days=30 * month), revenue_cents=90_00 * month,
                cost_cents=50_00 * month,
            )  # fmt: skip
    return dossiers


def state() -> dict[str, list]:
    """Everything that is shown, without the ids that differ from run to run."""
    customers = queries.latest_readings().order_by("customer")
    plans = queries.latest_plans().order_by("team", "period_kind")
    return {
        "customers": list(customers.values_list("customer", "customer_state", "need", "reason_nl", "state_since")),
        "plans": list(plans.values_list("team", "period_kind", "mean_cents", "grid")),
    }


def killed_at(call: int, monkeypatch) -> bool:
    """Kill an analysis at its n-th sign of life; False where it was done before."""
    calls = []

    def listen(*_told) -> None:
        calls.append(1)
        if len(calls) == call:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(operations, "_stop", lambda *_: None)
        try:
            analyse(TODAY, progress=listen)
        except Killed:
            return True
    return False


def test_killed_at_every_moment_the_last_readings_stay(bought, monkeypatch):
    analyse(TODAY)
    before, first = state(), Analysis.objects.latest()
    call = 1
    while killed_at(call, monkeypatch):
        assert (state(), Analysis.objects.latest()) == (before, first)
        call += 1
    assert call > 10
    assert state() == before
    assert Analysis.objects.latest() != first
    assert CustomerReading.objects.count() == 2
    assert set(Analysis.objects.values_list("analysis_status", flat=True)) == {"complete", "failed"}
    assert PlanReading.objects.exclude(analysis__analysis_status="complete").count() == 0


def test_killed_job_is_done_again_from_its_lease(bought, monkeypatch):
    job = ask_analysis(by=None)
    with monkeypatch.context() as patch:
        patch.setattr(operations, "_stop", lambda *_: None)
        patch.setattr(operations, "read_customers", _raise(Killed()))
        with pytest.raises(Killed):
            run_job.call(str(job.pk))
    Job.objects.filter(pk=job.pk).update(lease_until=NOW - timedelta(days=999), job_status="queued")
    run_job.call(str(job.pk))
    job.refresh_from_db()
    assert (job.job_status, job.phase, queries.standing().running) == ("done", "writing", None)
    assert CustomerReading.objects.count() == 2


def _raise(fault: BaseException):
    def fail(*_arguments, **_named):
        raise fault

    return fail


def test_fault_is_said_and_the_last_readings_stay(bought, monkeypatch):
    analyse(TODAY)
    before = state()
    with monkeypatch.context() as patch:
        patch.setattr(operations, "expect_each", _raise(ValueError("niemand@example.nl")))
        with pytest.raises(ValueError, match="niemand"):
            analyse(TODAY)
    now = queries.standing()
    assert (now.failed.failure, now.running) == ("ValueError: [address]", None)
    assert state() == before
    analyse(TODAY)
    assert queries.standing().failed is None


def say(statement: str) -> int:
    """Tell the database something, and what number it answers."""
    with connection.cursor() as cursor:
        found = cursor.execute(statement)
        row = found.fetchone() if connection.vendor == "sqlite" else None
        return int(row[0]) if row else 0


READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_database_that_takes_no_writes_is_said_in_clear_words(bought, monkeypatch, capfd, language):
    analyse(TODAY)
    before = state()
    monkeypatch.setenv("KARMA_LANGUAGE", language)
    monkeypatch.setattr("karma.cli.analyse._set_up", lambda: None)
    closed, opened = READ_ONLY[connection.vendor]
    say(closed)
    try:
        assert cli.run(["analyse"]) == 2
    finally:
        say(opened)
    said = " ".join(capfd.readouterr().err.split())
    assert {"nl": "De laatste uitkomsten blijven staan", "en": "The last readings stay as they are"}[
        language
    ] in said
    assert "Traceback" not in said
    assert state() == before


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_full_disk_leaves_the_last_readings(bought, monkeypatch):
    analyse(TODAY)
    before = state()
    monkeypatch.setattr(operations, "gather", partial(_on_a_full_disk, operations.gather))
    usual = say("PRAGMA max_page_count")
    say("VACUUM")
    try:
        with pytest.raises(OperationalError, match="full"):
            analyse(TODAY)
    finally:
        say(f"PRAGMA max_page_count = {usual}")
    assert state() == before
    monkeypatch.undo()
    analyse(TODAY)
    assert len(state()["plans"]) == 9


def _on_a_full_disk(gather, *arguments, **named):
    """From here on the database cannot grow by a page; it was packed just before, so hardly any is free."""
    say(f"PRAGMA max_page_count = {say('PRAGMA page_count')}")
    return gather(*arguments, **named)


def test_newer_analysis_takes_over_from_one_under_way(bought):
    def overtake(_done: int, _total: int, phase: str) -> None:
        if phase == "writing" and Analysis.objects.count() == 1:
            analyse(TODAY)

    with pytest.raises(Superseded):
        analyse(TODAY, progress=overtake)
    assert list(Analysis.objects.order_by("id").values_list("analysis_status", flat=True)) == [
        "failed",
        "complete",
    ]
    assert CustomerReading.objects.count() == 2


def test_two_asked_at_once_are_one_job_and_the_next_is_another(house):
    first = ask_analysis(by=None)
    assert ask_analysis(by=house.bea) == first
    assert Job.objects.get(kind=KIND).asked_by == house.bea
    Job.objects.update(job_status="running", lease_until=NOW)
    assert ask_analysis(by=None) != first


def test_analysis_waits_for_an_import_that_is_being_written(bought):
    run = ready({"lines.csv": LINES}, source="ERP")
    start_publishing(run)
    run.job = Job.objects.create(kind="imports.publish", asked_at=NOW, job_status="running", lease_until=NOW)
    run.save()
    with pytest.raises(Refused):
        analyse(TODAY)
    job = ask_analysis(by=None)
    run_job.call(str(job.pk))
    job.refresh_from_db()
    assert (job.job_status, job.result) == ("done", {"waits": "import"})
    Job.objects.filter(pk=run.job_id).update(job_status="failed")
    assert "halverwege" in analyse(TODAY).warnings[-1]["nl"]


def test_import_and_its_undoing_ask_for_an_analysis_and_readings_hold_up_neither(house):
    run = imported({"lines.csv": LINES}, source="ERP")
    assert Job.objects.filter(kind=KIND, job_status="queued").count() == 1
    analyse(date(2026, 4, 1))
    assert CustomerReading.objects.exists()
    Job.objects.all().delete()
    assert undoing.obstacles(run) == []
    ImportRun.objects.filter(pk=run.pk).update(run_status="undoing")
    undoing.undo(run)
    assert not Customer.objects.exists()
    assert not CustomerReading.objects.exists()
    assert Job.objects.filter(kind=KIND, job_status="queued").count() == 1


def test_night_asks_once_and_only_after_two(bought, monkeypatch):
    monkeypatch.setattr(asking, "today", lambda: TODAY)
    assert ask_nightly(at=datetime(2026, 3, 9, 0, 30, tzinfo=UTC)) is None
    asked = ask_nightly(at=datetime(2026, 3, 9, 1, 30, tzinfo=UTC))
    assert asked is not None
    assert ask_nightly(at=datetime(2026, 3, 9, 1, 31, tzinfo=UTC)) is None
    Job.objects.all().delete()
    analyse(TODAY)
    assert ask_nightly(at=datetime(2026, 3, 9, 5, 0, tzinfo=UTC)) is None
    monkeypatch.setattr(asking, "today", lambda: TODAY + timedelta(days=1))
    assert ask_nightly(at=datetime(2026, 3, 10, 1, 30, tzinfo=UTC)) is not None


def test_night_leaves_an_empty_installation_alone(house):
    assert ask_nightly(at=datetime(2026, 3, 9, 5, 0, tzinfo=UTC)) is None


def test_publication_stands_in_the_audit_list(bought, house):
    analysis = analyse(TODAY, by=house.bea)
    event = AuditEvent.objects.get(action="readings.analysed")
    assert (event.actor, event.object_id) == (house.bea, str(analysis.pk))
