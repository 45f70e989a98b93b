"""The clock at the edge: views, tasks and commands read it and pass on what it says."""

from datetime import date, datetime

from django.utils import timezone


def today() -> date:
    """Today's business date in the organisation's time zone, which the middleware and the worker activate."""
    return timezone.localdate()


def now() -> datetime:
    """This moment, in UTC."""
    return timezone.now()
