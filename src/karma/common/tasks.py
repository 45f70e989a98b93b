"""The one task of the queue: run a job by its id, with a heartbeat beside it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.utils import OperationalError
from django_tasks import task

from karma.common.clock import now
from karma.common.jobs import HANDLERS, HEARTBEAT_SECONDS, JobLost, RunningJob, give_up, take
from karma.common.logs import impersonal

logger = logging.getLogger(__name__)


@task()
def run_job(job_id: str) -> None:
    """Take the job and do it; does nothing if it is already done or in another's hands."""
    running = take(job_id, at=now())
    if running is None:
        return
    try:
        with _heartbeat(running):
            _do(running)
    except JobLost:
        logger.warning("A job was taken over by another attempt: kind %s", running.job.kind)
    except Exception as fault:
        logger.exception("A job stopped: kind %s", running.job.kind)
        give_up(running, at=now(), because=impersonal(f"{type(fault).__name__}: {fault}"))


def _do(running: RunningJob) -> None:
    result = HANDLERS[running.job.kind](running)
    if result is not None:
        with transaction.atomic():
            running.finish(result)


@contextmanager
def _heartbeat(running: RunningJob) -> Iterator[None]:
    """Renew the lease from a thread of its own, on a connection of its own, until the work ends."""
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(HEARTBEAT_SECONDS):
                try:
                    running.beat()
                except OperationalError:  # the database is busy: the next beat is soon enough
                    continue
        except JobLost:
            return
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
