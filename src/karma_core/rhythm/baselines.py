"""The rules that a model must beat: how long it has been silent, and the customer's own average pace."""

import numpy as np
import polars as pl

from karma_core.rhythm.cells import Floats


def silent_days(statistics: pl.DataFrame) -> Floats:
    """Days from the last purchase day up to the last day before as-of; a longer silence is a lower rank.

    Source: the hiatus rule, Wuebben & von Wangenheim (2008).

    >>> silent_days(pl.DataFrame({"t_x": [0, 20], "T": [30, 30]})).tolist()
    [30.0, 10.0]
    """
    return np.asarray(statistics["T"].to_numpy() - statistics["t_x"].to_numpy(), dtype=float)


def hiatus_active(statistics: pl.DataFrame, *, threshold_days: float) -> Floats:
    """1 for whoever bought within the threshold, else 0: the hiatus rule as most sellers use it.

    >>> hiatus_active(pl.DataFrame({"t_x": [0, 20], "T": [30, 30]}), threshold_days=14).tolist()
    [0.0, 1.0]
    """
    return (silent_days(statistics) <= threshold_days).astype(float)


def personal_rate(statistics: pl.DataFrame, *, days: float) -> Floats:
    """Chance of an order within `days` if the customer goes on at the average pace so far: 1 - exp(-days x/T).

    Whoever bought on one day only has a pace, and a chance, of zero.

    >>> personal_rate(pl.DataFrame({"x": [3], "T": [30]}), days=10).round(4).tolist()
    [0.6321]
    """
    pace = statistics["x"].to_numpy() / np.maximum(statistics["T"].to_numpy(), 1)
    return np.asarray(-np.expm1(-days * pace))
