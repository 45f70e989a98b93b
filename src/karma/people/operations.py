"""The only code that writes people, teams, memberships, working weeks and the organisation.

Each operation writes its audit event in the same transaction; where it raises, nothing has changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from karma.common.audit import record
from karma.common.columns import holds_on
from karma.common.jobs import ask
from karma.people.enums import Role
from karma.people.models import Membership, Organisation, Person, Team, WorkingWeek


class Refused(Exception):  # noqa: N818 (said to the person at the screen)
    """What was asked cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class Company:
    """What the guide asks about the company."""

    name: str
    time_zone: str
    fiscal_start_month: int
    currency: str
    language: str


def describe_company(company: Company, *, by: Person, at: datetime) -> Organisation:
    """Found the organisation, or change it."""
    with transaction.atomic():
        organisation, is_new = Organisation.objects.select_for_update().update_or_create(
            pk=1, defaults=asdict(company)
        )
        record("people.company_founded" if is_new else "people.company_changed", by=by, at=at, of=organisation)
    return organisation


def close_guide(*, by: Person, at: datetime) -> None:
    """Put the first-run guide away."""
    with transaction.atomic():
        if Organisation.objects.filter(pk=1, guide_closed_at__isnull=True).update(guide_closed_at=at):
            record("people.guide_closed", by=by, at=at)


def found_team(name: str, *, by: Person, at: datetime) -> Team:
    """Make a team. Raises Refused if a team has this name, whatever its capitals."""
    with transaction.atomic():
        if Team.objects.filter(name__iexact=name).exists():
            raise Refused(_("There already is a team with this name."))
        team = Team.objects.create(name=name)
        record("people.team_founded", by=by, at=at, of=team)
    return team


def rename_team(team: Team, *, name: str, by: Person, at: datetime) -> None:
    """Give a team another name. Raises Refused if another team has it."""
    with transaction.atomic():
        locked = Team.objects.select_for_update().get(pk=team.pk)
        if Team.objects.filter(name__iexact=name).exclude(pk=team.pk).exists():
            raise Refused(_("There already is a team with this name."))
        locked.name = name
        locked.save(update_fields=["name"])
        record("people.team_renamed", by=by, at=at, of=locked)


def retire_team(team: Team, *, on: date, by: Person, at: datetime) -> None:
    """End a team. Raises Refused while people are in it: they first get another team, or none."""
    with transaction.atomic():
        locked = Team.objects.select_for_update().get(pk=team.pk)
        if locked.memberships.filter(Q(until_on__isnull=True) | Q(until_on__gt=on)).exists():
            raise Refused(_("There are still people in this team. Let them leave the team first."))
        locked.retired_on = on
        locked.save(update_fields=["retired_on"])
        record("people.team_retired", by=by, at=at, of=locked)


def join_team(
    person: Person, *, team: Team, is_lead: bool, on: date, by: Person | None, at: datetime
) -> Membership:
    """Let a person be in a team from a day. Raises Refused if they are in it then or later."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        same = Membership.objects.filter(person=person, team=team)
        if same.filter(Q(until_on__isnull=True) | Q(until_on__gt=on)).exists():
            raise Refused(_("%(person)s is already in this team.") % {"person": person.name})
        membership = Membership.objects.create(person=person, team=team, from_on=on, is_lead=is_lead)
        record("people.team_joined", by=by, at=at, of=membership, details={"person": person.pk, "team": team.pk})
    return membership


def leave_team(membership: Membership, *, on: date, by: Person, at: datetime) -> None:
    """Let a membership end: `on` is the first day without it. One that had yet to begin is taken away."""
    with transaction.atomic():
        locked = Membership.objects.select_for_update().get(pk=membership.pk)
        details = {"person": locked.person_id, "team": locked.team_id}
        record("people.team_left", by=by, at=at, of=locked, details=details)
        if locked.from_on >= on:
            locked.delete()
            return
        locked.until_on = on
        locked.save(update_fields=["until_on"])


def describe_person(person: Person, *, changes: Mapping[str, str], by: Person, at: datetime) -> None:
    """Change name, function or role. Raises Refused if nobody would be left to run the installation."""
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if changes.get("role", locked.role) != Role.ADMINISTRATOR:
            _keep_an_administrator(without=locked)
        changed = [name for name, value in changes.items() if getattr(locked, name) != value]
        for name in changed:
            setattr(locked, name, changes[name])
        locked.save(update_fields=changed)
        record("people.person_changed", by=by, at=at, of=locked, details={"fields": changed})


def let_go(person: Person, *, on: date, by: Person, at: datetime) -> None:
    """End a person's access now, and their memberships from `on`. Raises Refused for the last administrator."""
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        _keep_an_administrator(without=locked)
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        locked.invitations.open(at=at).update(revoked_at=at)
        for membership in locked.memberships.filter(Q(until_on__isnull=True) | Q(until_on__gt=on)):
            leave_team(membership, on=on, by=by, at=at)
        record("people.person_let_go", by=by, at=at, of=locked)


def welcome_back(person: Person, *, by: Person, at: datetime) -> None:
    """Give a person who had left access again; their old sessions stay ended."""
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(is_active=True)
        record("people.person_welcomed_back", by=by, at=at, of=person)


def choose_own_settings(person: Person, *, choices: Mapping[str, str], at: datetime) -> None:
    """Let a person change their own name, language or appearance."""
    with transaction.atomic():
        for name, value in choices.items():
            setattr(person, name, value)
        person.save(update_fields=list(choices))
        record("people.own_settings_chosen", by=person, at=at, of=person, details={"fields": list(choices)})


def set_working_week(
    person: Person, *, minutes: Mapping[str, int], on: date, by: Person, at: datetime
) -> WorkingWeek:
    """Say how many minutes a person works on each weekday from a day on."""
    with transaction.atomic():
        week, _is_new = WorkingWeek.objects.update_or_create(person=person, from_on=on, defaults=dict(minutes))
        record("people.working_week_set", by=by, at=at, of=week, details={"person": person.pk})
    return week


def ask_reset_mail(address: str) -> None:
    """Let a worker mail a link to whoever has this address, which may be nobody."""
    ask("people.reset_mail", by=None, arguments={"address": address})


def present_team(person: Person, *, on: date) -> Team | None:
    """The team of a person who is in exactly one."""
    teams = list(Team.objects.filter(memberships__in=Membership.objects.filter(holds_on(on), person=person)))
    return teams[0] if len(teams) == 1 else None


def _keep_an_administrator(*, without: Person) -> None:
    others = Person.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    if without.role == Role.ADMINISTRATOR and not others.exclude(pk=without.pk).exists():
        raise Refused(_("There has to be at least one administrator. Make somebody else administrator first."))
