"""Checks that Django runs before the product starts."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from karma.common.access import ANYONE, SIGNED_IN, all_patterns, declared_for
from karma.common.permissions import exists


@register(Tags.urls)
def every_url_says_who_may(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    return [
        Error(
            f'The URL "{path}" does not say who may open it.',
            hint="Put @who_may(...) on its view, or its name in karma.common.access.OF_OTHERS.",
            id="karma.E001",
        )
        for path, entry in all_patterns()
        if not _is_known(declared_for(entry.callback, entry.name))
    ]


def _is_known(who: str | None) -> bool:
    return who in (ANYONE, SIGNED_IN) or (who is not None and exists(who))
