"""The facts app: no tables of its own."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "karma.facts"
    label = "facts"
