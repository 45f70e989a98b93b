"""What imports add to the shell: words for the audit list."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from karma.common.banners import Banner, add_banner
from karma.common.chores import add_chore
from karma.common.menu import ADMINISTRATION, MenuItem, add_to_menu
from karma.common.phrases import say_actions
from karma.imports import rules as _rules  # noqa: F401 (registers the permissions)
from karma.imports.forgetting import forget_old
from karma.imports.queries import is_writing


def connect() -> None:
    """Called once, when the app is ready."""
    add_to_menu(MenuItem(pgettext_lazy("menu", "Import"), "imports", "upload", 30, ADMINISTRATION, "imports.run"))
    add_chore(forget_old)
    add_banner(_import_runs)
    say_actions(
        {
            "imports.begun": _("Began an import"),
            "imports.published": _("Imported files"),
            "imports.undone": _("Took an import back"),
            "imports.discarded": _("Put an import away"),
        }
    )


def _import_runs(user: object) -> Banner | None:
    """Rows come in chunk by chunk; figures wait for the last one."""
    said = _("An import is being written. Lists grow meanwhile; figures are the last complete ones.")
    return Banner(said) if is_writing() else None
