"""What a mixed model is fitted on: a response, numeric columns, and factors whose levels differ at random."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.errors import FrameError

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

INTERCEPT = "(Intercept)"
FOLLOWS = 1e-7
"""As in lme4, which drops such a column where we refuse it."""


@dataclass(frozen=True)
class Factor:
    """A column of labels: `codes[i]` is the place in `levels` of row i. Levels stand in order of the input.

    With a `slope`, each level has its own intercept and its own slope on that column, and the two correlate.
    """

    name: str
    codes: Codes
    levels: tuple[str, ...]
    slope: Floats | None = None
    slope_name: str = ""

    @property
    def size(self) -> int:
        """The number of levels."""
        return len(self.levels)


def factor(values: pl.Series, *, slope: pl.Series | None = None) -> Factor:
    """Code a column of labels; its name and levels (as text) come along, in order of first appearance.

    A missing label is refused with FrameError: whoever calls decides what missing means. An empty column gives
    a factor without levels.

    >>> coded = factor(pl.Series("rep", ["b", "a", "b"]))
    >>> coded.levels, coded.codes.tolist()
    (('b', 'a'), [0, 1, 0])
    """
    if values.null_count():
        raise FrameError(
            f'Column "{values.name}" has {values.null_count()} missing labels; give them a name first.',
            nl=f'In kolom "{values.name}" ontbreken {values.null_count()} waarden; geef die eerst een naam.',
        )
    levels = values.unique(maintain_order=True)
    codes = values.replace_strict(levels, pl.int_range(len(levels), eager=True), return_dtype=pl.Int64)
    labels = tuple(str(level) for level in levels.to_list())
    if slope is None:
        return Factor(values.name, codes.to_numpy().astype(np.intp), labels)
    return Factor(
        values.name,
        codes.to_numpy().astype(np.intp),
        labels,
        slope.cast(pl.Float64).to_numpy(),
        slope.name,
    )


@dataclass(frozen=True)
class Design:
    """A response with its fixed (numeric) columns and its random factors.

    `fixed` has shape (rows, columns) and begins with the intercept where there is one. `trials` is how many
    times each row was tried, for a binomial response that counts; None is once.
    """

    response: Floats
    fixed: Floats
    fixed_names: tuple[str, ...]
    factors: tuple[Factor, ...]
    trials: Floats | None = None

    def __post_init__(self) -> None:
        rows = len(self.response)
        faults = [f.name for f in self.factors if len(f.codes) != rows]
        if self.fixed.shape != (rows, len(self.fixed_names)) or faults:
            names = ", ".join(faults) or "fixed"
            raise FrameError(
                f"The columns do not have {rows} rows each: {names}.",
                nl=f"De kolommen hebben niet elk {rows} rijen: {names}.",
            )
        if not self.factors:
            raise FrameError(
                "A mixed model needs at least one random column; name one.",
                nl="Een gemengd model heeft minstens één toevallige kolom nodig; noem er een.",
            )
        if not (np.isfinite(self.response).all() and np.isfinite(self.fixed).all()):
            raise FrameError(
                "The response and the fixed columns must be numbers without gaps.",
                nl="De uitkomst en de vaste kolommen moeten getallen zonder gaten zijn.",
            )

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.response)

    def refuse_constant(self) -> None:
        """Raise FrameError where the response is one amount throughout, or all or none of the trials were won."""
        lost = self.response - self.response[:1] if self.trials is None else self.trials - self.response
        if not lost.any() or not (self.trials is None or self.response.any()):
            raise FrameError(
                "The response is the same in every row; there is nothing to explain.",
                nl="De uitkomst is in elke rij dezelfde; er is niets te verklaren.",
            )


def design(
    frame: pl.DataFrame,
    *,
    response: str,
    random: Iterable[str],
    fixed: Iterable[str] = (),
    trials: str | None = None,
) -> Design:
    """Read a design from a frame: intercept first, text columns among `fixed` as contrasts to their first level.

    `random` holds column names, or `slope|column` for an intercept and a slope that correlate. The first level
    of a text column is the first in alphabetical order, as in R. Raises FrameError for gaps, and for a fixed
    column that follows from those before it.

    >>> frame = pl.DataFrame({"y": [1.0, 2.0, 4.0], "x": [0, 1, 1], "rep": ["a", "a", "b"]})
    >>> made = design(frame, response="y", random=["rep"], fixed=["x"])
    >>> made.fixed_names, made.fixed.tolist()
    (('(Intercept)', 'x'), [[1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    """
    random, fixed = tuple(random), tuple(fixed)
    _refuse_twice(random, fixed)
    names, columns = [INTERCEPT], [np.ones(frame.height)]
    for name in fixed:
        for column_name, column in _fixed_columns(frame[name]):
            names.append(column_name)
            columns.append(column)
    made = Design(
        _numbers(frame[response]),
        np.column_stack(columns),
        tuple(names),
        tuple(_random_factor(frame, term) for term in random),
        None if trials is None else _numbers(frame[trials]),
    )
    _refuse_followers(made)
    return made


def _refuse_twice(random: tuple[str, ...], fixed: tuple[str, ...]) -> None:
    """Refuse a column that is random twice, or fixed twice."""
    factors = tuple(term.rpartition("|")[2].strip() for term in random)
    for names in (factors, fixed):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise FrameError(
                f'Column "{twice}" is named twice; name it once.',
                nl=f'Kolom "{twice}" staat er twee keer; noem hem één keer.',
            )


def _refuse_followers(made: Design) -> None:
    """Refuse the first fixed column that those before it determine, to within FOLLOWS of its length."""
    if made.rows < len(made.fixed_names):
        return
    lengths = np.maximum(np.linalg.norm(made.fixed, axis=0), 1e-300)
    left = np.abs(np.diagonal(np.linalg.qr(made.fixed / lengths, mode="r")))
    for name, own in zip(made.fixed_names, left.tolist(), strict=True):
        if own < FOLLOWS:
            raise FrameError(
                f'Column "{name}" follows from the fixed columns before it; leave it out.',
                nl=f'Kolom "{name}" volgt uit de vaste kolommen ervoor; laat hem weg.',
            )


def _random_factor(frame: pl.DataFrame, term: str) -> Factor:
    slope, bar, name = term.rpartition("|")
    return factor(frame[name.strip()], slope=frame[slope.strip()] if bar else None)


def _fixed_columns(column: pl.Series) -> Iterable[tuple[str, Floats]]:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        yield column.name, _numbers(column)
        return
    for level in column.unique().sort()[1:]:
        yield f"{column.name}{level}", _numbers(column == level)


def _numbers(column: pl.Series) -> Floats:
    if column.null_count():
        raise FrameError(
            f'Column "{column.name}" has {column.null_count()} gaps; leave those rows out first.',
            nl=f'Kolom "{column.name}" heeft {column.null_count()} gaten; laat die rijen eerst weg.',
        )
    return column.cast(pl.Float64).to_numpy().astype(np.float64)
