"""The common app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "karma.common"
    label = "common"

    def ready(self) -> None:
        from karma.common import checks, lookups, rules  # noqa: F401, PLC0415 (they register themselves)
