"""The people whom a visitor of the demo can be, and what each comes for."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from karma.common.text import Text
from karma.people.enums import Function, Role

PASSWORD = "noorderlicht"  # noqa: S105 (everyone may know it: the demo answers on this machine only)


@dataclass(frozen=True)
class Part:
    """One person of the invented company whom a visitor can be."""

    name: str
    email: str
    function: Function
    role: Role
    comes_for: Text

    @property
    def function_name(self) -> Text:
        return self.function.label


CAST = (
    Part(
        "Anna de Boer",
        "anna.de.boer@noorderlicht.example",
        Function.ACCOUNT_MANAGER,
        Role.MEMBER,
        _("Whom to call today, and whom to leave in peace."),
    ),
    Part(
        "Marijke Hoekstra",
        "marijke.hoekstra@noorderlicht.example",
        Function.MANAGER,
        Role.MEMBER,
        _("What her team can expect this quarter, and why."),
    ),
    Part(
        "Joost Verhagen",
        "joost.verhagen@noorderlicht.example",
        Function.DIRECTOR,
        Role.OVERVIEW,
        _("A range with a chance, and where it comes from."),
    ),
    Part(
        "Fenna Dijkstra",
        "fenna.dijkstra@noorderlicht.example",
        Function.DELIVERY,
        Role.MEMBER,
        _("The customers for whom she has work to deliver."),
    ),
    Part(
        "Karim El Amrani",
        "karim.el.amrani@noorderlicht.example",
        Function.COACH,
        Role.MEMBER,
        _("His own page, and nobody's figures."),
    ),
    Part(
        "Sanne Willems",
        "sanne.willems@noorderlicht.example",
        Function.ADMINISTRATION,
        Role.ADMINISTRATOR,
        _("That it runs: imports, people, and the audit list."),
    ),
)
"""In the order in which a visitor comes to understand the product."""
