"""The who-may table: reads docs/works-council/who-may.md, and fills the addresses in it with Anna's own rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from tests.factories.customers import Dossier
from tests.factories.imports import runs_for_the_table
from tests.factories.people import House
from tests.factories.readings import make_analysis, make_customer_reading, make_plan_reading

from karma.common.access import all_patterns
from karma.common.models import Job, SavedView
from karma.people.invitations import Newcomer, invite
from karma.people.models import Person

TABLE = Path(__file__).resolve().parents[2] / "docs" / "works-council" / "who-may.md"
WHO = ("stranger", "anna", "otto", "joost", "bea")
METHODS = ("GET", "POST", "PUT")  # DELETE and PATCH go the way of PUT: the middleware knows three methods


@dataclass(frozen=True)
class Line:
    """One address: which methods it has, and for each person what they get."""

    name: str
    path: str
    methods: tuple[str, ...]
    answers: dict[str, str]


def read_table() -> list[Line]:
    rows = [row for row in TABLE.read_text("utf-8").splitlines() if row.startswith("| `")]
    return [_line([cell.strip() for cell in row.strip("|").split("|")]) for row in rows]


def _line(cells: list[str]) -> Line:
    name, path, methods, *answers = (cell.strip("`") for cell in cells)
    return Line(name, path, tuple(methods.split(", ")), dict(zip(WHO, answers, strict=True)))


def real_urls() -> dict[str, str]:
    """Every address of the product by name."""
    return {str(entry.name): path for path, entry in all_patterns()}


def make_objects(house: House, dossiers: tuple[Dossier, Dossier]) -> dict[str, object]:
    """Anna's own row for each parameter that an address may have, by URL name and parameter or by parameter."""
    key = _make_key(house.anna, name="kanarienoord key")
    for person in Person.objects.filter(joined_at__isnull=False):
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(person)
        _make_key(person, name=f"key of {person.name}")
    stored = SessionStore()
    stored.create()
    session = UserSession.objects.create(
        user=house.anna,
        session_key=stored.session_key,
        ip="127.0.0.1",
        user_agent="kanarienoord",
        last_seen_at=timezone.now(),
    )
    job = Job.objects.create(kind="none", asked_by=house.anna, asked_at=timezone.now())
    _newcomer, token = invite(
        Newcomer("nieuw@noorderlicht.example", "Nieuw", "other", "member"), by=None, at=timezone.now()
    )
    analysis = make_analysis()
    make_customer_reading(analysis, dossiers[0].customer)
    return {
        "plan_id": make_plan_reading(analysis, house.north).pk,
        "team_id": house.north.pk,
        "person_id": house.anna.pk,
        "people-welcome-back.person_id": _left().pk,
        "people-invite-again.person_id": Person.objects.get(email="nieuw@noorderlicht.example").pk,
        "membership_id": house.anna.memberships.get().pk,
        "session_id": session.pk,
        "token": token,
        "job_id": job.pk,
        "pk": key.pk,
        "uidb36": "1",
        "key": "wrong-key",
        "customer_id": dossiers[0].customer.pk,
        "deal_id": dossiers[0].deal.pk,
        **runs_for_the_table(),
        "view_id": SavedView.objects.create(person=house.anna, page="customers", name="kanarienoord").pk,
    }


def _make_key(person: Person, *, name: str) -> Authenticator:
    """A passkey that looks like one in lists; no real one stands behind it."""
    data = {"name": name, "credential": {}}
    return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=data)


def _left() -> Person:
    return Person.objects.create(name="Vertrokken", is_active=False)


def address_of(line: Line, objects: dict[str, object], reverse: Callable[..., str]) -> str:
    names = [part.split(":")[-1].rstrip(">") for part in line.path.split("<")[1:]]
    names = [name.split(">")[0] for name in names]
    return reverse(
        line.name, kwargs={name: objects.get(f"{line.name}.{name}", objects.get(name)) for name in names}
    )
