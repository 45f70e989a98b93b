"""The person behind a request, for views that only signed-in people reach."""

from django.http import HttpRequest

from karma.people.models import Person


def viewer(request: HttpRequest) -> Person:
    """The signed-in person. Raises where a view for strangers calls it."""
    if not isinstance(request.user, Person):
        raise TypeError("Only a view that is declared for signed-in people may ask who looks.")
    return request.user
