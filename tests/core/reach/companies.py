"""Small companies that several tests of a plan share."""

from datetime import date

import numpy as np
import polars as pl
from tests.core.reach.test_forecast import company
from tests.core.reach.test_plan_with_deals import deals, invoices, regulars

from karma_core.periods import Period
from karma_core.reach import PlanReading, forecast

QUARTER = Period(date(2025, 1, 1), date(2025, 4, 1))
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))

__all__ = ["QUARTER", "YEAR", "company", "deals", "invoices", "regulars", "said", "with_deals"]


def said(
    purchases: pl.DataFrame,
    of: pl.DataFrame | None = None,
    *,
    as_of: date = QUARTER.start,
    period: Period = QUARTER,
    draws: int = 1000,
) -> PlanReading:
    """A reading under a fixed seed."""
    rng = np.random.default_rng(7)
    return forecast(purchases, deals=of, history=None, period=period, as_of=as_of, rng=rng, draws=draws)


def with_deals(*, as_of: date = QUARTER.start, n: int = 1500) -> tuple[PlanReading, pl.DataFrame]:
    """A reading of a company that lives on deals and on regular customers, and its deals."""
    of = deals(n)
    lines = pl.concat([regulars(), invoices(of).select(regulars().columns)])
    return said(lines, of, as_of=as_of), of
