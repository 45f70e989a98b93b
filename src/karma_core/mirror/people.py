"""Each person's own effect against the team's mean: its mean, its range, and what may be said about it.

Everything stands in order of the input, and nothing here compares one person with another.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from karma_core.effects.design import Floats
from karma_core.effects.posterior import Node, Posterior, columns_of
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model
from karma_core.mirror.overlap import Overlap

SURE = 0.995
"""At 0.99 one in 50 calls had the wrong sign where persons differ little (bench/README.md)."""
TOLD = 2.576
"""The z-value of being that sure."""
CAUTIOUS = 0.1
"""A verdict must stand at the spread that lies above a tenth of the spreads' posterior."""
LOW, HIGH = 0.05, 0.95
FEWEST_DEALS = 10
"""With fewer deals of their own nothing is said about a person; nor with fewer won or lost deals in all."""
AGREES = 1.645
"""The z-value that the data must give with the mix free, in the same direction."""
MOST_NEEDED = 10_000

ABOVE, BELOW, CANNOT_TELL = "above", "below", "cannot_tell"


@dataclass(frozen=True)
class Differences:
    """Every person's difference from the team's mean as a mixture of normals: nodes x persons, and weights."""

    means: Floats
    deviations: Floats
    weights: Floats

    @property
    def mean(self) -> Floats:
        """The posterior mean of each difference."""
        return np.asarray(self.weights @ self.means)

    @property
    def above(self) -> Floats:
        """The chance that each difference is positive."""
        return np.asarray(self.weights @ ndtr(self.means / self.deviations))

    @property
    def cautious(self) -> Floats:
        """The z-value of each difference if persons differ as little as one in ten spreads that fit the data.

        A chance is right on average over the spreads that the prior holds possible. Where persons truly differ
        little, calls come from just those teams whose spread was overestimated; whoever is called must be called
        at a small spread too. Nodes stand in order of their spread; between two the z-value is interpolated.
        """
        middles = np.cumsum(self.weights) - self.weights / 2
        place = float(np.interp(CAUTIOUS, middles, np.arange(len(middles))))
        low, high = math.floor(place), math.ceil(place)
        z = self.means / self.deviations
        return np.asarray(z[low] + (place - low) * (z[high] - z[low]))

    def quantile(self, level: float) -> Floats:
        """The value that each difference stays below with this chance, by bisection."""
        low = (self.means - 6 * self.deviations).min()
        high = (self.means + 6 * self.deviations).max()
        for _ in range(50):
            middle = (low + high) / 2
            below = self.weights @ ndtr((middle - self.means) / self.deviations) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)


def differences(model: Model) -> Differences:
    """The posterior of each person's effect, group means included, less the deal-weighted mean of the team."""
    posterior, material = model.posterior, model.material
    grid = posterior.grids[material.person.name]
    shares = material.deals_each / material.deals
    found = [_differences_at(posterior, node, material, model.means, shares) for node in grid.nodes]
    means, deviations = (np.array(values) for values in zip(*found, strict=True))
    return Differences(means, deviations, grid.weights)


def _differences_at(
    posterior: Posterior, node: Node, material: Material, means: Floats, shares: Floats
) -> tuple[Floats, Floats]:
    own = columns_of(posterior.layout, material.person.name)
    assert own is not None  # noqa: S101 (the person is never eliminated)
    width = posterior.layout.random_width
    tied = np.arange(width - means.shape[1], width)
    effects = node.rest[own] + means @ node.rest[tied]
    v = node.covariance
    v_own, v_side, v_tied = v[np.ix_(own, own)], v[np.ix_(own, tied)], v[np.ix_(tied, tied)]
    # group means are centred over the deals, so that they have no part in the team's mean
    side = v_own @ shares + means @ (v_side.T @ shares)
    diagonal = np.diagonal(v_own) + 2 * (means * v_side).sum(axis=1) + ((means @ v_tied) * means).sum(axis=1)
    variances = diagonal - 2 * side + shares @ side
    return effects - shares @ effects, np.sqrt(np.maximum(variances, 1e-12))


def verdicts(model: Model, found: Differences, overlap: Overlap) -> list[str]:
    """What may be said of each person: above or below only where chance and mix are both ruled out."""
    material, z = model.material, found.cautious
    enough = material.deals_each >= FEWEST_DEALS
    if not material.is_amount:
        won = float(material.outcome.sum())
        enough &= min(won, material.deals - won) >= FEWEST_DEALS
    told = [enough[i] and overlap.hidden_by[i] is None for i in range(material.person.size)]
    return [
        ABOVE
        if told[i] and z[i] > TOLD and overlap.z[i] > AGREES
        else BELOW
        if told[i] and z[i] < -TOLD and overlap.z[i] < -AGREES
        else CANNOT_TELL
        for i in range(material.person.size)
    ]


def mix_is_in_the_way(found: Differences, overlap: Overlap) -> list[bool]:
    """Whether chance is ruled out for a person, but not their mix: with the mix free the data do not agree."""
    z = found.cautious
    return [bool(each) for each in (np.abs(z) > TOLD) & (np.sign(z) * overlap.z <= AGREES)]


def deals_needed(model: Model, found: Differences, overlap: Overlap) -> Floats:
    """How many more deals of the same kind would tell, if each difference is as large as it now seems.

    Zero or less where chance is no longer in the way, but the mix or a spread that is not well known yet; infinite
    where there is no difference.
    """
    grid = model.posterior.grids[model.material.person.name]
    index = model.posterior.layout.parameter_names.index(model.material.person.name)
    prior = float(grid.weights @ [(node.theta[index] * node.unit) ** 2 for node in grid.nodes])
    wanted = wanted_variance(found.mean, prior)
    with np.errstate(divide="ignore"):
        return np.asarray(model.material.deals_each * (overlap.variance / wanted - 1))


def more_needed(needed: float, *, verdict: str, hidden_by: str | None) -> int | None:
    """The same as a number of deals that does not pretend.

    None where it is told already, where more of the same would not help (the mix stands in the way), or where it
    would take more than ten thousand.

    >>> [more_needed(33.2, verdict=verdict, hidden_by=None) for verdict in ("cannot_tell", "above")]
    [40, None]
    """
    if verdict != CANNOT_TELL or hidden_by or not 0 < needed <= MOST_NEEDED:
        return None
    return rounded_up(needed)


def wanted_variance(difference: Floats, prior: float) -> Floats:
    """The variance of the data's own estimate at which a difference is told, given the persons' spread squared.

    Told means: shrunk estimate over its deviation is TOLD. With d the true difference, s2 the prior variance and
    v the data's, that is d s / sqrt(v (s2 + v)) = TOLD, solved for v.
    """
    return np.asarray((np.sqrt(prior**2 + 4 * difference**2 * prior / TOLD**2) - prior) / 2)


def rounded_up(number: float) -> int:
    """A number of deals: the next ten, from a hundred on the next fifty, from a thousand on the next five hundred.

    >>> rounded_up(33.2), rounded_up(412), rounded_up(3412)
    (40, 450, 3500)
    """
    step = 10 if number < 100 else 50 if number < 1000 else 500
    return int(-(-number // step) * step)
