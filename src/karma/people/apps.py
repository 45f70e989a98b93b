"""The people app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "karma.people"
    label = "people"

    def ready(self) -> None:
        from karma.people import resetting, shell  # noqa: F401, PLC0415 (they need the models)

        shell.connect()
