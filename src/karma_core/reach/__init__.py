"""What a team can reach in a period, as a distribution over what customers, deals and new business bring.

One call makes a reading; everything else reads it.

>>> from datetime import date
>>> import numpy as np, polars as pl
>>> from karma_core.periods import Period
>>> lines = pl.DataFrame({"customer": ["a", "b"] * 20, "on": [date(2025, 1, 1 + i) for i in range(20)] * 2,
...     "revenue_cents": [100_00] * 40, "cost_cents": [60_00] * 40})
>>> def at(day: int) -> PlanReading:
...     return forecast(lines, deals=None, history=None, period=Period(date(2025, 1, 1), date(2025, 3, 1)),
...         as_of=date(2025, 1, day), rng=np.random.default_rng(1), draws=200)
>>> reading = at(15)

Several periods on one day share what they are learned from: `forecast_many(.., periods=[..])`.

The way through the period, for a picture: realised up to as-of, then a range that ends at the reading's own.

>>> [(f"{point.until:%d-%m}", point.realised_cents) for point in reading.fan][:4]
[('01-01', 0), ('08-01', 56000), ('15-01', 112000), ('22-01', None)]
>>> reading.fan[-1].p90_cents == reading.quantiles_cents["p90"]
True

Where it comes from: customer by customer (`reading.customers`), deal by deal (`reading.deals`).

>>> reading.customers.columns
['customer', 'segment', 'expected_cents', 'realised_cents', 'chance_to_buy']

To keep it: a document for a JSON column and a block for a binary one.

>>> said, block = to_stored(reading)
>>> from_stored(said, block).chance_of(300_000) == reading.chance_of(300_000)
True

What customers say that they will buy moves it, as far as such plans came true before; bounds hold new business:

>>> plans = pl.DataFrame({"customer": ["a"], "from_on": [date(2025, 1, 1)], "until_on": [date(2025, 4, 1)],
...     "revenue_cents": [40_000_00], "stated_on": [date(2025, 1, 5)]})
>>> told = forecast(lines, deals=None, history=None, period=Period(date(2025, 1, 1), date(2025, 3, 1)),
...     as_of=date(2025, 1, 15), rng=np.random.default_rng(1), draws=200,
...     ahead=Ahead(plans, Bounds(deals_per_week=2)))
>>> told.customer_plans.customers, told.customer_plans.moved_cents > 0, told.held[0].bound
(1, True, 'capacity')

Why it moved since an earlier reading, heaviest reason first.

>>> moved = why_it_moved(at(8), reading, amount_cents=300_000)
>>> sum(driver.cents for driver in moved.drivers) == moved.after_cents - moved.before_cents
True

How good earlier plans were: `record_of(backtest(.., plans=plans_like(period, first=.., as_of=..)))`; where its
`widen_by` is above 1 the ranges clearly missed, and `widened(reading, record.widen_by)` says so honestly.
"""

from karma_core.reach.bounds import BoundError, Bounds
from karma_core.reach.forecast import forecast, forecast_many
from karma_core.reach.known import Ahead
from karma_core.reach.moved import Driver, Moved, NotComparableError, why_it_moved
from karma_core.reach.ratchet import RATCHET_DRAWS, Ratchet, follow_last_year, measure_ratchet
from karma_core.reach.reading import (
    BY_CUSTOMER,
    BY_DEAL,
    SOURCES,
    CustomerPlans,
    Draws,
    FanPoint,
    Held,
    PlanReading,
    SourceReading,
)
from karma_core.reach.record import Record, Share, backtest, plans_before, plans_like, record_of, widened
from karma_core.reach.stored import StoredError, from_stored, to_stored
from karma_core.reach.what_if import Need, uncertainty_by_source, what_would_have_to_be_true

__all__ = [
    "BY_CUSTOMER",
    "BY_DEAL",
    "RATCHET_DRAWS",
    "SOURCES",
    "Ahead",
    "BoundError",
    "Bounds",
    "CustomerPlans",
    "Draws",
    "Driver",
    "FanPoint",
    "Held",
    "Moved",
    "Need",
    "NotComparableError",
    "PlanReading",
    "Ratchet",
    "Record",
    "Share",
    "SourceReading",
    "StoredError",
    "backtest",
    "follow_last_year",
    "forecast",
    "forecast_many",
    "from_stored",
    "measure_ratchet",
    "plans_before",
    "plans_like",
    "record_of",
    "to_stored",
    "uncertainty_by_source",
    "what_would_have_to_be_true",
    "why_it_moved",
    "widened",
]
