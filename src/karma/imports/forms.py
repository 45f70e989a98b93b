"""What a person says about a run: its source and files, the kind of each file, its columns and its words."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from karma.imports.models import ImportFile
from karma.imports.phrases import field_words, kind_words
from karma.imports.queries import Words
from karma.imports.staged import ORDER
from karma_files import KINDS

MOST_FILES = 20
MOST_BYTES = 250 * 1024 * 1024


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given:
            raise forms.ValidationError(_("Choose one or more files."))
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("Bring at most %(most)s files at a time.") % {"most": MOST_FILES})
        cleaned = [cast("UploadedFile[Any]", super(FilesField, self).clean(each, initial)) for each in given]
        for each in cleaned:
            if (each.size or 0) > MOST_BYTES:
                raise forms.ValidationError(
                    _("“%(name)s” is larger than 250 MB. Use karma import on the server for it.")
                    % {"name": each.name}
                )
        return cleaned


class SourceForm(forms.Form):
    source = forms.CharField(
        label=gettext_lazy("Where do these files come from?"),
        max_length=60,
        help_text=gettext_lazy(
            "The program that made them, such as HubSpot or Exact. Use the same name next time."
        ),
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    uploads = FilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy("CSV, XLSX or Parquet; more than one is fine. Nothing is written yet."),
        widget=FilesInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm,.parquet,.gz", "multiple": True}),
    )
    is_complete = forms.BooleanField(
        label=gettext_lazy("These files hold everything: what is no longer in them may go"), required=False
    )

    def clean_source(self) -> str:
        return " ".join(self.cleaned_data["source"].split())


class KindsForm(forms.Form):
    """The kind of each file of a run."""

    def __init__(self, *args: Any, files: Sequence[ImportFile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Leave this file out")), *((kind, kind_words(kind)) for kind in ORDER)]
        for file in files:
            self.fields[f"kind{file.pk}"] = forms.ChoiceField(
                label=file.name,
                choices=choices if file.columns else choices[:1],
                required=False,
                initial=file.kind,
                disabled=not file.columns,
            )

    def kind_of(self, file: ImportFile) -> str:
        return str(self.cleaned_data[f"kind{file.pk}"])


class ColumnsForm(forms.Form):
    """Which field each column of a file holds, and how dates and amounts are written."""

    date_order = forms.ChoiceField(
        label=gettext_lazy("How dates are written"),
        required=False,
        choices=[
            ("", gettext_lazy("Look for yourself")),
            ("dmy", gettext_lazy("day-month-year")),
            ("mdy", gettext_lazy("month-day-year")),
            ("ymd", gettext_lazy("year-month-day")),
        ],
    )
    decimal = forms.ChoiceField(
        label=gettext_lazy("What stands before the cents"),
        required=False,
        choices=[
            ("", gettext_lazy("Look for yourself")),
            (",", pgettext_lazy("sign", "a comma")),
            (".", pgettext_lazy("sign", "a point")),
        ],
    )

    def __init__(self, *args: Any, file: ImportFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file = file
        by_column = {column: field for field, column in file.mapping.get("columns", {}).items()}
        said = [(each.name, field_words(file.kind, each.name)) for each in KINDS[file.kind].fields]
        choices = [("", _("leave out")), *said]
        for place, column in enumerate(file.columns):
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=column["name"], choices=choices, required=False, initial=by_column.get(column["name"], "")
            )
        for name in ("date_order", "decimal"):
            self.fields[name].initial = file.mapping.get("settings", {}).get(name, "")

    def lines(self) -> list[tuple[dict[str, Any], forms.BoundField]]:
        """Each column of the file with its own choice."""
        return [(column, self[f"column{place}"]) for place, column in enumerate(self.file.columns)]

    def columns(self) -> dict[str, str]:
        """The column by field."""
        chosen = ((self.cleaned_data.get(f"column{place}"), each["name"]) for place, each in self._places())
        return {str(field): column for field, column in chosen if field}

    def settings(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("date_order", "decimal") if self.cleaned_data[name]}

    def clean(self) -> dict[str, Any]:
        chosen = [self.cleaned_data.get(f"column{place}") for place, _column in self._places()]
        twice = sorted({str(field) for field in chosen if field and chosen.count(field) > 1})
        for field in twice:
            self.add_error(
                None,
                _("Two columns are “%(field)s”. Keep one of them.")
                % {"field": field_words(self.file.kind, field)},
            )
        return self.cleaned_data

    def _places(self) -> list[tuple[int, dict[str, Any]]]:
        return list(enumerate(self.file.columns))


class WordsForm(forms.Form):
    """What the words in a run's files mean."""

    def __init__(self, *args: Any, words: Sequence[Words], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        for place, group in enumerate(words):
            for number, word in enumerate(group.words):
                self.fields[f"word{place}_{number}"] = forms.ChoiceField(
                    label=word.text, choices=group.choices, required=False, initial=word.meaning
                )

    def groups(self) -> list[tuple[Words, list[tuple[Any, forms.BoundField]]]]:
        """Each group of words with its choices."""
        return [
            (group, [(word, self[f"word{place}_{number}"]) for number, word in enumerate(group.words)])
            for place, group in enumerate(self.words)
        ]

    def meanings(self) -> dict[int, dict[str, dict[str, str]]]:
        """What was chosen, by file and field; a word that stays as it is, is left out."""
        found: dict[int, dict[str, dict[str, str]]] = {}
        for place, group in enumerate(self.words):
            chosen = {
                word.text: self.cleaned_data[f"word{place}_{number}"] for number, word in enumerate(group.words)
            }
            kept = {text: meaning for text, meaning in chosen.items() if meaning}
            for file in group.files:
                found.setdefault(file.pk, {})[group.field] = kept
        return found
