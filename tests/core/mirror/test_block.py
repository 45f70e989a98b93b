"""The block of one outcome: every number is that of the part that made it, in the file's own unit."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from karma_core.effects import fit_linear
from karma_core.errors import FitError
from karma_core.mirror import Block, block
from karma_core.mirror.block import Task, look
from karma_core.mirror.material import Material, read_material
from karma_core.mirror.model import fit_model
from karma_core.mirror.overlap import Overlap, overlap_of
from karma_core.mirror.parts import Parts, parts_of
from karma_core.mirror.people import deals_needed, differences, more_needed, verdicts


def material(deals: pl.DataFrame, *, is_amount: bool = False, mix=("segment", "source")) -> Material:
    outcome = (deals["status"] == "won").cast(pl.Float64).to_numpy()
    if is_amount:
        deals = deals.filter(pl.col("margin").is_not_null())
        outcome = deals["margin"].to_numpy()
    columns = {"person": "person", "mix": mix, "numeric": ["size"]}
    return read_material(deals, outcome, is_amount=is_amount, **columns).material


def looked(held: Material, *, kind: str = "won", shown=lambda _person: True) -> Block:
    return look(Task(kind, held, shown, np.random.default_rng(1)))


@pytest.mark.parametrize("kind", ["won", "margin"])
def test_each_number_is_that_of_the_part_that_made_it(team, kind):
    held = material(team(deals=1200, skill={"b": 0.9, "e": -0.6}), is_amount=kind == "margin")
    found, model = looked(held, kind=kind), fit_model(held)
    parts, own, overlap = parts_of(model), differences(model), overlap_of(model)
    words, needed = verdicts(model, own, overlap), deals_needed(model, own, overlap)
    low, mean, high = (
        parts.from_person(model.unit * values) for values in (own.quantile(0.05), own.mean, own.quantile(0.95))
    )
    assert [p.person for p in found.people] == list(held.person.levels)
    for i, person in enumerate(found.people):
        assert person.n == held.deals_each[i]
        assert person.raw_rate == pytest.approx(held.rates()[i])
        assert person.difference == pytest.approx(held.rates()[i] - held.outcome.mean())
        assert person.expected_rate == pytest.approx(parts.expected[i])
        assert list(person.from_mix) == ["segment", "source", "size"]
        assert list(person.from_mix.values()) == pytest.approx(parts.from_mix[i].tolist())
        assert person.chance_sd == pytest.approx(parts.chance_sd[i])
        assert (person.low, person.from_person, person.high) == pytest.approx((low[i], mean[i], high[i]))
        assert person.verdict == words[i]
        assert person.more_needed == more_needed(float(needed[i]), verdict=words[i], hidden_by=None)
    assert {"above", "cannot_tell"} <= set(words)
    assert any(person.more_needed for person in found.people)


def test_amounts_have_the_likelihood_spreads_and_slopes_of_their_own_unit(team):
    deals = team(deals=900).with_columns(size=20 + 3 * pl.col("size"), margin=1000 * pl.col("margin"))
    found, held = looked(material(deals, is_amount=True), kind="margin"), deals.drop_nulls("margin")
    plain = read_material(
        held, held["margin"].to_numpy(), is_amount=True, person="person", mix=["segment", "source"], numeric=[]
    ).material.design()
    fixed = np.column_stack([np.ones(held.height), held["size"].to_numpy()])
    fit = fit_linear(replace(plain, fixed=fixed, fixed_names=("(Intercept)", "size")))
    assert found.log_likelihood == pytest.approx(fit.log_likelihood, abs=0.01)
    assert found.coefficients == pytest.approx(fit.coefficients, rel=1e-4)
    assert found.sd == pytest.approx(fit.sd, rel=0.01, abs=200)
    assert found.n == held.height


def test_only_those_asked_for_are_made(team):
    held = material(team())
    assert [p.person for p in looked(held, shown=lambda person: person in "cf").people] == [
        person for person in held.person.levels if person in "cf"
    ]


@pytest.mark.parametrize(("people", "has_shares"), [(4, False), (5, True)])
def test_five_persons_are_the_fewest_for_shares(team, people, has_shares):
    found = looked(material(team(people=people)))
    assert (found.shares is not None) is has_shares
    said = [warning for warning in found.warnings if "recognised" in warning.en]
    assert len(said) == (not has_shares)
    assert [f"met {people} mensen" in warning.nl for warning in said] == [True] * len(said)


def test_what_did_not_settle_is_said(monkeypatch, team):
    def unsettled(held):
        model = fit_model(held)
        return replace(model, plain=replace(model.plain, converged=False))

    held = material(team())
    assert not [w for w in looked(held).warnings if "did not settle" in w.en]
    monkeypatch.setattr(block, "fit_model", unsettled)
    assert [w.nl for w in looked(held).warnings if "did not settle" in w.en] == [
        "De spreidingen in het antwoord zijn niet helemaal uitgezocht; lees ze als een ruwe schatting."
    ]


def test_how_many_are_hidden_by_each_column_is_said(team):
    own = pl.when(pl.col("person").is_in(["c", "d"])).then(pl.col("person")).otherwise("segment")
    apart = pl.when(pl.col("person") == "e").then(pl.lit("only e")).otherwise("source")
    found = looked(material(team(deals=1500, people=9, skill={"c": 2.0}).with_columns(segment=own, source=apart)))
    hidden = [warning for warning in found.warnings if "cannot be told from" in warning.en]
    assert {warning.en.partition(",")[0] for warning in hidden} == {
        'The own part of 2 people cannot be told from "segment"',
        'The own part of one person cannot be told from "source"',
    }
    assert {warning.nl.partition(",")[0] for warning in hidden} == {
        'Van 2 mensen is het eigen deel niet te scheiden van "segment"',
        'Van één persoon is het eigen deel niet te scheiden van "source"',
    }
    assert len(hidden) == 2
    for person in found.people:
        if person.person in "cde":
            assert (person.verdict, person.more_needed) == ("cannot_tell", None)
            assert person.low <= 0 <= person.high


def test_the_range_of_whoever_may_be_their_mix_holds_that_all_of_it_is(monkeypatch, team):
    held = material(team(deals=2400, skill={"b": 1.5, "e": -1.5}))
    told = {p.person: p for p in looked(held).people}
    assert told["b"].low > 0 > told["e"].high

    def hidden(model):
        return replace(overlap_of(model), hidden_by=("segment",) * 6)

    for name, put in (("overlap_of", hidden), ("mix_is_in_the_way", lambda *_: [True] * 6)):
        with monkeypatch.context() as patched:
            patched.setattr(block, name, put)
            found = {p.person: p for p in looked(held).people}
        assert (found["b"].low, found["b"].high) == (0.0, told["b"].high)
        assert (found["e"].low, found["e"].high) == (told["e"].low, 0.0)


@pytest.mark.parametrize(
    ("verdict", "hidden", "mix", "few", "range_", "said", "needed"),
    [
        ("cannot_tell", None, False, False, (0.1, 0.3), (0.1, 0.3), 40),
        ("cannot_tell", "segment", False, False, (0.1, 0.3), (0.0, 0.3), None),
        ("cannot_tell", "segment", False, False, (-0.3, -0.1), (-0.3, 0.0), None),
        ("cannot_tell", None, True, False, (0.1, 0.3), (0.0, 0.3), None),
        ("cannot_tell", None, True, False, (-0.3, -0.1), (-0.3, 0.0), None),
        ("cannot_tell", None, False, True, (0.1, 0.3), (0.1, 0.3), None),
        ("above", None, False, False, (0.1, 0.3), (0.1, 0.3), None),
    ],
)
def test_a_range_and_what_is_needed_follow_from_what_stands_in_the_way(
    team, verdict, hidden, mix, few, range_, said, needed
):
    held = material(team(deals=120))
    people, ones = held.person.size, np.ones(held.person.size)
    found = block._Taken(
        parts=Parts(held, 0.5, np.zeros(held.deals), ones, np.zeros((people, 3)), ones),
        overlap=Overlap(ones, ones, ones, (hidden,) * people),
        rates=held.rates(),
        own=0.2 * ones,
        low=range_[0] * ones,
        high=range_[1] * ones,
        verdicts=[verdict] * people,
        rests_on_few=[few] * people,
        mix_in_the_way=[mix] * people,
        needed=33 * ones,
    )
    person = found.mirror(0, kind="won")
    assert ((person.low, person.high), person.more_needed) == (said, needed)
    assert ("from you or from your mix" in person.sentence.en) is mix
    assert ("a few exceptionally large" in person.sentence.en) is few
    assert ("about 40 more deals" in person.sentence.en) is (needed == 40)
    assert ("you win more than average: an estimated 10 to 30 in 100" in person.sentence.en) is (
        verdict == "above"
    )


def test_whose_mix_is_in_the_way_or_who_rests_on_few_needs_no_more_deals(monkeypatch, team):
    held = material(team(deals=1200, skill={"b": 0.3}))
    asked = {p.person for p in looked(held).people if p.more_needed}
    assert asked
    with monkeypatch.context() as patched:
        patched.setattr(block, "mix_is_in_the_way", lambda *_: [True] * 6)
        found = looked(held).people
        assert {p.more_needed for p in found} == {None}
        assert all("from you or from your mix" in p.sentence.en for p in found if p.verdict == "cannot_tell")
    monkeypatch.setattr(block, "verdicts", lambda *_: ["above"] * 6)
    monkeypatch.setattr(block, "steady", lambda *_: ["cannot_tell"] * 6)
    found = looked(held).people
    assert {(p.verdict, p.more_needed) for p in found} == {("cannot_tell", None)}
    assert all("a few exceptionally large" in p.sentence.en for p in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"person": pl.lit("a")}, "only one person"),
        ({"person": pl.int_range(pl.len()).cast(pl.String)}, "Everybody has one deal"),
        ({"status": pl.lit("won")}, "same everywhere"),
    ],
)
def test_what_cannot_be_fitted_still_has_its_plain_numbers(team, change, said):
    held = material(team(deals=40).with_columns(**change))
    found, team_rate = looked(held), held.outcome.mean()
    assert (found.n, found.log_likelihood, found.sd, found.coefficients, found.shares) == (40, None, {}, {}, None)
    assert [said in warning.en for warning in found.warnings] == [True]
    assert [p.person for p in found.people] == list(held.person.levels)
    for i, person in enumerate(found.people):
        assert (person.n, person.raw_rate) == (held.deals_each[i], held.rates()[i])
        assert (person.expected_rate, person.difference) == (team_rate, pytest.approx(held.rates()[i] - team_rate))
        assert (person.from_mix, person.from_person, person.chance_sd) == ({}, 0.0, 0.0)
        assert (person.low, person.high, person.verdict, person.more_needed) == (None, None, "cannot_tell", None)
    alone = [p.sentence.en for p in found.people if "no colleagues" in p.sentence.en]
    assert len(alone) == (said == "only one person")
    one = looked(held, shown=lambda person: person == held.person.levels[-1]).people
    assert [p.person for p in one] == [held.person.levels[-1]]


def test_where_nothing_varies_it_is_said_as_too_small_to_tell(team):
    people = looked(material(team(deals=200).with_columns(status=pl.lit("won")))).people
    assert all(
        p.sentence.en.endswith("100 in 100. What is left is too small to be told from chance.") for p in people
    )


def test_no_deals_have_no_rate(team):
    found = looked(material(team().clear()))
    assert (found.n, found.people) == (0, ())
    assert [warning.nl for warning in found.warnings] == [
        "Er is geen enkele afgesloten aanvraag om naar te kijken."
    ]


@pytest.mark.parametrize("stray", [0.0, 1e-3])
@pytest.mark.parametrize("seed", range(4))
def test_amounts_that_follow_from_the_columns_leave_no_chance_to_hold_anybody_against(team, seed, stray):
    frame = team(seed).drop_nulls("margin")
    of_segment = 1000 + 100.0 * frame["segment"].str.slice(1).cast(pl.Float64)
    noise = pl.Series(np.random.default_rng(seed).normal(scale=stray, size=frame.height))
    found = looked(material(frame.with_columns(margin=of_segment + noise), is_amount=True), kind="margin")
    assert (found.log_likelihood, {p.verdict for p in found.people}) == (None, {"cannot_tell"})
    assert all("of margin per won deal" in p.sentence.en for p in found.people)
    assert [warning.nl for warning in found.warnings] == [
        "Deze bedragen volgen precies uit de kolommen; er blijft geen toeval over om een verschil aan af te meten."
    ]


def test_amounts_with_a_little_chance_are_fitted(team):
    frame = team().drop_nulls("margin")
    of_segment = 1000 + 100.0 * frame["segment"].str.slice(1).cast(pl.Float64)
    noise = pl.Series(np.random.default_rng(1).normal(scale=1.0, size=frame.height))
    found = looked(material(frame.with_columns(margin=of_segment + noise), is_amount=True), kind="margin")
    assert found.sd["residual"] == pytest.approx(1.0, rel=0.1)


def test_what_cannot_be_fitted_of_won_or_lost_is_no_matter_of_exactness(monkeypatch, team):
    def failing(_material):
        raise FitError("It did not settle.", nl="Het kwam niet tot rust.")

    monkeypatch.setattr(block, "fit_model", failing)
    with pytest.raises(FitError, match="did not settle"):
        looked(material(team()))
    assert looked(material(team(), is_amount=True), kind="margin").log_likelihood is None
