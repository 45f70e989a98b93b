"""What is known on a date, read once: the ledger, the deals, the season and the rhythm, for any period ahead."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from karma_core.deals import rewind
from karma_core.reach.bounds import UNBOUNDED, Bounds
from karma_core.reach.customer_plans import KnownPlans, know_plans
from karma_core.reach.deal_values import DealValues, are_linked, value_deals
from karma_core.reach.ledger import Ledger, read_ledger
from karma_core.reach.past import Past
from karma_core.reach.pipeline import Pipeline, fit_deals, purchases_of
from karma_core.reach.season import Season, learn_season


@dataclass(frozen=True, eq=False)
class Ahead:
    """What people know of the time ahead that no purchase shows.

    `customer_plans` keeps CUSTOMER_PLANS (None: none are known); `bounds` are what new business cannot exceed.
    """

    customer_plans: pl.DataFrame | None = None
    bounds: Bounds = UNBOUNDED


NOTHING_AHEAD = Ahead()


@dataclass(frozen=True, eq=False)
class Known:
    """Everything that forecasts of one as-of share. `missing` are codes of what the deals lack."""

    as_of: date
    ledger: Ledger
    pipeline: Pipeline | None
    season: Season
    past: Past
    missing: tuple[str, ...]
    plans: KnownPlans | None = None
    bounds: Bounds = UNBOUNDED


def read_known(
    purchases: pl.LazyFrame | pl.DataFrame,
    *,
    deals: pl.DataFrame | None,
    history: pl.DataFrame | None,
    as_of: date,
    ahead: Ahead = NOTHING_AHEAD,
) -> Known:
    """Sort purchases and deals apart and learn what does not depend on a period.

    Where purchases and deals cannot be told apart the deals do not count, and `missing` says so. Raises FrameError
    for a frame that does not keep its contract.
    """
    ledger, pipeline, missing = _read(purchases, deals=deals, history=history, as_of=as_of)
    season, past = learn_season(ledger), Past(ledger)
    plans = None if ahead.customer_plans is None else know_plans(ahead.customer_plans, past, season=season)
    return Known(as_of, ledger, pipeline, season, past, missing, plans, ahead.bounds)


def _read(
    purchases: pl.LazyFrame | pl.DataFrame,
    *,
    deals: pl.DataFrame | None,
    history: pl.DataFrame | None,
    as_of: date,
) -> tuple[Ledger, Pipeline | None, tuple[str, ...]]:
    """Sort purchases and deals apart; where they cannot be told apart the deals do not count, and it is said."""
    if deals is None or deals.is_empty():
        return read_ledger(purchases, as_of=as_of), None, ("deals",)
    rewound = rewind(deals, as_of=as_of, history=history)
    segments = rewound.deals["segment"].drop_nulls().unique().to_list()
    ledger = read_ledger(purchases, as_of=as_of, won=rewound.won, also=segments)
    stands_in = ledger.history_days == 0 and len(rewound.won) > 0
    if stands_in:
        ledger = read_ledger(purchases_of(rewound), as_of=as_of, won=rewound.won, also=segments)
    if not are_linked(ledger, rewound):
        return read_ledger(purchases, as_of=as_of), None, ("deal_links",)
    values = value_deals(ledger, rewound, measure=ledger.measure, history=history)
    pipeline = Pipeline(deals, history, rewound, fit_deals(rewound), values)
    lacks = {"invoices": stands_in, "deal_amounts": _amounts_miss(values)}
    return ledger, pipeline, tuple(code for code, holds in lacks.items() if holds)


def _amounts_miss(values: DealValues) -> bool:
    return bool(np.isnan(values.amount).mean() > 0.5) if values.amount.size else False
