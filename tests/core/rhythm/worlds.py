"""Fits with given parameters, and customers simulated order by order."""

import numpy as np
import polars as pl

from karma_core.rhythm import RhythmFit
from karma_core.rhythm.families import family


def given(model: str, *, k: int = 1, unit: str = "day", **parameters: float) -> RhythmFit:
    """A fit with these parameters, as if the data had said so with little doubt."""
    of = family(model, k=k)
    values = parameters or dict.fromkeys(of.names, 1.0)
    return RhythmFit(
        model=model,
        k=of.k,
        parameters=values,
        standard_errors=dict.fromkeys(of.names),
        log_likelihood=0.0,
        regularised=False,
        customers=1,
        cells=1,
        unit=unit,
        family=of,
        logs=np.log(list(values.values())),
        covariance=np.eye(len(of.names)) * 1e-8,
    )


def simulate_bg(
    count: int, *, r: float, alpha: float, a: float, b: float, k: int, days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Customers of the MBG/CNBD-k world, walked through order by order: one row per order, first ones included.

    Gives `customer, day` with real-valued days since each one's first purchase, and `T`, its age at the cut.
    """
    rate, leave = rng.gamma(r, size=count) / alpha, rng.beta(a, b, size=count)
    age = rng.integers(days // 3, days, size=count)
    rows: list[tuple[int, float, int]] = []
    for i in range(count):
        at = 0.0
        while at < 10 * days:
            rows.append((i, at, int(age[i])))
            if rng.random() < leave[i]:
                break
            at += rng.gamma(k) / max(rate[i], 1e-12)
    return pl.DataFrame(rows, schema=["customer", "at", "T"], orient="row")
