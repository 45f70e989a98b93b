"""The weeks at risk: how many deals of each kind were open in each week of their age, and how they ended."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals.calendar import MONTHS, PACES, PLAIN, Calendar, cohorts, month_of_year, pace
from karma_core.deals.kinds import LEVELS, UNKNOWN, Kinds, learn_kinds
from karma_core.deals.rewind import Rewound

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS_A_WEEK = 7
LARGEST_KEY = 2.0**62

MIDDLE = 3
"""Days into a week that say in which month it lies."""

AGE_EDGES = np.concatenate(
    [np.arange(0, 26), np.arange(26, 52, 2), np.arange(52, 104, 4), np.arange(104, 313, 26)]
)
"""First week of each age band: weeks, then two, four and 26 weeks together; the last is open-ended."""


def age_band(week: Ints) -> Ints:
    """The band of an age in whole weeks."""
    return np.asarray(np.searchsorted(AGE_EDGES, week, side="right") - 1)


@dataclass(frozen=True, eq=False)
class Cells:
    """Distinct cells at risk, with counts.

    `kind` (k, factors + 2) are the distinct kinds: codes of each factor, of the cohort and of the month in which
    the deal was opened; `row` (n,) the kind of each cell. `band`, `stage`, `month` (of the year) and `pace` (in
    the quarter) are the cell's own, (n,). `events` (n, 3): weeks that ended won, lost, or still open.
    """

    kind: Ints
    row: Ints
    band: Ints
    stage: Ints
    month: Ints
    pace: Ints
    events: Floats


@dataclass(frozen=True, eq=False)
class AtRisk:
    """Cells at risk, the levels of their factors, the stages, and the weekly moves between stages."""

    cells: Cells
    kinds: Kinds
    stages: tuple[str, ...]
    moves: Floats


def weeks_at_risk(rewound: Rewound, *, calendar: Calendar = PLAIN) -> AtRisk:
    """Count the weeks at risk of all deals known on as-of, folded into cells.

    A deal is at risk from the week it opened up to the week it closed or, when open, the last whole week before
    as-of: a deal that closed within its first seven days had one week. With a history each week has the stage at
    its start. Nothing that happened on or after as-of is counted. Without a trend all cohorts are one; without a
    season all months and paces.
    """
    kinds = learn_kinds(rewound.deals, columns=rewound.factors)
    episodes, stages = _stage_episodes(rewound)
    opened = rewound.deals["opened"].to_numpy()
    static = np.column_stack([kinds.codes(rewound.deals), opening_codes(opened, rewound.as_of)])
    static[:, -2] *= calendar.trend
    static[:, -1] *= calendar.season
    kind, row_of_deal = distinct_rows(static)
    cells = _count(episodes, kind, row_of_deal, opened, season=calendar.season)
    return AtRisk(cells, kinds, stages, _moves(episodes, len(stages)))


def opening_codes(opened: Ints, as_of: int) -> Ints:
    """The cohort and the month of the year in which each deal was opened, shape (n, 2)."""
    return np.column_stack([cohorts(opened, last=as_of), month_of_year(opened)])


def distinct_rows(rows: Ints) -> tuple[Ints, Ints]:
    """Distinct rows of codes of 0 and up, in order, and for each row the one that it is."""
    sizes = rows.max(axis=0, initial=0) + 1
    key = np.zeros(len(rows), dtype=np.int64)
    if float(np.prod(sizes.astype(float))) < LARGEST_KEY:
        for column, size in zip(rows.T, sizes, strict=True):
            key = key * size + column
    else:
        for column, size in zip(rows.T, sizes, strict=True):
            key = np.unique(key * size + column, return_inverse=True)[1]
    _, first, position = np.unique(key, return_index=True, return_inverse=True)
    return rows[first], position.astype(np.int64)


def _count(episodes: pl.DataFrame, kind: Ints, row_of_deal: Ints, opened: Ints, *, season: bool) -> Cells:
    """Lay out every week of every deal and count equal ones; deals that went alike are laid out once."""
    deal = episodes["row"].to_numpy()
    told = episodes.with_columns(row=row_of_deal[deal], opened=opened[deal] * season)
    alike = told.group_by("row", "opened", "stage", "begin", "end", "outcome").len()
    begin, end = (alike[name].to_numpy() for name in ("begin", "end"))
    length = end - begin
    last = np.cumsum(length) - 1
    week = np.arange(length.sum()) - np.repeat(last + 1 - length - begin, length)
    middle = np.repeat(alike["opened"].to_numpy(), length) + DAYS_A_WEEK * week + MIDDLE
    month, paces = _calendar(middle) if season else (np.zeros_like(week),) * 2
    outcome = np.full(week.size, 2)
    outcome[last[length > 0]] = alike["outcome"].to_numpy()[length > 0]
    stage, band = np.repeat(alike["stage"].to_numpy(), length), age_band(week)
    row = np.repeat(alike["row"].to_numpy(), length)
    deals = np.repeat(alike["len"].to_numpy(), length)
    parts = ((stage, LEVELS + 1), (band, len(AGE_EDGES)), (month, MONTHS), (paces, len(PACES)))
    key = row
    for codes, size in parts:
        key = key * size + codes
    counted = pl.DataFrame({"key": key * 3 + outcome, "deals": deals}).group_by("key").agg(pl.col("deals").sum())
    ended, count = counted["key"].to_numpy(), counted["deals"].to_numpy()
    distinct, position = np.unique(ended // 3, return_inverse=True)
    events = np.bincount(position * 3 + ended % 3, count, minlength=3 * distinct.size).reshape(-1, 3)
    unpacked = []
    for _, size in reversed(parts):
        distinct, code = np.divmod(distinct, size)
        unpacked.append(code)
    pace_code, month_code, band_code, stage_code = unpacked
    return Cells(kind, distinct, band_code, stage_code, month_code, pace_code, events.astype(np.float64))


def _calendar(day: Ints) -> tuple[Ints, Ints]:
    """Month of the year and pace of many days, looked up."""
    if day.size == 0:
        return day, day
    low = int(day.min())
    every = np.arange(low, int(day.max()) + 1)
    return month_of_year(every)[day - low], pace(every)[day - low]


def whole_weeks(rewound: Rewound) -> tuple[Ints, Ints]:
    """Per deal: the weeks at risk, and how the last one ended (0 won, 1 lost, 2 open).

    The week in which as-of falls is left out, also where the deal closed in it: counting the closed ones only
    would make that week look more decisive than it was.
    """
    deals = rewound.deals
    outcome = deals["outcome"].replace_strict({"won": 0, "lost": 1, "open": 2}, return_dtype=pl.Int64).to_numpy()
    closed, opened = deals["closed"].fill_null(0).to_numpy(), deals["opened"].to_numpy()
    closed_weeks = np.maximum(closed - opened, 0) // DAYS_A_WEEK + 1
    seen_weeks = (rewound.as_of - opened) // DAYS_A_WEEK
    is_closed = (outcome < 2) & (closed_weeks <= seen_weeks)
    return np.where(is_closed, closed_weeks, seen_weeks), np.where(is_closed, outcome, 2)


def _stage_episodes(rewound: Rewound) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """One row per deal and stage: `row` of the deal, stage code, weeks `begin` up to `end`, outcome at the end."""
    weeks, outcome = whole_weeks(rewound)
    whole = pl.DataFrame(
        {
            "row": np.arange(weeks.size, dtype=np.int64),
            "stage": np.zeros(weeks.size, dtype=np.int64),
            "begin": np.zeros(weeks.size, dtype=np.int64),
            "end": weeks,
            "outcome": outcome,
        }
    )
    if rewound.episodes is None or rewound.episodes.is_empty():
        return whole.filter(pl.col("end") > 0), (UNKNOWN,)
    seen = rewound.episodes["stage"].value_counts().sort(["count", "stage"], descending=[True, False])
    stages = (UNKNOWN, *[s for s in seen["stage"].head(LEVELS).to_list() if s != UNKNOWN])
    return _split(whole, rewound, stages), stages


def _split(whole: pl.DataFrame, rewound: Rewound, stages: tuple[str, ...]) -> pl.DataFrame:
    """Cut each deal's weeks where its stage changed; the stage at a week's start holds for that week."""
    assert rewound.episodes is not None  # noqa: S101 (the caller looked)
    rows = rewound.deals.select("deal", "opened").with_row_index("row").cast({"row": pl.Int64})
    position = {stage: i for i, stage in enumerate(stages)}
    entered = rewound.episodes.join(rows, on="deal").with_columns(
        (-((pl.col("opened") - pl.col("day")) // DAYS_A_WEEK)).clip(lower_bound=0).alias("begin"),
        pl.col("stage").replace_strict(position, default=0, return_dtype=pl.Int64),
    )
    entered = entered.sort("row", "day").group_by("row", "begin", maintain_order=True).agg(pl.col("stage").last())
    from_start = whole.select("row", pl.lit(0, pl.Int64).alias("begin"), pl.lit(0, pl.Int64).alias("stage"))
    missing = from_start.join(entered.filter(pl.col("begin") == 0), on="row", how="anti")
    cut = pl.concat([entered.select("row", "begin", "stage"), missing.select("row", "begin", "stage")])
    cut = cut.join(whole.select("row", pl.col("end").alias("last"), "outcome"), on="row").sort("row", "begin")
    cut = cut.filter(pl.col("begin") < pl.col("last"))
    following = pl.col("begin").shift(-1).over("row")
    return cut.with_columns(
        pl.coalesce(following, "last").alias("end"),
        pl.when(following.is_null()).then("outcome").otherwise(2).alias("outcome"),
    ).select("row", "stage", "begin", "end", "outcome")


def _moves(episodes: pl.DataFrame, stages: int) -> Floats:
    """Weekly chances to move between stages while open, shape (stages, stages), rows adding up to 1."""
    table = np.zeros((stages, stages))
    stage, row = episodes["stage"].to_numpy(), episodes["row"].to_numpy()
    length = (episodes["end"] - episodes["begin"]).to_numpy()
    np.add.at(table, (stage, stage), length.astype(float) + 1e-3)
    same_deal = row[1:] == row[:-1]
    before, after = stage[:-1][same_deal], stage[1:][same_deal]
    np.add.at(table, (before, after), 1.0)
    np.add.at(table, (before, before), -1.0)
    table[np.diag_indices(stages)] = np.maximum(np.diag(table), 1e-3)
    return np.asarray(table / table.sum(axis=1, keepdims=True))
