"""Which share of the variation in outcomes each part carries, with a range: draws from the posterior.

The variation is that among these deals, with these persons and this mix: a deal's variance is that of its chance
plus chance itself, p(1 - p) on average. What its log-odds explain is divided over the columns in proportion to the
variance that each column's own contribution has over the deals. Source: Gelman & Hill (2007), section 21.2, finite
population deviations; Nakagawa & Schielzeth (2013) for the division, on the scale of the outcome instead of the
latent one, since people see outcomes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from karma_core.effects.design import Codes, Floats
from karma_core.effects.posterior import Grid, Node, columns_of, drawn_together
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model

NODES, DRAWS = 40, 10
"""Spreads drawn, and effects drawn at each."""
NO_SPREAD = 1.353
MOST_ROWS = 2000


@dataclass(frozen=True)
class Share:
    """A share of the variation (0..1) with its 90% range."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Shares:
    """The shares of the person, of each column of the mix, and of chance; their values add up to one."""

    person: Share
    mix: dict[str, Share]
    chance: Share


def shares_of(model: Model, *, rng: np.random.Generator) -> Shares:
    """Share the variation out, over draws of all spreads and effects together.

    What a column may not carry at all may be chance's: the upper end of chance then takes it in.
    """
    posterior, names = model.posterior, [model.material.person.name, *model.material.names]
    drawn, weights = _drawn(model, rng)
    may_be_zero = [name in posterior.grids and zero_fits(posterior.grids[name]) for name in names]
    shares = [_share(drawn[:, i], weights, low_is_zero=is_zero) for i, is_zero in enumerate(may_be_zero)]
    chance = _share(drawn[:, -1], weights)
    high = _share(drawn[:, -1] + drawn[:, :-1] @ may_be_zero, weights).high
    return Shares(shares[0], dict(zip(names[1:], shares[1:], strict=True)), Share(chance.value, chance.low, high))


def zero_fits(grid: Grid) -> bool:
    """Whether no spread at all fits the data too: its likelihood ratio is within what 90% of chance would give.

    Draws of a variance never touch zero, so that their quantiles alone could not say it. The bound is that of
    a half chi-squared, 2.71 / 2 (Self & Liang 1987).
    """
    heights = [node.log_likelihood for node in grid.nodes]
    return len(heights) > 1 and max(heights) - heights[0] < NO_SPREAD


def _share(drawn: Floats, weights: Floats, *, low_is_zero: bool = False) -> Share:
    value = float(weights @ drawn)
    low, high = np.quantile(drawn, [0.05, 0.95], weights=weights, method="inverted_cdf").tolist()
    return Share(value, 0.0 if low_is_zero else min(low, value), max(high, value))


def _drawn(model: Model, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Shares in draws from the posterior, draws x (person, mix columns, chance), and the weight of each draw."""
    rows = _Rows.of(model)
    made = [
        (_at_node(model, node, rows, rng), weight)
        for node, weight in drawn_together(model.posterior, number=NODES, rng=rng)
    ]
    heights = np.repeat([weight for _, weight in made], DRAWS)
    weights = np.exp(heights - heights.max())
    return np.vstack([shares for shares, _ in made]), weights / weights.sum()


def _at_node(model: Model, node: Node, rows: "_Rows", rng: np.random.Generator) -> Floats:
    effects = _Effects.of(model, *node.draw(rng, DRAWS))
    table = effects.variances(model.material)
    spread, noise = _variation(model.material, effects, rows.places, unit=node.unit)
    explained = rows.spread * spread / (rows.spread * spread + rows.noise * noise)
    total = np.maximum(table.sum(axis=1), 1e-300)
    return np.column_stack([table / total[:, None] * explained[:, None], 1 - explained])


@dataclass(frozen=True)
class _Effects:
    """Draws of the levels of each factor (person first), of slopes and of intercepts; a draw is the last axis."""

    levels: list[Floats]
    slopes: Floats
    intercepts: Floats

    @classmethod
    def of(cls, model: Model, zero: Floats, rest: Floats) -> "_Effects":
        material, layout = model.material, model.posterior.layout
        numbers = len(rest) - len(material.numeric_names)
        levels = []
        for coded in (material.person, *material.mix):
            columns = columns_of(layout, coded.name)
            levels.append(zero if columns is None else rest[columns])
        width = layout.random_width
        levels[0] = levels[0] + model.means @ rest[width - model.means.shape[1] : width]
        return cls(levels, rest[numbers:], rest[numbers - 1])

    def variances(self, material: Material) -> Floats:
        """The variance over all deals of what each column adds: draws x columns."""
        found = []
        for effects, coded in zip(self.levels, (material.person, *material.mix), strict=True):
            weights = np.bincount(coded.codes, minlength=len(effects)) / material.deals
            found.append(weights @ effects**2 - (weights @ effects) ** 2)
        return np.array([*found, *self.slopes**2]).T


def _variation(material: Material, effects: _Effects, rows: Codes, *, unit: float) -> tuple[Floats, Floats]:
    """The variance over these rows that the whole linear predictor carries, and that of chance, per draw."""
    linear = effects.intercepts + material.numeric[rows] @ effects.slopes
    for levels, coded in zip(effects.levels, (material.person, *material.mix), strict=True):
        linear += levels[coded.codes[rows]]
    if material.is_amount:
        return linear.var(axis=0), np.full(linear.shape[1], unit**2)
    chances = expit(linear)
    return chances.var(axis=0), (chances * (1 - chances)).mean(axis=0)


@dataclass(frozen=True)
class _Rows:
    """Rows that stand for all deals, and how much more the outcome varies over all deals, at the likely effects.

    Draws differ in the same direction on the rows as on all deals: a ratio estimate, Cochran (1977), Sampling
    Techniques, section 6.3.
    """

    places: Codes
    spread: float
    noise: float

    @classmethod
    def of(cls, model: Model) -> "_Rows":
        material, mode = model.material, model.posterior.mode
        everything = np.arange(material.deals)
        places = np.linspace(0, material.deals - 1, min(material.deals, MOST_ROWS)).astype(np.intp)
        effects = _Effects.of(model, mode.zero[:, None], mode.rest[:, None])
        whole, part = (_variation(material, effects, rows, unit=mode.unit) for rows in (everything, places))
        spread, noise = (float(all_[0] / max(some[0], 1e-300)) for all_, some in zip(whole, part, strict=True))
        return cls(places, spread, noise)
