"""What follows a signature: promises, instalments, and the margin that is lost on the way."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from karma_core.simulate.deals import Deals
from karma_core.simulate.market import Market, next_workday

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ONE_INSTALMENT_BELOW, TWO_BELOW = 5000.0, 20000.0
GAPS = ((5, 21), (25, 61), (25, 76))
"""Days from signature to the first instalment, and from each to the next."""
PROMISES_A_DEAL = 2
PROMISE_CHANCE = (0.6, 0.3)
SECURED_CHANCE, OURS_CHANCE = 0.55, 0.85
BROKEN_CHANCE = (0.26, 0.10)
CREDIT_CHANCE, HOURS_CHANCE = 0.12, 0.22
MORE_WHEN_BROKEN = 0.35
CREDIT_LAG = (10, 61)
CREDIT_SHARE, HOURS_SHARE = (0.02, 0.10), (0.01, 0.07)
CAUSES = (
    ("Toezegging niet waargemaakt", "A promise was not kept"),
    ("Meerwerk niet doorberekend", "Extra work not charged"),
    ("Verkeerd opgemeten", "Measured wrongly"),
    ("Levertijd gehaald met extra inzet", "Delivered in time with extra hands"),
    ("Schade bij montage", "Damage during installation"),
)
PROMISES = (
    ("Geleverd voor de start van het stookseizoen", "Delivered before the heating season starts"),
    ("Monteur binnen vier uur bij een storing", "An engineer within four hours of a breakdown"),
    ("Uitleg aan de beheerder op locatie", "The caretaker is shown round on site"),
    ("Geluid onder 40 dB bij de buren", "Below 40 dB at the neighbours"),
    ("Oude installatie wordt afgevoerd", "The old installation is taken away"),
    ("Werk buiten openingstijden", "Work outside opening hours"),
    ("Subsidieaanvraag klaar om te versturen", "The subsidy application is ready to send"),
    ("Toegang tot de technische ruimte geregeld", "Access to the plant room is arranged"),
)
CUSTOMERS_PROMISE = 7


@dataclass(frozen=True)
class Deliveries:
    """What each deal brings if it is won, deals x instalments; a day far ahead where there is none.

    `share`: of amount and cost; `invoiced`: day numbers. `credit` and `hours`: euros of margin lost; `price_loss`,
    deals x instalments: euros by which our costs rose between signature and invoice.
    """

    share: Floats
    invoiced: Ints
    credit: Floats
    credit_on: Ints
    hours: Floats
    hours_on: Ints
    cause: Ints
    price_loss: Floats

    @property
    def settled(self) -> Ints:
        """The day by which a project of any size would be done."""
        return np.asarray(self.invoiced[:, -1])


@dataclass(frozen=True)
class Promises:
    """Promises made with a quote, deals x slots; `made` false where there is none."""

    made: Bools
    text: Ints
    ours: Bools
    secured: Bools
    broken: Bools
    made_on: Ints
    due: Ints
    kept_on: Ints


def draw_promises(rng: np.random.Generator, *, deals: Deals, quoted_on: Ints) -> Promises:
    """Draw the promises made with each quote; those that delivery checked before are broken less often."""
    shape = (len(deals.won), PROMISES_A_DEAL)
    ours, secured = rng.random(shape) < OURS_CHANCE, rng.random(shape) < SECURED_CHANCE
    made = (rng.random(shape) < np.array(PROMISE_CHANCE)) & (quoted_on >= 0)[:, None]
    broken = rng.random(shape) < np.where(secured, BROKEN_CHANCE[1], BROKEN_CHANCE[0])
    due = next_workday(deals.closed[:, None] + rng.integers(10, 110, shape))
    late = np.where(broken, rng.integers(3, 40, shape), -rng.integers(0, 9, shape))
    text = rng.integers(0, CUSTOMERS_PROMISE, shape)
    return Promises(
        made=made,
        text=np.where(ours, text, CUSTOMERS_PROMISE),
        ours=ours,
        secured=secured & ours,
        broken=broken,
        made_on=np.broadcast_to(quoted_on[:, None], shape),
        due=due,
        kept_on=np.maximum(next_workday(due + late), deals.closed[:, None]),
    )


def draw_deliveries(rng: np.random.Generator, *, deals: Deals, promises: Promises, market: Market) -> Deliveries:
    """Draw instalments and losses for every deal, as if each were won; a promise broken by us costs more."""
    n = len(deals.won)
    share = shares(deals.amount)
    gaps = np.column_stack([rng.integers(low, high, n) for low, high in GAPS])
    invoiced = next_workday(deals.closed[:, None] + gaps.cumsum(axis=1))
    last = np.where(share > 0, invoiced, -1).max(axis=1)
    broken = (promises.made & promises.ours & promises.broken).any(axis=1)
    more = MORE_WHEN_BROKEN * broken
    credits_, spends = rng.random(n) < CREDIT_CHANCE + more / 2, rng.random(n) < HOURS_CHANCE + more
    cost = deals.amount * (1 - deals.margin_share)
    return Deliveries(
        share=share,
        invoiced=invoiced,
        credit=np.round(deals.amount * rng.uniform(*CREDIT_SHARE, n) * credits_, 2),
        credit_on=next_workday(last + rng.integers(*CREDIT_LAG, n)),
        hours=np.round(deals.amount * rng.uniform(*HOURS_SHARE, n) * spends, 2),
        hours_on=last,
        cause=np.where(broken, 0, rng.integers(1, len(CAUSES), n)),
        price_loss=np.round(cost[:, None] * share * _cost_jump(deals, invoiced, market), 2),
    )


def shares(amount: Floats) -> Floats:
    """The share of a deal's euros in each instalment, deals x instalments.

    >>> shares(np.array([1000.0, 10_000.0])).tolist()
    [[1.0, 0.0, 0.0], [0.4, 0.6, 0.0]]
    """
    small, middle = amount < ONE_INSTALMENT_BELOW, amount < TWO_BELOW
    plan = np.array([[1.0, 0.0, 0.0], [0.4, 0.6, 0.0], [0.3, 0.4, 0.3]])
    return np.asarray(plan[np.where(small, 0, np.where(middle, 1, 2))])


def _cost_jump(deals: Deals, invoiced: Ints, market: Market) -> Floats:
    """By which share costs jumped, beyond inflation, between the signature and an instalment."""
    jump = market.jump_on(invoiced) / market.jump_on(deals.closed)[:, None]
    return np.asarray(jump - 1)
