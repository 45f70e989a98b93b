"""Lines of sale as `karma rhythm` looks at them: in files on this machine; `karma.cli.spark` has them on Spark."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import polars as pl

from karma.cli.sources import Source
from karma_core import rhythm as models


class Lines(Protocol):
    """Lines of sale, wherever they are."""

    @property
    def told(self) -> Source:
        """What is to be said of the rows and of the columns."""

    def observe(self, as_of: date) -> tuple[pl.DataFrame, models.MarketClock]:
        """Each customer's statistics and the market's clock."""

    def past(self, as_of: date, customers: pl.Series) -> pl.LazyFrame:
        """The lines of these customers before as-of, and maybe of others, to look back on."""

    def last(self, field: str) -> pl.DataFrame | None:
        """The last "segment" or "customer_name" of each `customer`; None where no column says it."""

    def not_yet(self, as_of: date) -> str | None:
        """Says how many rows do not count yet; None for none."""


@dataclass(frozen=True)
class LinesHere:
    """Lines of sale in files on this machine."""

    told: Source

    def observe(self, as_of: date) -> tuple[pl.DataFrame, models.MarketClock]:
        """Each customer's statistics and the market's clock."""
        return models.observe(self.told.frame, as_of=as_of)

    def past(self, as_of: date, customers: pl.Series) -> pl.LazyFrame:  # noqa: ARG002 (all of them are here)
        """All lines."""
        return self.told.frame

    def last(self, field: str) -> pl.DataFrame | None:
        """The last that is known of each customer, in the order of the files."""
        told = [part.records for part in self.told.parts if field in part.columns]
        if not told:
            return None
        rows = pl.concat([records.select("customer", "on", field) for records in told])
        return rows.drop_nulls().group_by("customer").agg(pl.col(field).sort_by("on").last()).collect()

    def not_yet(self, as_of: date) -> str | None:
        """Says how many rows are dated on or after as-of."""
        return self.told.not_yet(as_of)
