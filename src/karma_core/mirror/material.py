"""What the mirror looks at: one outcome per deal, the person, and everything else that may explain it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_core.effects.design import Design, Factor, Floats, factor
from karma_core.words import Sentence, counted

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Material:
    """Deals as the model reads them. Rows and levels keep the order of the input.

    `outcome` is 1 for won and 0 for lost, or an amount when `is_amount`. `numeric` has shape (deals, columns),
    centred and in standard deviations; `centres` and `widths` are what was taken off and divided by.
    """

    outcome: Floats
    is_amount: bool
    person: Factor
    mix: tuple[Factor, ...]
    numeric: Floats
    numeric_names: tuple[str, ...]
    centres: Floats
    widths: Floats

    @property
    def deals(self) -> int:
        """The number of deals."""
        return len(self.outcome)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the mix, factors first, then numbers."""
        return (*(f.name for f in self.mix), *self.numeric_names)

    @property
    def deals_each(self) -> Floats:
        """The number of deals of each person."""
        return np.bincount(self.person.codes, minlength=self.person.size).astype(np.float64)

    def rates(self) -> Floats:
        """The mean outcome of each person."""
        return np.asarray(np.bincount(self.person.codes, self.outcome, self.person.size) / self.deals_each)

    def design(self) -> Design:
        """The same as a design of crossed effects, intercept first, the person's factor last."""
        fixed = np.column_stack([np.ones(self.deals), self.numeric])
        return Design(self.outcome, fixed, ("(Intercept)", *self.numeric_names), (*self.mix, self.person))


@dataclass(frozen=True)
class Read:
    """Material with what had to be left out or filled in to get it."""

    material: Material
    warnings: tuple[Sentence, ...]


def read_material(
    deals: pl.DataFrame,
    outcome: Floats,
    *,
    is_amount: bool,
    person: str,
    mix: Iterable[str],
    numeric: Iterable[str],
) -> Read:
    """Code the columns; a missing label becomes "unknown", a missing number the mean, and it is said.

    A column with one value explains nothing and is left out with a warning. `deals` holds no missing persons.
    """
    warnings: list[Sentence] = []
    mix, numeric = (mix, numeric) if deals.height else ((), ())
    factors = [coded for name in mix if (coded := _factor(deals[name], warnings))]
    numbers: dict[str, Floats] = {}
    for name in numeric:
        column = _number(deals[name], warnings)
        if column is not None and not _follows(column, numbers, name, warnings):
            numbers[name] = column
    columns = np.column_stack([*numbers.values()]) if numbers else np.zeros((deals.height, 0))
    centres, widths = (columns.mean(axis=0), columns.std(axis=0)) if numbers else (np.zeros(0), np.zeros(0))
    material = Material(
        outcome,
        is_amount,
        factor(deals[person].cast(pl.String)),
        tuple(factors),
        (columns - centres) / widths,
        tuple(numbers),
        centres,
        widths,
    )
    return Read(material, tuple(warnings))


def _factor(column: pl.Series, warnings: list[Sentence]) -> Factor | None:
    missing = column.null_count()
    if missing:
        said = counted(
            missing,
            one=Sentence(
                nl=f'Bij één aanvraag is kolom "{column.name}" leeg; die staat als "onbekend".',
                en=f'In one deal column "{column.name}" is empty; it stands as "unknown".',
            ),
            more=Sentence(
                nl=f'Bij {missing} aanvragen is kolom "{column.name}" leeg; die staan samen als "onbekend".',
                en=f'In {missing} deals column "{column.name}" is empty; they stand together as "unknown".',
            ),
        )
        warnings.append(said)
    coded = factor(column.cast(pl.String).fill_null(UNKNOWN))
    if coded.size > 1:
        return coded
    _constant(column, warnings)
    return None


def _number(column: pl.Series, warnings: list[Sentence]) -> Floats | None:
    values = column.cast(pl.Float64).to_numpy().astype(np.float64)
    finite = np.isfinite(values)
    if not finite.any() or np.ptp(values[finite]) == 0:
        _constant(column, warnings)
        return None
    missing = int((~finite).sum())
    if missing:
        of = counted(
            missing,
            one=Sentence(nl="één aanvraag", en="one deal"),
            more=Sentence(nl=f"{missing} aanvragen", en=f"{missing} deals"),
        )
        said = Sentence(
            nl=f'Bij {of.nl} staat in kolom "{column.name}" geen getal; daar is het gemiddelde ingevuld.',
            en=f'In {of.en} column "{column.name}" holds no number; the mean was filled in there.',
        )
        warnings.append(said)
    return np.where(finite, values, values[finite].mean())


def _follows(column: Floats, others: dict[str, Floats], name: str, warnings: list[Sentence]) -> bool:
    """Whether the columns before it determine this one."""
    table = np.column_stack([np.ones(len(column)), *others.values()])
    table = table / np.maximum(np.abs(table).max(axis=0), 1e-300)
    left = column - table @ np.linalg.lstsq(table, column, rcond=None)[0]
    if left.std() > 1e-7 * column.std():
        return False
    warnings.append(
        Sentence(
            nl=f'Kolom "{name}" volgt uit de andere getallen en zegt niets nieuws; hij doet niet mee.',
            en=f'Column "{name}" follows from the other numbers and says nothing new; it is left out.',
        )
    )
    return True


def _constant(column: pl.Series, warnings: list[Sentence]) -> None:
    warnings.append(
        Sentence(
            nl=f'Kolom "{column.name}" heeft overal dezelfde waarde en verklaart dus niets; hij doet niet mee.',
            en=f'Column "{column.name}" has the same value everywhere and explains nothing; it is left out.',
        )
    )
