"""Customers' own rhythm: who is active, who is due, whom to leave in peace, and what that adds up to."""

from karma_core.rhythm.baselines import hiatus_active, personal_rate, silent_days
from karma_core.rhythm.chances import (
    WindowError,
    chance_active,
    chance_order,
    expected_orders,
    expected_orders_new,
)
from karma_core.rhythm.clock import FLAT, MarketClock
from karma_core.rhythm.draws import OrderValues, TotalDraws, draw_orders, draw_parameters, draw_totals
from karma_core.rhythm.explaining import Explanation, Fact, Portrait, explain, portrait
from karma_core.rhythm.families import MODELS
from karma_core.rhythm.fitting import RhythmFit, UnknownModelError, fit
from karma_core.rhythm.gamma_gamma import GammaGamma, fit_gamma_gamma
from karma_core.rhythm.keeping import KeptError, clock_as_json, clock_from_json, fit_as_json, fit_from_json
from karma_core.rhythm.market import market_swing
from karma_core.rhythm.observing import observe, observe_shared
from karma_core.rhythm.pace import learn_clock
from karma_core.rhythm.proof import Proof, prove
from karma_core.rhythm.reading import Range, RhythmReading, read
from karma_core.rhythm.segments import SegmentFits, fit_segments
from karma_core.rhythm.states import OPEN_NEEDS
from karma_core.rhythm.values import Worth, order_worth
from karma_core.words import Sentence

__all__ = [
    "FLAT",
    "MODELS",
    "OPEN_NEEDS",
    "Explanation",
    "Fact",
    "GammaGamma",
    "KeptError",
    "MarketClock",
    "OrderValues",
    "Portrait",
    "Proof",
    "Range",
    "RhythmFit",
    "RhythmReading",
    "SegmentFits",
    "Sentence",
    "TotalDraws",
    "UnknownModelError",
    "WindowError",
    "Worth",
    "chance_active",
    "chance_order",
    "clock_as_json",
    "clock_from_json",
    "draw_orders",
    "draw_parameters",
    "draw_totals",
    "expected_orders",
    "expected_orders_new",
    "explain",
    "fit",
    "fit_as_json",
    "fit_from_json",
    "fit_gamma_gamma",
    "fit_segments",
    "hiatus_active",
    "learn_clock",
    "market_swing",
    "observe",
    "observe_shared",
    "order_worth",
    "personal_rate",
    "portrait",
    "prove",
    "read",
    "silent_days",
]
