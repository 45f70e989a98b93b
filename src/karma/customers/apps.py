"""The customers app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "karma.customers"
    label = "customers"

    def ready(self) -> None:
        from karma.customers import shell  # noqa: PLC0415 (it needs the models)

        shell.connect()
