"""The plans app."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "karma.plans"
    label = "plans"

    def ready(self) -> None:
        from karma.plans import shell  # noqa: PLC0415 (it needs the models)

        shell.connect()
