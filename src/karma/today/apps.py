"""The today app."""

from django.apps import AppConfig


class TodayConfig(AppConfig):
    name = "karma.today"
    label = "today"

    def ready(self) -> None:
        from karma.today import shell  # noqa: PLC0415 (it needs the models)

        shell.connect()
