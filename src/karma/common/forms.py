"""How forms look, and how they notice that somebody else was just before you."""

import hashlib
from datetime import date
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _


class HouseRenderer(TemplatesSetting):
    """Renders forms and fields with the templates in templates/forms."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class ChangeForm(forms.Form):
    """A form about something that is there already, whose `initial` is how it stands now.

    It carries how the thing stood when the page was shown. Where somebody changed it since, the form is shown once
    more with what the other made of it beside what was typed; sending it again keeps what was typed.
    """

    as_seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stands = {name: self.initial[name] for name in self.fields if name in self.initial}
        self.now = _mark({name: value for name, value in stands.items() if not isinstance(value, date)})
        self.initial["as_seen"] = self.now

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        seen = cleaned.pop("as_seen", "")
        if seen and seen != self.now:
            again: Any = self.data.copy()  # type: ignore[attr-defined]
            again["as_seen"] = self.now
            self.data = again
            self._say_what_changed(cleaned)
        return cleaned

    def _say_what_changed(self, cleaned: dict[str, Any]) -> None:
        said = _("Somebody else changed this while you were typing. Send it again to keep what you typed.")
        self.add_error(None, said)
        for name, value in cleaned.items():
            present = self.initial.get(name)
            if name in self.initial and _plain(present) != _plain(value):
                self.add_error(None, _("%(field)s is now: %(value)s") % {
                    "field": self.fields[name].label, "value": self._words(name, present) or _("empty"),
                })  # fmt: skip

    def _words(self, name: str, value: Any) -> str:
        """A value as the field's choices call it."""
        choices = getattr(self.fields[name], "choices", ())
        found = next((label for key, label in choices if _plain(key) == _plain(value)), value)
        return "" if found is None else str(found)


def _plain(value: Any) -> str:
    """A row is known by its id, so that what a field reads equals what stands in the table."""
    value = getattr(value, "value", value)
    return str(getattr(value, "pk", value) or "")


def _mark(values: dict[str, Any]) -> str:
    text = "\x1f".join(f"{name}={_plain(value)}" for name, value in sorted(values.items()))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
