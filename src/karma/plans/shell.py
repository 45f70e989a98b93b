"""What plans add to the shell: the menu."""

from django.utils.translation import gettext_lazy as _

from karma.common.menu import MenuItem, add_to_menu
from karma.plans import rules as _rules  # noqa: F401 (registers the permission)


def connect() -> None:
    """Called once, when the app is ready."""
    add_to_menu(MenuItem(_("Plan"), "plan", "bullseye", 30, who="plans.has_plan"))
