"""The team app."""

from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "karma.team"
    label = "team"

    def ready(self) -> None:
        from karma.team import shell  # noqa: PLC0415 (it needs the models)

        shell.connect()
