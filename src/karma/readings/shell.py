"""What readings add to the shell: words for the audit list, permissions, and an analysis after each import."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from karma.common.menu import ADMINISTRATION, MenuItem, add_to_menu
from karma.common.phrases import say_actions
from karma.imports.hooks import after_import
from karma.readings import rules as _rules  # noqa: F401 (registers the permissions)
from karma.readings.asking import ask_analysis


def connect() -> None:
    """Called once, when the app is ready."""
    add_to_menu(
        MenuItem(
            pgettext_lazy("menu", "Analysis"), "readings", "clock-history", 40, ADMINISTRATION, "readings.ask"
        )
    )
    say_actions(
        {
            "readings.asked": _("Asked for an analysis"),
            "readings.analysed": _("Analysed what customers do and what teams can expect"),
        }
    )
    after_import(lambda: ask_analysis(by=None))
