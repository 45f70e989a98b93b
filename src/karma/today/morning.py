"""The frame of a person's day: which day it is about, how long it is, and how long each kind of work takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from karma.people.models import WEEKDAYS, Person, WorkingWeek
from karma.people.queries import working_week
from karma.today.models import WorkMinutes
from karma_core.work import DEFAULT_MINUTES, Kind, Room

WEEK = 7


@dataclass(frozen=True)
class Morning:
    """A person's day before anything is done.

    `on` is the day itself and `began_at` its first moment; `work_on` is the day that the list is for: the same,
    or the next on which the person works. `room` is what that day holds.
    """

    person: Person
    on: date
    work_on: date
    began_at: datetime
    room: Room
    minutes: Mapping[Kind, int]

    @property
    def seed(self) -> str:
        """What the lots are drawn with: this person on this day, however often the page is opened."""
        return f"{self.person.pk} {self.work_on.isoformat()}"

    @property
    def is_day_off(self) -> bool:
        return self.work_on != self.on


def morning_of(person: Person, *, on: date) -> Morning:
    """The day of a person; two small reads."""
    week = working_week(person, on=on) or WorkingWeek()
    own = WorkMinutes.objects.filter(person=person).first()
    minutes = {kind: getattr(own, kind.value) if own else DEFAULT_MINUTES[kind] for kind in Kind}
    ahead = (on + timedelta(days=days) for days in range(WEEK))
    work_on = next((day for day in ahead if _works(week, day)), on)
    began_at = timezone.make_aware(datetime.combine(on, time.min))
    return Morning(person, on, work_on, began_at, Room(_works(week, work_on)), minutes)


def _works(week: WorkingWeek, on: date) -> int:
    return int(getattr(week, WEEKDAYS[on.weekday()]))
