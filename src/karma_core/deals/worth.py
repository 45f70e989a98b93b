"""What a deal brings if it is won: its amount or margin, and what usually burns of it after the signature."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals.kinds import Kinds
from karma_core.deals.rewind import Rewound
from karma_core.effects import design, fit_linear

Floats = NDArray[np.float64]
Measure = Literal["margin", "amount"]

FEWEST_KNOWN = 10
FEWEST_BURNT = 5
UNBURNT = 10
"""How many deals the belief is worth that nothing burns after the signature."""

POOL = 2000
ENDS = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Worth:
    """The value of each open deal given that it is won, in cents of the measure.

    `middle` (n,) is what is agreed, or what deals of its kind usually bring; `known` (n,) says which. What comes
    is `middle` times a draw from `burn` where it is known, from `spread` times `burn` where not (`middle` plus the
    spread where amounts may be negative, which `adds` says). `left` is what is left on average after burning.
    """

    measure: Measure
    middle: Floats
    known: NDArray[np.bool_]
    burn: Floats
    spread: Floats
    adds: bool

    @property
    def left(self) -> float:
        """The share that is left on average of what was agreed."""
        return float(self.burn.mean())

    def range(self) -> tuple[Floats, Floats]:
        """The 5% and 95% points of each deal's value given that it is won, (n,) each, in cents."""
        sure = np.quantile(self.burn, ENDS)
        other = self.burn[np.arange(POOL) % self.burn.size] * (1.0 if self.adds else self.spread)
        ends = [self.middle * at for at in sure]
        for i, share in enumerate(ENDS):
            if self.adds:
                ends[i] = np.where(self.known, ends[i], self.middle + np.quantile(self.spread, share))
            else:
                ends[i] = np.where(self.known, ends[i], self.middle * np.quantile(other, share))
        return np.minimum(*ends), np.maximum(*ends)

    def draw(self, rng: np.random.Generator) -> Floats:
        """One draw of every deal's value given that it is won, (n,)."""
        burn = rng.choice(self.burn, self.middle.size)
        spread = rng.choice(self.spread, self.middle.size)
        if self.adds:
            return np.asarray(np.where(self.known, self.middle, self.middle + spread) * burn, dtype=np.float64)
        return np.asarray(self.middle * np.where(self.known, 1.0, spread) * burn, dtype=np.float64)


def worth_of(rewound: Rewound, kinds: Kinds, *, rng: np.random.Generator) -> Worth | None:
    """Learn from the won deals what open ones are worth; None where fewer than ten say what they brought.

    The measure is margin where it is quoted on ten won deals, else the amount. A deal whose own margin is not
    known takes it from its amount by the won deals' share. One that tells nothing takes what deals of its kind
    brought: a mixed model of the log (of the amount itself where some are negative), with the residuals as they
    came. A column `realised_cents` on won deals tells what was left after the signature; the share that was left
    is believed beside ten deals of which nothing burnt.
    """
    won, still = rewound.won, rewound.open
    measure: Measure = "margin" if won["margin_cents"].count() >= FEWEST_KNOWN else "amount"
    brought, stated = (_stated(deals, won, measure) for deals in (won, still))
    told = np.isfinite(brought)
    if told.sum() < FEWEST_KNOWN:
        return None
    burn = _burn(won, brought, rng)
    known = np.isfinite(stated)
    adds = bool((brought[told] <= 0).any())
    usual, spread = _usual(kinds, won.filter(pl.Series(told)), brought[told], still, adds=adds, rng=rng)
    return Worth(measure, np.where(known, stated, usual), known, burn, spread, adds)


def _stated(deals: pl.DataFrame, won: pl.DataFrame, measure: Measure) -> Floats:
    revenue = deals["revenue_cents"].cast(pl.Float64).to_numpy()
    if measure == "amount":
        return revenue
    margin = deals["margin_cents"].cast(pl.Float64).to_numpy()
    both = won.filter(pl.col("revenue_cents") > 0, pl.col("margin_cents").is_not_null())
    total = float(both["revenue_cents"].sum())
    share = float(both["margin_cents"].sum()) / total if total else 1.0
    return np.where(np.isfinite(margin), margin, revenue * share)


def _burn(won: pl.DataFrame, brought: Floats, rng: np.random.Generator) -> Floats:
    """Draws of the share that is left of what was agreed."""
    if "realised_cents" not in won.columns:
        return np.ones(1)
    realised = won["realised_cents"].cast(pl.Float64).to_numpy()
    both = np.isfinite(realised) & np.isfinite(brought) & (brought > 0)
    if both.sum() < FEWEST_BURNT:
        return np.ones(1)
    shares = np.concatenate([np.clip(realised[both] / brought[both], -2, 2), np.ones(UNBURNT)])
    weight = np.concatenate([brought[both], np.full(UNBURNT, brought[both].mean())])
    return rng.choice(shares, POOL, p=weight / weight.sum())


def _usual(
    kinds: Kinds, won: pl.DataFrame, brought: Floats, still: pl.DataFrame, *, adds: bool, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """What deals of each open deal's kind usually bring, and the spread around it."""
    y = brought if adds else np.log(brought)
    levels = {deals: _levels(kinds, frame) for deals, frame in (("won", won), ("open", still))}
    random = [name for name, texts in levels["won"].items() if len(set(texts)) > 1]
    middle, fitted = np.full(len(still), y.mean()), np.full(len(won), y.mean())
    if random and len(y) > 5 * len(random) + 10 and np.ptp(y) > 0:
        frame = pl.DataFrame({"y": y, **{name: levels["won"][name] for name in random}})
        fit = fit_linear(design(frame, response="y", random=random))
        middle = np.full(len(still), fit.coefficients["(Intercept)"])
        fitted = np.full(len(won), fit.coefficients["(Intercept)"])
        for mode in fit.modes:
            value = dict(zip(mode.levels, mode.values, strict=True))
            middle += np.array([value.get(text, 0.0) for text in levels["open"][mode.factor]])
            fitted += np.array([value.get(text, 0.0) for text in levels["won"][mode.factor]])
    spread = rng.choice(y - fitted, POOL)
    return (middle, spread) if adds else (np.exp(middle), np.exp(spread))


def _levels(kinds: Kinds, deals: pl.DataFrame) -> dict[str, list[str]]:
    codes = kinds.codes(deals)
    return {factor.name: [factor.levels[code] for code in codes[:, i]] for i, factor in enumerate(kinds.factors)}
