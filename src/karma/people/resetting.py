"""A link for who forgot their password, sent by a worker: the page that asks takes as long for every address."""

from collections.abc import Mapping

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core.context import request_context
from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from karma.common.jobs import RunningJob, handles
from karma.people.queries import current_organisation


@handles("people.reset_mail")
def send_reset_mail(running: RunningJob) -> Mapping[str, object]:
    """Mail a link to whoever has this address, in their own language; nothing where nobody has it."""
    email = str(running.arguments["address"])
    organisation = current_organisation()
    usual = organisation.language if organisation else settings.LANGUAGE_CODE
    users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    request = HttpRequest()
    request.META["HTTP_HOST"] = settings.CONFIGURATION.url.netloc
    for user in users:
        with request_context(request), translation.override(user.language or usual):
            request_password_reset(request, email, [user], default_token_generator)
    running.forget_arguments()
    return {}
