"""The jobs of the readings app."""

from collections.abc import Mapping

from karma.common.jobs import RunningJob, handles
from karma.people.models import Person
from karma.people.operations import Refused
from karma.readings.asking import KIND, LOOK_BACK, ask_analysis, ask_look_back
from karma.readings.looking_back import lacking, look_back, to_be_widened
from karma.readings.operations import analyse
from karma.readings.writing import Superseded


@handles(KIND)
def analyse_job(running: RunningJob) -> Mapping[str, object] | None:
    """Analyse; the publication ended the job. Nothing is done where an import writes: its end asks again."""
    asked_by = running.job.asked_by
    try:
        analyse(by=asked_by if isinstance(asked_by, Person) else None, job=running)
    except Refused:
        return {"waits": "import"}
    except Superseded:
        return {"superseded": True}
    if any(lacking()):
        ask_look_back()
    return None


@handles(LOOK_BACK)
def look_back_job(running: RunningJob) -> Mapping[str, object]:
    """Fill in the course and the record of plans, in the time that nobody waits for.

    Where the record says that ranges clearly missed, a new analysis makes them wider.
    """
    pieces = look_back(job=running)
    if any(to_be_widened()):
        ask_analysis(by=None)
    return {"pieces": pieces}
