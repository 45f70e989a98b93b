"""What a reading has to say beside its figures: what is missing, and what to beware of."""

from collections.abc import Iterable

import numpy as np

from karma_core.reach.known import Known
from karma_core.reach.ledger import Ledger
from karma_core.reach.pipeline import Pipeline
from karma_core.reach.reading import CustomerPlans, Held
from karma_core.reach.windows import SHORTEST, Horizon, Windows

YEAR, FEWEST_WINDOWS = 365, 3
"""A history of fewer days, or with fewer past windows to test a period on, is called short."""

FEW_CUSTOMERS = 30
LARGE_SHARE = 1 / 3


def missing_of(known: Known, horizon: Horizon) -> tuple[str, ...]:
    """What is missing, in order of weight."""
    ledger = known.ledger
    if ledger.history_days == 0:
        return ("purchases", *known.missing)
    unseen = ("season",) if not known.season.seen and horizon.days else ()
    return (*ledger.missing, *unseen, *(() if len(ledger.credits) else ("credits",)), *known.missing)


def warnings_of(known: Known, windows: Windows, horizon: Horizon) -> tuple[str, ...]:
    """What to beware of, in order of weight; of a period that is over, only what its figures rest on."""
    about_deals = _about_deals(known.pipeline)
    if horizon.days == 0:
        return known.ledger.warnings
    if known.ledger.history_days == 0:
        return ("short_history", *about_deals)
    return (*known.ledger.warnings, *_about_purchases(known, windows, horizon), *about_deals)


def about_limits(planned: CustomerPlans | None, held: Iterable[Held]) -> tuple[str, ...]:
    """What to say of customers' plans that have no record yet, and of bounds that held something back."""
    unproven = ("plans_unproven",) if planned and planned.customers and not planned.earlier else ()
    return (*unproven, *(f"held_by_{bound.bound}" for bound in held if bound.share > 0))


def _about_purchases(known: Known, windows: Windows, horizon: Horizon) -> tuple[str, ...]:
    ledger = known.ledger
    too_few_windows = horizon.days >= SHORTEST and len(windows.windows) < FEWEST_WINDOWS
    days = np.unique(np.concatenate([part.day for part in ledger.parts]))
    usual = float(np.quantile(np.diff(days), 0.95)) if days.size > 2 else 7.0
    said = {
        "short_history": ledger.history_days < YEAR or too_few_windows,
        "far_ahead": windows.stretch > 2,
        "quiet_before_as_of": ledger.as_of - ledger.last_day > max(14.0, 3 * usual),
        "few_customers": 0 < len(ledger.customers) < FEW_CUSTOMERS,
        "one_large_customer": _share_of_largest(ledger) > LARGE_SHARE,
        "no_customer": len(ledger.nobody) > 0,
    }
    return tuple(code for code, holds in said.items() if holds)


def _share_of_largest(ledger: Ledger) -> float:
    """The largest customer's share (0..1) of what was sold in the last year."""
    brought = np.zeros(len(ledger.customers))
    sold = 0.0
    for part in (ledger.bought, ledger.from_deals, ledger.nobody):
        rows = part.between(ledger.as_of - YEAR, ledger.as_of)
        known = rows.customer >= 0
        brought += np.bincount(rows.customer[known], rows.revenue[known], minlength=brought.size)
        sold += float(rows.revenue.sum())
    return float(brought.max(initial=0.0)) / sold if sold > 0 else 0.0


def _about_deals(pipeline: Pipeline | None) -> tuple[str, ...]:
    if pipeline is None:
        return ()
    said = {
        "too_few_won_deals": pipeline.fit.is_too_little,
        "deals_look_ahead": pipeline.rewound.is_later_export,
        "deals_undated": pipeline.rewound.undated > 0,
    }
    return tuple(code for code, holds in said.items() if holds)
