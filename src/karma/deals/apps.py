"""The deals app."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "karma.deals"
    label = "deals"

    def ready(self) -> None:
        from karma.deals import shell  # noqa: PLC0415 (it needs the models)

        shell.connect()
