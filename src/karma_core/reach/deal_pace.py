"""When in a period deals bring what they bring: the share of the whole that has come by each day."""

import numpy as np
from numpy.typing import NDArray

from karma_core.deals import cumulative_chances, open_deals
from karma_core.reach.ledger import Ledger
from karma_core.reach.pipeline import (
    Pipeline,
    by_week,
    expected_wins,
    in_horizon,
    waiting_deals,
    weeks_of,
    won_by_age,
)
from karma_core.reach.windows import Horizon

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def open_pace(pipeline: Pipeline, ledger: Ledger, *, horizon: Horizon, days: Ints) -> Floats:
    """What open deals, and won ones without an invoice, are expected to have brought `days` into the horizon.

    Cents, shape (len(days),), 0 at day 0; only its shape matters to a fan, not its level.
    """
    folded, position = by_week(open_deals(pipeline.fit, pipeline.rewound))
    won = cumulative_chances(pipeline.fit, folded, weeks=weeks_of(horizon))[0]
    is_open = (pipeline.rewound.deals["outcome"] == "open").to_numpy()
    worth = np.bincount(position, _filled(pipeline)[is_open], minlength=len(won))
    waiting = waiting_deals(pipeline, ledger)
    left = (
        np.where(np.isfinite(waiting.left), np.abs(waiting.left), _filled(pipeline)[waiting.which]) * waiting.comes
    )
    came = []
    for horizon_by in _by_day(horizon, days):
        of_open = float(in_horizon(won, pipeline.values, horizon_by) @ worth)
        came.append(of_open + float(waiting.share_in(pipeline.values, horizon_by) @ left))
    return np.array(came)


def unborn_pace(pipeline: Pipeline, *, horizon: Horizon, days: Ints) -> Floats:
    """How many deals that are opened after as-of are expected to be invoiced `days` into the horizon; a shape."""
    won = won_by_age(pipeline.rewound, weeks=weeks_of(horizon))[None, :]
    return np.array([expected_wins(won, pipeline.values, by)[0] for by in _by_day(horizon, days)])


def _by_day(horizon: Horizon, days: Ints) -> list[Horizon]:
    return [Horizon(gap=horizon.gap, days=int(day)) for day in days]


def _filled(pipeline: Pipeline) -> Floats:
    """Amounts, the usual one where a deal has none; sizes only, so that a share stays a share."""
    amount, usual = pipeline.values.amount, pipeline.values.usual
    return np.abs(np.where(np.isfinite(amount), amount, usual.mean() if usual.size else 0.0))
