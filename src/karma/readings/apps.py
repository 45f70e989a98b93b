"""The readings app."""

from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "karma.readings"
    label = "readings"

    def ready(self) -> None:
        from karma.readings import shell, tasks  # noqa: F401, PLC0415 (they need the models)

        shell.connect()
