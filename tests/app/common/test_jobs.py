"""Jobs: asked, taken, reported on, ended; and what the sweep does with those that lost their worker."""

from datetime import timedelta

import pytest
from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

import karma.common.tasks  # noqa: F401 (it must hold the true handlers before a test replaces them)
from karma.common import jobs
from karma.common.clock import now
from karma.common.enums import JobStatus
from karma.common.jobs import JobLost, ask, give_up, handles, sweep, take
from karma.common.models import Job
from karma.working import work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    monkeypatch.setattr(jobs, "HANDLERS", {})
    monkeypatch.setattr("karma.common.tasks.HANDLERS", jobs.HANDLERS)

    @handles("count")
    def count(running):
        running.progress(1, total=2, phase="counting")
        return {"counted": running.arguments["up_to"]}

    @handles("break")
    def stop(running):
        raise ValueError("anna@example.nl broke it")


def test_job_asked_is_done_by_a_worker():
    job = ask("count", by=None, arguments={"up_to": 3})
    work(until_empty=True)
    job.refresh_from_db()
    assert (job.job_status, job.result, job.done, job.attempt) == (JobStatus.DONE, {"counted": 3}, 1, 1)


def test_job_that_fails_says_why_without_addresses():
    job = ask("break", by=None, arguments={})
    work(until_empty=True)
    job.refresh_from_db()
    assert (job.job_status, job.failure) == (JobStatus.FAILED, "ValueError: [address] broke it")


def test_asking_an_unknown_kind_is_refused():
    with pytest.raises(LookupError, match='kind "fly"; known are break, count'):
        ask("fly", by=None, arguments={})


def test_job_rolled_back_with_its_write_leaves_no_task():
    with transaction.atomic():
        ask("count", by=None, arguments={})
        transaction.set_rollback(True)
    assert (Job.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_taking_twice_gives_the_job_once():
    job = ask("count", by=None, arguments={})
    assert take(str(job.pk), at=now()) is not None
    assert take(str(job.pk), at=now()) is None


def _killed(*, attempt: int = 1) -> Job:
    """A job whose worker was killed: running, lease expired, its row in the queue still running."""
    job = ask("count", by=None, arguments={"up_to": 1})
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=now() - timedelta(hours=1))
    Job.objects.filter(pk=job.pk).update(
        job_status=JobStatus.RUNNING, attempt=attempt, lease_until=now() - timedelta(minutes=1)
    )
    job.refresh_from_db()
    return job


def test_sweep_asks_again_for_a_job_whose_worker_was_killed():
    job = _killed()
    assert sweep(at=now()) == 1
    work(until_empty=True)
    job.refresh_from_db()
    assert (job.job_status, job.attempt) == (JobStatus.DONE, 2)
    assert not DBTaskResult.objects.running().exists()


def test_sweep_leaves_a_job_with_a_lease_alone():
    job = ask("count", by=None, arguments={})
    take(str(job.pk), at=now())
    assert sweep(at=now()) == 0


def test_sweep_gives_up_after_the_last_attempt():
    job = _killed(attempt=jobs.ATTEMPTS)
    assert sweep(at=now()) == 1
    job.refresh_from_db()
    assert (job.job_status, job.failure) == (JobStatus.FAILED, "its worker died 5 times")


def test_sweep_asks_again_for_a_job_claimed_by_a_worker_that_died_before_taking_it():
    job = ask("count", by=None, arguments={"up_to": 1})
    long_ago = now() - timedelta(hours=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=long_ago)
    Job.objects.update(asked_at=long_ago)
    assert sweep(at=now()) == 1
    work(until_empty=True)
    job.refresh_from_db()
    assert job.job_status == JobStatus.DONE


def test_sweep_leaves_a_waiting_job_in_the_queue():
    ask("count", by=None, arguments={})
    Job.objects.update(asked_at=now() - timedelta(hours=1))
    assert sweep(at=now()) == 0


def test_old_attempt_writes_nothing_after_another_took_over():
    job = ask("count", by=None, arguments={})
    old = take(str(job.pk), at=now())
    Job.objects.update(job_status=JobStatus.QUEUED, lease_until=None)
    new = take(str(job.pk), at=now())
    for late in (lambda: old.progress(9, total=9), lambda: old.finish({}), old.beat):
        with pytest.raises(JobLost):
            late()
    give_up(old, at=now(), because="late")
    new.job.refresh_from_db()
    assert (new.job.job_status, new.job.attempt, new.job.done) == (JobStatus.RUNNING, 2, 0)


def test_job_is_seen_by_who_asked_and_by_the_administrator_only(house, sign_in):
    job = ask("count", by=house.anna, arguments={})
    answers = [
        sign_in(person).get(f"/jobs/{job.pk}/").status_code for person in (house.anna, house.otto, house.bea)
    ]
    assert answers == [200, 404, 200]
