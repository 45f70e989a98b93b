"""What the team adds to the shell: the menu."""

from django.utils.translation import gettext_lazy as _

from karma.common.menu import MenuItem, add_to_menu


def connect() -> None:
    """Called once, when the app is ready."""
    add_to_menu(MenuItem(_("Team"), "team", "people", 20))
