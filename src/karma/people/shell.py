"""What people add to the shell: menu, search and the export of one's own data."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from karma.common.banners import Banner, add_banner
from karma.common.chores import add_chore
from karma.common.clock import today
from karma.common.export import add_to_export
from karma.common.menu import ADMINISTRATION, MenuItem, add_to_menu
from karma.common.models import AuditEvent, Job, SavedView
from karma.common.phrases import say_actions
from karma.common.search import Hit, Source, add_source
from karma.people import rules as _rules  # noqa: F401 (registers the permissions)
from karma.people.invitations import forget_old_invitations
from karma.people.models import Person, Team
from karma.people.phrases import ACTIONS
from karma.people.queries import has_second_step, people_found, sessions_of


def connect() -> None:
    """Called once, when the app is ready."""
    add_to_menu(
        MenuItem(_("People"), "people", "person-badge", 10, section=ADMINISTRATION),
        MenuItem(_("Teams"), "teams", "people", 15, section=ADMINISTRATION),
        MenuItem(_("Company"), "company", "house", 20, ADMINISTRATION, "people.change_organisation"),
        MenuItem(_("What was done"), "audit", "journal-text", 90, ADMINISTRATION, "common.read_audit"),
    )
    add_source(Source(pgettext_lazy("search", "People"), "person", 30, _find_people))
    add_source(Source(pgettext_lazy("search", "Teams"), "people", 40, _find_teams))
    add_banner(_has_no_second_step)
    add_chore(forget_old_invitations)
    say_actions(ACTIONS)
    add_to_export("person", _own_row)
    add_to_export("teams", _own_memberships)
    add_to_export("working_weeks", lambda person: list(person.working_weeks.values()))  # type: ignore[attr-defined]
    add_to_export("sessions", _own_sessions)
    add_to_export("what_i_did", _own_events)
    add_to_export("kept_views", lambda person: list(SavedView.objects.filter(person_id=person.pk).values()))
    add_to_export("jobs", lambda person: list(Job.objects.filter(asked_by_id=person.pk).values()))


def _find_people(user: object, words: str, limit: int) -> Iterable[Hit]:
    for person in people_found(words=words, on=today())[:limit]:
        yield Hit(person.name, reverse("people-person", args=[person.pk]), person.get_function_display())


def _find_teams(user: object, words: str, limit: int) -> Iterable[Hit]:
    for team in Team.objects.current(on=today()).filter(name__icontains=words)[:limit]:
        yield Hit(team.name, reverse("teams-page", args=[team.pk]))


def _own_row(person: AbstractBaseUser) -> object:
    hidden = ("password",)
    names = [field.name for field in Person._meta.concrete_fields if field.name not in hidden]
    return Person.objects.filter(pk=person.pk).values(*names).get()


def _own_memberships(person: AbstractBaseUser) -> object:
    return list(person.memberships.values("team__name", "from_on", "until_on", "is_lead"))  # type: ignore[attr-defined]


def _own_sessions(person: AbstractBaseUser) -> object:
    assert isinstance(person, Person)  # noqa: S101 (for the type checker)
    return [{"began": each.created_at, "ip": each.ip, "device": each.user_agent} for each in sessions_of(person)]


def _own_events(person: AbstractBaseUser) -> object:
    return list(AuditEvent.objects.filter(actor_id=person.pk).values("at", "action", "object_kind", "object_id"))


def _has_no_second_step(user: object) -> Banner | None:
    """Said to administrators only: they may do everything."""
    if not isinstance(user, Person) or not user.is_administrator or has_second_step(user):
        return None
    said = _("You run this installation and sign in with a password alone. An app or a passkey makes that safe.")
    return Banner(said, "mfa_index", _("Add a second step"))
