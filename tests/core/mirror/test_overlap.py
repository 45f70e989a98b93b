"""How far a person can be told from their mix: links, shared deals, and the evidence that a free mix leaves."""

import numpy as np
import polars as pl
import pytest

from karma_core.effects.design import factor
from karma_core.mirror.material import read_material
from karma_core.mirror.model import fit_model
from karma_core.mirror.overlap import FEWEST_LINKED, _parts, linked, overlap_of, shared_deals


def coded(name: str, labels: str):
    return factor(pl.Series(name, list(labels)))


def test_links_go_from_hand_to_hand_but_not_through_one_hand_only():
    person, segment = coded("p", "aabbccd"), coded("s", "xyyzzxq")
    assert linked(person, segment).tolist() == [0, 0, 0, 1]
    chain = linked(coded("p", "aabbccd"), coded("s", "xyyzzwq")).tolist()
    assert len(set(chain)) == 3  # b alone joins a and c


def test_links_are_those_that_hold_when_any_one_colleague_is_left_out():
    rng = np.random.default_rng(4)
    for _ in range(60):
        people, levels = rng.integers(3, 10, 2)
        pairs = np.column_stack([rng.permutation(people * 2) % people, rng.integers(0, levels, people * 2)])
        person, level = coded("p", pairs[:, 0].astype(str)), coded("s", pairs[:, 1].astype(str))
        found, apart, joins = linked(person, level), *_slowly(person, level)
        for one in range(person.size):
            for other in range(one):
                if joins[one] or joins[other]:
                    assert found[one] != found[other] or not apart[one, other]
                else:
                    assert (found[one] == found[other]) == (not apart[one, other])


def _slowly(person, level) -> tuple[np.ndarray, np.ndarray]:
    """Whom one other person, or nothing at all, keeps apart; and who joins others."""
    nothing = _components(person, level, without=-1)
    apart, joins = nothing[:, None] != nothing, np.zeros(person.size, dtype=bool)
    for out in range(person.size):
        group = _components(person, level, without=out)
        differs = group[:, None] != group
        differs[out], differs[:, out] = False, False
        joins[out] = (differs & (nothing[:, None] == nothing)).any()
        apart |= differs
    return apart, joins


def _components(person, level, *, without: int) -> np.ndarray:
    """Each person's group, by passing the least number along until nothing changes."""
    group = np.arange(person.size)
    pairs = [(p, s) for p, s in zip(person.codes, level.codes, strict=True) if p != without]
    for _ in range(person.size):
        for _p, s in pairs:
            those = [p for p, other in pairs if other == s]
            group[those] = group[those].min()
    return group


@pytest.mark.parametrize("seed", range(60))
def test_parts_are_those_of_leaving_out_each_person_in_turn(seed):
    rng = np.random.default_rng(seed)
    number = int(rng.integers(2, 9))
    met = rng.random((int(rng.integers(1, 7)), number)) < rng.uniform(0.15, 0.6)
    links = np.argwhere(met[met.any(axis=1)])
    size = int(met.any(axis=1).sum())
    part = _parts(links[:, 0], size + links[:, 1], size, number)
    together = np.ones((number, number), dtype=bool)
    for left_out in (*range(size), size):
        reach = np.eye(number, dtype=bool)
        for person in set(range(size)) - {left_out}:
            own = links[links[:, 0] == person, 1]
            reach[np.ix_(own, own)] = True
        for _ in range(number):
            reach = reach @ reach
        together &= reach
    assert (np.equal.outer(part, part) == together).all()


def test_shared_deals_are_those_in_levels_where_a_colleague_dealt():
    person, segment = coded("p", "aaaabbc"), coded("s", "xxyzxwv")
    assert shared_deals(person, segment).tolist() == [0.5, 0.5, 0.0]


def test_a_level_of_three_colleagues_is_shared_by_each():
    assert shared_deals(coded("p", "abc"), coded("s", "xxx")).tolist() == [1.0, 1.0, 1.0]


def looked(person: np.ndarray, segment: np.ndarray, *, extra: np.ndarray | None = None, is_amount: bool = True):
    rng = np.random.default_rng(5)
    columns = {"p": person.astype(str), "segment": segment.astype(str)}
    mix = ["segment"]
    if extra is not None:
        columns["extra"], mix = extra.astype(str), ["segment", "extra"]
    value = rng.normal(size=len(person))
    outcome = value if is_amount else (value > 0.4).astype(float)
    made = read_material(
        pl.DataFrame(columns), outcome, is_amount=is_amount, person="p", mix=mix, numeric=[]
    ).material
    return overlap_of(fit_model(made)), made


def evenly(people: int, segments: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    grid = np.array([(p, s) for p in range(people) for s in range(segments) for _ in range(each)])
    return grid[:, 0], grid[:, 1]


@pytest.mark.parametrize("is_amount", [True, False])
def test_in_an_even_design_the_mix_takes_almost_nothing(is_amount):
    found, _ = looked(*evenly(6, 4, 20), is_amount=is_amount)
    assert 0.9 < found.share.min() <= found.share.max() <= 1
    assert found.hidden_by == (None,) * 6


def test_the_variance_with_a_free_mix_is_that_of_fixed_effects():
    person, segment = evenly(6, 4, 10)
    keep = np.random.default_rng(1).random(len(person)) < np.where(segment <= person % 4, 0.9, 0.2)
    found, made = looked(person[keep], segment[keep])
    table = np.column_stack([np.eye(6)[made.person.codes], np.eye(4)[made.mix[0].codes][:, 1:]])
    fit = np.linalg.lstsq(table, made.outcome, rcond=None)[0]
    residual = ((made.outcome - table @ fit) ** 2).sum() / (len(table) - 9)
    inverse = np.linalg.inv(table.T @ table) * residual
    for i in range(6):
        contrast = -made.deals_each / (made.deals - made.deals_each[i])
        contrast[i] = 1.0
        full = np.concatenate([contrast, np.zeros(3)])
        assert found.variance[i] * made.outcome.std() ** 2 == pytest.approx(full @ inverse @ full, rel=0.1)
        assert found.z[i] == pytest.approx(contrast @ fit[:6] / np.sqrt(full @ inverse @ full), rel=0.1, abs=0.05)


def test_a_person_alone_is_hidden_by_the_column_in_which_they_are_alone():
    person, segment = evenly(6, 4, 15)
    alone = np.where(person == 2, 9, segment)
    found, made = looked(person, segment, extra=alone)
    hidden = dict(zip(made.person.levels, found.hidden_by, strict=True))
    assert hidden == {"0": None, "1": None, "2": "extra", "3": None, "4": None, "5": None}
    assert found.share[made.person.levels.index("2")] == 0


@pytest.mark.parametrize(("together", "hidden"), [(FEWEST_LINKED - 1, True), (FEWEST_LINKED, False)])
def test_too_few_linked_colleagues_hide(together, hidden):
    person, segment = evenly(10, 4, 15)
    apart = np.where(person < together, segment + 4, segment)
    found, _ = looked(person, apart)
    assert (found.hidden_by[0] == "segment") is hidden
    assert found.hidden_by[-1] is None


def test_three_people_in_all_are_enough_when_they_share_everything():
    found, _ = looked(*evenly(3, 4, 20))
    assert found.hidden_by == (None, None, None)


def test_a_thin_link_hides_by_the_column_that_is_shared_least():
    person, segment = evenly(6, 4, 15)
    rng = np.random.default_rng(2)
    own = np.where((person == 1) & (rng.random(len(person)) < 0.97), 8, segment)
    found, made = looked(person, segment, extra=own)
    assert found.share[made.person.levels.index("1")] < 0.1
    assert found.hidden_by[made.person.levels.index("1")] == "extra"


def test_four_who_are_linked_are_not_hidden_by_that_column():
    person, segment = evenly(8, 4, 15)
    rng = np.random.default_rng(2)
    apart = np.where(person < FEWEST_LINKED, segment + 4, segment)
    own = np.where((person == 1) & (rng.random(len(person)) < 0.97), 8, segment)
    found, made = looked(person, apart, extra=own)
    assert found.share[made.person.levels.index("1")] < 0.1
    assert found.hidden_by[made.person.levels.index("1")] == "extra"


@pytest.mark.parametrize("is_amount", [True, False])
def test_the_share_is_what_a_known_mix_leaves_open_of_what_a_free_one_does(is_amount):
    person, segment = evenly(10, 4, 15)
    keep = np.random.default_rng(1).random(len(person)) < np.where(segment <= person % 4, 0.9, 0.3)
    person, segment = person[keep], np.where(person < 4, segment + 4, np.where(person == 9, 9, segment))[keep]
    value = np.random.default_rng(5).normal(size=len(person))
    # one who won every deal and one who won none: the evidence of each is that of half a deal
    value = np.where(person == 5, 5.0, np.where(person == 6, -5.0, value))
    outcome = value if is_amount else (value > 0.4).astype(float)
    frame = pl.DataFrame({"p": person.astype(str), "segment": segment.astype(str)})
    made = read_material(frame, outcome, is_amount=is_amount, person="p", mix=["segment"], numeric=[]).material
    model = fit_model(made)
    found = overlap_of(model)
    names = [int(level) for level in made.person.levels]
    deals, wins = made.deals_each, np.bincount(made.person.codes, outcome)
    rates = [min(max(w / n, 0.5 / n), 1 - 0.5 / n) for w, n in zip(wins, deals, strict=True)]
    one = [model.apart.unit**-2] * 10 if is_amount else [rate * (1 - rate) for rate in rates]
    for i, name in enumerate(names):
        linked_to = [
            j for j, other in enumerate(names) if j != i and (other < 4) == (name < 4) and 9 not in (other, name)
        ]
        if name == 9:
            assert (found.share[i], found.hidden_by[i]) == (0, "segment")
            continue
        open_of_others = sum(deals[j] / one[j] for j in linked_to) / sum(deals[j] for j in linked_to) ** 2
        known = 1 / (deals[i] * one[i]) + open_of_others
        assert found.share[i] == pytest.approx(min(1, known / found.variance[i]))
    assert (found.share < 1).sum() > 5
