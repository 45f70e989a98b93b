"""Find columns that are only known after the outcome, by what they show and not only by what they are called.

A column that looks ahead would explain a person away: whoever wins has all their deals in stage "closed". Three
signs: values that are always won or always lost, more than the persons' own rates and chance could bring about; a
column that foretells the outcome nearly perfectly; a number that is the time that the deal took.
"""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_core.effects.design import Codes, Floats
from karma_core.words import Sentence

IMPOSSIBLE = 1e-6
"""A value that is always won (or lost) with less than this chance is no accident."""
PURE_REFUSED, PURE_FLAGGED = 0.05, 0.005
"""Shares of the deals that have such values."""
FEWEST_PURE = 44
"""A source that truly wins 9 in 10 wins so many in a row once in a hundred times; fewer are flagged only."""
FORETELLS_REFUSED, FORETELLS_FLAGGED, FORETELLS_IF_NAMED = 0.5, 0.25, 0.1
"""Shares of the outcome's deviance that the column explains, each deal foretold from the others."""
WITHIN, WITHIN_MORE = 0.3, 0.2
"""The same, of what is left when the person is known, and how much more than without: what tells so much only
beside a person's other deals was set by that person as the deal went (a discount given in order to close)."""
SAME_AS_DURATION = 0.98
BINS = 20
NAMES = re.compile(
    r"stage|fase|status|probab|kans|likelihood|forecast|close|clos(?:ed|ing)|gesloten|sluit|won|lost"
    r"|gewonnen|verloren|outcome|uitkomst|result|reason|reden|days|dagen|weeks|weken|duration|duur|doorloop|elapsed"
    r"|remaining|age\b|cycle|signed|getekend|invoice|factuur",
    re.IGNORECASE,
)
SCORES = re.compile(r"rating|score", re.IGNORECASE)
"""Names of what may be given at the start, and foretell well, as of what is filled in at the end."""


@dataclass(frozen=True)
class Finding:
    """What was found about one column: refused (True) or only flagged, with the reason."""

    column: str
    is_refused: bool
    reason: Sentence


@dataclass(frozen=True)
class Closed:
    """The closed deals that columns are held against: won (1 or 0), the person's code, and days to close."""

    won: Floats
    person: Codes
    days: Floats | None = None


def look_ahead(column: pl.Series, closed: Closed) -> Finding | None:
    """Judge one column over the closed deals (same rows); None where nothing is wrong with it."""
    name = column.name
    if closed.days is not None and column.dtype.is_numeric() and _is_duration(column, closed.days):
        return Finding(name, True, _because("duration", name))
    levels = levels_of(column)
    pure = pure_share(levels, closed)
    told = foretold(levels, closed.won)
    named = bool(NAMES.search(name))
    is_sure = pure >= PURE_REFUSED and pure * len(column) >= FEWEST_PURE
    if is_sure or (named and pure >= PURE_FLAGGED):
        return Finding(name, True, _because("pure", name, share=pure))
    if told >= FORETELLS_REFUSED or (named and told >= FORETELLS_IF_NAMED):
        return Finding(name, True, _because("foretells", name))
    within = told_within(levels, closed)
    if within >= WITHIN and within - told >= WITHIN_MORE:
        return Finding(name, True, _because("on the way", name))
    if pure >= PURE_FLAGGED or told >= FORETELLS_FLAGGED or within >= WITHIN:
        return Finding(name, False, _because("doubt", name))
    return Finding(name, False, _because("name", name)) if named or SCORES.search(name) else None


def levels_of(column: pl.Series) -> Codes:
    """A code per row: the value itself, or one of twenty bins of a number with many values; missing is one too."""
    if column.dtype.is_numeric() and column.n_unique() > BINS + 10:
        values = column.cast(pl.Float64).to_numpy()
        finite = np.isfinite(values)
        edges = np.unique(np.quantile(values[finite], np.linspace(0, 1, BINS + 1)[1:-1]))
        return np.where(finite, np.searchsorted(edges, values, side="right"), len(edges) + 1).astype(np.intp)
    return column.cast(pl.String).fill_null("\0").rank("dense").to_numpy().astype(np.intp) - 1


def pure_share(levels: Codes, closed: Closed) -> float:
    """The share of deals in levels that are all won or all lost, against what their persons' rates would give."""
    deals = np.bincount(closed.person)
    rates = (np.bincount(closed.person, closed.won) + 1) / (deals + 2)
    own = rates[closed.person]
    number, wins = np.bincount(levels), np.bincount(levels, closed.won)
    log_won = np.bincount(levels, np.log(own))
    log_lost = np.bincount(levels, np.log1p(-own))
    impossible = np.log(IMPOSSIBLE)
    pure = ((wins == number) & (log_won < impossible)) | ((wins == 0) & (log_lost < impossible))
    return float(number[pure].sum() / len(levels))


def foretold(levels: Codes, won: Floats) -> float:
    """The share of the deviance that a level's other deals explain of each deal (0 where it is no help)."""
    rate = won.mean()
    number, wins = np.bincount(levels)[levels] - 1, np.bincount(levels, won)[levels] - won
    chance = (wins + 2 * rate) / (number + 2)
    left = -(won * np.log(chance) + (1 - won) * np.log1p(-chance)).sum()
    all_of_it = -len(won) * (rate * np.log(rate) + (1 - rate) * np.log1p(-rate))
    return float(max(0.0, 1 - left / all_of_it))


def told_within(levels: Codes, closed: Closed) -> float:
    """The share that a level's other deals of the same person explain of what the person alone leaves open."""
    alone = foretold(closed.person, closed.won)
    both = np.unique(closed.person * (int(levels.max()) + 1) + levels, return_inverse=True)[1]
    return (foretold(both, closed.won) - alone) / max(1 - alone, 1e-9)


def _is_duration(column: pl.Series, days: Floats) -> bool:
    values = column.cast(pl.Float64).to_numpy()
    both = np.isfinite(values) & np.isfinite(days)
    if both.sum() < 20 or np.ptp(values[both]) == 0 or np.ptp(days[both]) == 0:
        return False
    return bool(abs(np.corrcoef(values[both], days[both])[0, 1]) >= SAME_AS_DURATION)


def _because(reason: str, name: str, *, share: float = 0.0) -> Sentence:
    said, percent = _REASONS[reason], max(1, round(100 * share))
    return Sentence(
        nl=said.nl.format(name=name, percent=percent),
        en=said.en.format(name=name, percent=percent),
    )


_REASONS = {
    "duration": Sentence(
        nl='"{name}" is de tijd die de aanvraag duurde; die staat pas na de uitkomst vast.',
        en='"{name}" is the time that the deal took, which is only known after the outcome.',
    ),
    "pure": Sentence(
        nl='"{name}" heeft waarden die altijd gewonnen of altijd verloren zijn ({percent} van de 100 aanvragen); '
        "zoiets weet je pas na de uitkomst.",
        en='"{name}" has values that are always won or always lost ({percent} in 100 deals); '
        "such a thing is only known after the outcome.",
    ),
    "foretells": Sentence(
        nl='"{name}" voorspelt de uitkomst zo goed dat het pas erna kan zijn ingevuld.',
        en='"{name}" foretells the outcome so well that it must have been filled in afterwards.',
    ),
    "on the way": Sentence(
        nl='"{name}" verraadt de uitkomst zodra je weet van wie de aanvraag is; het is dus onderweg ingevuld.',
        en='"{name}" gives the outcome away once it is known whose deal it is; so it was set on the way.',
    ),
    "doubt": Sentence(
        nl='"{name}" hangt opvallend sterk samen met de uitkomst. Ga na of het vooraf bekend was.',
        en='"{name}" goes together with the outcome remarkably closely. Check that it was known beforehand.',
    ),
    "name": Sentence(
        nl='"{name}" klinkt als iets wat pas na de uitkomst bekend is. Ga na of het vooraf bekend was.',
        en='"{name}" sounds like something that is only known after the outcome. Check that it was known before.',
    ),
}
