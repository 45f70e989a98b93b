"""Can a person be told from their mix at all? Only as far as colleagues have dealt with the same.

Two signs. A person who is linked to too few colleagues through the levels of a column is as good as alone there:
whatever is theirs may as well be the column's. And where they share little, the data's own evidence, with the mix
free instead of drawn to its mean, is thin. Source: Guarino et al. (2015) and Abowd, Creecy & Kramarz (2002) on
connected groups.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from karma_core.effects.design import Codes, Factor, Floats
from karma_core.effects.posterior import Node, columns_of, level_effects
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model

LEAST_OVERLAP = 0.1
"""At least this share of what a person's deals could say must survive when the mix is free."""
FEWEST_LINKED = 4
"""A person and the colleagues linked to them; fewer are told from each other only, not from the team."""


@dataclass(frozen=True)
class Overlap:
    """Per person: `share` of their evidence that the mix leaves (0..1), the z-value it gives, and who hides them.

    `hidden_by` is a column's name, or None where the person can be told apart. `variance` is that of the person's
    difference from the linked colleagues, with the mix free, on the scale of the linear predictor.
    """

    share: Floats
    z: Floats
    variance: Floats
    hidden_by: tuple[str | None, ...]


def overlap_of(model: Model) -> Overlap:
    """Measure for each person how much their mix and their colleagues' overlap."""
    material = model.material
    groups = [linked(material.person, coded) for coded in material.mix]
    together = _refined(material.person.size, groups)
    weights = material.deals_each
    known = _known_variance(model, together, weights)
    estimate, variance = _apart(model, together, weights)
    share = np.minimum(np.nan_to_num(known / variance), 1.0)
    z = np.nan_to_num(estimate / np.sqrt(variance))
    size = np.bincount(together)[together]
    apart = (share >= LEAST_OVERLAP) & (size >= min(FEWEST_LINKED, material.person.size))
    hidden = tuple(None if apart[i] else _hider(material, groups, i) for i in range(material.person.size))
    return Overlap(share, z, variance, hidden)


def linked(person: Factor, coded: Factor) -> Codes:
    """The group of each person: linked through levels that they share, also when any one colleague is left out.

    Where a single person joins two parts of a team, all that is known of one against the other is that person's.
    Such a person counts with the part that has most persons. Source: Kline, Saggio & Soelvsten (2020), Leave-out
    estimation of variance components, section 2 (the leave-one-out connected set); the parts are found by low
    points in a depth-first tree, Tarjan (1972).

    >>> from karma_core.effects.design import factor
    >>> import polars as pl
    >>> linked(factor(pl.Series(list("aabbcd"))), factor(pl.Series(list("xyyzqq")))).tolist()
    [0, 0, 1, 1]
    >>> linked(factor(pl.Series(list("abcccde"))), factor(pl.Series(list("xxxyzyy")))).tolist()
    [0, 0, 1, 1, 1]
    """
    pairs = np.unique(person.codes * coded.size + coded.codes)
    people, levels = pairs // coded.size, pairs % coded.size
    part = _parts(people, person.size + levels, person.size, coded.size)[levels]
    held = np.unique(people * (part.max() + 1) + part)
    whose, which = held // (part.max() + 1), held % (part.max() + 1)
    in_order = np.lexsort((which, np.bincount(which)[which], whose))
    last = in_order[np.cumsum(np.bincount(whose)) - 1]
    return np.asarray(np.unique(which[last], return_inverse=True)[1])


def _parts(people: Codes, levels: Codes, size: int, number: int) -> Codes:
    """The part of each level: parts hold together when any one person is left out."""
    nodes = size + number
    graph = sparse.coo_matrix((np.ones(len(people)), (people, levels)), shape=(nodes, nodes))
    component = connected_components(graph, directed=False)[1]
    # one more person, linked to a level of each component, from whom all are reached
    firsts = size + np.unique(component[size:], return_index=True)[1]
    ends = np.concatenate([people, np.full(len(firsts), nodes)]), np.concatenate([levels, firsts])
    parent, order = _depth_first(ends, nodes)
    place = np.empty(nodes + 1, dtype=np.intp)
    place[order] = np.arange(nodes + 1)
    low = place.copy()
    np.minimum.at(low, ends[0], place[ends[1]])
    np.minimum.at(low, ends[1], place[ends[0]])
    for node in order[:0:-1].tolist():
        low[parent[node]] = min(low[parent[node]], low[node])
    part = np.zeros(nodes + 1, dtype=np.intp)
    for node in order[1:].tolist():
        above = parent[node]
        is_cut = (above < size or above == nodes) and low[node] >= place[above]
        part[node] = node if is_cut else part[above]
    return np.asarray(np.unique(part[size:nodes], return_inverse=True)[1])


def _depth_first(ends: tuple[Codes, Codes], start: int) -> tuple[Codes, Codes]:
    """Each node's parent in a depth-first tree from `start`, and the nodes in the order in which it meets them."""
    nodes = start + 1
    graph = sparse.coo_matrix(
        (np.ones(2 * len(ends[0])), (np.hstack(ends), np.hstack(ends[::-1]))), (nodes, nodes)
    )
    rows = graph.tocsr()
    starts, others = rows.indptr.tolist(), rows.indices.tolist()
    parent, order = np.full(nodes, -1), [start]
    upcoming, path = starts[:-1], [start]
    parent[start] = start
    while path:
        node = path[-1]
        if upcoming[node] == starts[node + 1]:
            path.pop()
            continue
        other = others[upcoming[node]]
        upcoming[node] += 1
        if parent[other] < 0:
            parent[other] = node
            order.append(other)
            path.append(other)
    return parent, np.array(order)


def shared_deals(person: Factor, coded: Factor) -> Floats:
    """For each person the share of their deals in levels where a colleague has dealt too."""
    pairs = np.unique(person.codes * coded.size + coded.codes)
    people_per_level = np.bincount(pairs % coded.size, minlength=coded.size)
    shared = people_per_level[coded.codes] > 1
    return np.asarray(np.bincount(person.codes, shared, person.size) / np.bincount(person.codes))


def _refined(people: int, groups: list[Codes]) -> Codes:
    together = np.zeros(people, dtype=np.intp)
    for group in groups:
        together = np.unique(together * people + group, return_inverse=True)[1]
    return together


def _known_variance(model: Model, together: Codes, weights: Floats) -> Floats:
    """The variance of a person's difference from linked colleagues if the mix's effects were known.

    Of a person without any it means nothing, and their share is 0 all the same.
    """
    own = _evidence(model)
    group = np.bincount(together, weights)[together]
    others = group - weights
    spread = np.bincount(together, weights**2 / own)[together] - weights**2 / own
    return np.asarray(1 / own + spread / np.maximum(others, 1) ** 2)


def _evidence(model: Model) -> Floats:
    material = model.material
    if material.is_amount:
        return material.deals_each / model.apart.unit**2
    rates = np.clip(material.rates(), 0.5 / material.deals_each, 1 - 0.5 / material.deals_each)
    return material.deals_each * rates * (1 - rates)


def _apart(model: Model, together: Codes, weights: Floats) -> tuple[Floats, Floats]:
    """Estimate and variance of each person's difference from linked colleagues, with the mix free."""
    node: Node = model.apart
    person = model.material.person
    places = columns_of(model.apart_layout, person.name)
    assert places is not None  # noqa: S101 (the person is never eliminated)
    effects = level_effects(model.apart_layout, node, person.name)
    share = weights / np.bincount(together, weights)[together]
    covariance = node.covariance[np.ix_(places, places)]
    own = np.arange(len(share))
    same = sparse.csr_matrix((share, (together, own)))
    mean = np.asarray(same @ effects)[together]
    cross = np.asarray(same @ covariance)[together, own]
    group = np.bincount(together, share * cross)[together]
    variance = np.diagonal(covariance) - 2 * cross + group
    apart = np.where(share < 1, 1 - share, np.nan)
    return (effects - mean) / apart, np.maximum(variance, 1e-12) / apart**2


def _hider(material: Material, groups: list[Codes], person: int) -> str | None:
    """The column that hides a person: where too few are linked, else where they share least with colleagues."""
    if not material.mix:
        return None
    sizes = [int((group == group[person]).sum()) for group in groups]
    if min(sizes) < min(FEWEST_LINKED, material.person.size):
        return material.mix[int(np.argmin(sizes))].name
    shares = [float(shared_deals(material.person, coded)[person]) for coded in material.mix]
    return material.mix[int(np.argmin(shares))].name
