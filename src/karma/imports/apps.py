"""The imports app."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "karma.imports"
    label = "imports"

    def ready(self) -> None:
        from karma.imports import shell, tasks  # noqa: F401, PLC0415 (they need the models)

        shell.connect()
