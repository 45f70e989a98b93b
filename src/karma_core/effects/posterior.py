"""What the data say about effects when the spreads themselves are uncertain: a grid over each factor's spread.

The fixed columns are integrated out with the effects, under weak normal priors. Each spread has a weak
prior; on a grid over one factor's spread the other spreads follow their conditional mode. Source: Rue, Martino &
Chopin (2009), INLA, section 3, in a simpler form (one axis per spread instead of a rotated lattice). A spread near
zero keeps its weight, which a plug-in estimate does not give it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from scipy.linalg import solve_triangular

from karma_core.effects.climb import least
from karma_core.effects.design import Codes, Floats
from karma_core.effects.factorised import Factorised, at_least
from karma_core.effects.gaussian import deviance_gradient, linear, solve
from karma_core.effects.layout import Layout
from karma_core.effects.logistic import Binomial, Mode, criterion_gradient, find_mode
from karma_core.effects.start import Determined, determined, search

PRIOR_SD = 0.5
"""A spread s has prior density s exp(-(s / PRIOR_SD)^2 / 2): log-odds, or residual deviations for a linear
response. The factor s keeps the most likely spread off zero (Chung et al. 2013, A nondegenerate penalized
likelihood estimator for variance parameters, section 3)."""
DROP = 6.0
"""A grid ends where the log posterior lies this far below its top."""
FAR = 4.0
"""A grid begins this many posterior deviations below the most likely spread, or at zero."""
POINTS = 13
POINTS_OF_OTHERS = 9
"""For factors other than the last one of the design, which the posterior is asked for."""
WORTH_A_STEP = 0.05
"""The other spreads take a step where that wins as much log posterior."""
CLOSE_ENOUGH = 1e-6
"""A grid weighs differences of a tenth and more; its modes need not be as sharp as a fit's."""


@dataclass(frozen=True)
class Node:
    """The effects at one value of the spreads: normal, with this mean, and the inverse of this factor.

    `theta` is in residual deviations, `unit` the residual deviation (1 for a binomial response). `log_weight` is
    the log posterior of the spreads but for a constant. `zero` and `rest` are effects in the response's units.
    """

    theta: Floats
    unit: float
    factorised: Factorised
    zero: Floats
    rest: Floats
    log_weight: float

    @property
    def log_likelihood(self) -> float:
        """The log likelihood of these spreads but for a constant, without their prior."""
        return self.log_weight - log_prior(self.theta)

    @cached_property
    def covariance(self) -> Floats:
        """The covariance of all columns that are not eliminated."""
        scale = self.factorised.rest * self.unit
        return self.factorised.inverse * scale * scale[:, None]

    def draw(self, rng: np.random.Generator, draws: int) -> tuple[Floats, Floats]:
        """Draw effects: arrays of shape (columns, draws) for the eliminated factor and for the rest."""
        made = self.factorised
        noise = rng.standard_normal((len(self.rest), draws))
        rest = solve_triangular(made.lower, noise, lower=True, trans="T") if len(noise) else noise
        shift = np.column_stack([made.coupling.dot(column) for column in rest.T])
        own = rng.standard_normal((len(self.zero), draws)) / np.sqrt(made.diagonal)[:, None]
        zero = own - shift / made.diagonal[:, None]
        return (
            self.zero[:, None] + self.unit * made.first * zero,
            self.rest[:, None] + self.unit * made.rest[:, None] * rest,
        )


State = TypeVar("State")


@dataclass(frozen=True)
class Surface:
    """The log posterior of the spreads of one model, with its gradient."""

    layout: Layout
    evaluate: Callable[[Floats], Node]
    gradient: Callable[[Floats], Floats]
    inspect: Callable[[Floats], Determined]


@dataclass(frozen=True)
class Grid:
    """Nodes over the spread of one factor, with weights that sum to one."""

    nodes: tuple[Node, ...]
    weights: Floats


@dataclass(frozen=True)
class Posterior:
    """The most likely spreads, and a grid per factor by name; one node each where it is plugged in."""

    surface: Surface
    mode: Node
    grids: dict[str, Grid]
    is_plugged_in: bool

    @property
    def layout(self) -> Layout:
        """How the columns of the effects are laid out."""
        return self.surface.layout


def linear_surface(layout: Layout, response: Floats) -> Surface:
    """The posterior of the spreads of a linear response, its residual deviation integrated out (as REML does)."""
    model = linear(layout.crossing, layout.loadings, response, random_width=layout.random_width, reml=True)
    state_at = _remember(lambda theta: solve(model, theta))

    def evaluate(theta: Floats) -> Node:
        state = state_at(theta)
        unit = float(np.sqrt(state.residual_variance))
        zero, rest = state.factorised.first * state.zero, state.factorised.rest * state.rest
        weight = -state.deviance / 2 + log_prior(theta)
        return Node(np.abs(theta), unit, state.factorised, zero, rest, weight)

    def gradient(theta: Floats) -> Floats:
        return -deviance_gradient(model, theta, state_at(theta)) / 2 + _prior_slope(theta)

    def inspect(theta: Floats) -> Determined:
        state = state_at(theta)
        scaled = (state.zero, state.rest)
        return determined(model.loadings, state.factorised, scaled, unit=state.residual_variance)

    return Surface(layout, evaluate, gradient, inspect)


def binomial_surface(layout: Layout, wins: Floats, trials: Floats) -> Surface:
    """The posterior of the spreads of a binomial response, by Laplace's approximation over all columns."""
    none = np.zeros((len(wins), 0))
    model = Binomial(layout.crossing, layout.loadings, none, wins, trials)
    last: Mode | None = None

    def climb(theta: Floats) -> Mode:
        nonlocal last
        last = find_mode(model, theta, np.zeros(0), start=last, close=CLOSE_ENOUGH)
        return last

    mode_at = _remember(climb)

    def evaluate(theta: Floats) -> Node:
        mode = mode_at(theta)
        zero, rest = mode.factorised.first * mode.zero, mode.factorised.rest * mode.rest
        return Node(np.abs(theta), 1.0, mode.factorised, zero, rest, log_prior(theta) - mode.criterion)

    def gradient(theta: Floats) -> Floats:
        return criterion_gradient(model, theta, mode_at(theta))[0] * -1.0 + _prior_slope(theta)

    def inspect(theta: Floats) -> Determined:
        mode = mode_at(theta)
        return determined(layout.loadings, mode.factorised, (mode.zero, mode.rest), unit=1.0)

    return Surface(layout, evaluate, gradient, inspect)


def _remember(compute: Callable[[Floats], State]) -> Callable[[Floats], State]:
    """Keep the last answer: value and gradient are asked for at the same spreads, one after the other."""
    at: Floats | None = None
    known: State | None = None

    def answer(theta: Floats) -> State:
        nonlocal at, known
        if known is None or at is None or not np.array_equal(at, theta):
            known, at = compute(theta), theta.copy()
        return known

    return answer


def log_prior(theta: Floats) -> float:
    """The log density of all spreads under their prior, but for its constant."""
    spreads = at_least(theta)
    return float(np.log(spreads).sum()) - float(theta @ theta) / (2 * PRIOR_SD**2)


def _prior_slope(theta: Floats) -> Floats:
    return np.where(theta < 0, -1.0, 1.0) / at_least(theta) - theta / PRIOR_SD**2


def integrate(surface: Surface) -> Posterior:
    """Find the most likely spreads and lay a grid over each.

    A grid has 13 points (9 for all but the design's last factor) and reaches where the posterior is e^6 times
    lower than at its top.
    """
    top, at = _climb(surface)
    names = surface.layout.parameter_names
    hessian = _hessian(surface, at)
    grids = {}
    for index, name in enumerate(names):
        if name:
            points = POINTS if index == len(names) - 1 else POINTS_OF_OTHERS
            grids[name] = _grid(surface, index, at, hessian, points=points)
    return Posterior(surface, top, grids, is_plugged_in=False)


def plug_in(surface: Surface, theta: Floats) -> Posterior:
    """Take the spreads as known: one node in place of each grid. For sizes at which a grid would take hours."""
    node = surface.evaluate(theta)
    names = surface.layout.parameter_names
    alone = {name: Grid((node,), np.ones(1)) for name in names if name}
    return Posterior(surface, node, alone, is_plugged_in=True)


def drawn_together(posterior: Posterior, *, number: int, rng: np.random.Generator) -> Iterator[tuple[Node, float]]:
    """Nodes at spreads that are drawn all at once, each with the log of its weight but for a constant.

    Each spread comes from its own grid, in equal strata; the weight makes up for what the grids do not know of
    each other. Where spreads are plugged in it is that node each time. Source: McKay, Beckman & Conover (1979), A
    comparison of three methods for selecting values of input variables; the weights are those of importance
    sampling, Owen (2013), Monte Carlo theory, methods and examples, chapter 9.
    """
    if posterior.is_plugged_in:
        yield from [(posterior.mode, 0.0)] * number
        return
    spreads, density = np.tile(posterior.mode.theta, (number, 1)), np.zeros(number)
    for index, name in enumerate(posterior.layout.parameter_names):
        if name:
            places = (rng.permutation(number) + rng.random(number)) / number
            spreads[:, index], own = _placed(posterior.grids[name], index, places)
            density += own
    for theta, log_density in zip(spreads, density.tolist(), strict=True):
        node = posterior.surface.evaluate(theta)
        yield node, node.log_weight - log_density


def _placed(grid: Grid, index: int, places: Floats) -> tuple[Floats, Floats]:
    """The spreads below which these shares of a grid lie, and the log density there but for a constant."""
    middles = np.array([node.theta[index] for node in grid.nodes])
    width = middles[1] - middles[0]
    ends = np.concatenate([[0.0], np.cumsum(grid.weights)])
    cell = np.minimum(np.searchsorted(ends, places, side="right"), len(middles)) - 1
    within = (places - ends[cell]) / grid.weights[cell]
    return middles[cell] + width * (within - 0.5), np.log(grid.weights[cell])


def _climb(surface: Surface) -> tuple[Node, Floats]:
    def criterion(theta: Floats) -> tuple[float, Floats]:
        return -surface.evaluate(theta).log_weight, -surface.gradient(theta)

    start, units = search(surface.inspect, np.full(surface.layout.loadings.count, 0.3), steps=3)
    found = least(criterion, np.minimum(start, 3.0), units=np.maximum(units, 0.02), tolerance=0.02)
    at = np.abs(found.at)
    return surface.evaluate(at), at


def _hessian(surface: Surface, at: Floats) -> Floats:
    """Minus the second derivatives of the log posterior, by differences of the gradient; made positive."""
    rows = []
    for step in np.diag(np.maximum(0.02, 0.05 * at)):
        high, low = (surface.gradient(at + by) for by in (step, -step))
        rows.append((low - high) / (2 * step.sum()))
    matrix = (np.array(rows) + np.array(rows).T) / 2
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.5 / PRIOR_SD**2)) @ vectors.T)


def _grid(surface: Surface, index: int, at: Floats, hessian: Floats, *, points: int) -> Grid:
    """Equal cells from the lowest to the highest spread that matters, each stood for by its middle."""
    others = np.flatnonzero(np.arange(len(at)) != index)
    scale = float(np.sqrt(np.linalg.inv(hessian)[index, index]))
    low = max(0.0, float(at[index]) - FAR * scale)
    high = _highest(surface, index, at, scale)
    cells = np.linspace(low, high, points + 1)
    middles = (cells[1:] + cells[:-1]) / 2
    nodes: dict[float, Node] = {}
    for side in (middles[middles >= at[index]], middles[middles < at[index]][::-1]):
        here = at
        for value in side.tolist():
            here, nodes[value] = _follow(surface, here, (index, value), others, hessian)
    kept = [nodes[value] for value in middles.tolist()]
    weights = np.exp([node.log_weight - max(n.log_weight for n in kept) for node in kept])
    return Grid(tuple(kept), weights / weights.sum())


def _highest(surface: Surface, index: int, at: Floats, scale: float) -> float:
    """Where, the other spreads held, the log posterior has dropped by DROP: a bound from which to count cells."""
    top, here = surface.evaluate(at).log_weight, at.copy()
    for _ in range(12):
        here[index] += 1.5 * scale
        lost = top - surface.evaluate(here).log_weight
        if lost > DROP:
            return float(at[index] + (here[index] - at[index]) * np.sqrt(DROP / lost))
    return float(here[index])


def _follow(
    surface: Surface, here: Floats, target: tuple[int, float], others: Codes, hessian: Floats
) -> tuple[Floats, Node]:
    """Move one spread to its grid value and the others to where they are then most likely, by one Newton step."""
    index, value = target
    moved = here.copy()
    corner = hessian[np.ix_(others, others)]
    moved[others] -= np.clip(np.linalg.solve(corner, hessian[others, index]) * (value - here[index]), -0.3, 0.3)
    moved[index] = value
    moved = np.abs(moved)
    first = surface.evaluate(moved)
    slope = surface.gradient(moved)[others]
    step = np.linalg.solve(corner, slope)
    if slope @ step < 2 * WORTH_A_STEP:
        return moved, first
    again = moved.copy()
    again[others] = np.abs(moved[others] + np.clip(step, -0.3, 0.3))
    second = surface.evaluate(again)
    return (again, second) if second.log_weight >= first.log_weight else (moved, first)


def columns_of(layout: Layout, name: str) -> Codes | None:
    """Where the levels of a factor stand among the rest; None when the factor is eliminated."""
    place = next(place for place in layout.places if place.factor.name == name)
    return None if place.start is None else np.arange(place.start, place.start + place.factor.size)


def level_effects(layout: Layout, node: Node, name: str) -> Floats:
    """The mean effects of a factor's levels at a node."""
    columns = columns_of(layout, name)
    return node.zero if columns is None else node.rest[columns]
