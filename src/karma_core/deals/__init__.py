"""Deals as weekly competing risks: won, lost or still open."""

from karma_core.deals.chances import (
    OpenDeals,
    at_day,
    chances_of_open_deals,
    cumulative_chances,
    open_deals,
)
from karma_core.deals.funnel import Conversion, conversions
from karma_core.deals.hazard import FEWEST_WON, DealsFit, fit_hazards
from karma_core.deals.judge import Record
from karma_core.deals.look_ahead import LookAhead, look_ahead_columns, suspicious_columns
from karma_core.deals.reading import DealsReading, Range, read_deals
from karma_core.deals.rewind import Rewound, rewind

__all__ = [
    "FEWEST_WON",
    "Conversion",
    "DealsFit",
    "DealsReading",
    "LookAhead",
    "OpenDeals",
    "Range",
    "Record",
    "Rewound",
    "at_day",
    "chances_of_open_deals",
    "conversions",
    "cumulative_chances",
    "fit_hazards",
    "look_ahead_columns",
    "open_deals",
    "read_deals",
    "rewind",
    "suspicious_columns",
]
