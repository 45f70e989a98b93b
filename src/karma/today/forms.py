"""What people type on Today."""

from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from karma.customers.resting import LONGEST_DAYS
from karma.people.models import Person
from karma.today.enums import WorkKind
from karma.today.models import WorkMinutes
from karma.today.queries import colleagues_of

KEPT = timedelta(days=31)


class HappenedForm(forms.Form):
    """When something was noted that waited on a device for a connection; a clock that runs ahead says now."""

    happened_at = forms.DateTimeField(required=False)

    def __init__(self, *args: object, at: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.at = at

    def clean_happened_at(self) -> datetime:
        happened_at: datetime = self.cleaned_data["happened_at"] or self.at
        if happened_at < self.at - KEPT:
            raise forms.ValidationError(_("This was noted more than a month ago."))
        return min(happened_at, self.at)


class WordsForm(forms.Form):
    """A few words about contact that was just noted, and when to speak again."""

    summary = forms.CharField(max_length=2000, required=False)
    again_on = forms.DateField(required=False)

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.on = on

    def clean_again_on(self) -> date | None:
        again_on: date | None = self.cleaned_data["again_on"]
        if again_on and not self.on < again_on <= self.on + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(_("Choose a day from tomorrow on, at most two years ahead."))
        return again_on


class GiveForm(forms.Form):
    to = forms.ModelChoiceField(Person.objects.none())
    words = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: object, person: Person, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["to"].queryset = colleagues_of(person, on=on)  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """By hand on one's own list."""

    kind = forms.ChoiceField(choices=WorkKind.choices, required=False)
    words = forms.CharField(max_length=200, required=False)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or WorkKind.CALL.value


class MinutesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = WorkMinutes
        fields = ("call", "help", "visit")
        labels = {
            "call": _("A call, in minutes"),
            "help": _("Helping to choose, in minutes"),
            "visit": _("A visit with the way there and back, in minutes"),
        }
