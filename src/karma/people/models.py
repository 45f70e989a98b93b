"""The organisation, its people and teams, who is in which team and when, working weeks and invitations."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from karma.common.columns import (
    ends_after_it_begins,
    holds_on,
    once_per_source,
    source_column,
    source_key_column,
)
from karma.common.register import Privacy, Register
from karma.people.enums import Appearance, Currency, Function, Language, Role

DAY_MINUTES = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Organisation(models.Model):
    """The one organisation of this installation."""

    register = Register("the administrator", Privacy.COMPANY, "as long as the installation")

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="Europe/Amsterdam")
    fiscal_start_month = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    currency = models.CharField(max_length=3, choices=Currency.choices, default=Currency.EUR)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.DUTCH)
    guide_closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="organisation_only_one", condition=Q(id=1)),
            models.CheckConstraint(
                name="organisation_fiscal_month",
                condition=Q(fiscal_start_month__gte=1, fiscal_start_month__lte=12),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """People, found by their address whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())

    def colleagues(self) -> "models.QuerySet[Person]":
        """Everyone who works here now, by name. All see each other's name, function and teams."""
        return self.filter(is_active=True).order_by("name", "pk")


class Person(AbstractBaseUser):
    """Someone who works here. A person may exist before they were invited, as the owner of imported rows."""

    register = Register(
        "the person", Privacy.PERSONAL, "until 2 years after they left, then the name is erased", ("email", "name")
    )

    email = models.EmailField(unique=True, null=True)
    name = models.CharField(max_length=120)
    function = models.CharField(max_length=20, choices=Function.choices, default=Function.ACCOUNT_MANAGER)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.MEMBER)
    language = models.CharField(max_length=2, choices=Language.choices, blank=True)
    appearance = models.CharField(max_length=5, choices=Appearance.choices, default=Appearance.AUTO)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True)
    source = source_column()
    source_key = source_key_column()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="person_email_lower", condition=Q(email=Lower("email"))),
            models.UniqueConstraint(
                name="person_source", fields=["source", "source_key"], condition=~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = self.email.strip().lower() if self.email else None

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    @property
    def sees_everything(self) -> bool:
        """Whether the customers of every team are visible to this person."""
        return self.is_active and self.role in (Role.OVERVIEW, Role.ADMINISTRATOR)

    @property
    def has_joined(self) -> bool:
        return self.joined_at is not None

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]


class TeamQuerySet(models.QuerySet["Team"]):
    def current(self, *, on: date) -> Self:
        """Teams that exist on a day."""
        return self.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=on))

    def of(self, person: Person, *, on: date) -> Self:
        """The teams that a person is in on a day."""
        return self.filter(pk__in=Membership.objects.filter(holds_on(on), person=person).values("team"))


class Team(models.Model):
    """People who carry a target together, or who deliver what was sold."""

    register = Register("the team", Privacy.COMPANY, "as long as the installation")

    name = models.CharField(max_length=120, unique=True)
    retired_on = models.DateField(null=True)
    source = source_column()
    source_key = source_key_column()

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [once_per_source("team_source")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """That a person is in a team, from a day up to a day. A move ends one row and begins another."""

    register = Register("the team", Privacy.PERSONAL, "7 years after it ended", ("person",))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    is_lead = models.BooleanField(default=False)

    class Meta:
        ordering = ["-from_on", "pk"]
        constraints = [
            ends_after_it_begins("membership_dates"),
            models.UniqueConstraint(
                name="membership_open_once", fields=["person", "team"], condition=Q(until_on__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.team_id}"


class WorkingWeek(models.Model):
    """How many minutes a person works on each weekday, from a day on; the latest row holds."""

    register = Register("the person", Privacy.PERSONAL, "2 years after it was replaced", ("person", *WEEKDAYS))

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="working_weeks")
    from_on = models.DateField()
    monday = models.PositiveSmallIntegerField(default=480)
    tuesday = models.PositiveSmallIntegerField(default=480)
    wednesday = models.PositiveSmallIntegerField(default=480)
    thursday = models.PositiveSmallIntegerField(default=480)
    friday = models.PositiveSmallIntegerField(default=480)
    saturday = models.PositiveSmallIntegerField(default=0)
    sunday = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-from_on"]
        constraints = [
            models.UniqueConstraint(name="working_week_once_a_day", fields=["person", "from_on"]),
            *(
                models.CheckConstraint(name=f"working_week_{day}", condition=Q(**{f"{day}__lte": DAY_MINUTES}))
                for day in WEEKDAYS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.from_on}"

    @property
    def week_minutes(self) -> int:
        return sum(getattr(self, day) for day in WEEKDAYS)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, at: datetime) -> Self:
        """Invitations that still work."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=at)


class Invitation(models.Model):
    """A link by which a person signs in for the first time. Only the hash of its token is kept."""

    register = Register("the administrator", Privacy.SECRET, "90 days after it ended")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"invitation of {self.person_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a token where its hash belongs."""
        if len(self.token_hash) != 64:
            raise ValueError("An invitation keeps the SHA-256 of its token, in hexadecimal, never the token.")
        super().save(*args, **kwargs)
