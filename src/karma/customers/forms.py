"""What people type about customers."""

from datetime import date, timedelta

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from karma.common.forms import ChangeForm
from karma.customers.enums import ContactKind
from karma.customers.models import ContactPerson, Customer
from karma.customers.resting import LONGEST_DAYS
from karma.people.models import Person, Team


class AssignForm(ChangeForm):
    team = forms.ModelChoiceField(Team.objects.none(), required=False, label=_("Team"), empty_label=_("No team"))
    person = forms.ModelChoiceField(
        Person.objects.none(), required=False, label=_("Who"), empty_label=_("Nobody in particular")
    )
    from_on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("What was sold before that day stays with whoever answered then."),
    )

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.current(on=on)  # type: ignore[attr-defined]
        self.fields["person"].queryset = Person.objects.colleagues()  # type: ignore[attr-defined]


class HandOverForm(AssignForm):
    """Which of somebody's customers go to whom. A customer that the viewer may not see is as absent as none."""

    customers = forms.ModelMultipleChoiceField(
        Customer.objects.none(), label=_("Which customers"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ("team", "person", "from_on", "customers")

    def __init__(self, *args: object, customers: QuerySet[Customer], on: date, **kwargs: object) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.fields["customers"].queryset = customers  # type: ignore[attr-defined]
        self.fields["customers"].initial = list(customers)


class ContactForm(forms.Form):
    kind = forms.ChoiceField(choices=ContactKind.choices, label=_("How"))
    contact_person = forms.ModelChoiceField(
        ContactPerson.objects.none(), required=False, label=_("With"), empty_label=_("Nobody in particular")
    )
    summary = forms.CharField(
        max_length=10_000,
        required=False,
        label=_("What was it about?"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    again_on = forms.DateField(
        required=False,
        label=_("Speak again on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: object, customer: Customer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["contact_person"].queryset = customer.contact_persons.all()  # type: ignore[attr-defined]


class RestForm(forms.Form):
    """Until which day a customer is left in peace, and why if somebody wants to say so."""

    until_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    why = forms.CharField(
        max_length=200, required=False, label=_("Why"), help_text=_("If you like, in your own words.")
    )

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.first, self.last = on + timedelta(days=1), on + timedelta(days=LONGEST_DAYS)
        self.fields["until_on"].widget.attrs |= {"min": self.first.isoformat(), "max": self.last.isoformat()}

    def clean_until_on(self) -> date:
        until_on: date = self.cleaned_data["until_on"]
        if not self.first <= until_on <= self.last:
            raise forms.ValidationError(_("Choose a day from tomorrow on, at most two years ahead."))
        return until_on
