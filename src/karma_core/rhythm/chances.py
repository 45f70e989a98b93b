"""Closed forms on a fitted model: who is active, who will order within a window, and how often.

Windows are in days and may be fractions; of statistics on the market's clock they are in market days, which
`MarketClock.between` counts. `gap` is the time between as-of and the start of the window.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_core.errors import KarmaError
from karma_core.rhythm import bg, pareto
from karma_core.rhythm.cells import DAYS_PER, Floats, Ints, distinct, on_clock, packed_keys
from karma_core.rhythm.families import Family
from karma_core.rhythm.fitting import RhythmFit, check_counts
from karma_core.rhythm.quadrature import beta_nodes

Parameters = dict[str, float]


class WindowError(KarmaError):
    """A window of time that cannot be."""


@dataclass(frozen=True)
class Histories:
    """x, t_x and T of customers in the unit of a fit, and the distinct (x, T) among them.

    Once a customer is known to be active (and in which phase), all that is to come depends on x and T alone;
    there are far fewer such pairs than customers.
    """

    x: Floats
    t_x: Floats
    T: Floats
    pair: Ints
    pair_x: Floats
    pair_age: Floats
    x_values: Floats
    x_place: Ints
    per: float

    def __len__(self) -> int:
        return len(self.x)


def histories(statistics: pl.DataFrame, *, unit: str) -> Histories:
    """Read a frame of CUSTOMER_STATISTICS, keeping the order of its rows; it may be empty.

    Where times in market days stand beside those in days they are read, here and in all that follows.
    """
    statistics = on_clock(statistics)
    check_counts(statistics)
    x, t_x, T = (statistics[name].to_numpy().astype(np.int64) for name in ("x", "t_x", "T"))
    return _histories(x, t_x, T, per=DAYS_PER[unit])


def some_of(of: Histories, rows: Ints) -> Histories:
    """The histories of some of the customers."""
    x, t_x, T = (np.rint(part[rows] * of.per).astype(np.int64) for part in (of.x / of.per, of.t_x, of.T))
    return _histories(x, t_x, T, per=of.per)


def _histories(x: Ints, t_x: Ints, T: Ints, *, per: float) -> Histories:
    wide = int(T.max(initial=0)) + 1
    pairs, pair = distinct(x * wide + T)
    pair_x = pairs // wide
    values, place = distinct(pair_x)
    return Histories(
        x.astype(float),
        t_x / per,
        T / per,
        pair,
        pair_x.astype(float),
        (pairs % wide) / per,
        values.astype(float),
        place,
        per,
    )


def chance_active(fit: RhythmFit, statistics: pl.DataFrame) -> Floats:
    """Chance, 0 to 1, that each customer is still a customer at as-of; one value per row, in order.

    Under "nbd" nobody leaves, so it is 1. Under "bg_nbd" it is 1 for whoever bought once. Empty in, empty out.

    Source: see `bg.chance_active` and `pareto.chance_active`.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> active = chance_active(fit_rhythm(few, model="mbg_nbd"), few)
    >>> bool(active[4] > active[2])
    True
    """
    if fit.model != "pareto_nbd" or statistics.is_empty():
        return active_of(fit.family, fit.parameters, histories(statistics, unit=fit.unit))
    statistics = on_clock(statistics)
    check_counts(statistics)
    keys, bits = packed_keys(statistics)
    cells, place = distinct(keys)
    mask = (1 << bits) - 1
    x, t_x, T = cells >> (2 * bits), ((cells >> bits) & mask) / fit.days_per, (cells & mask) / fit.days_per
    return _pareto_active(x.astype(float), t_x, T, fit.parameters)[place]


def active_of(family: Family, parameters: Parameters, of: Histories) -> Floats:
    """`chance_active` for given parameters."""
    if family.model == "nbd":
        return np.ones(len(of))
    if family.is_bg:
        return bg.chance_active(of.x, of.t_x, of.T, **as_arrays(parameters), shape=family.shape)
    return _pareto_active(of.x, of.t_x, of.T, parameters)


def _pareto_active(x: Floats, t_x: Floats, T: Floats, parameters: Parameters) -> Floats:
    parts = [slice(start, start + pareto.CHUNK) for start in range(0, max(len(x), 1), pareto.CHUNK)]
    given = as_arrays(parameters)
    return np.concatenate([pareto.chance_active(x[part], t_x[part], T[part], **given) for part in parts])


def as_arrays(parameters: Parameters) -> dict[str, Floats]:
    """Parameters as zero-dimensional arrays, which broadcast."""
    return {name: np.asarray(value, dtype=float) for name, value in parameters.items()}


def chance_order(fit: RhythmFit, statistics: pl.DataFrame, *, days: float, gap: float = 0.0) -> Floats:
    """Chance, 0 to 1, that each customer orders at least once in the `days` that follow `gap` days after as-of.

    One value per row, in order; empty in, empty out. Raises WindowError for a negative or infinite window.

    Source: ours, exact for all families here: active now, in one of k phases, and then not silent.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> fitted = fit_rhythm(few, model="pareto_nbd")
    >>> bool(chance_order(fitted, few, days=60)[4] > chance_order(fitted, few, days=30)[4] > 0)
    True
    """
    _check_window(days, gap)
    of = histories(statistics, unit=fit.unit)
    given = if_active(fit, of, days=days, gap=gap, what="chance")
    return np.clip(chance_active(fit, statistics) * given, 0.0, 1.0)


def expected_orders(fit: RhythmFit, statistics: pl.DataFrame, *, days: float, gap: float = 0.0) -> Floats:
    """Expected number of orders of each customer in the `days` that follow `gap` days after as-of.

    One value, zero or more, per row, in order; empty in, empty out. Raises WindowError as `chance_order`.

    Source: see `bg.orders_if_active` and `pareto.orders_if_active`. For k > 1 it is exact, where the published
    tool for CNBD-k approximates.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> fitted = fit_rhythm(few, model="mbg_nbd")
    >>> whole, halves = expected_orders(fitted, few, days=60), [
    ...     expected_orders(fitted, few, days=30, gap=gap) for gap in (0, 30)]
    >>> bool(np.allclose(whole, sum(halves)))
    True
    """
    _check_window(days, gap)
    of = histories(statistics, unit=fit.unit)
    return chance_active(fit, statistics) * if_active(fit, of, days=days, gap=gap, what="orders")


def expected_orders_new(fit: RhythmFit, *, days: float) -> float:
    """Expected repeat orders of somebody who buys for the first time now, within the coming `days`.

    Source: the unconditional expectation; Fader, Hardie & Lee (2005), eq. 9; Fader & Hardie (2005), eq. 17.

    >>> from karma_core.rhythm import fit as fit_rhythm
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> expected_orders_new(fit_rhythm(few, model="nbd"), days=0)
    0.0
    """
    today = pl.DataFrame({"x": [0], "t_x": [0], "T": [0]})
    return float(expected_orders(fit, today, days=days)[0])


def _check_window(days: float, gap: float) -> None:
    if not (0 <= days < np.inf and 0 <= gap < np.inf):
        raise WindowError(f"A window of {days} days after {gap} days cannot be. Use zero or more.")


def if_active(fit: RhythmFit, of: Histories, *, days: float, gap: float, what: str) -> Floats:
    """Orders ("orders") or the chance of one ("chance") in a window, of customers taken to be active now."""
    return given_active(
        fit.family, fit.parameters, of, days=days / fit.days_per, gap=gap / fit.days_per, what=what
    )


def given_active(
    family: Family, parameters: Parameters, of: Histories, *, days: float, gap: float, what: str
) -> Floats:
    """`if_active` for given parameters, with the window in the unit of the fit."""
    x, T, is_chance = of.pair_x, of.pair_age, what == "chance"
    if family.is_bg:
        return _bg_given_active(family, parameters, of, days=days, gap=gap, is_chance=is_chance)
    if family.model == "nbd":
        n, tempo = parameters["r"] + x, parameters["alpha"] + T
        per_pair = -np.expm1(-n * np.log1p(days / tempo)) if is_chance else n / tempo * days
    else:
        formula = pareto.order_if_active if is_chance else pareto.orders_if_active
        per_pair = formula(x, T, **parameters, gap=gap, days=days)
    return np.asarray(per_pair)[of.pair]


def _bg_given_active(
    family: Family, parameters: Parameters, of: Histories, *, days: float, gap: float, is_chance: bool
) -> Floats:
    k, per_phase = family.k, _bg_per_phase(family, parameters, of, days=days, gap=gap, is_chance=is_chance)
    if k == 1:
        return per_phase[0][of.pair]
    n, q = parameters["r"] + k * of.x, (of.T - of.t_x) / (parameters["alpha"] + of.T)
    terms = bg.phase_terms(n, q, k=k)
    return np.asarray(
        sum(term * values[of.pair] for term, values in zip(terms, per_phase, strict=True)) / sum(terms)
    )


def _bg_per_phase(
    family: Family, parameters: Parameters, of: Histories, *, days: float, gap: float, is_chance: bool
) -> list[Floats]:
    """For each phase, the value per pair (x, T), with p integrated out over Beta(a, b + times stayed)."""
    k, formula = family.k, bg.order_if_active if is_chance else bg.orders_if_active
    a, b = parameters["a"], parameters["b"]
    stays = of.x_values + family.at_zero
    p, weights = beta_nodes(np.full(len(stays), a), b + stays)
    if is_chance and gap == 0.0:
        p, weights = p[:, :1], np.ones((len(stays), 1))
    tempo, n = parameters["alpha"] + of.pair_age, parameters["r"] + k * of.pair_x
    per_phase: list[Floats] = []
    for phase in range(k):
        total = np.zeros(len(n))
        for node in range(p.shape[1]):
            value = formula(n + phase, tempo, p[:, node][of.x_place], gap=gap, days=days, k=k, phase=phase)
            total += weights[:, node][of.x_place] * value
        per_phase.append(total)
    return per_phase
