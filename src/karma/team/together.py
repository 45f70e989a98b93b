"""What a team expects together on its way to a reader: the fan, and how the chance moved and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from karma.plans.phrases import period_words
from karma.plans.saying import Saying
from karma.readings.amounts import Scale, chance_words
from karma.readings.models import PlanReading
from karma.team import phrases
from karma.team.fan import Fan, Point, fan_of
from karma.team.queries import Moment, course

CAUSES = 4


@dataclass(frozen=True)
class Row:
    """One row of a table behind a picture."""

    on: date
    done: str
    low: str
    high: str
    chance: str = ""


class Together:
    """The plan of a quarter as the team sees it."""

    def __init__(self, row: PlanReading) -> None:
        self.row = row
        self.saying = Saying(row)
        self.scale: Scale = self.saying.scale

    @property
    def period(self) -> str:
        return period_words(self.saying.said.period)

    @property
    def marked_cents(self) -> int:
        """The amount whose chance is followed: last year's, else what is now reached 6 times in 10."""
        last_year = self.row.last_year_cents
        return self.saying.sixty_cents if last_year is None else last_year

    @property
    def marked_words(self) -> str:
        amount = self.scale.say(self.marked_cents)
        return amount if self.row.last_year_cents is None else _("last year's %(amount)s") % {"amount": amount}

    @cached_property
    def points(self) -> list[Point]:
        fan = self.saying.said.fan
        return [Point(p.until, p.p10_cents, p.p50_cents, p.p90_cents, p.realised_cents) for p in fan]

    @cached_property
    def fan(self) -> Fan | None:
        """The picture of the way through the quarter; None where the reading has none."""
        if len(self.points) < 2:
            return None
        return self._drawn(self.points, from_zero=True)

    def _drawn(self, points: list[Point], *, from_zero: bool) -> Fan:
        marked = self.row.last_year_cents
        last = points[-1]
        words = {
            "middle": self.scale.say(last.middle),
            "marked": "",
            "done": self.scale.say(self.row.realised_cents),
        }
        if marked is not None:
            words["marked"] = f"{_('last year')}\n{self.scale.say(marked)}"
        return fan_of(
            points,
            as_of=self.row.as_of,
            marked=marked,
            words=words,
            currency=self.row.currency,
            from_zero=from_zero,
        )

    @cached_property
    def fan_rows(self) -> list[Row]:
        return [
            Row(p.on, self.scale.say(p.realised), "", "")
            if p.realised is not None
            else Row(p.on, "", self.scale.say(p.low), self.scale.say(p.high))
            for p in self.points
        ]

    @cached_property
    def moments(self) -> list[Moment]:
        return course(self.row, self.marked_cents)

    @property
    def course_sentence(self) -> str:
        """How the chance moved; empty while there is only one day to look at."""
        if len(self.moments) < 2:
            return ""
        first, last = self.moments[0], self.moments[-1]
        return phrases.course_sentence(first.as_of, first.chance, last.chance, amount=self.marked_words)

    @cached_property
    def course(self) -> Fan | None:
        """The expectation of the period's end at each day that it was worked out."""
        if len(self.moments) < 2:
            return None
        return self._drawn([Point(m.as_of, m.low, m.middle, m.high) for m in self.moments], from_zero=False)

    @cached_property
    def course_rows(self) -> list[Row]:
        return [
            Row(m.as_of, "", self.scale.say(m.low), self.scale.say(m.high), chance_words(m.chance))
            for m in self.moments
        ]

    @cached_property
    def moved(self) -> Mapping[str, Any]:
        return self.row.moved or {}

    @property
    def moved_sentence(self) -> str:
        if "before_cents" not in self.moved or "since" not in self.moved:
            return ""
        since = date.fromisoformat(self.moved["since"])
        before, after = self.moved["before_cents"], self.moved["after_cents"]
        return phrases.moved_sentence(before, after, self.scale, since=since)

    @property
    def causes(self) -> list[str]:
        """The heaviest causes of the move, as far as they can be said in amounts that the range carries."""
        drivers = [each for each in self.moved.get("drivers", []) if self.scale.rounded(abs(each["cents"]))]
        return [phrases.driver_sentence(each, self.scale) for each in drivers[:CAUSES]]
