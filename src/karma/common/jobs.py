"""Jobs with a lease, a heartbeat and a sweep, around the queue of django-tasks-db.

The queue alone leaves a task "running" for ever when its worker is killed. Here each attempt holds a lease that
a heartbeat renews; the sweep asks again for whatever lost its lease. The attempt's number is a fencing token:
what an old attempt still writes matches no row. A handler is written so that a second attempt goes on where the
first stopped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from karma.common.chores import tidy
from karma.common.clock import now
from karma.common.enums import JobStatus
from karma.common.models import Job

LEASE = timedelta(seconds=30)
HEARTBEAT_SECONDS = 8.0
ATTEMPTS = 5
KEEP = timedelta(days=90)


class JobLost(Exception):  # noqa: N818 (not an error: another attempt took over)
    """This attempt no longer holds the job; it must stop and write nothing more."""


@dataclass(frozen=True)
class RunningJob:
    """What a handler gets: the job's arguments, and the way to report progress and to end within its own write."""

    job: Job

    @property
    def arguments(self) -> Mapping[str, object]:
        return dict(self.job.arguments)

    def progress(self, done: int, *, total: int, phase: str = "") -> None:
        """Say how far it is and renew the lease. Raises JobLost, and changes nothing, if another took over.

        Called inside the transaction of a chunk it makes the chunk and the progress one write.
        """
        self._write(done=done, total=total, phase=phase, lease_until=now() + LEASE)

    def finish(self, result: Mapping[str, object]) -> None:
        """End the job in the transaction of its last effect. Raises JobLost, as `progress` does."""
        self._write(job_status=JobStatus.DONE, ended_at=now(), lease_until=None, result=dict(result))

    def forget_arguments(self) -> None:
        """Keep no longer what the job was asked with. Raises JobLost, as `progress` does."""
        self._write(arguments={})

    def beat(self) -> None:
        """Renew the lease. Raises JobLost, as `progress` does."""
        self._write(lease_until=now() + LEASE)

    def _write(self, **fields: object) -> None:
        if not Job.objects.held(self.job).update(**fields):
            raise JobLost(str(self.job.pk))


Handler = Callable[[RunningJob], Mapping[str, object] | None]
HANDLERS: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of this kind; an app's tasks.py does so when the app is ready."""

    def keep(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return keep


def ask(kind: str, *, by: AbstractBaseUser | None, arguments: Mapping[str, object]) -> Job:
    """Put a job in the queue, in the caller's transaction: it exists exactly if the caller's write does."""
    if kind not in HANDLERS:
        raise LookupError(f'Nothing handles jobs of kind "{kind}"; known are {", ".join(sorted(HANDLERS))}.')
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind, asked_by_id=by.pk if by else None, asked_at=now(), arguments=dict(arguments)
        )
        _enqueue(job)
    return job


def take(job_id: str, *, at: datetime) -> RunningJob | None:
    """Take a waiting job with a lease; None if it is not waiting (done, or another attempt has it)."""
    waiting = Job.objects.filter(pk=job_id, job_status=JobStatus.QUEUED)
    if not waiting.update(job_status=JobStatus.RUNNING, attempt=F("attempt") + 1, lease_until=at + LEASE):
        return None
    return RunningJob(Job.objects.get(pk=job_id))


def give_up(running: RunningJob, *, at: datetime, because: str) -> None:
    """Mark the job as failed with a short reason for developers; nothing if another attempt took over."""
    Job.objects.held(running.job).update(
        job_status=JobStatus.FAILED, ended_at=at, lease_until=None, failure=because[:300]
    )


def sweep(*, at: datetime) -> int:
    """Ask again for jobs whose worker died, give up on those that died ATTEMPTS times; returns how many."""
    expired = Job.objects.filter(job_status=JobStatus.RUNNING, lease_until__lt=at)
    given_up = expired.filter(attempt__gte=ATTEMPTS).update(
        job_status=JobStatus.FAILED, ended_at=at, lease_until=None, failure=f"its worker died {ATTEMPTS} times"
    )
    lost = [*expired.filter(attempt__lt=ATTEMPTS), *_never_taken(at)]
    return given_up + sum(_ask_again(job, at=at) for job in lost)


def forget_old(*, at: datetime) -> None:
    """Remove jobs and queue rows that ended long ago, and whatever else apps have kept long enough."""
    Job.objects.filter(ended_at__lt=at - KEEP).delete()
    DBTaskResult.objects.finished().filter(finished_at__lt=at - timedelta(days=30)).delete()
    tidy(at)


def _never_taken(at: datetime) -> list[Job]:
    """Waiting jobs whose worker died between the queue's claim and our lease, or whose queue row is gone."""
    alive = DBTaskResult.objects.filter(
        Q(status=TaskResultStatus.READY) | Q(status=TaskResultStatus.RUNNING, started_at__gte=at - LEASE)
    )
    waiting = Job.objects.filter(job_status=JobStatus.QUEUED, asked_at__lt=at - LEASE)
    return list(waiting.exclude(task_id__in=alive.values("id")))


def _ask_again(job: Job, *, at: datetime) -> int:
    with transaction.atomic():
        same = Job.objects.filter(pk=job.pk, job_status=job.job_status, attempt=job.attempt, task_id=job.task_id)
        if not same.update(job_status=JobStatus.QUEUED, lease_until=None, task_id=None):
            return 0
        stuck = DBTaskResult.objects.filter(
            id__in=[job.task_id] if job.task_id else [], status=TaskResultStatus.RUNNING
        )
        stuck.update(status=TaskResultStatus.FAILED, finished_at=at)
        _enqueue(job)
    return 1


def _enqueue(job: Job) -> None:
    from karma.common.tasks import run_job  # noqa: PLC0415 (tasks imports this module: the queue needs its path)

    job.task_id = run_job.enqueue(str(job.pk)).id
    job.save(update_fields=["task_id"])
