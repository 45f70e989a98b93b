"""The market's swing: found where it is, small where it is not, and felt in the range."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.frames import collect_statistics
from karma_core.rhythm import fit, market_swing, read

AS_OF = date(2026, 1, 1)
DAYS = 28


def company(swing: float) -> pl.DataFrame:
    """1,500 customers for two years, all at once busier or quieter in windows of four weeks."""
    rng = np.random.default_rng(3)
    pace = np.exp(swing * rng.standard_normal(26)).repeat(DAYS)
    bought = rng.random((1500, len(pace))) < rng.gamma(2.0, size=(1500, 1)) / 60 * pace
    who, day = np.nonzero(bought)
    start = AS_OF - timedelta(days=len(pace))
    return pl.DataFrame(
        {
            "customer": who.astype(str),
            "on": [start + timedelta(days=int(on)) for on in day],
            "revenue_cents": np.full(len(who), 10_000),
            "cost_cents": np.full(len(who), 7_000),
        }
    )


@pytest.mark.parametrize(("swing", "low", "high"), [(0.0, 0.0, 0.08), (0.3, 0.15, 0.5)])
def test_swing_is_found_where_it_is(swing, low, high):
    lines = company(swing)
    fitted = fit(collect_statistics(lines.lazy(), as_of=AS_OF), model="nbd")
    assert low <= market_swing(lines.lazy(), fitted, as_of=AS_OF, horizon_days=DAYS) <= high


def test_swing_widens_the_range_and_keeps_its_mean():
    statistics = collect_statistics(company(0.0).lazy(), as_of=AS_OF)
    fitted = fit(statistics, model="nbd")
    calm, moved = (
        read(statistics, fitted, as_of=AS_OF, horizon_days=DAYS, rng=np.random.default_rng(1), swing=swing)
        for swing in (0.0, 0.2)
    )
    assert calm.expected_purchases.mean == moved.expected_purchases.mean
    assert _width(moved) > 2 * _width(calm)


def _width(reading) -> float:
    return reading.expected_purchases.p95 - reading.expected_purchases.p05
