"""Whether the market's clock foretells who orders better than an even one, judged on days that it had not seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from karma_core.frames import collect_days, statistics_of
from karma_core.packing import PackedDays
from karma_core.rhythm.cells import Floats
from karma_core.rhythm.chances import chance_order
from karma_core.rhythm.clock import MarketClock
from karma_core.rhythm.fitting import RhythmFit, fit
from karma_core.rhythm.pace import learn_clock
from karma_core.scores import log_loss
from karma_core.words import Sentence

WINDOW_DAYS = 28
WINDOWS = 13
"""The last year is judged, so that every season counts once."""

LEARN_EVERY = 4
"""After so many windows clock and models are learned anew."""

FEWEST_WINDOWS = 6
ENOUGH_CUSTOMERS = 4_000
MODEL = "mbg_cnbd_k"
FLOOR = 1e-6


@dataclass(frozen=True)
class Proof:
    """How much lower the log loss was with the clock: mean over windows of four weeks, and its standard error."""

    windows: int
    gain: float
    gain_se: float

    @property
    def holds(self) -> bool:
        """Whether the clock is better by more than a standard error, on windows enough."""
        return self.windows >= FEWEST_WINDOWS and self.gain > self.gain_se

    def about(self) -> Sentence:
        """Which clock is used, and why."""
        if self.windows < FEWEST_WINDOWS:
            return NOT_TESTED
        nl, en = (HOLDS if self.holds else FAILS).values()
        return Sentence(nl.format(n=self.windows), en.format(n=self.windows))


HOLDS = {
    "nl": "Dagen tellen hier naar hoe druk deze markt dan is: in {n} perioden van vier weken die nog niet bekend "
    "waren, voorspelde dat beter wie er bestelt dan gewone dagen.",
    "en": "Days count here by how busy this market then is: over {n} periods of four weeks that were not known "
    "yet, that foretold better who orders than plain days did.",
}
FAILS = {
    "nl": "Er is een seizoen of trend te zien, maar in {n} perioden van vier weken die nog niet bekend waren, "
    "voorspelde die niet duidelijk beter wie er bestelt. Elke dag telt daarom even zwaar.",
    "en": "A season or trend can be seen, but over {n} periods of four weeks that were not known yet it did not "
    "clearly foretell better who orders. So every day counts alike.",
}
NOT_TESTED = Sentence(
    "Er is een seizoen of trend te zien, maar nog niet lang genoeg om te toetsen of die voorspelt wie er bestelt. "
    "Elke dag telt daarom even zwaar.",
    "A season or trend can be seen, but not for long enough to test whether it foretells who orders. So every day "
    "counts alike.",
)


def chosen(customers: pl.Series) -> pl.Series:
    """The customers that a proof looks at: an even part of them where there are many."""
    return customers.gather_every(max(len(customers) // ENOUGH_CUSTOMERS, 1))


def prove(days: pl.DataFrame, *, as_of: date) -> Proof:
    """Set the clock beside an even one over the last thirteen windows of four weeks before `as_of`.

    `days` has the purchase days of the chosen customers, one row each: `customer, day` (day numbers). Clock and
    models are learned on what was known at the start of a window, or up to three windows earlier; then each says
    who will order within the window. Windows where no clock could be learned yet are left out.

    Source: rolling origins as Tashman (2000); the rule of one standard error as Breiman e.a. (1984).

    >>> prove(pl.DataFrame(schema={"customer": pl.String, "day": pl.Int64}), as_of=date(2026, 1, 1)).holds
    False
    """
    lines = days.select(
        "customer",
        pl.col("day").cast(pl.Int32).cast(pl.Date).alias("on"),
        revenue_cents=pl.lit(0, pl.Int64),
        cost_cents=pl.lit(None, pl.Int64),
    )
    gains = np.array(list(_gains(lines, as_of=as_of)))
    if len(gains) < 2:
        return Proof(len(gains), 0.0, 0.0)
    return Proof(len(gains), float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains))))


@dataclass(frozen=True)
class _Learned:
    clock: MarketClock
    even: RhythmFit
    on_clock: RhythmFit


def _gains(lines: pl.DataFrame, *, as_of: date) -> Iterator[float]:
    learned: _Learned | None = None
    for number in range(WINDOWS):
        origin = as_of - timedelta(days=WINDOW_DAYS * (WINDOWS - number))
        packed = collect_days(lines.lazy(), as_of=origin)
        if number % LEARN_EVERY == 0:
            learned = _learn(packed, origin)
        if learned is not None:
            yield _gain(lines, packed, learned, origin)


def _learn(packed: PackedDays, origin: date) -> _Learned | None:
    statistics = statistics_of(packed, as_of=origin)
    clock = learn_clock(statistics, packed.per_day(), as_of=origin)
    if clock.is_flat:
        return None
    on_clock = statistics_of(packed, as_of=origin, ticks=clock.ticks())
    return _Learned(clock, fit(statistics, model=MODEL), fit(on_clock, model=MODEL))


def _gain(lines: pl.DataFrame, packed: PackedDays, learned: _Learned, origin: date) -> float:
    even = statistics_of(packed, as_of=origin)
    on_clock = statistics_of(packed, as_of=origin, ticks=learned.clock.ticks())
    window = lines.filter(pl.col("on").is_between(origin, origin + timedelta(days=WINDOW_DAYS), closed="left"))
    came = even["customer"].is_in(window["customer"].unique().implode()).to_numpy()

    def loss(chances: Floats) -> float:
        return log_loss(np.clip(chances, 0, 1), came, floor=FLOOR)

    plain = chance_order(learned.even, even, days=WINDOW_DAYS)
    timed = chance_order(learned.on_clock, on_clock, days=learned.clock.between(origin, days=WINDOW_DAYS))
    return loss(plain) - loss(timed)
