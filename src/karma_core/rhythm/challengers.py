"""What challenges the models: gradient boosting on past origins, and calibration of a chance by its own record.

scikit-learn takes seconds to import, so it is imported where one of the two is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.rhythm.cells import Floats, on_clock

Came = NDArray[np.bool_]

FEWEST_ROWS, FEWEST_EVENTS = 400, 40
"""With fewer customers at past origins, or fewer who ordered among them, nothing is learned."""

SURE = 1e-4
"""A calibrated chance stays so far from 0 and 1."""

SETTINGS = {"max_iter": 80, "learning_rate": 0.08, "max_leaf_nodes": 8, "min_samples_leaf": 40, "random_state": 1}


@dataclass(frozen=True)
class Lesson:
    """What was known at one origin (`features`, one row per customer) and who then ordered within the window."""

    features: Floats
    came: Came


def features(statistics: pl.DataFrame, chance: Floats) -> Floats:
    """What boosting sees of each customer: the counts, the silence beside the own gaps, and the model's chance.

    Missing gaps are NaN, which boosting takes as such. Shape (customers, 9).

    >>> features(pl.DataFrame({"x": [0], "t_x": [0], "T": [9]}), np.array([0.2])).shape
    (1, 9)
    """
    frame = on_clock(statistics)
    absent = [name for name in ("early_gap", "typical_gap", "longest_gap") if name not in frame.columns]
    known = frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)
    silence, gap = pl.col("T") - pl.col("t_x") + 1, pl.col("typical_gap")
    told = known.select(
        pl.col("x").cast(pl.Float64),
        pl.col("T").cast(pl.Float64),
        silence.cast(pl.Float64).alias("silence"),
        pl.col("early_gap"),
        gap,
        pl.col("longest_gap").cast(pl.Float64),
        (silence / gap.clip(0.5)).alias("lateness"),
        (pl.col("x") / pl.col("T").clip(1)).alias("pace"),
    )
    return np.column_stack([told.to_numpy().astype(float), chance])


def boosted(lessons: Sequence[Lesson], now: Floats) -> Floats | None:
    """Chances by gradient boosting that learned from past origins; None where these are too few.

    Source: histogram gradient boosting, Ke e.a. (2017), as scikit-learn has it; settings fixed beforehand. It runs
    on one thread: more of them wait for each other on a busy machine.
    """
    if not lessons:
        return None
    rows, came = np.concatenate([one.features for one in lessons]), np.concatenate([one.came for one in lessons])
    if len(rows) < FEWEST_ROWS or min(came.sum(), (~came).sum()) < FEWEST_EVENTS:
        return None
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 (takes seconds to import)
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 (comes with it)

    told = ~np.isnan(rows).all(axis=0)
    with threadpool_limits(limits=1):
        learned = HistGradientBoostingClassifier(**SETTINGS).fit(rows[:, told], came)
        return np.asarray(learned.predict_proba(now[:, told])[:, 1])


def calibrated(said: Sequence[Floats], came: Sequence[Came], now: Floats) -> Floats | None:
    """Chances bent to their own record at past origins, order kept; None where the record is too short.

    Source: isotonic regression, Zadrozny & Elkan (2002), as scikit-learn has it.
    """
    if not said:
        return None
    chances, outcomes = np.concatenate(said), np.concatenate(came)
    if len(chances) < FEWEST_ROWS or min(outcomes.sum(), (~outcomes).sum()) < FEWEST_EVENTS:
        return None
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 (takes seconds to import)

    bend: Any = IsotonicRegression(y_min=SURE, y_max=1 - SURE, out_of_bounds="clip").fit(chances, outcomes)
    return np.asarray(bend.predict(now))
