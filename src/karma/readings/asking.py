"""When an analysis is made: after an import, once a night, or when somebody asks; and as of which day."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from karma.common.audit import record
from karma.common.clock import now, today
from karma.common.enums import JobStatus
from karma.common.jobs import ask
from karma.common.models import Job
from karma.deals.models import Deal, PurchaseLine
from karma.imports.enums import RunStatus
from karma.imports.models import ImportRun
from karma.people.models import Person
from karma.people.operations import Refused
from karma.readings.models import Analysis

KIND = "readings.analyse"
LOOK_BACK = "readings.look_back"
Progress = Callable[[int, int, str], None]
NIGHT = time(2)
FRESH = timedelta(days=56)
"""Facts that end longer ago are old: read as of today, everybody would seem to be asleep."""

_ALIVE = (JobStatus.QUEUED, JobStatus.RUNNING)
_WRITES = Q(run_status__in=(RunStatus.PUBLISHING, RunStatus.UNDOING))


def default_as_of() -> date:
    """Today; where the facts end long ago, the day after the last of them."""
    last = last_fact_on()
    return today() if last is None or today() - last < FRESH else last + timedelta(days=1)


def last_fact_on() -> date | None:
    """The last day up to today on which something was bought, asked, won or lost; None where there is nothing."""
    until = today()
    found = (
        PurchaseLine.objects.filter(on__lte=until).aggregate(last=Max("on"))["last"],
        Deal.objects.filter(opened_on__lte=until).aggregate(last=Max("opened_on"))["last"],
        Deal.objects.filter(closed_on__lte=until).aggregate(last=Max("closed_on"))["last"],
    )
    return max((day for day in found if day), default=None)


def is_half_written() -> bool:
    """Whether an import has begun to write, or to take back, and is not done."""
    return ImportRun.objects.filter(_WRITES).exists()


def refuse_while_import_writes() -> None:
    """Raise Refused while an import is written or taken back: what is read now would be half of it.

    One that stopped halfway holds up nothing; the analysis then says that it counts in part.
    """
    if ImportRun.objects.filter(_WRITES, job__job_status__in=_ALIVE).exists():
        raise Refused(_("An import is being written. When it is done, the analysis begins by itself."))


def ask_analysis(*, by: Person | None) -> Job:
    """Let a worker analyse. Asked again before it has begun it is the same job: that will read everything."""
    with transaction.atomic():
        job = Job.objects.filter(kind=KIND, job_status=JobStatus.QUEUED).order_by("asked_at").first()
        if job is None:
            job = ask(KIND, by=by, arguments={})
        elif job.asked_by_id is None and by is not None:
            Job.objects.filter(pk=job.pk).update(asked_by=by)
        if by is not None:
            record("readings.asked", by=by, at=now(), of=job)
    return job


def ask_look_back() -> Job:
    """Let a worker fill in what the plans that are shown lack; asked twice before it begins it is one job."""
    waiting = Job.objects.filter(kind=LOOK_BACK, job_status=JobStatus.QUEUED).first()
    return waiting or ask(LOOK_BACK, by=None, arguments={})


def ask_nightly(*, at: datetime) -> Job | None:
    """Once a night, after two o'clock: an analysis as of the new day, if there are facts and none was made yet."""
    local = timezone.localtime(at)
    if local.time() < NIGHT:
        return None
    tonight = timezone.make_aware(datetime.combine(local.date(), NIGHT))
    newest = Analysis.objects.regular().order_by("-id").first()
    asked = Job.objects.filter(kind=KIND).filter(Q(asked_at__gte=tonight) | Q(job_status__in=_ALIVE))
    if asked.exists() or (newest and newest.as_of >= default_as_of()) or last_fact_on() is None:
        return None
    return ask_analysis(by=None)
