"""What people type about people, teams and the company."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from karma.common.forms import ChangeForm
from karma.people.enums import Appearance, Currency, Function, Language, Role
from karma.people.models import WEEKDAYS, Person, Team, WorkingWeek
from karma.people.operations import Company, ask_reset_mail

LANGUAGE_CHOICES = [("", _("As the company")), *Language.choices]
_USUAL_ZONES = ["Europe/Amsterdam", "Europe/Brussels", "Europe/Berlin", "Europe/London", "Europe/Paris"]
ZONES = [
    *_USUAL_ZONES,
    *sorted(zone for zone in available_timezones() if "/" in zone and zone not in _USUAL_ZONES),
]


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields.pop("remember", None)


class ResetForm(AllauthResetForm):  # type: ignore[misc]
    """Asks for a link; whether anybody has the address is looked up by a worker, never while one waits."""

    def clean_email(self) -> str:
        return str(get_adapter().clean_email(self.cleaned_data["email"]))

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        address: str = self.cleaned_data["email"]
        ask_reset_mail(address)
        return address


class CompanyForm(ChangeForm):
    name = forms.CharField(max_length=120, label=_("Name of the company"))
    language = forms.ChoiceField(choices=Language.choices, label=_("Language"))
    time_zone = forms.ChoiceField(
        choices=[(zone, zone.replace("_", " ")) for zone in ZONES],
        label=_("Time zone"),
        help_text=_("Decides on which day a purchase or a call falls."),
    )
    fiscal_start_month = forms.TypedChoiceField(
        choices=list(MONTHS.items()), coerce=int, label=_("The financial year begins in")
    )
    currency = forms.ChoiceField(
        choices=Currency.choices, label=_("Currency"), help_text=_("All amounts are shown in this currency.")
    )

    def company(self) -> Company:
        return Company(**self.cleaned_data)


class TeamForm(ChangeForm):
    name = forms.CharField(max_length=120, label=_("Name of the team"))


class InvitationForm(forms.Form):
    name = forms.CharField(max_length=120, label=pgettext_lazy("person", "Name"))
    email = forms.EmailField(max_length=254, label=_("E-mail address"))
    function = forms.ChoiceField(choices=Function.choices, label=_("Function"))
    role = forms.ChoiceField(
        choices=Role.choices, label=_("Access"), widget=forms.RadioSelect, initial=Role.MEMBER
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), required=False, label=_("Team"), empty_label=_("No team yet")
    )

    def __init__(self, *args: object, teams: QuerySet[Team], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)  # noqa: S101 (for the type checker)
        team.queryset = teams


class PersonForm(ChangeForm):
    name = forms.CharField(max_length=120, label=pgettext_lazy("person", "Name"))
    function = forms.ChoiceField(choices=Function.choices, label=_("Function"))
    role = forms.ChoiceField(choices=Role.choices, label=_("Access"), widget=forms.RadioSelect)


class JoinForm(forms.Form):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("Who"), empty_label=_("Choose somebody"))
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    is_lead = forms.BooleanField(required=False, label=_("Leads the team"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)  # noqa: S101 (for the type checker)
        person.queryset = Person.objects.colleagues()


class LeaveForm(forms.Form):
    until_on = forms.DateField(
        label=_("First day without"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class OwnSettingsForm(forms.Form):
    name = forms.CharField(max_length=120, label=pgettext_lazy("person", "Name"))
    language = forms.ChoiceField(choices=LANGUAGE_CHOICES, required=False, label=_("Language"))
    appearance = forms.ChoiceField(choices=Appearance.choices, label=_("Light or dark"), widget=forms.RadioSelect)


class WorkingWeekForm(forms.Form):
    """Hours on each weekday, in quarters of an hour."""

    def __init__(self, *args: object, week: WorkingWeek | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        week = week or WorkingWeek()
        for day, label in zip(WEEKDAYS, WEEKDAY_NAMES, strict=True):
            self.fields[day] = forms.DecimalField(
                label=label,
                min_value=0,
                max_value=24,
                decimal_places=2,
                step_size=0.25,
                initial=f"{getattr(week, day) / 60:g}",
            )

    def minutes(self) -> Mapping[str, int]:
        return {day: int(self.cleaned_data[day] * 60) for day in WEEKDAYS}


WEEKDAY_NAMES = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip


class WelcomeForm(forms.Form):
    """The first password, chosen by whoever opens an invitation."""

    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "12"}),
        help_text=_("At least 12 characters. A sentence that only you would think of works well."),
    )

    def __init__(self, *args: object, person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password
