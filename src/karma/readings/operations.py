"""The analysis: from the facts to readings that screens show. Screens read; only this computes."""

import logging
from dataclasses import asdict, dataclass
from datetime import date

from django.db import DatabaseError

from karma.common.clock import now, today
from karma.common.columns import holds_on
from karma.common.jobs import JobLost, RunningJob
from karma.common.logs import impersonal
from karma.facts.gathering import Facts, gather
from karma.people.models import Membership, Person, Team
from karma.people.queries import current_organisation
from karma.readings import writing
from karma.readings.accounts import counted, warned
from karma.readings.asking import Progress, default_as_of, refuse_while_import_writes
from karma.readings.computing import Customers, expect_each, periods_of, read_customers
from karma.readings.enums import PeriodKind
from karma.readings.models import Analysis
from karma.readings.queries import widen_by
from karma_core.periods import Period

logger = logging.getLogger(__name__)

STEPS = 100
PHASES = {"facts": 0, "rhythm": 10, "plan": 45, "writing": 85}
"""At which of a hundred steps each phase begins."""


@dataclass(frozen=True)
class Course:
    """How an analysis tells how far it is: to its job, which keeps the lease, and to whoever waits in process."""

    job: RunningJob | None
    listener: Progress | None

    def at(self, phase: str, share: float = 0.0) -> None:
        """Say that a share (0..1) of a phase is done. Raises JobLost where another attempt took over."""
        ends = [*PHASES.values(), STEPS]
        first = PHASES[phase]
        done = first + int(share * (ends[ends.index(first) + 1] - first))
        if self.job:
            self.job.progress(done, total=STEPS, phase=phase)
        if self.listener:
            self.listener(done, STEPS, phase)


def analyse(
    as_of: date | None = None,
    *,
    by: Person | None = None,
    job: RunningJob | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Read all facts, let the core say what it says, and publish that; returns the analysis, complete.

    `progress` is called with (done, total, phase). Whatever goes wrong, the readings that are shown stay as they
    are. Raises Refused while an import is being written: its end asks for an analysis itself.
    """
    refuse_while_import_writes()
    day = as_of or default_as_of()
    analysis = writing.begin(day, job=job.job if job else None)
    try:
        _work(analysis, Course(job, progress))
        writing.publish(analysis, by=by, job=job)
    except (JobLost, writing.Superseded):
        raise
    except BaseException as fault:
        _stop(analysis, fault)
        raise
    return analysis


def _stop(analysis: Analysis, fault: BaseException) -> None:
    """Write down that it stopped, if the database still takes it; what is shown stays either way."""
    try:
        writing.fail(analysis, because=impersonal(f"{type(fault).__name__}: {fault}"), at=now())
    except DatabaseError:
        logger.exception("That an analysis stopped could not be written down")


def _work(analysis: Analysis, course: Course) -> None:
    course.at("facts")
    facts = gather(analysis.as_of, today=today())
    course.at("rhythm")
    read = read_customers(facts)
    course.at("plan")
    _write_plans(analysis, facts, course)
    _write_customers(analysis, facts, read, course)
    analysis.core_version = writing.VERSION
    analysis.facts = counted(facts, read)
    analysis.warnings = [asdict(sentence) for sentence in warned(facts, read)]


def _write_plans(analysis: Analysis, facts: Facts, course: Course) -> None:
    """What the organisation and each team can expect of each period."""
    teams, periods, money = plans_of(facts), periods_on(analysis.as_of), currency()
    done, total = 0, len(teams) * len(periods)
    for team, own in teams.items():
        readings = expect_each(own, periods.values(), widen_by=widen_by(team))
        for kind, said in zip(periods, readings, strict=True):
            writing.write_plan(analysis, said, team=team, kind=kind, currency=money)
            done += 1
            course.at("plan", done / total)


def _write_customers(analysis: Analysis, facts: Facts, read: Customers, course: Course) -> None:
    course.at("writing")
    numbered = read.rows.join(facts.customers.select("customer", "id"), on="customer", maintain_order="left")
    for done in writing.write_customers(analysis, numbered, writing.states_since()):
        course.at("writing", done / max(numbered.height, 1))


def plans_of(facts: Facts) -> dict[int | None, Facts]:
    """The facts of the whole organisation (None), and of each team of that day that has any."""
    current = Team.objects.current(on=facts.as_of).order_by("pk").values_list("pk", flat=True)
    own = {team: facts.of_team(team, members=members_of(team, on=facts.as_of)) for team in current}
    return {None: facts, **{team: each for team, each in own.items() if not each.is_empty}}


def members_of(team: int, *, on: date) -> set[int]:
    """The people of a team on a day: deals without a customer are their team's."""
    return set(Membership.objects.filter(holds_on(on), team=team).values_list("person", flat=True))


def periods_on(as_of: date) -> dict[PeriodKind, Period]:
    """The organisation's own quarter, next quarter and year around a day."""
    organisation = current_organisation()
    return periods_of(as_of, start_month=organisation.fiscal_start_month if organisation else 1)


def currency() -> str:
    """The organisation's one currency; empty while nobody described the company."""
    organisation = current_organisation()
    return organisation.currency if organisation else ""
