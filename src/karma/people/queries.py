"""Reads of people, teams and the organisation."""

from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Count, Prefetch, Q, QuerySet

from karma.common.clock import now
from karma.common.columns import holds_on
from karma.people.enums import Role
from karma.people.models import Invitation, Membership, Organisation, Person, Team, WorkingWeek

SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def current_organisation() -> Organisation | None:
    """The organisation, or None while the guide's first step is not done."""
    return Organisation.objects.first()


@dataclass(frozen=True)
class TeamLine:
    """A team with its people of today."""

    team: Team
    memberships: tuple[Membership, ...]
    is_mine: bool


def team_lines(viewer: Person, *, on: date) -> list[TeamLine]:
    """All teams with their present people, the viewer's own first."""
    now_in = Membership.objects.filter(holds_on(on)).select_related("person").order_by("-is_lead", "person__name")
    teams = Team.objects.current(on=on).prefetch_related(Prefetch("memberships", now_in, to_attr="present"))
    lines = [
        TeamLine(team, present, any(each.person_id == viewer.pk for each in present))
        for team, present in ((team, tuple(getattr(team, "present", ()))) for team in teams)
    ]
    return sorted(lines, key=lambda line: not line.is_mine)


def memberships_of_team(team: Team) -> QuerySet[Membership]:
    """Everyone who is or was in the team, those of now first."""
    return team.memberships.select_related("person").order_by("until_on", "-is_lead", "person__name")


def people_found(*, words: str = "", function: str = "", left: bool = False, on: date) -> QuerySet[Person]:
    """People by name, narrowed by words and function; `left` shows those who no longer work here."""
    present = Membership.objects.filter(holds_on(on)).select_related("team")
    people = Person.objects.filter(is_active=not left).order_by("name", "pk")
    people = people.prefetch_related(Prefetch("memberships", present, to_attr="present"))
    if words:
        people = people.filter(Q(name__icontains=words) | Q(email__icontains=words))
    return people.filter(function=function) if function else people


def person_with_history(person_id: int) -> QuerySet[Person]:
    return Person.objects.filter(pk=person_id).prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("team"))
    )


def working_week(person: Person, *, on: date) -> WorkingWeek | None:
    """The week that holds on a day, or None where nobody has said."""
    return person.working_weeks.filter(from_on__lte=on).order_by("-from_on").first()


def open_invitation(person: Person, *, at: datetime) -> Invitation | None:
    return person.invitations.open(at=at).first()


def sessions_of(person: Person) -> list[UserSession]:
    """The person's sessions that still work, the latest first."""
    alive = Session.objects.filter(expire_date__gt=now()).values("session_key")
    return list(UserSession.objects.filter(user=person, session_key__in=alive).order_by("-created_at"))


def has_second_step(person: Person) -> bool:
    """Whether signing in asks more than a password."""
    return bool(Authenticator.objects.filter(user=person, type__in=SECOND_STEPS).exists())


def administrators_without_second_step() -> QuerySet[Person]:
    """Administrators who have joined and sign in with a password alone."""
    safe = Authenticator.objects.filter(type__in=SECOND_STEPS).values("user")
    joined = Person.objects.filter(role=Role.ADMINISTRATOR, is_active=True, joined_at__isnull=False)
    return joined.exclude(pk__in=safe)


@dataclass(frozen=True)
class GuideState:
    """How far the first-run guide is."""

    has_company: bool
    teams: int
    people: int

    @property
    def next_step(self) -> str:
        if not self.has_company:
            return "guide-company"
        if not self.teams:
            return "guide-teams"
        return "guide-people" if self.people < 2 else "guide-files"


def guide_state(*, on: date) -> GuideState:
    counted = Person.objects.aggregate(people=Count("pk", filter=Q(is_active=True)))
    return GuideState(
        has_company=current_organisation() is not None,
        teams=Team.objects.current(on=on).count(),
        people=counted["people"],
    )
