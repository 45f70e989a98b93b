"""Each person reads in their own language, and sees dates in the organisation's time zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from karma.people.queries import current_organisation

Respond = Callable[[HttpRequest], HttpResponseBase]


def speak_and_date_for_person(get_response: Respond) -> Respond:
    def respond(request: HttpRequest) -> HttpResponseBase:
        organisation = current_organisation()
        language = getattr(request.user, "language", "")
        if request.user.is_authenticated and (language or organisation):
            language = language or (organisation.language if organisation else "")
            translation.activate(language)
            request.LANGUAGE_CODE = language
        if organisation:
            timezone.activate(ZoneInfo(organisation.time_zone))
        request.organisation = organisation  # type: ignore[attr-defined]
        return get_response(request)

    return respond
