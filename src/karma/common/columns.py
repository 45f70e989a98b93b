"""Columns that many tables have: where a row came from, and from when until when it holds."""

from datetime import date

from django.db import models
from django.db.models import F, Q

BEGINNING = date(1900, 1, 1)
"""The first day of a dated row whose beginning nobody knows: it holds as far back as the data go."""


def source_column() -> "models.CharField[str, str]":
    """The name of the source of an imported row; empty for what people made here."""
    return models.CharField(max_length=60, blank=True, default="")


def source_key_column() -> "models.CharField[str | None, str | None]":
    """The row's id in its source; null for what people made here, so that those never collide."""
    return models.CharField(max_length=160, null=True, default=None)


def content_hash_column() -> "models.BigIntegerField[int | None, int | None]":
    """What an import last read for the row, as a hash: a row that the source did not change is left alone."""
    return models.BigIntegerField(null=True, default=None)


def last_run_column() -> "models.BigIntegerField[int | None, int | None]":
    """The import run that wrote the row last; null once a person changed it, so that no undo overrules them."""
    return models.BigIntegerField(null=True, default=None)


def once_per_source(name: str) -> models.UniqueConstraint:
    """A source's row exists once. No condition: a bulk write's ON CONFLICT must be able to name it."""
    return models.UniqueConstraint(name=name, fields=["source", "source_key"])


def holds_on(on: date, prefix: str = "") -> Q:
    """Dated rows that hold on a day; rows are half-open, `until_on` itself is the first day after."""
    begun = Q(**{f"{prefix}from_on__lte": on})
    return begun & (Q(**{f"{prefix}until_on__isnull": True}) | Q(**{f"{prefix}until_on__gt": on}))


def ends_after_it_begins(name: str) -> models.CheckConstraint:
    """A dated row holds for at least a day."""
    return models.CheckConstraint(name=name, condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")))
