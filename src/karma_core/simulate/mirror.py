"""Deals alone, with a known truth, quick enough for hundreds of replicates of the fair mirror."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.frames import day_number
from karma_core.simulate.recipe import ASSIGNMENTS, SimulateError, streams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

INTERCEPT, SIZE_EFFECT, NEW_EFFECT = -0.4, -0.25, -0.5
SEGMENT_SD, SOURCE_SD, SOURCES = 0.5, 0.4, 8
MARGIN_SKILL, LOSS_SKILL = 0.5, 0.5
TILT = 1.0
DAYS = 730


@dataclass(frozen=True)
class MirrorDeals:
    """Deals and what truly stands behind them.

    `deals`: deal, outcome (won, lost, or open where asked), person, segment, source, size (standard normal), new
    (0 or 1), opened_on, closed_on, margin_cents and realised_margin_cents (null unless won).
    `people`: person, win_effect (log-odds), margin_effect (log margin), loss_effect (on the log-odds of the share
    lost). `segments` and `sources`: name, win_effect, margin_effect. `chances`: each deal's true chance to be won.
    """

    deals: pl.DataFrame
    people: pl.DataFrame
    segments: pl.DataFrame
    sources: pl.DataFrame
    chances: Floats


def mirror_deals(
    *,
    seed: int,
    people: int = 30,
    segments: int = 20,
    deals: int = 3000,
    skill_sd: float = 0.4,
    assignment: str = "even",
    leave_open: bool = False,
    ends_on: date = date(2026, 1, 1),
) -> MirrorDeals:
    """Simulate deals of people who are unequally mixed over segments and lead sources.

    The chance to be won is logistic in person + segment + source + size + new, exactly; how long it takes to close
    depends on the outcome (wins about 80 days, losses about 50). With `assignment` "confounded" the good sources
    go to people in the order of their standardised skill, also where `skill_sd` is 0 and it means nothing.
    With `leave_open` what would close on or after `ends_on` is still open, else it is left as closed.
    Margin: log-normal with its own person effect (sd half of `skill_sd`), realised margin less a share lost.

    Raises SimulateError for an unknown assignment or a size below one. Source: our own; sizes as they are
    common in a sales organisation (30 people, 20 segments, 3,000 deals in two years).

    >>> world = mirror_deals(seed=1, deals=200)
    >>> world.deals.height, world.people.height, sorted(world.deals["outcome"].unique())
    (200, 30, ['lost', 'won'])
    """
    if assignment not in ASSIGNMENTS:
        raise SimulateError(f'There is no assignment "{assignment}"; choose even or confounded.')
    if min(people, segments, deals) < 1 or skill_sd < 0:
        raise SimulateError("Simulate at least one person, one segment and one deal, with a spread from 0.")
    rng = streams(seed)["mirror"]
    skill = rng.normal(size=people)
    persons = _effects(rng, "person", names=_numbered("p", people), sds=(0.0, MARGIN_SKILL * skill_sd))
    persons = persons.with_columns(
        win_effect=pl.Series(skill * skill_sd),
        loss_effect=pl.Series(rng.normal(size=people) * LOSS_SKILL * skill_sd),
    )
    segment = _effects(rng, "segment", names=_numbered("s", segments), sds=(SEGMENT_SD, 0.3))
    source = _effects(rng, "source", names=_numbered("l", SOURCES), sds=(SOURCE_SD, 0.1))
    picks = _assign(rng, skill=skill, source=source, n=deals, sizes=(people, segments), tilt=_tilt(assignment))
    frame, chances = _draw(rng, (persons, segment, source), picks)
    last = day_number(ends_on)
    return MirrorDeals(_close(rng, frame, last=last, leave_open=leave_open), persons, segment, source, chances)


def _tilt(assignment: str) -> float:
    return TILT if assignment == "confounded" else 0.0


def _numbered(letter: str, n: int) -> list[str]:
    width = len(str(n))
    return [f"{letter}{i + 1:0{width}d}" for i in range(n)]


def _effects(rng: np.random.Generator, key: str, *, names: list[str], sds: tuple[float, float]) -> pl.DataFrame:
    win, margin = rng.normal(size=(2, len(names)))
    return pl.DataFrame({key: names, "win_effect": win * sds[0], "margin_effect": margin * sds[1]})


def _assign(
    rng: np.random.Generator,
    *,
    skill: Floats,
    source: pl.DataFrame,
    n: int,
    sizes: tuple[int, int],
    tilt: float,
) -> tuple[Ints, Ints, Ints]:
    people, segments = sizes
    person = rng.choice(people, size=n, p=rng.dirichlet(np.full(people, 5.0)))
    mix = rng.dirichlet(np.full(segments, 1.0), size=people)
    quality = source["win_effect"].to_numpy() / SOURCE_SD
    weights = rng.dirichlet(np.full(SOURCES, 4.0)) * np.exp(tilt * np.outer(skill, quality))
    return person, pick_by_row(rng, mix, person), pick_by_row(rng, weights, person)


def pick_by_row(rng: np.random.Generator, weights: Floats, row: Ints) -> Ints:
    """Draw for each element of `row` a column of `weights` with chances in proportion to that row.

    `weights` is rows x columns, not negative; returns integers of the length of `row`; empty in, empty out.

    >>> pick_by_row(np.random.default_rng(1), np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1, 0])).tolist()
    [1, 0, 1]
    """
    heights = weights.cumsum(axis=1)
    heights /= heights[:, -1:]
    offset = np.arange(len(heights))
    point = row + rng.random(len(row)) * (1 - 1e-12)
    flat = (heights + offset[:, None]).ravel()
    place: Ints = np.searchsorted(flat, point, side="right") - row * weights.shape[1]
    last: int = weights.shape[1] - 1
    return np.asarray(np.minimum(place, last), dtype=np.int64)


def _draw(
    rng: np.random.Generator, factors: tuple[pl.DataFrame, ...], picks: tuple[Ints, Ints, Ints]
) -> tuple[pl.DataFrame, Floats]:
    n = len(picks[0])
    size, new = rng.normal(size=n), (rng.random(n) < 0.35).astype(np.int64)
    linear = INTERCEPT + SIZE_EFFECT * size + NEW_EFFECT * new
    log_margin = 8.0 + 0.8 * size + rng.normal(size=n) * 0.6
    for factor, pick in zip(factors, picks, strict=True):
        linear = linear + factor["win_effect"].to_numpy()[pick]
        log_margin = log_margin + factor["margin_effect"].to_numpy()[pick]
    chances = 1 / (1 + np.exp(-linear))
    lost_share = 1 / (1 + np.exp(2.5 - factors[0]["loss_effect"].to_numpy()[picks[0]] - rng.normal(size=n)))
    names = {f.columns[0]: f[f.columns[0]].gather(pick) for f, pick in zip(factors, picks, strict=True)}
    margin = np.exp(log_margin) * 100
    frame = pl.DataFrame(
        {"deal": _numbered("d", n), "won": rng.random(n) < chances, **names, "size": size, "new": new}
        | {"margin_cents": margin.round(), "realised_margin_cents": (margin * (1 - lost_share)).round()}
    )
    return frame, chances


def _close(rng: np.random.Generator, frame: pl.DataFrame, *, last: int, leave_open: bool) -> pl.DataFrame:
    n, won = frame.height, frame["won"].to_numpy()
    opened = last - DAYS + np.floor(rng.random(n) * DAYS).astype(np.int64)
    took = np.where(won, rng.gamma(4.0, 20.0, n), rng.gamma(2.0, 25.0, n))
    closed = opened + 1 + took.astype(np.int64)
    is_open = (closed >= last) & leave_open
    outcome = np.where(is_open, "open", np.where(won, "won", "lost"))
    days = pl.DataFrame({"opened_on": opened, "closed_on": closed}).select(pl.all().cast(pl.Int32).cast(pl.Date))
    money = pl.col("margin_cents", "realised_margin_cents").cast(pl.Int64)
    return (
        frame.drop("won")
        .insert_column(1, pl.Series("outcome", outcome))
        .with_columns(days["opened_on"], days["closed_on"])
        .with_columns(
            pl.when(pl.col("outcome") != "open").then("closed_on").alias("closed_on"),
            pl.when(pl.col("outcome") == "won").then(money),
        )
    )
