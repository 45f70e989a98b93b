"""Columns that look ahead: known only after the outcome, so that a model that used them would be flattered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_core.words import Sentence

FEWEST_CLOSED = 50
SEPARATES, SUSPICIOUS = 0.95, 0.85
PURE, PURE_SUSPICIOUS = 0.1, 0.02
IMPOSSIBLE = np.log(1e-6)
BINS = 20
ALIKE = 0.98
MOSTLY = 0.9
AT_ONCE, CLOSER = 0.1, 0.8
FEWEST_ALIKE = 30
"""Closed deals beyond the first of each value, to see how far apart those of one value were closed."""

TELLING = re.compile(
    r"(^|[^a-z])(probability|kans|rating|forecast.?category|close.?reason|lost.?reason|won.?reason|is.?won|is.?closed"
    r"|stage|fase|weeks.?open|days.?to.?close|days.?open|age|looptijd)([^a-z]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LookAhead:
    """A column that looks ahead, and how that shows.

    `reason` is "changes" (by its name it moves with the deal and has no history), "separates" (alone it tells won
    from lost), "pure" (it has values that are always won or always lost), "duration" (it is how long the deal
    took), "closing" (it is when the deal closed) or "only_closed" (filled for closed deals
    only, or with one value for those).
    """

    column: str
    reason: str

    def in_words(self) -> Sentence:
        """Why the column looks ahead, for people."""
        nl, en = _WORDS[self.reason]
        return Sentence(nl=f'"{self.column}" {nl}.', en=f'"{self.column}" {en}.')


_WORDS = {
    "changes": (
        "verandert naar zijn naam met de aanvraag mee, en er is geen verloop dat zegt wat er eerder stond",
        "by its name changes with the deal, and no history tells what it held before",
    ),
    "separates": (
        "zegt op zichzelf al wat gewonnen en verloren is; zoiets is pas achteraf ingevuld",
        "alone tells what was won and lost; such a thing was filled in afterwards",
    ),
    "pure": (
        "heeft waarden die altijd gewonnen of altijd verloren zijn; zoiets weet je pas na de uitkomst",
        "has values that are always won or always lost; such a thing is only known after the outcome",
    ),
    "duration": (
        "is de tijd die de aanvraag duurde; die staat pas na de uitkomst vast",
        "is the time that the deal took, which is only known after the outcome",
    ),
    "closing": (
        "volgt de dag waarop de aanvraag sloot; die staat pas na de uitkomst vast",
        "follows the day on which the deal closed, which is only known after the outcome",
    ),
    "only_closed": (
        "is alleen ingevuld bij aanvragen die gesloten zijn, of zegt bij die allemaal hetzelfde",
        "is filled in for closed deals only, or says the same of all those",
    ),
}


def suspicious_columns(deals: pl.DataFrame, *, columns: Sequence[str]) -> tuple[str, ...]:
    """Columns that tell the outcome remarkably well without being refused: to be checked by a person.

    The area under the curve is 0.85 or more, or one deal in fifty has a value that is always won or always lost.
    """
    closed = deals.filter(pl.col("outcome").is_in(["won", "lost"]))
    if len(closed) < FEWEST_CLOSED:
        return ()
    return tuple(c for c in columns if _told(closed, c) >= SUSPICIOUS or _pure(closed, c) >= PURE_SUSPICIOUS)


def look_ahead_columns(
    deals: pl.DataFrame, *, columns: Sequence[str], allow: Sequence[str] = ()
) -> tuple[LookAhead, ...]:
    """Find the columns among `columns` that look ahead, in their order; those in `allow` are let through.

    `deals` holds `outcome` ("won", "lost", "open"), `opened_on`, `closed_on` and the columns to judge. By its
    values a column is judged on 50 closed deals or more: one that alone tells won from lost (area under the curve
    of its ranks, or of its levels' win rates, of 0.95 or more), of which a tenth of the deals has values that are
    always won or always lost, that follows the deal's duration (rank correlation of 0.98 or more), whose values
    are days, months or quarters of closing, or that is filled for closed deals and empty for open ones. An empty
    cell counts as a value. Changing columns are known by their names, since without a history nothing tells what
    they held before.

    >>> frame = pl.DataFrame({"outcome": ["won"], "opened_on": [None], "closed_on": [None], "Rating": ["hot"]})
    >>> look_ahead_columns(frame, columns=["Rating"])
    (LookAhead(column='Rating', reason='changes'),)
    """
    found = ((column, _reason(deals, column)) for column in columns if column not in allow)
    return tuple(LookAhead(column, reason) for column, reason in found if reason)


def _reason(deals: pl.DataFrame, column: str) -> str | None:
    closed = deals.filter(pl.col("outcome").is_in(["won", "lost"]))
    if len(closed) >= FEWEST_CLOSED:
        if _is_only_closed(deals, closed, column):
            return "only_closed"
        if _told(closed, column) >= SEPARATES:
            return "separates"
        if _pure(closed, column) >= PURE:
            return "pure"
        if _is_duration(closed, column):
            return "duration"
        if _is_closing(closed, column):
            return "closing"
    return "changes" if TELLING.search(column.replace("_", " ")) else None


def _is_only_closed(deals: pl.DataFrame, closed: pl.DataFrame, column: str) -> bool:
    """Whether nearly all closed deals are filled, or hold one and the same value, and hardly any open one does."""
    still_open = deals.filter(pl.col("outcome") == "open")
    if len(still_open) < FEWEST_CLOSED:
        return False
    usual = closed[column].drop_nulls().mode().sort().head(1)
    same = pl.col(column).is_in(usual.implode()).fill_null(False)
    for held in (pl.col(column).is_not_null(), same):
        shares = [float(part.select(held.mean()).item()) for part in (closed, still_open)]
        if shares[0] > MOSTLY and shares[1] < 1 - MOSTLY:
            return True
    return False


def _told(closed: pl.DataFrame, column: str) -> float:
    """The area under the curve of the column's ranks, or of half the deals' win rate per level on the other half.

    An empty cell is a level of its own: what is filled only for lost deals tells as much as what it says.
    """
    won = (closed["outcome"] == "won").to_numpy()
    if won.sum() < 10 or (~won).sum() < 10:
        return 0.5
    found = 0.5
    if closed[column].dtype.is_numeric():
        held = closed[column].is_not_null().to_numpy()
        area = _area(closed[column].drop_nulls().rank().to_numpy(), won[held])
        found = max(area, 1 - area) if held.mean() > MOSTLY else 0.5
    level = _levels(closed[column])
    half = np.arange(len(closed)) % 2 == 0
    number, wins = (np.bincount(level[half], weight, level.max() + 1) for weight in (None, won[half]))
    rate = (wins + won.mean()) / (number + 1)
    return max(found, _area(pl.Series(rate[level[~half]]).rank().to_numpy(), won[~half]))


def _pure(closed: pl.DataFrame, column: str) -> float:
    """The share of closed deals in levels that are all won or all lost, which chance would hardly do."""
    won = (closed["outcome"] == "won").to_numpy()
    if not 0 < won.mean() < 1:
        return 0.0
    level = _levels(closed[column])
    number, wins = np.bincount(level), np.bincount(level, won)
    log_chance = np.where(wins == number, number * np.log(won.mean()), number * np.log1p(-won.mean()))
    pure = ((wins == number) | (wins == 0)) & (log_chance < IMPOSSIBLE)
    return float(number[pure].sum() / len(closed))


def _levels(column: pl.Series) -> np.ndarray:
    """A code per row: the value, or one of twenty bins of a number with many; an empty cell is one too."""
    if column.dtype.is_numeric() and column.n_unique() > 2 * BINS:
        values = column.cast(pl.Float64).to_numpy()
        known = np.isfinite(values)
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, BINS + 1)[1:-1]))
        return np.where(known, np.searchsorted(edges, values, side="right"), edges.size + 1)
    return column.cast(pl.String).fill_null("\0").rank("dense").to_numpy().astype(np.int64) - 1


def _area(ranks: np.ndarray, won: np.ndarray) -> float:
    """The area under the curve by Mann and Whitney's count, ties halved."""
    wins, losses = int(won.sum()), int((~won).sum())
    if not wins or not losses:
        return 0.5
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * losses))


def _is_duration(closed: pl.DataFrame, column: str) -> bool:
    if not closed[column].dtype.is_numeric():
        return False
    days = (pl.col("closed_on") - pl.col("opened_on")).dt.total_days()
    both = closed.select(pl.col(column).rank(), days.rank().alias("days")).drop_nulls()
    if len(both) < FEWEST_CLOSED or both[column].n_unique() < 3 or both["days"].n_unique() < 3:
        return False
    return abs(float(np.corrcoef(both[column].to_numpy(), both["days"].to_numpy())[0, 1])) >= ALIKE


def _is_closing(closed: pl.DataFrame, column: str) -> bool:
    """Whether deals of one value were closed at one time, though they were opened at others.

    Within a value the days of closing have a tenth or less of their variance, and less than .8 of that of the days
    of opening: a column that was known at the start, such as the quarter in which a deal came, has it the other
    way round.
    """
    whole = ("closed_on", "opened_on")
    both = closed.select(
        column, *(pl.col(name).cast(pl.Date).to_physical().alias(name) for name in whole)
    ).drop_nulls()
    left = len(both) - both[column].n_unique()
    if left < FEWEST_ALIKE:
        return False
    apart = [pl.col(name) - pl.col(name).mean().over(column) for name in whole]
    shut, opened = (float(part) / left for part in both.select((part**2).sum() for part in apart).row(0))
    return shut <= AT_ONCE * float(both["closed_on"].var() or 0.0) and shut <= CLOSER * opened  # type: ignore[arg-type]
