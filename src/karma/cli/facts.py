"""Facts from the database on their way to an answer, in the form that files have."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from karma.cli.language import _, ngettext
from karma.cli.options import OptionError
from karma.cli.sources import grouped

if TYPE_CHECKING:
    from karma.facts.gathering import Facts
    from karma.people.models import Team


@dataclass(frozen=True)
class FactTable:
    """One kind of facts: what `karma.cli.sources.Source` says of files, said of a table."""

    kind: str
    rows: int
    currency: str | None

    @property
    def columns(self) -> dict[str, Any]:
        """None: the import recognised them."""
        return {}

    @property
    def warnings(self) -> list[str]:
        """None: the import said them."""
        return []

    def account(self) -> dict[str, int | dict[str, int]]:
        """All rows count: what could not be read was set aside when it was imported."""
        return {"rows": self.rows, "kept": self.rows, "rejected": 0, "ignored": {}}

    def notes(self) -> list[str]:
        """How many rows there were."""
        said = {
            "purchases": ngettext("{n} line of sale.", "{n} lines of sale.", self.rows),
            "deals": ngettext("{n} deal.", "{n} deals.", self.rows),
            "stage_history": ngettext("{n} change of a stage.", "{n} changes of a stage.", self.rows),
        }[self.kind]
        return [said.format(n=grouped(self.rows))]

    def not_yet(self, _as_of: date) -> str | None:
        """Nothing: rows of as-of and later were not read."""
        return None


def tables_of(facts: "Facts", *, currency: str) -> tuple[FactTable, ...]:
    """The facts of each kind that there are; lines of sale always."""
    money = currency or None
    counted = {"purchases": facts.lines, "deals": facts.deals, "stage_history": facts.history}
    return tuple(
        FactTable(kind, rows.height, money) for kind, rows in counted.items() if kind == "purchases" or rows.height
    )


def facts_of(team: str | None, *, as_of: date | None) -> "tuple[Facts, str]":
    """The facts of a team by name, or of the whole organisation, and the currency. Raises OptionError."""
    from karma.common.clock import today  # noqa: PLC0415 (needs Django)
    from karma.facts.gathering import gather  # noqa: PLC0415
    from karma.readings.asking import default_as_of  # noqa: PLC0415
    from karma.readings.operations import currency, members_of  # noqa: PLC0415

    day = as_of or default_as_of()
    whole = gather(day, today=today())
    if team is None:
        return whole, currency()
    found = _team(team)
    return whole.of_team(found.pk, members=members_of(found.pk, on=day)), currency()


def widen_by_of(team: str | None) -> float:
    """How much wider the ranges of a team by name, or of the whole organisation, are on the screen."""
    from karma.readings.queries import widen_by  # noqa: PLC0415 (needs Django)

    return widen_by(None if team is None else _team(team).pk)


def _team(name: str) -> "Team":
    from karma.people.models import Team  # noqa: PLC0415 (needs Django)

    found = Team.objects.filter(name__iexact=name).first()
    if found is None:
        names = ", ".join(Team.objects.values_list("name", flat=True)) or _("none yet")
        raise OptionError(_('--team "{name}" is not there. There are: {names}.').format(name=name, names=names))
    return found
