"""What kinds of deals there are: the levels of each column that a chance may depend on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]

LEVELS = 60
"""Levels kept apart per column; rarer ones are pooled."""

BINS = 20
FEWEST_NUMBERS = 12
"""A number with fewer distinct values is a label."""

REST = "rest"
UNKNOWN = "unknown"
FACTORS = ("segment", "source")


@dataclass(frozen=True)
class Factor:
    """The levels of one column, in order.

    Labels: the frequent ones and the rest. Numbers: bins between `edges`, and unknown.
    """

    name: str
    levels: tuple[str, ...]
    edges: tuple[float, ...] | None = None

    def codes(self, column: pl.Series) -> Ints:
        """The position of each value's level."""
        if self.edges is not None:
            values = column.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
            bins = np.searchsorted(np.array(self.edges), values, side="right")
            return np.where(np.isfinite(values), bins, len(self.levels) - 1).astype(np.int64)
        position = {level: i for i, level in enumerate(self.levels)}
        texts = column.cast(pl.String).fill_null(UNKNOWN)
        return texts.replace_strict(position, default=position[REST], return_dtype=pl.Int64).to_numpy()


@dataclass(frozen=True)
class Kinds:
    """The columns that chances depend on, each with its levels."""

    factors: tuple[Factor, ...]

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """The levels by column."""
        return {factor.name: factor.levels for factor in self.factors}

    def codes(self, deals: pl.DataFrame) -> Ints:
        """Positions of each deal's levels, shape (deals, factors)."""
        if not self.factors:
            return np.zeros((len(deals), 0), dtype=np.int64)
        return np.column_stack([factor.codes(deals[factor.name]) for factor in self.factors])


def learn_kinds(deals: pl.DataFrame, *, columns: Sequence[str]) -> Kinds:
    """The levels of each column: the most frequent labels and the rest, or bins of equal count for numbers.

    >>> frame = pl.DataFrame({"source": ["fair", "fair", None]})
    >>> learn_kinds(frame, columns=["source"]).levels
    {'source': ('fair', 'unknown', 'rest')}
    """
    return Kinds(tuple(_factor(deals[name]) for name in columns))


def _factor(column: pl.Series) -> Factor:
    if column.dtype.is_numeric():
        values = column.cast(pl.Float64).drop_nulls().to_numpy()
        values = values[np.isfinite(values)]
        if _is_measured(values):
            edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
            return Factor(column.name, (*_bin_names(edges), UNKNOWN), tuple(edges.tolist()))
    counted = column.cast(pl.String).fill_null(UNKNOWN).alias("level").value_counts()
    counted = counted.sort(["count", "level"], descending=[True, False])
    return Factor(column.name, (*[v for v in counted["level"].head(LEVELS).to_list() if v != REST], REST))


def _is_measured(values: NDArray[np.float64]) -> bool:
    """Whether numbers are measures: few whole numbers that each come back often are names."""
    distinct = np.unique(values)
    if distinct.size < FEWEST_NUMBERS:
        return False
    is_name = distinct.size <= LEVELS and values.size >= 10 * distinct.size and bool((distinct % 1 == 0).all())
    return not is_name


def _bin_names(edges: NDArray[np.float64]) -> list[str]:
    said = [f"{edge:.4g}" for edge in edges]
    between = [f"{low} – {high}" for low, high in pairwise(said)]
    return [f"< {said[0]}", *between, f"≥ {said[-1]}"]
