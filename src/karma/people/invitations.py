"""Invitations: the only code that makes, renews, accepts and revokes them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from karma.common.audit import record
from karma.people.models import Invitation, Person
from karma.people.operations import Refused

KEEP = timedelta(days=90)


@dataclass(frozen=True)
class Newcomer:
    """Who is invited, and as what."""

    email: str
    name: str
    function: str
    role: str
    language: str = ""


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_of(token: str) -> str:
    """The full address by which an invitation opens."""
    return settings.BASE_URL + reverse("invitation", args=[token])


def invite(newcomer: Newcomer, *, by: Person | None, at: datetime) -> tuple[Person, str]:
    """Make a person and an invitation; the token exists only in what comes back.

    Someone who is known from an import but has not joined is the same person. Raises Refused if the address
    belongs to somebody who has joined.
    """
    email = newcomer.email.strip().lower()
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(email=email).first() or Person(email=email)
        if person.has_joined:
            raise Refused(_("Somebody with this address already has access."))
        person.name, person.function, person.role = newcomer.name, newcomer.function, newcomer.role
        person.language, person.is_active = newcomer.language, True
        if person.pk is None:
            person.set_unusable_password()
        person.save()
        record("people.person_invited", by=by, at=at, of=person)
        return person, _new_token(person, by=by, at=at)


def invite_again(person: Person, *, by: Person, at: datetime) -> str:
    """Give a person who has not joined a new link; the earlier one stops working. Raises Refused if they did."""
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if locked.has_joined or not locked.email:
            raise Refused(_("This person has already joined, or has no e-mail address."))
        record("people.person_invited_again", by=by, at=at, of=locked)
        return _new_token(locked, by=by, at=at)


def revoke(person: Person, *, by: Person, at: datetime) -> None:
    """Let the open link of a person stop working."""
    with transaction.atomic():
        if person.invitations.open(at=at).update(revoked_at=at):
            record("people.invitation_revoked", by=by, at=at, of=person)


def invitation_for(token: str, *, at: datetime) -> Invitation | None:
    """The invitation that a token opens, or None where it does not (any more)."""
    open_ones = Invitation.objects.open(at=at).select_related("person", "invited_by")
    return open_ones.filter(token_hash=hash_of(token), person__is_active=True).first()


def accept(token: str, *, password: str, at: datetime) -> Person:
    """Let a person in with a password of their own. Raises Refused if the link does not work any more."""
    with transaction.atomic():
        used = Invitation.objects.open(at=at).filter(token_hash=hash_of(token)).update(accepted_at=at)
        if not used:
            raise Refused(_("This link does not work any more. Ask for a new one."))
        person = Person.objects.select_for_update().get(invitations__token_hash=hash_of(token))
        person.set_password(password)
        person.joined_at = at
        person.save(update_fields=["password", "joined_at"])
        EmailAddress.objects.get_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
        record("people.invitation_accepted", by=person, at=at, of=person)
    return person


def mail_invitation(person: Person, *, token: str, language: str, invited_by: str, organisation: str) -> bool:
    """Mail the link; False where this installation sends no mail. Called outside any transaction."""
    if not settings.MAIL_IS_SENT or not person.email:
        return False
    with translation.override(language):
        words = {"person": person, "link": link_of(token), "invited_by": invited_by, "organisation": organisation}
        subject = _("You are invited to %(organisation)s") % {"organisation": organisation or "Karma Sales"}
        body = render_to_string("people/mail/invitation.txt", words)
    return bool(send_mail(" ".join(subject.split()), body, None, [person.email], fail_silently=True))


def forget_old_invitations(at: datetime) -> None:
    """Remove invitations that ended more than 90 days ago: used, taken back or expired."""
    long_ago = at - KEEP
    ended = Q(accepted_at__lt=long_ago) | Q(revoked_at__lt=long_ago) | Q(expires_at__lt=long_ago)
    Invitation.objects.filter(ended).delete()


def _new_token(person: Person, *, by: Person | None, at: datetime) -> str:
    token = secrets.token_urlsafe(24)  # 192 bits
    person.invitations.open(at=at).update(revoked_at=at)
    Invitation.objects.create(
        person=person,
        invited_by=by,
        token_hash=hash_of(token),
        created_at=at,
        expires_at=at + timedelta(days=settings.INVITATION_DAYS),
    )
    return token
