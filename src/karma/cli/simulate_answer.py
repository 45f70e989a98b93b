"""What `karma simulate` says of the company that it wrote: as one document, or in sentences."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from karma.cli import output
from karma.cli.language import _, language
from karma_core.money import in_words
from karma_core.periods import Period
from karma_core.simulate import Company, Recipe


@dataclass(frozen=True)
class Answer:
    """The company, where it was written, and the rows in each file."""

    company: Company
    recipe: Recipe
    directory: Path
    files: dict[str, int]

    def document(self) -> dict[str, Any]:
        """One document: paths, rows, totals in cents, and a period to plan for."""
        next_period = next_quarter(self.company.as_of)
        return {
            "directory": str(self.directory),
            "as_of": str(self.company.as_of),
            "first_day": str(self.company.period.start),
            "seed": self.recipe.seed,
            "family": self.recipe.family,
            "customers": self.company.customers.height,
            "people": self.company.people.height,
            "files": [{"file": name, "rows": rows} for name, rows in self.files.items()],
            "deals": {outcome: self._deals(outcome) for outcome in ("open", "won", "lost")},
            "currency": "EUR",
            "totals_cents": self._totals(),
            "period": {"from": str(next_period.start), "until": str(next_period.end)},
            "commands": commands_on(self.directory, as_of=self.company.as_of),
        }

    def tell(self) -> None:
        """Say it in sentences, with what to do next."""
        totals = self._totals()
        output.answer.print(
            _("Noorderlicht Techniek stands in {folder}: {customers} customers, {people} people.").format(
                folder=self.directory, customers=self.company.customers.height, people=self.company.people.height
            ),
            markup=False,
        )
        output.answer.print(
            _("From {first} up to {as_of} it sold for {revenue}, with {margin} of margin.").format(
                first=self.company.period.start,
                as_of=self.company.as_of,
                revenue=in_words(totals["revenue"], currency="EUR", language=language()),
                margin=in_words(totals["margin"], currency="EUR", language=language()),
            ),
            markup=False,
        )
        output.answer.print(_("README.txt says which file is what. What you can do now:"), markup=False)
        for command in commands_on(self.directory, as_of=self.company.as_of):
            output.answer.print(f"  {command}", markup=False)

    def _deals(self, outcome: str) -> int:
        return self.company.deals.filter(pl.col("outcome") == outcome).height

    def _totals(self) -> dict[str, int]:
        purchases = self.company.purchases
        revenue, cost = int(purchases["revenue_cents"].sum()), int(purchases["cost_cents"].sum())
        lost = int(self.company.margin_losses["amount_cents"].sum())
        return {"revenue": revenue, "cost": cost, "margin": revenue - cost, "margin_loss": lost}


def commands_on(directory: Path, *, as_of: date) -> list[str]:
    """What one can type about the company's files: who is due, and what the next quarter may bring."""
    lines, crm, period = directory / "erp/verkoopregels.csv", directory / "hubspot", next_quarter(as_of)
    plan = (
        f"karma plan --purchases {lines} --deals {crm}/deals.csv --history {crm}/deal-stage-history.csv "
        f"--from {period.start} --until {period.end} --as-of {as_of}"
    )
    return [f"karma rhythm {lines} --as-of {as_of} --horizon 28", plan]


def next_quarter(as_of: date) -> Period:
    """The first whole calendar quarter from a day on.

    >>> next_quarter(date(2026, 11, 22)), next_quarter(date(2026, 10, 1)).start
    (Period(start=datetime.date(2027, 1, 1), end=datetime.date(2027, 4, 1)), datetime.date(2026, 10, 1))
    """
    first = as_of.year * 4 + (as_of.month - 1) // 3
    starts = as_of.day == 1 and as_of.month % 3 == 1
    quarter = first if starts else first + 1
    return Period(_quarter_start(quarter), _quarter_start(quarter + 1))


def _quarter_start(quarter: int) -> date:
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)
