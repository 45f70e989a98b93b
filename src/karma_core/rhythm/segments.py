"""A base that is not of one kind: a fit for each segment, where that foretells unseen customers better."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from karma_core.errors import FrameError
from karma_core.rhythm.cells import Floats, Ints, make_cells, on_clock
from karma_core.rhythm.fitting import RhythmFit, fit, fit_near, logs_near
from karma_core.words import Sentence

FEWEST_CUSTOMERS, FEWEST_REPEATS = 200, 100
"""A smaller segment has no fit of its own; everybody's serves it."""

BLOCKS = 10
"""Each half is judged in so many blocks of customers, whose spread gives the standard error."""


@dataclass(frozen=True)
class SegmentFits:
    """Everybody's fit, and those of segments where they are better by more than a standard error (else none).

    `gain` is by how much the log-likelihood of customers who were not fitted on was higher with fits per segment,
    `gain_se` its standard error; both 0 where no two segments were large enough.
    """

    pooled: RhythmFit
    by_segment: dict[str, RhythmFit] = field(default_factory=dict)
    gain: float = 0.0
    gain_se: float = 0.0

    @property
    def warnings(self) -> tuple[Sentence, ...]:
        """What everybody's fit warns of, and that segments differ."""
        count = len(self.by_segment)
        told = Sentence(
            f"{count} segmenten hebben een eigen ritme; elk is apart bekeken.",
            f"{count} segments have a rhythm of their own; each was looked at apart.",
        )
        return (*self.pooled.warnings, told) if count else self.pooled.warnings

    def of(self, segment: str | None) -> RhythmFit:
        """The fit that serves a segment; null and unknown ones are served by everybody's."""
        return self.by_segment.get(segment or "", self.pooled)


def fit_segments(statistics: pl.DataFrame, *, model: str = "auto", unit: str = "day") -> SegmentFits:
    """Fit everybody together and each segment apart, and keep the latter where they are worth it.

    `statistics` is a frame as `fit` takes it with a column `segment`. Customers are split in two halves; fits on
    one foretell the other, in turn. The segments' fits stay when the held-out log-likelihood gains more than a
    standard error, and those made on all are better in BIC too, since blocks judged by one fit stray together.
    Segments below 200 customers or 100 repeat purchase days in either half are served by everybody's fit. Raises
    as `fit`, and FrameError without the column.

    Source: two-fold cross-validation, Stone (1974), with the rule of one standard error of Breiman e.a. (1984).

    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> fit_segments(few.with_columns(segment=pl.lit("a"))).by_segment
    {}
    """
    if "segment" not in statistics.columns:
        raise FrameError("Statistics need a column segment for fits per segment.")
    pooled = fit(statistics, model=model, unit=unit)
    halves = _halves(statistics)
    names = _large(halves)
    if not names or statistics["segment"].n_unique() == 1:
        return SegmentFits(pooled)
    blocks = np.concatenate([_gains(halves, names, half, pooled) for half in (0, 1)])
    gain, error = float(blocks.sum()), float(blocks.std(ddof=1) * np.sqrt(len(blocks)))
    if gain <= error:
        return SegmentFits(pooled, gain=gain, gain_se=error)
    parts = {name: statistics.filter(pl.col("segment") == name) for name in names}
    fits = {name: fit_near(part, near=pooled) for name, part in parts.items()}
    told = sum(fits[name].log_likelihood - _likelihood(pooled, part) for name, part in parts.items())
    more = (len(names) - 1) * len(pooled.logs)
    if 2 * told <= more * np.log(len(statistics)):
        return SegmentFits(pooled, gain=gain, gain_se=error)
    return SegmentFits(pooled, fits, gain, error)


def _halves(statistics: pl.DataFrame) -> pl.DataFrame:
    """Every other customer, in order of segment and history, so that both halves are alike."""
    ordered = on_clock(statistics).sort("segment", "x", "t_x", "T")
    row = pl.int_range(pl.len())
    return ordered.with_columns((row % 2).alias("half"), (row // 2 % BLOCKS).alias("block"))


def _large(halves: pl.DataFrame) -> list[str]:
    counted = halves.drop_nulls("segment").group_by("segment", "half").agg(pl.len(), pl.col("x").sum())
    enough = (pl.col("len") >= FEWEST_CUSTOMERS) & (pl.col("x") >= FEWEST_REPEATS)
    large = counted.group_by("segment").agg((enough.all() & (pl.len() == 2)).alias("is_large"))
    return sorted(large.filter("is_large")["segment"].to_list())


def _gains(halves: pl.DataFrame, names: list[str], half: int, pooled: RhythmFit) -> Floats:
    """Per block of the other half, how much the segments' fits on this half say more than the pooled one on it."""
    known, other = (halves.filter(pl.col("half") == each) for each in (half, 1 - half))
    everybody = logs_near(make_cells(known, unit=pooled.unit), near=pooled)
    parts = known.partition_by("segment", as_dict=True)
    own = {name: logs_near(make_cells(parts[name,], unit=pooled.unit), near=pooled) for name in names}
    gains = np.zeros(BLOCKS)
    for (name, block), judged in other.partition_by("segment", "block", as_dict=True).items():
        if name in own:
            cells = make_cells(judged, unit=pooled.unit)
            said, usual = (of.score(cells)(logs)[0] for of, logs in (own[name], everybody))
            gains[block] += said - usual
    return gains


def _likelihood(fitted: RhythmFit, statistics: pl.DataFrame) -> float:
    return float(fitted.family.score(make_cells(statistics, unit=fitted.unit))(fitted.logs)[0])


def parts_of(fits: RhythmFit | SegmentFits, statistics: pl.DataFrame) -> Iterator[tuple[RhythmFit, Ints]]:
    """Each fit with the rows that it serves; together all rows."""
    if isinstance(fits, RhythmFit) or not fits.by_segment or "segment" not in statistics.columns:
        yield fits if isinstance(fits, RhythmFit) else fits.pooled, np.arange(len(statistics))
        return
    segment = statistics["segment"]
    for name, fitted in fits.by_segment.items():
        yield fitted, np.flatnonzero((segment == name).fill_null(value=False).to_numpy())
    yield fits.pooled, np.flatnonzero((~segment.is_in(list(fits.by_segment))).fill_null(value=True).to_numpy())


def ask_each(
    fits: RhythmFit | SegmentFits, statistics: pl.DataFrame, ask: Callable[[RhythmFit, pl.DataFrame], Floats]
) -> Floats:
    """One value per row, each from the fit that serves it."""
    said = np.zeros(len(statistics))
    for fitted, rows in parts_of(fits, statistics):
        if len(rows):
            said[rows] = ask(fitted, statistics[rows])
    return said
