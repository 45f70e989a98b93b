"""Where a person's difference from the team comes from: part by part, adding up exactly.

For a deal d with log-odds e(d) from its mix alone, p its chance and r the team's rate, the intercept is set so
that the mean of p(d) over all deals is r: the chance that an average colleague would have had. With e0 the
log-odds of r, each deal has the secant slope s(d) = (p(d) - r) / (e(d) - e0), and

    from_mix[j] = mean over the person's deals of s(d) (c(d, j) - c0(j)),

c(d, j) what column j adds to e(d) and c0(j) its mean over all deals weighted by s. Then the parts add up to
expected rate - team rate exactly, and each part is zero on average over the team's deals. The person's own part is
the mean of p(e(d) + effect) - p(d). What remains of the difference is chance. For amounts s is one throughout.
Source: our own; an Oaxaca (1973) decomposition with secant slopes in place of one linear slope.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from karma_core.effects.design import Floats
from karma_core.effects.posterior import level_effects
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model


@dataclass(frozen=True)
class Parts:
    """Per person (rows): the expected rate, each mix column's part (columns), and the sd of chance alone.

    `linear` is every deal's linear predictor for an average colleague; `team` the team's rate.
    """

    material: Material
    team: float
    linear: Floats
    expected: Floats
    from_mix: Floats
    chance_sd: Floats

    def from_person(self, effects: Floats) -> Floats:
        """What these effects (one per person, on the scale of the linear predictor) add to each rate."""
        if self.material.is_amount:
            return effects
        moved = expit(self.linear + effects[self.material.person.codes]) - expit(self.linear)
        return _mean(self.material, moved)


def parts_of(model: Model) -> Parts:
    """Split every person's difference from the team; amounts come in their own unit."""
    material = model.material
    columns = model.unit * contributions(model)
    team = float(material.outcome.mean())
    if material.is_amount:
        linear, slopes = team + columns.sum(axis=1), np.ones(material.deals)
        linear += team - linear.mean()
        residual = model.posterior.mode.unit * model.unit
        chance = residual / np.sqrt(material.deals_each)
        chances = linear
    else:
        linear = calibrated(columns.sum(axis=1), team)
        chances, slopes = expit(linear), secants(linear, team)
        spread = np.bincount(material.person.codes, chances * (1 - chances), material.person.size)
        chance = np.sqrt(spread) / material.deals_each
    centred = columns - np.average(columns, axis=0, weights=slopes)
    from_mix = [_mean(material, slopes * column) for column in centred.T]
    mixed = np.column_stack(from_mix) if from_mix else np.zeros((material.person.size, 0))
    return Parts(material, team, linear, _mean(material, chances), mixed, chance)


def contributions(model: Model) -> Floats:
    """What each column of the mix adds to each deal's linear predictor: deals x columns, posterior means."""
    material, posterior = model.material, model.posterior
    grid = posterior.grids[material.person.name]
    numbers = len(material.numeric_names)
    columns = []
    for coded in material.mix:
        effects = [level_effects(posterior.layout, node, coded.name) for node in grid.nodes]
        columns.append(np.average(effects, axis=0, weights=grid.weights)[coded.codes])
    slopes = np.average(
        [node.rest[len(node.rest) - numbers :] for node in grid.nodes], axis=0, weights=grid.weights
    )
    columns += list((material.numeric * slopes).T)
    return np.column_stack(columns) if columns else np.zeros((material.deals, 0))


def calibrated(linear: Floats, team: float) -> Floats:
    """Shift log-odds so that their chances average to the team's rate.

    >>> round(float(expit(calibrated(np.array([-1.0, 2.0]), 0.5)).mean()), 6)
    0.5
    """
    aim = float(logit(team))
    low, high = aim - linear.max() - 1, aim - linear.min() + 1
    shift = brentq(lambda by: float(expit(linear + by).mean()) - team, low, high, xtol=1e-12)
    return linear + shift


def secants(linear: Floats, team: float) -> Floats:
    """The slope of the chance between the team's log-odds and each deal's."""
    away = linear - float(logit(team))
    near = np.abs(away) < 1e-5
    slopes = (expit(linear) - team) / np.where(near, 1.0, away)
    return np.where(near, team * (1 - team), slopes)


def _mean(material: Material, values: Floats) -> Floats:
    return np.asarray(np.bincount(material.person.codes, values, material.person.size) / material.deals_each)
