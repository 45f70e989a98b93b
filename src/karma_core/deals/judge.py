"""Which of the models is believed, decided on what each would have said before; and the record that follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals.calendar import CALENDARS, Calendar
from karma_core.deals.correction import Correction, Steps, Stretch
from karma_core.deals.landmarks import Landmark
from karma_core.deals.odds import average, shift_to
from karma_core.scores import brier, calibration_error, log_loss

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PLAIN, AVERAGE, TREES = "hazards", "hazards_average", "trees"
SHOCK_SD = 0.2
"""How far the odds of all deals may move together in a quarter, beforehand (an assumption)."""

SHOCK_WEIGHT = 2.0
QUARTER = 91
FEWEST_TO_CORRECT = 200
LEARNERS: dict[str, Callable[[Floats, Floats, Ints], Correction]] = {
    "stretch": lambda chance, happened, _: Stretch.learn(chance, happened),
    "isotonic": Steps.learn,
}


@dataclass(frozen=True)
class Record:
    """How good earlier chances were: scores of what would have been said against what happened.

    `chances` is how many were said on `days` past days; null scores where there is no past to judge by. The
    baseline is the base rate of the deal's stage at the time.
    """

    chances: int = 0
    days: int = 0
    brier: float | None = None
    ece: float | None = None
    log_loss: float | None = None
    baseline_brier: float | None = None
    baseline_log_loss: float | None = None


@dataclass(frozen=True, eq=False)
class Series:
    """What one model would have said, landmark by landmark; an entry is null where it could not speak yet."""

    name: str
    said: list[Floats | None]


@dataclass(frozen=True, eq=False)
class Verdict:
    """The model that is believed, what corrects it, its record, and the spread of a shock common to all deals."""

    model: str
    correction: Correction | None
    corrected_by: str | None
    record: Record
    shock_sd: float
    said: list[Floats | None]


def name_of(calendar: Calendar) -> str:
    """What a model with this calendar is called."""
    return PLAIN + ("_trend" if calendar.trend else "") + ("_season" if calendar.season else "")


def candidates(chance: dict[Calendar, Floats]) -> dict[str, Floats]:
    """The chances of every model, and their average in log-odds."""
    return {**{name_of(c): p for c, p in chance.items()}, AVERAGE: average(*chance.values())}


def decide(landmarks: Sequence[Landmark], *, horizon: int, others: Sequence[Series] = ()) -> Verdict:
    """Choose a model and its correction on rolling origins.

    The plain hazards stand unless another model is better in log loss by more than a standard error; the same
    holds for a correction, which is learned on landmarks whose horizon was over. The error counts each deal once,
    and is not taken below that between landmarks.
    """
    if not landmarks:
        return Verdict(PLAIN, None, None, Record(), _prior_sd(horizon), [])
    said = [candidates(landmark.chance) for landmark in landmarks]
    names = [*(name_of(c) for c in CALENDARS if c in landmarks[-1].chance), AVERAGE]
    series = [Series(name, [each.get(name) for each in said]) for name in names]
    best = series[0]
    for other in (*series[1:], *others):
        if is_better(other.said, best.said, landmarks):
            best = Series(other.name, or_else(other.said, best.said))
    corrected = {name: _corrected(best, name, landmarks) for name in LEARNERS}
    chosen, used = best, None
    for name, one in corrected.items():
        if is_better(one.said, chosen.said, landmarks):
            chosen, used = Series(one.name, or_else(one.said, best.said)), name
    correction = _learned(used, best, landmarks, landmarks[-1].over) if used else None
    return Verdict(
        model=best.name,
        correction=correction,
        corrected_by=used,
        record=record_of(chosen.said, landmarks),
        shock_sd=shock_spread(chosen.said, landmarks, horizon),
        said=chosen.said,
    )


def or_else(one: Sequence[Floats | None], other: Sequence[Floats | None]) -> list[Floats | None]:
    """What one says, and the other where it could not speak yet."""
    return [b if a is None else a for a, b in zip(one, other, strict=True)]


def is_better(one: Sequence[Floats | None], other: Sequence[Floats | None], landmarks: Sequence[Landmark]) -> bool:
    """Whether one is better than the other in log loss, where both speak, by more than a standard error."""
    rows = []
    for a, b, landmark in zip(one, other, landmarks, strict=True):
        if a is not None and b is not None:
            gain = _losses(b, landmark.happened) - _losses(a, landmark.happened)
            rows.append(landmark.then.open.select("deal", pl.lit(landmark.then.as_of).alias("day"), gain=gain))
    if not rows:
        return False
    table = pl.concat(rows)
    mean = float(table["gain"].mean() or 0.0)  # type: ignore[arg-type]
    errors = [_error(table, by, mean) for by in ("deal", "day")]
    return mean > max(errors)


def _error(table: pl.DataFrame, by: str, mean: float) -> float:
    """The standard error of the mean gain when rows of one deal, or of one day, stand or fall together."""
    off = table.group_by(by).agg((pl.col("gain") - mean).sum().alias("off"))["off"].to_numpy()
    return (
        float(np.sqrt((off**2).sum() * off.size / max(off.size - 1, 1)) / len(table)) if off.size > 1 else np.inf
    )


def _losses(chance: Floats, happened: NDArray[np.bool_]) -> Floats:
    p = np.clip(chance, 1e-6, 1 - 1e-6)
    return -np.where(happened, np.log(p), np.log1p(-p))


def _corrected(best: Series, name: str, landmarks: Sequence[Landmark]) -> Series:
    """What the model would have said had it been corrected by what was known then; null where too little was."""
    said: list[Floats | None] = []
    for landmark, chance in zip(landmarks, best.said, strict=True):
        learned = _learned(name, best, landmarks, landmark.then.as_of)
        said.append(learned.apply(chance, ages(landmark)) if learned and chance is not None else None)
    return Series(f"{best.name}+{name}", said)


def _learned(name: str, best: Series, landmarks: Sequence[Landmark], day: int) -> Correction | None:
    over = [
        (chance, landmark)
        for chance, landmark in zip(best.said, landmarks, strict=True)
        if chance is not None and landmark.over <= day
    ]
    if sum(chance.size for chance, _ in over) < FEWEST_TO_CORRECT:
        return None
    chance = np.concatenate([chance for chance, _ in over])
    happened = np.concatenate([landmark.happened for _, landmark in over]).astype(np.float64)
    return LEARNERS[name](chance, happened, np.concatenate([ages(landmark) for _, landmark in over]))


def ages(landmark: Landmark) -> Ints:
    """The ages in days of the deals open at a landmark."""
    return np.asarray(landmark.then.as_of - landmark.then.open["opened"].to_numpy())


def record_of(said: Sequence[Floats | None], landmarks: Sequence[Landmark]) -> Record:
    """Scores over all landmarks at which something was said."""
    spoke = [(p, mark) for p, mark in zip(said, landmarks, strict=True) if p is not None and p.size]
    if not spoke:
        return Record()
    p = np.clip(np.concatenate([chance for chance, _ in spoke]), 0, 1)
    base = np.concatenate([landmark.base for _, landmark in spoke])
    happened = np.concatenate([landmark.happened for _, landmark in spoke])
    return Record(
        chances=p.size,
        days=len(spoke),
        brier=brier(p, happened),
        ece=calibration_error(p, happened),
        log_loss=log_loss(p, happened, floor=1e-6),
        baseline_brier=brier(base, happened),
        baseline_log_loss=log_loss(base, happened, floor=1e-6),
    )


def _prior_sd(horizon: int) -> float:
    return SHOCK_SD * float(np.sqrt(np.clip(horizon / QUARTER, 0.25, 4)))


def shock_spread(said: Sequence[Floats | None], landmarks: Sequence[Landmark], horizon: int) -> float:
    """How far the odds of all deals moved together over the horizon, beyond what single chances explain."""
    excess = []
    for chance, landmark in zip(said, landmarks, strict=True):
        if chance is not None and chance.size:
            moved = shift_to(chance, float(landmark.happened.sum()))
            excess.append(moved**2 - 1 / (float((chance * (1 - chance)).sum()) + 0.5))
    own, prior = max(float(np.sum(excess)), 0.0), _prior_sd(horizon)
    return float(np.sqrt((SHOCK_WEIGHT * prior**2 + own) / (SHOCK_WEIGHT + len(excess))))
