"""The seller's own chance, recalibrated and pooled with the model's where that has been better."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from karma_core.deals.landmarks import Landmark
from karma_core.deals.odds import log_odds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_STATED = 100
SHIFT_SD, STRETCH_SD, PERSON_SD = 1.0, 0.5, (0.5, 0.3)
NEWTON = 30


@dataclass(frozen=True, eq=False)
class Voices:
    """What was stated about deals: `stated` and `model` chances (n,), and `person` codes (n,), -1 for nobody."""

    stated: Floats
    model: Floats
    person: Ints


@dataclass(frozen=True, eq=False)
class Pool:
    """How stated chances are recalibrated, per person (people, 2) around all, and how much each voice weighs."""

    shared: Floats
    own: Floats
    weight: Floats

    def recalibrated(self, voices: Voices) -> Floats:
        """What the stated chances have turned out to mean, as log-odds (n,)."""
        own = np.where((voices.person >= 0)[:, None], self.own[np.maximum(voices.person, 0)], 0.0)
        shift, stretch = (self.shared + own).T
        return np.asarray(shift + stretch * log_odds(voices.stated))

    def pooled(self, voices: Voices) -> Floats:
        """The chance of both voices together, (n,)."""
        both = np.column_stack([self.recalibrated(voices), log_odds(voices.model)])
        return np.asarray(expit(self.weight[0] + both @ self.weight[1:]))


def learn_pool(voices: Voices, happened: Floats) -> Pool | None:
    """Recalibrate stated chances person by person, then weigh them beside the model's; None below a hundred.

    First log-odds(stated) are shifted and stretched, per person with shrinkage to all, who are shrunk to taking
    the chance as it is. Then both voices are averaged in log-odds with weights that are shrunk to a half each.
    `happened` (n,) is 1, 0, or a chance where it is not known yet. Persons are only told apart here, never shown.
    **Source**: Turner, Steyvers, Merkle, Budescu & Wallsten (2014), hierarchical recalibration before averaging.
    """
    if happened.size < FEWEST_STATED:
        return None
    people = int(voices.person.max(initial=-1)) + 1
    odds = log_odds(voices.stated)
    one = np.column_stack([np.ones_like(odds), odds])
    mine = np.zeros((odds.size, 2 * people))
    known = np.flatnonzero(voices.person >= 0)
    for part in (0, 1):
        mine[known, 2 * voices.person[known] + part] = one[known, part]
    prior = np.concatenate([[SHIFT_SD, STRETCH_SD], np.tile(PERSON_SD, people)]) ** -2.0
    off = _logistic(np.hstack([one, mine]), happened, offset=odds, prior=prior)
    own = off[2:].reshape(people, 2) if people else np.zeros((1, 2))
    pool = Pool(off[:2] + np.array([0.0, 1.0]), own, np.array([0.0, 0.5, 0.5]))
    both = np.column_stack([np.ones_like(odds), pool.recalibrated(voices), log_odds(voices.model)])
    moved = _logistic(both, happened, offset=both @ pool.weight, prior=np.array([0.5, 0.5, 0.5]) ** -2.0)
    return Pool(pool.shared, pool.own, pool.weight + moved)


def _logistic(design: Floats, happened: Floats, *, offset: Floats, prior: Floats) -> Floats:
    """The mode of a logistic regression whose coefficients are shrunk to zero with these precisions."""
    theta = np.zeros(design.shape[1])
    for _ in range(NEWTON):
        p = expit(offset + design @ theta)
        slope = design.T @ (happened - p) - prior * theta
        step = np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]) + np.diag(prior), slope)
        theta = theta + step
        if np.abs(step).max() < 1e-8:
            break
    return theta


def voices_of(deals: pl.DataFrame, model: Floats, *, owners: pl.DataFrame) -> tuple[Voices, NDArray[np.bool_]]:
    """Stated chances of open deals beside the model's, and which deals had any; `owners` has `deal, person`."""
    stated = deals["stated_chance"].to_numpy().astype(np.float64)
    told = np.isfinite(stated)
    person = deals.select("deal").join(owners, on="deal", how="left", maintain_order="left")["person"]
    codes = person.fill_null(-1).cast(pl.Int64).to_numpy()
    return Voices(stated[told], model[told], codes[told]), told


def owners_of(deals: pl.DataFrame) -> pl.DataFrame:
    """A code per person beside each deal: `deal, person`; deals of nobody are left out."""
    known = deals.select("deal", "owner").drop_nulls()
    return known.select("deal", (pl.col("owner").rank("dense") - 1).cast(pl.Int64).alias("person"))


def pool_of(
    landmarks: Sequence[Landmark], said: Sequence[Floats | None], *, owners: pl.DataFrame, before: int
) -> Pool | None:
    """A pool learned on the landmarks whose horizon was over on the day `before`."""
    parts = []
    for landmark, chance in zip(landmarks, said, strict=True):
        if chance is not None and landmark.over <= before:
            voices, told = voices_of(landmark.then.open, chance, owners=owners)
            parts.append((voices, landmark.happened[told].astype(np.float64)))
    if not parts:
        return None
    stated, model, person = (
        np.concatenate([getattr(v, name) for v, _ in parts]) for name in ("stated", "model", "person")
    )
    whole = Voices(stated, model, person)
    return learn_pool(whole, np.concatenate([happened for _, happened in parts]))


def pooled_series(
    landmarks: Sequence[Landmark], said: Sequence[Floats | None], *, owners: pl.DataFrame
) -> list[Floats | None]:
    """What both voices together would have said at each landmark; null where too little was known to pool."""
    series: list[Floats | None] = []
    for landmark, chance in zip(landmarks, said, strict=True):
        pool = pool_of(landmarks, said, owners=owners, before=landmark.then.as_of)
        if pool is None or chance is None:
            series.append(None)
        else:
            series.append(join(pool, landmark.then.open, chance, owners=owners))
    return series


def join(pool: Pool | None, deals: pl.DataFrame, chance: Floats, *, owners: pl.DataFrame) -> Floats:
    """The model's chances, pooled with what was stated for the deals that have it."""
    voices, told = voices_of(deals, chance, owners=owners)
    if pool is None or not told.any():
        return chance
    found = chance.copy()
    found[told] = pool.pooled(voices)
    return found
