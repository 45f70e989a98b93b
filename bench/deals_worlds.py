"""Invented pipelines of deals whose chances are known to the last digit, in five families.

Frozen on 22 November 2026, before the model that they judge was tuned; `python bench/deals_worlds.py` prints a
digest of a small draw, which bench/README.md states. A deal has a seller (60), a segment (8), a source (35%
inbound) and a size; each week of its life it is won, lost or stays, with the chances of `hazards`.

- additive: log-odds of winning and losing are sums. What a weekly model takes for true.
- mixture: whether it will be won is drawn first, when it closes after that.
- interaction: what inbound is worth depends on the segment, and for large deals the curve over age is another.
- season: deals are won in the last weeks of a quarter, and in December; bad months for losing.
- trend: the odds of winning climb for two years and fall back in the third, by the month in which a deal opened.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

FAMILIES = ("additive", "mixture", "interaction", "season", "trend")
FIRST = date(2022, 1, 3)
DAYS = 1095
AS_OF = FIRST + timedelta(days=DAYS)
SELLERS, SEGMENTS = 60, 8
WEEKS = 78


@dataclass(frozen=True)
class Traits:
    """What is known of each deal when it opens; `opened` counts days since FIRST."""

    seller: np.ndarray
    segment: np.ndarray
    inbound: np.ndarray
    size: np.ndarray
    opened: np.ndarray

    def where(self, mask: np.ndarray) -> "Traits":
        return Traits(*(part[mask] for part in vars(self).values()))


@dataclass(frozen=True)
class World:
    """One pipeline's truth."""

    family: str
    seller: np.ndarray
    segment: np.ndarray
    own: np.ndarray

    @classmethod
    def of(cls, family: str, seed: int) -> "World":
        rng = np.random.default_rng([22, FAMILIES.index(family), seed])
        return cls(
            family,
            rng.normal(0, 0.35, (2, SELLERS)),
            rng.normal(0, 0.3, (2, SEGMENTS)),
            rng.normal(0, 0.7, SEGMENTS),
        )

    def hazards(self, traits: Traits, weeks: int = WEEKS) -> np.ndarray:
        """Weekly chances to be won and lost in weeks 0.. of age, shape (2, n, weeks)."""
        if self.family == "mixture":
            return self._mixture(traits, weeks)
        age = np.arange(weeks)[None, :]
        win = -4.6 + 1.5 * np.exp(-(((age - 9) / 7) ** 2)) - 0.004 * age
        lose = -3.6 + 0.9 * np.exp(-(((age - 5) / 5) ** 2)) + 0.004 * age
        win_level = self.seller[0][traits.seller] + self.segment[0][traits.segment] - 0.25 * traits.size
        lose_level = self.seller[1][traits.seller] + self.segment[1][traits.segment] + 0.1 * traits.size
        inbound = traits.inbound * (self.own[traits.segment] if self.family == "interaction" else 0.5)
        eta = np.stack([win + (win_level + inbound)[:, None], lose + (lose_level - 0.2 * inbound)[:, None]])
        if self.family == "interaction":
            eta[0] += np.where(traits.size > 0.7, 1.0, 0.0)[:, None] * (age - 10) / 10 * (age < 30)
        if self.family == "season":
            eta += self._season(traits.opened[:, None] + 7 * age + 3)
        if self.family == "trend":
            eta[0] += np.interp(traits.opened, [0, 730, 760, 1095], [-0.8, 0.9, -0.4, 0.3])[:, None]
        raised = np.exp(eta)
        return raised / (1 + raised.sum(axis=0))

    def _season(self, day: np.ndarray) -> np.ndarray:
        moment = np.datetime64(FIRST) + day.astype("timedelta64[D]")
        month = moment.astype("datetime64[M]").astype(int)
        left = ((month // 3 * 3 + 3).astype("datetime64[M]").astype("datetime64[D]") - moment).astype(int)
        win = 0.9 * (left <= 14) - 0.5 * (left > 77) + 0.4 * (month % 12 == 11) - 0.4 * (month % 12 == 7)
        lose = 0.4 * (month % 12 == 0) - 0.3 * (month % 12 == 7)
        return np.stack([win, lose])

    def _mixture(self, traits: Traits, weeks: int) -> np.ndarray:
        level = (
            -0.4 + 1.5 * (self.seller[0][traits.seller] + self.segment[0][traits.segment]) + 0.7 * traits.inbound
        )
        p = 1 / (1 + np.exp(-level + 0.3 * traits.size))
        edge = np.arange(weeks + 1)
        won, lost = (_gamma(edge, shape, mean) for shape, mean in ((6.0, 15.0), (3.0, 11.0)))
        mass = np.stack([p[:, None] * np.diff(won), (1 - p)[:, None] * np.diff(lost)])
        left = 1 - np.cumsum(mass.sum(axis=0), axis=1) + mass.sum(axis=0)
        return mass / np.maximum(left, 1e-12)


def _gamma(x: np.ndarray, shape: float, mean: float) -> np.ndarray:
    from scipy.special import gammainc

    return gammainc(shape, x * shape / mean)


def traits(n: int, rng: np.random.Generator, *, days: tuple[int, int] = (0, DAYS)) -> Traits:
    return Traits(
        rng.integers(0, SELLERS, n),
        rng.choice(SEGMENTS, n, p=np.arange(SEGMENTS, 0, -1) / (SEGMENTS * (SEGMENTS + 1) / 2)),
        rng.random(n) < 0.35,
        rng.normal(0, 1, n),
        rng.integers(*days, n),
    )


def incidence(hazards: np.ndarray) -> np.ndarray:
    """The true chance to be won within 1, 2, .. weeks, shape (n, weeks)."""
    left = np.cumprod(1 - hazards.sum(axis=0), axis=1)
    before = np.concatenate([np.ones((len(left), 1)), left[:, :-1]], axis=1)
    return np.cumsum(before * hazards[0], axis=1)


def ends(hazards: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """When each deal ends (week of age, WEEKS for later) and whether it is won."""
    n, weeks = hazards.shape[1:]
    drawn = rng.random((n, weeks))
    ended = drawn < hazards.sum(axis=0)
    week = np.where(ended.any(axis=1), ended.argmax(axis=1), weeks)
    at = np.minimum(week, weeks - 1)
    rows = np.arange(n)
    return week, (week < weeks) & (drawn[rows, at] < hazards[0][rows, at])


def frame(of: Traits, week: np.ndarray, won: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    """The deals as an export made on AS_OF shows them."""
    closed = of.opened + 7 * week + rng.integers(0, 7, week.size)
    is_open = closed >= DAYS
    day = np.datetime64(FIRST)
    dates = pl.Series((day + closed.astype("timedelta64[D]")).astype("datetime64[D]")).cast(pl.Date)
    return pl.DataFrame(
        {
            "deal": [f"d{i}" for i in range(week.size)],
            "customer": pl.Series([None] * week.size, dtype=pl.String),
            "outcome": np.where(is_open, "open", np.where(won, "won", "lost")),
            "opened_on": pl.Series((day + of.opened.astype("timedelta64[D]")).astype("datetime64[D]")).cast(
                pl.Date
            ),
            "closed_on": dates.set(pl.Series(is_open), None),
            "segment": [f"segment {s}" for s in of.segment],
            "source": np.where(of.inbound, "inbound", "outbound"),
            "seller": [f"seller {s}" for s in of.seller],
            "size": of.size,
        }
    )


def main() -> None:
    digest = hashlib.sha256()
    for family in FAMILIES:
        rng = np.random.default_rng(1)
        of = traits(500, rng)
        hazards = World.of(family, 1).hazards(of)
        digest.update(np.round(incidence(hazards), 9).tobytes())
        print(family, "won ever", round(float(incidence(hazards)[:, -1].mean()), 3))
    print(digest.hexdigest()[:16])


if __name__ == "__main__":
    main()
