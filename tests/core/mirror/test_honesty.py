"""Where nothing can be told, that is what it says: no crash, no infinite effect, no confident wrong one."""

import math

import numpy as np
import polars as pl
import pytest


def finite(block) -> bool:
    numbers = [
        n for p in block.people for n in (p.from_person, p.expected_rate, p.chance_sd, *p.from_mix.values())
    ]
    return all(math.isfinite(number) for number in numbers)


def test_a_person_who_shares_no_segment_cannot_be_told_and_hears_why(team, look):
    alone = pl.when(pl.col("person") == "c").then(pl.lit("only c")).otherwise("segment")
    frame = team(deals=1500, skill={"c": 2.0}).with_columns(segment=alone)
    people = {p.person: p for p in look(frame).won.people}
    assert people["c"].verdict == "cannot_tell"
    assert people["c"].more_needed is None
    assert '"segment"' in people["c"].sentence.en
    assert people["c"].low <= 0 <= people["c"].high


def test_persons_told_only_from_two_colleagues_are_not_told_from_the_team(team, look):
    pair = pl.when(pl.col("person").is_in(["c", "d"])).then(pl.lit("theirs")).otherwise("segment")
    frame = team(deals=3000, skill={"c": 1.5, "d": -1.5}).with_columns(segment=pair)
    assert {p.verdict for p in look(frame).won.people if p.person in "cd"} == {"cannot_tell"}


def test_teams_compare_within_the_team(team, look):
    group = pl.when(pl.col("person").is_in(list("abcde"))).then(pl.lit("north")).otherwise(pl.lit("south"))
    frame = team(deals=4000, people=10, skill={"b": 1.5}).with_columns(team=group)
    said = {p.person: p.verdict for p in look(frame, mix=("segment", "source", "team")).won.people}
    assert said["b"] == "above"


def test_separation_stays_finite(team, look):
    frame = team(deals=900).with_columns(
        status=pl.when(pl.col("person") == "b").then(pl.lit("won")).otherwise("status")
    )
    block = look(frame).won
    assert finite(block)
    assert {p.person: p.verdict for p in block.people}["b"] == "above"


def test_one_person_has_nobody_to_compare_with(team, look):
    block = look(team(people=1)).won
    assert block.people[0].verdict == "cannot_tell"
    assert "no colleagues" in block.people[0].sentence.en


def test_two_persons_get_a_mirror(team, look):
    assert [p.verdict for p in look(team(people=2)).won.people] == ["cannot_tell", "cannot_tell"]


def test_one_deal(team, look):
    person = look(team().head(1)).won.people[0]
    assert (person.n, person.verdict, person.low) == (1, "cannot_tell", None)
    assert person.sentence.en == "This is one deal. Nothing can be said about it yet."


def test_one_deal_each_tells_nothing_of_anybody(team, look):
    frame = team(deals=40).with_columns(person=pl.int_range(pl.len()).cast(pl.String))
    block = look(frame).won
    assert (block.shares, {p.verdict for p in block.people}) == (None, {"cannot_tell"})
    assert "one deal" in block.warnings[0].en
    won = (frame["status"] == "won").cast(pl.Float64)
    assert [p.raw_rate for p in block.people] == won.to_list()
    assert [p.difference for p in block.people] == pytest.approx((won - won.mean()).to_list())


@pytest.mark.parametrize("numeric", [(), ("size",)])
def test_no_deal_that_counts_is_said(team, look, numeric):
    block = look(team().with_columns(person=pl.lit(" ")), numeric=numeric).won
    assert (block.n, block.people) == (0, ())
    assert [warning.en for warning in block.warnings] == ["There is not a single closed deal to look at."]


def test_a_column_that_differs_in_every_won_deal_explains_no_margin(team, look):
    frame = team().with_columns(customer=pl.int_range(pl.len()).over("status").cast(pl.String))
    mirror = look(frame, mix=("segment", "customer"), margin="margin")
    assert "customer" in mirror.won.people[0].from_mix
    assert set(mirror.margin.people[0].from_mix) == {"segment"}
    assert '"customer" differs in almost every deal and so compares nothing.' in [
        w.en for w in mirror.margin.warnings
    ]


def test_a_margin_does_not_explain_itself(team, look):
    known = pl.col("margin").fill_null(1000 + 350 * pl.col("size"))
    mirror = look(team().with_columns(margin=known), numeric=("size", "margin"), margin="margin")
    assert "margin" in mirror.won.people[0].from_mix
    assert set(mirror.margin.people[0].from_mix) == {"segment", "source", "size"}


def test_a_person_with_nine_deals_is_never_told(team, look):
    newcomer = team(2, deals=9).with_columns(person=pl.lit("new"), status=pl.lit("won"))
    people = {p.person: p for p in look(pl.concat([team(deals=1500), newcomer])).won.people}
    assert people["new"].verdict == "cannot_tell"
    assert people["new"].sentence.nl == "Dit zijn negen aanvragen. Daar valt nog niets over te zeggen."


def test_all_deals_won_leave_nothing_to_explain(team, look):
    block = look(team().with_columns(status=pl.lit("won"))).won
    assert {p.verdict for p in block.people} == {"cannot_tell"}
    assert "same everywhere" in block.warnings[0].en


def test_a_constant_column_is_left_out_and_named(team, look):
    block = look(team().with_columns(land=pl.lit("NL")), mix=("segment", "land")).won
    assert "land" not in block.people[0].from_mix
    assert any('"land"' in warning.en for warning in block.warnings)


def test_columns_that_are_each_other_do_not_break_it(team, look):
    frame = team().with_columns(again=pl.col("segment"), twice=2 * pl.col("size"))
    block = look(frame, mix=("segment", "again"), numeric=("size", "twice")).won
    assert finite(block)


def test_missing_labels_stand_together_and_missing_numbers_are_said(team, look):
    gap = pl.int_range(pl.len()) % 10 == 0
    frame = team().with_columns(
        segment=pl.when(~gap).then("segment"), size=pl.when(~gap).then("size"), person=pl.when(~gap).then("person")
    )
    mirror = look(frame, numeric=("size",))
    assert mirror.won.n == 540
    said = [warning for warning in mirror.warnings if "60 deals have no person" in warning.en]
    assert [warning.nl for warning in said] == ["Bij 60 aanvragen staat niemand; die tellen niet mee."]


def test_missing_numbers_are_filled_and_said(team, look):
    frame = team().with_columns(size=pl.when(pl.int_range(pl.len()) % 10 > 0).then("size"))
    said = [warning.en for warning in look(frame, numeric=("size",)).won.warnings]
    assert 'In 60 deals column "size" holds no number; the mean was filled in there.' in said


def test_thousands_of_customers_are_no_trouble(team, look):
    rng = np.random.default_rng(5)
    frame = team(deals=6000).with_columns(customer=pl.Series(rng.integers(0, 2500, 6000)).cast(pl.String))
    block = look(frame, mix=("customer", "source")).won
    assert finite(block)
    assert {p.verdict for p in block.people} == {"cannot_tell"}


def test_a_column_that_differs_in_every_deal_is_refused(team, look):
    frame = team().with_row_index("deal").with_columns(pl.col("deal").cast(pl.String))
    assert [r.column for r in look(frame, mix=("deal", "source")).refused] == ["deal"]


def test_too_few_margins_say_so(team, look):
    frame = team().with_columns(margin=pl.when(pl.int_range(pl.len()) < 20).then("margin"))
    mirror = look(frame, margin="margin")
    assert mirror.margin is None
    assert any("margin of" in warning.en for warning in mirror.warnings)


@pytest.mark.parametrize("seed", range(3))
def test_pure_chance_says_so(team, look, seed):
    frame = team(seed, deals=1200).with_columns(status=pl.col("status").shuffle(seed=seed))
    block = look(frame).won
    assert {p.verdict for p in block.people} == {"cannot_tell"}
    assert block.shares.person.low == 0


def test_at_a_large_size_the_spreads_are_plugged_in_and_it_says_so(monkeypatch, team, look):
    monkeypatch.setattr("karma_core.mirror.model.MOST_FOR_GRID", 5)
    frame = team(deals=1500, skill={"c": 1.5})
    block = look(frame).won
    assert any("taken as known" in warning.en for warning in block.warnings)
    assert {p.person: p.verdict for p in block.people}["c"] == "above"


def test_two_halves_that_one_colleague_joins_are_not_held_against_each_other(team, look):
    """Nobody differs, but the one who worked in both halves had no luck in the north."""
    north, visits = (
        pl.col("person").is_in(list("efgh")),
        (pl.col("person") == "a") & (pl.int_range(pl.len()) % 2 == 0),
    )
    frame = team(deals=8000, people=8).with_columns(
        segment=pl.when(north | visits).then(pl.lit("north")).otherwise(pl.lit("south")),
        status=pl.when(visits & (pl.int_range(pl.len()) % 3 > 0)).then(pl.lit("lost")).otherwise("status"),
    )
    people = {p.person: p for p in look(frame).won.people}
    assert {people[name].verdict for name in "bcd"} == {"cannot_tell"}
    assert all(people[name].low <= 0 <= people[name].high for name in "bcd")
