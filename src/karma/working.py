"""The worker: takes jobs from the queue, sweeps for jobs that lost theirs, and asks for the night's analysis."""

import logging
import threading
import time
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.utils import OperationalError
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from karma.common.clock import now
from karma.common.jobs import forget_old, sweep
from karma.people.queries import current_organisation
from karma.readings.asking import ask_nightly

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 15.0
FORGET_SECONDS = 24 * 3600.0


def work(*, until_empty: bool = False) -> None:
    """Do jobs until told to stop (SIGTERM lets the running one end), or until there is none left."""
    _keep_the_organisations_time()
    sweep(at=now())
    worker = Worker(
        queue_names=["*"],
        interval=0.5,
        batch=until_empty,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    if not until_empty:
        threading.Thread(target=_keep_sweeping, name="sweep", daemon=True).start()
        worker.configure_signals()
    worker.run()


def _keep_the_organisations_time() -> None:
    """Date what this thread does in the organisation's time zone."""
    organisation = current_organisation()
    if organisation:
        timezone.activate(ZoneInfo(organisation.time_zone))


def _keep_sweeping() -> None:
    forget_at = time.monotonic()
    while True:
        time.sleep(SWEEP_SECONDS)
        try:
            _keep_the_organisations_time()
            sweep(at=now())
            ask_nightly(at=now())
            if time.monotonic() >= forget_at:
                forget_old(at=now())
                forget_at = time.monotonic() + FORGET_SECONDS
        except OperationalError:
            logger.warning("The database was busy; the sweep comes again in %s seconds", SWEEP_SECONDS)
        finally:
            connection.close()
