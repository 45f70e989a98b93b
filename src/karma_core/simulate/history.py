"""What the seller wrote down as a deal went on: stages, amounts, chances and expected days."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from karma_core.simulate.deals import Deals
from karma_core.simulate.market import next_workday
from karma_core.simulate.people import STATED_BIAS, STATED_SLOPE, Staff
from karma_core.simulate.trade import QUOTED, STAGES, WON

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = 4
SEEN_OF_TRUTH, USUAL_LOG_ODDS, STATED_NOISE = 0.6, -0.3, 0.35
AMOUNT_NOISE, AMOUNT_OPTIMISM = 0.10, 0.03
EXPECTED_DAYS, EXPECTED_NOISE = 70.0, 0.45


@dataclass(frozen=True)
class History:
    """Rows in order of deal and day; a row holds until the deal's next. `quoted_on` is by deal, -1 if never."""

    deal: Ints
    on: Ints
    stage: Ints
    amount: Floats
    chance: Floats
    expected: Ints
    quoted_on: Ints


def draw_history(rng: np.random.Generator, *, deals: Deals, staff: Staff) -> History:
    """Draw each deal's rows: the stages that it reached, then won or lost.

    What is stated: the stage's usual chance, partly moved by the true log-odds, then bent by the seller's own bias
    and slope, in steps of 5%. Amounts drift towards the signed one; expected days are guesses, mostly too early.
    """
    n = len(deals.won)
    days = (deals.closed - deals.opened)[:, None]
    cuts = np.sort(rng.random((n, STEPS - 1)), axis=1)
    steps = next_workday(deals.opened[:, None] + np.floor(cuts * days).astype(np.int64))
    starts = np.hstack([deals.opened[:, None], steps])
    stated = _stated(rng, deals, staff)
    amounts = _amounts(rng, deals)
    wait = EXPECTED_DAYS * np.exp(EXPECTED_NOISE * rng.normal(size=(n, STEPS))) * (1 - np.arange(STEPS) / 5)
    happened = np.arange(STEPS)[None, :] <= deals.reached[:, None]
    rows = _flat(deals, happened, starts, (amounts, stated, next_workday(starts + 7 + wait.astype(np.int64))))
    quoted = np.where(happened[:, QUOTED], starts[:, QUOTED], -1)
    return History(*rows, quoted_on=quoted)


def as_it_went(history: History, *, deals: Deals) -> History:
    """The same rows where a family's event ended deals sooner: what would have come later did not happen."""
    closed, final = deals.closed[history.deal], history.stage >= WON
    kept = final | (history.on < closed)
    return History(
        deal=history.deal[kept],
        on=np.where(final, closed, history.on)[kept],
        stage=np.where(final, deals.final[history.deal], history.stage)[kept],
        amount=history.amount[kept],
        chance=np.where(final, deals.won[history.deal], history.chance)[kept],
        expected=np.where(final, closed, history.expected)[kept],
        quoted_on=np.where(history.quoted_on < deals.closed, history.quoted_on, -1),
    )


def _stated(rng: np.random.Generator, deals: Deals, staff: Staff) -> Floats:
    usual = np.array([stage.usual_chance for stage in STAGES[:STEPS]])
    habit = np.log(usual / (1 - usual))
    seen = SEEN_OF_TRUTH * (deals.linear - USUAL_LOG_ODDS)
    bias = np.r_[staff.bias, STATED_BIAS[0]][deals.seller]
    slope = np.r_[staff.slope, STATED_SLOPE[0]][deals.seller]
    said = bias[:, None] + slope[:, None] * (habit[None, :] + seen[:, None])
    noisy = said + STATED_NOISE * rng.normal(size=said.shape)
    return np.asarray(np.clip(np.round(20 / (1 + np.exp(-noisy))) / 20, 0.05, 0.95))


def _amounts(rng: np.random.Generator, deals: Deals) -> Floats:
    to_go = STEPS - np.arange(STEPS)
    drift = AMOUNT_OPTIMISM * to_go + AMOUNT_NOISE * np.sqrt(to_go) * rng.normal(size=(len(deals.won), STEPS))
    return np.asarray(np.round(deals.amount[:, None] * np.exp(drift) / 10) * 10)


def _flat(
    deals: Deals, happened: npt.NDArray[np.bool_], starts: Ints, said: tuple[Floats, Floats, Ints]
) -> tuple[Ints, Ints, Ints, Floats, Floats, Ints]:
    n = len(deals.won)
    row, stage = np.nonzero(happened)
    every = np.arange(n)
    deal, on = np.r_[row, every], np.r_[starts[happened], deals.closed]
    stage = np.r_[stage, deals.final]
    amount = np.r_[said[0][happened], deals.amount]
    chance = np.r_[said[1][happened], deals.won.astype(np.float64)]
    expected = np.r_[said[2][happened], deals.closed]
    order = np.lexsort((stage, on, deal))
    last_of_day = np.r_[(deal[order][1:] != deal[order][:-1]) | (on[order][1:] != on[order][:-1]), True][
        : len(order)
    ]
    kept = order[last_of_day]
    return deal[kept], on[kept], stage[kept], amount[kept], chance[kept], expected[kept]
