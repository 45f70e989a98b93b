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

from karma_core.effects.design import Floats
from karma_core.effects.posterior import Grid, Node, columns_of
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model

DRAWS = 200
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
    """Share the variation out. Each range comes from the grid over that column's own spread, chance's from all.

    What a column may not carry at all may be chance's: the upper end of chance then takes it in.
    """
    material, posterior = model.material, model.posterior
    names = [material.person.name, *material.names]
    drawn = {name: _drawn(model, grid, rng) for name, grid in posterior.grids.items()}
    person, together = drawn[names[0]], np.vstack([*drawn.values()])
    values = person.mean(axis=0).tolist()
    may_be_zero = [name in posterior.grids and zero_fits(posterior.grids[name]) for name in names]
    made = {}
    for i, name in enumerate(names):
        low, high = _ends(drawn.get(name, person)[:, i])
        made[name] = _share(values[i], 0.0 if may_be_zero[i] else low, high)
    low, high = _ends(together[:, -1])[0], _ends(together[:, -1] + together[:, :-1][:, may_be_zero].sum(axis=1))[1]
    return Shares(made.pop(names[0]), made, _share(values[-1], low, high))


def zero_fits(grid: Grid) -> bool:
    """Whether no spread at all fits the data too: its likelihood ratio is within what 90% of chance would give.

    Draws of a variance never touch zero, so that their quantiles alone could not say it. The bound is that of
    a half chi-squared, 2.71 / 2 (Self & Liang 1987).
    """
    heights = [node.log_likelihood for node in grid.nodes]
    return len(heights) > 1 and max(heights) - heights[0] < NO_SPREAD


def _ends(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.05, 0.95]).tolist()
    return low, high


def _share(value: float, low: float, high: float) -> Share:
    return Share(value, min(low, value), max(high, value))


def _drawn(model: Model, grid: Grid, rng: np.random.Generator) -> Floats:
    """Shares in draws from a grid: draws x (person, mix columns, chance)."""
    counts = rng.multinomial(DRAWS, grid.weights)
    parts = [
        _at_node(model, node, int(count), rng) for node, count in zip(grid.nodes, counts, strict=True) if count
    ]
    return np.vstack(parts)


def _at_node(model: Model, node: Node, draws: int, rng: np.random.Generator) -> Floats:
    material = model.material
    zero, rest = node.draw(rng, draws)
    levels = [
        _effects(model, zero, rest, name) for name in (material.person.name, *(f.name for f in material.mix))
    ]
    slopes = rest[len(rest) - len(material.numeric_names) :]
    variances = [
        _variance(effects, coded.codes)
        for effects, coded in zip(levels, (material.person, *material.mix), strict=True)
    ]
    variances += list(slopes**2)
    table = np.array(variances).T
    intercepts = rest[len(rest) - len(material.numeric_names) - 1]
    explained = _explained(material, levels, slopes, intercepts, unit=node.unit)
    total = np.maximum(table.sum(axis=1), 1e-300)
    return np.column_stack([table / total[:, None] * explained[:, None], 1 - explained])


def _effects(model: Model, zero: Floats, rest: Floats, name: str) -> Floats:
    layout = model.posterior.layout
    columns = columns_of(layout, name)
    effects = zero if columns is None else rest[columns]
    if name != model.material.person.name:
        return effects
    width = layout.random_width
    return effects + model.means @ rest[width - model.means.shape[1] : width]


def _variance(effects: Floats, codes: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    """The variance over deals of an effect, per draw."""
    weights = np.bincount(codes, minlength=len(effects)) / len(codes)
    return np.asarray(weights @ effects**2 - (weights @ effects) ** 2)


def _explained(
    material: Material, levels: list[Floats], slopes: Floats, intercepts: Floats, *, unit: float
) -> Floats:
    """The share of the outcome's variance that the whole linear predictor carries, per draw."""
    rows = np.linspace(0, material.deals - 1, min(material.deals, MOST_ROWS)).astype(np.intp)
    linear = intercepts + material.numeric[rows] @ slopes
    for effects, coded in zip(levels, (material.person, *material.mix), strict=True):
        linear += effects[coded.codes[rows]]
    if material.is_amount:
        spread = linear.var(axis=0)
        return np.asarray(spread / (spread + unit**2))
    chances = expit(linear)
    spread, noise = chances.var(axis=0), (chances * (1 - chances)).mean(axis=0)
    return np.asarray(spread / (spread + noise))
