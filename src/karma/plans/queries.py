"""Which plans a person may choose from, and the one that they look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from karma.customers.models import Customer
from karma.people.models import Person, Team
from karma.readings.enums import PeriodKind
from karma.readings.models import PlanReading
from karma.readings.queries import Standing, standing

KINDS = (PeriodKind.QUARTER, PeriodKind.NEXT_QUARTER, PeriodKind.YEAR)


@dataclass(frozen=True)
class Scope:
    """Whose plan: a team's, or the whole organisation's where `team` is None; with the periods that were read."""

    team: Team | None
    kinds: tuple[PeriodKind, ...] = ()

    @property
    def key(self) -> int | None:
        return self.team.pk if self.team else None


@dataclass(frozen=True)
class Offer:
    """What a person may look at now: every scope, in the order of the chooser, and how old the readings are."""

    scopes: tuple[Scope, ...]
    standing: Standing

    def scope(self, team_id: int | None) -> Scope | None:
        return next((scope for scope in self.scopes if scope.key == team_id), None)

    @property
    def choices(self) -> tuple[Scope, ...]:
        """Scopes with something to read; all of them while there is nothing anywhere."""
        return tuple(scope for scope in self.scopes if scope.kinds) or self.scopes

    @property
    def first(self) -> Scope | None:
        return next(iter(self.choices), None)


def offer_to(viewer: Person, *, on: date) -> Offer:
    """The viewer's own teams; for whoever sees everything the whole organisation and then every team."""
    now = standing()
    plans = PlanReading.objects.visible_to(viewer, on=on).filter(analysis=now.shown)
    read: dict[int | None, set[str]] = {}
    for team, kind in plans.values_list("team", "period_kind") if now.shown else []:
        read.setdefault(team, set()).add(kind)
    teams = Team.objects.current(on=on) if viewer.sees_everything else Team.objects.of(viewer, on=on)
    whole: list[Team | None] = [None] if viewer.sees_everything else []
    return Offer(tuple(_scope(team, read) for team in [*whole, *teams]), now)


def _scope(team: Team | None, read: dict[int | None, set[str]]) -> Scope:
    kinds = read.get(team.pk if team else None, set())
    return Scope(team, tuple(kind for kind in KINDS if kind in kinds))


def plan_shown(viewer: Person, offer: Offer, scope: Scope, kind: PeriodKind, *, on: date) -> PlanReading | None:
    """The reading of a scope's period, if this viewer may see it."""
    if offer.standing.shown is None:
        return None
    mine = PlanReading.objects.visible_to(viewer, on=on).filter(analysis=offer.standing.shown)
    return mine.filter(team=scope.team, period_kind=kind).select_related("analysis", "team").first()


def record_of(viewer: Person, plan: PlanReading, *, on: date) -> dict[str, object]:
    """How good earlier quarters were: it stands with the quarter's plan, and holds for the other periods too."""
    same = PlanReading.objects.visible_to(viewer, on=on).filter(analysis=plan.analysis_id, team=plan.team_id)
    record = same.filter(period_kind=PeriodKind.QUARTER).values_list("record", flat=True).first()
    return dict(record or plan.record)


def names_of(viewer: Person, ids: Sequence[str], *, on: date) -> dict[str, str]:
    """The names of customers by the id that a reading gives them, of those that the viewer may see."""
    keys = [int(each) for each in ids if each and each.isdigit()]
    mine = Customer.objects.visible_to(viewer, on=on).filter(pk__in=keys)
    return {str(key): name for key, name in mine.values_list("pk", "name")}
