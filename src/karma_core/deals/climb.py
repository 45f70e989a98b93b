"""The mode of the hazards' posterior and the spreads of their levels, in a few passes over the data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from karma_core.deals.blocks import Layout
from karma_core.deals.crossing import Crossed
from karma_core.effects.factorised import inverse_of
from karma_core.threads import one_thread

Floats = NDArray[np.float64]

PASSES = 14
BEGIN = 5.0
"""Weeks of the prior that a single age begins with."""

FIRST = 2
"""Passes in which the parameters come near before the spreads are learned."""

INNER = 8
LAST_NEWTON = 8
SMALLEST, LARGEST = 0.01, 1.5
"""Bounds of a spread."""


@dataclass(frozen=True, eq=False)
class Climbed:
    """Where the climb ended: parameters (2, p) of a layout, their covariance (2p, 2p), and spreads (2, parts).

    `chance` (2, cells) is what they say of each cell.
    """

    layout: Layout
    theta: Floats
    covariance: Floats
    scales: Floats
    chance: Floats


@one_thread()
def climb(data: Crossed, *, start: Floats, near: Climbed | None = None) -> Climbed:
    """Find mode and spreads together; `start` (2,) are the intercepts that the prior is centred on.

    `near` is where a climb over the same facts ended, without some blocks: what both have is begun from there.

    Each pass reads the data once for gradient and curvature; on that parabola the spreads take a number of EM
    steps, which cost nothing; then the parameters move, by half where the posterior would fall. At the end the
    spreads stand still and Newton's method goes to the mode.
    """
    layout = data.layout
    centre = np.zeros((2, layout.width))
    centre[:, 0] = start
    theta, scales = _near(data, centre), np.tile([part.scale for part in layout.shrinkage], (2, 1))
    if near:
        _take_over(near, layout, theta, scales)
    eta, first = data.linear(theta), 0 if near else FIRST
    for turn in range(PASSES):
        chance, value = data.chances(eta)
        curve, slope = data.curve(chance), data.slope(chance)
        before = scales
        wish, scales = _on_parabola(
            layout, curve, slope, theta, centre, scales, steps=INNER if turn >= first else 0
        )
        theta, eta, moved = _step(data, theta, wish - theta, value, centre, scales)
        if turn >= first and moved < 0.1 and np.allclose(before, scales, rtol=0.05):
            break
    for turn in range(LAST_NEWTON + 1):
        chance, value = data.chances(eta)
        whole = data.curve(chance) + _both(layout, scales)
        slope = data.slope(chance) - _pull(layout, scales, theta - centre)
        step = cho_solve(cho_factor(whole), slope.ravel()).reshape(theta.shape)
        if turn == LAST_NEWTON or float((slope * step).sum()) < 1e-5:
            break
        theta, eta, _ = _step(data, theta, step, value, centre, scales)
    return Climbed(layout, theta, _inverse(whole), scales, chance)


def _take_over(near: Climbed, layout: Layout, theta: Floats, scales: Floats) -> None:
    """Put the parameters and spreads of blocks that both layouts have in place."""
    for old, new in zip(near.layout.blocks, layout.blocks, strict=False):
        if old.basis.shape == new.basis.shape:
            theta[:, new.start : new.stop] = near.theta[:, old.start : old.stop]
            scales[:, layout.parts_of(new)] = near.scales[:, near.layout.parts_of(old)]


def _near(data: Crossed, centre: Floats) -> Floats:
    """Where to begin: at each age, the log-odds of all deals together, put into what single ages insist on."""
    bands = len(data.layout.blocks[0].basis)
    counts = np.stack([np.bincount(data.of_cell[0], part, minlength=bands) for part in data.events.T])
    prior = np.exp(centre[:, :1])
    theta, stop = centre.copy(), data.layout.blocks[0].stop
    theta[:, stop - bands : stop] = np.log((counts[:2] + BEGIN * prior) / (counts[2] + BEGIN)) - centre[:, :1]
    return theta


def _step(
    data: Crossed, theta: Floats, step: Floats, value: float, centre: Floats, scales: Floats
) -> tuple[Floats, Floats, float]:
    """Move along a step, halved until the posterior does not fall; the parameters, log-odds, and the gain."""
    here = value - _prior(data.layout, scales, theta - centre)
    size = 1.0
    while size > 1e-3:
        trial = theta + size * step
        eta = data.linear(trial)
        there = data.chances(eta)[1] - _prior(data.layout, scales, trial - centre)
        if there >= here - 1e-9:
            return trial, eta, there - here
        size /= 2
    return theta, data.linear(theta), 0.0


def _on_parabola(
    layout: Layout, curve: Floats, slope: Floats, theta: Floats, centre: Floats, scales: Floats, *, steps: int
) -> tuple[Floats, Floats]:
    """The mode and the spreads if the log-likelihood were its parabola here; EM, one cause after the other."""
    p, found, renewed = layout.width, theta.copy(), scales.copy()
    for c in (0, 1):
        own = curve[c * p : c * p + p, c * p : c * p + p]
        target = own @ (theta[c] - centre[c]) + slope[c]
        for _ in range(steps):
            covariance = _inverse(own + layout.penalty(renewed[c]))
            last, renewed[c] = renewed[c].copy(), _spreads(layout, covariance @ target, covariance)
            if np.allclose(last, renewed[c], rtol=0.02):
                break
        found[c] = centre[c] + cho_solve(cho_factor(own + layout.penalty(renewed[c])), target)
    return found, renewed


def _spreads(layout: Layout, off: Floats, covariance: Floats) -> Floats:
    """EM's next spread of each part: what its parameters differ, their uncertainty, and the weak prior."""
    spreads = []
    for part in layout.shrinkage:
        here = slice(part.start, part.stop)
        held = off[here] @ part.penalty @ off[here] + np.sum(part.penalty * covariance[here, here])
        learned = np.sqrt((max(float(held), 0.0) + part.weight * part.scale**2) / (part.free + part.weight))
        spreads.append(min(max(float(learned), SMALLEST), LARGEST) if part.learned else part.scale)
    return np.array(spreads)


def _both(layout: Layout, scales: Floats) -> Floats:
    p = layout.width
    full = np.zeros((2 * p, 2 * p))
    full[:p, :p], full[p:, p:] = layout.penalty(scales[0]), layout.penalty(scales[1])
    return full


def _pull(layout: Layout, scales: Floats, off: Floats) -> Floats:
    return np.stack([layout.penalty(scales[c]) @ off[c] for c in (0, 1)])


def _prior(layout: Layout, scales: Floats, off: Floats) -> float:
    return 0.5 * float((off * _pull(layout, scales, off)).sum())


def _inverse(precision: Floats) -> Floats:
    """The inverse of a symmetric and positive matrix, in less than half the time of any matrix's."""
    return inverse_of(cho_factor(precision, lower=True)[0])
