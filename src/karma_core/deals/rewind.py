"""Deals as they stood on a date, from an export that may have been made later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from karma_core.deals.kinds import FACTORS
from karma_core.frames import DEALS, STAGE_HISTORY, day_number

CHANGING = ("stage", "revenue_cents", "margin_cents", "stated_chance", "expected_close_on", "owner")
"""Columns that change while a deal is open: known at an earlier date only through their history."""

FROM_HISTORY = ("stage", "revenue_cents", "stated_chance", "expected_close_on")


@dataclass(frozen=True, eq=False)
class Rewound:
    """Deals known on `as_of` (a day number), as they stood then.

    `deals` has the columns of DEALS plus `opened`, `closed` (day numbers, `closed` null while open) and `outcome`
    as of then. Changing columns of deals that were open then are null unless known at the time.
    `episodes` are the stages that each deal went through before as-of: `deal, stage, day`; None without history.
    `is_later_export` tells that the export shows things of as-of or after. `undated` counts deals left out for
    want of a date. `factors` are the columns that chances may depend on.
    """

    as_of: int
    deals: pl.DataFrame
    episodes: pl.DataFrame | None
    is_later_export: bool
    undated: int
    factors: tuple[str, ...] = FACTORS

    @property
    def open(self) -> pl.DataFrame:
        """The deals that were open then."""
        return self.deals.filter(pl.col("outcome") == "open")

    @property
    def won(self) -> pl.DataFrame:
        """The deals won before as-of."""
        return self.deals.filter(pl.col("outcome") == "won")

    @property
    def closed(self) -> pl.DataFrame:
        """The deals won or lost before as-of."""
        return self.deals.filter(pl.col("outcome") != "open")


def rewind(
    deals: pl.DataFrame,
    *,
    as_of: date,
    history: pl.DataFrame | None = None,
    features: Sequence[str] = (),
    allow: Sequence[str] = (),
) -> Rewound:
    """Turn an export of DEALS back to what was known before `as_of`.

    The outcome, not the date, decides whether a deal is open: a future closing date of an open deal is only the
    seller's hope and says nothing. What closed on or after as-of is open again; what opened on or after it is
    gone. Stage, amount, margin, stated chance, expected date and owner of deals open then are kept only where the
    export shows nothing of as-of or later, or where `history` (STAGE_HISTORY) tells them. Deals without an
    opening date, and closed ones without a closing date, are left out and counted. A deal closed before it was
    opened counts as closed on the day it opened. `features` are further columns of `deals`, labels or numbers,
    that were known from the start and stay as they are; changing columns in `allow` are kept although they may
    look ahead. Empty in, empty out. Raises FrameError for a frame that does not keep its contract.

    >>> deals = pl.DataFrame({"deal": ["a", "b"], "customer": ["x", "y"], "outcome": ["won", "lost"],
    ...     "opened_on": [date(2026, 1, 5)] * 2, "closed_on": [date(2026, 3, 1), date(2026, 2, 1)]})
    >>> rewind(deals, as_of=date(2026, 2, 15)).deals.select("deal", "outcome").rows()
    [('a', 'open'), ('b', 'lost')]
    """
    known = DEALS.keep(deals).with_columns(deals[name] for name in features)
    is_open = pl.col("outcome") == "open"
    dated = known.filter(pl.col("opened_on").is_not_null() & (is_open | pl.col("closed_on").is_not_null()))
    later = _is_later_export(dated, as_of)
    then = dated.filter(pl.col("opened_on") < as_of)
    reopened = is_open | (pl.col("closed_on") >= as_of)
    then = then.with_columns(
        pl.when(reopened).then(pl.lit("open")).otherwise("outcome").alias("outcome"),
        pl.when(~reopened).then(pl.max_horizontal("closed_on", "opened_on")).alias("closed_on"),
    )
    if later:
        then = _without_changing(then, allow)
    episodes = _episodes(history, then, as_of)
    if history is not None:
        then = _with_history(then, history, as_of)
    days = [pl.col(f"{name}_on").cast(pl.Int32).cast(pl.Int64).alias(name) for name in ("opened", "closed")]
    return Rewound(
        as_of=day_number(as_of),
        deals=then.with_columns(days).sort("deal"),
        episodes=episodes,
        is_later_export=later,
        undated=len(known) - len(dated),
        factors=(*FACTORS, *features),
    )


def _is_later_export(deals: pl.DataFrame, as_of: date) -> bool:
    closed_later = (pl.col("outcome") != "open") & (pl.col("closed_on") >= as_of)
    return bool(deals.select((closed_later | (pl.col("opened_on") >= as_of)).any()).item() or False)


def _without_changing(deals: pl.DataFrame, allow: Sequence[str]) -> pl.DataFrame:
    """What may have changed since is forgotten for the deals that were open then."""
    is_open = pl.col("outcome") == "open"
    forgotten = [name for name in CHANGING if name not in allow]
    return deals.with_columns(pl.when(~is_open).then(pl.col(name)).alias(name) for name in forgotten)


def _episodes(history: pl.DataFrame | None, deals: pl.DataFrame, as_of: date) -> pl.DataFrame | None:
    """The stages that deals passed through while open.

    A stage that is the outcome under another name ("won", "closed") is none of them: a week that begins in it
    would explain every win, and leave nothing to the stages that open deals are in.
    """
    if history is None:
        return None
    rows = STAGE_HISTORY.keep(history).filter(pl.col("on") < as_of)
    rows = rows.join(deals.select("deal", "closed_on"), on="deal").sort("deal", "on")
    day = pl.col("on").cast(pl.Int32).cast(pl.Int64).alias("day")
    return rows.join(_outcome_stages(rows), on="stage", how="anti").select("deal", "stage", day)


def _outcome_stages(rows: pl.DataFrame) -> pl.DataFrame:
    """Stages that only closed deals are in, and that were never left: outcomes, however they are called."""
    is_last = pl.col("deal") != pl.col("deal").shift(-1)
    ends = rows.with_columns(is_last.fill_null(True).alias("is_last"))
    final = (pl.col("is_last") & pl.col("closed_on").is_not_null()).all()
    return ends.group_by("stage").agg(final.alias("is_final")).filter("is_final").select("stage")


def _with_history(deals: pl.DataFrame, history: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The last known value before as-of of each column that the history carries, for deals open then."""
    rows = STAGE_HISTORY.keep(history).filter(pl.col("on") < as_of).sort("deal", "on")
    last = rows.group_by("deal").agg(pl.col(name).drop_nulls().last() for name in FROM_HISTORY)
    joined = deals.join(last, on="deal", how="left", suffix="_then", maintain_order="left")
    is_open = pl.col("outcome") == "open"
    return joined.with_columns(
        pl.when(is_open).then(pl.coalesce(f"{name}_then", name)).otherwise(name).alias(name)
        for name in FROM_HISTORY
    ).drop(f"{name}_then" for name in FROM_HISTORY)
