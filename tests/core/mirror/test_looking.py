"""What the mirror says of a team, for the whole and for a person."""

import polars as pl
import pytest

from karma_core.errors import FrameError
from karma_core.mirror import Shows


def test_the_document_has_exactly_its_keys(team, look):
    document = look(team(), numeric=("size",), margin="margin", realised="realised").document(language="en")
    assert list(document) == [
        "n", "open_left_out", "log_likelihood", "sd", "coefficients", "shares", "people", "margin",
        "lost_after_signature", "refused_columns", "warnings",
    ]  # fmt: skip
    assert list(document["people"][0]) == [
        "person", "n", "raw_rate", "expected_rate", "difference", "from_mix", "from_person", "chance_sd", "low",
        "high", "verdict", "more_needed", "sentence",
    ]  # fmt: skip
    assert list(document["margin"]["people"][0]) == list(document["people"][0])


def test_the_parts_and_chance_add_up_to_the_difference(team, look):
    mirror = look(team(), numeric=("size",), margin="margin", realised="realised")
    for block in (mirror.won, mirror.margin, mirror.lost_after_signature):
        team_rate = block.people[0].raw_rate - block.people[0].difference
        for person in block.people:
            mix = sum(person.from_mix.values())
            assert person.expected_rate == pytest.approx(team_rate + mix, rel=1e-9)
            assert mix + person.from_person + person.from_chance == pytest.approx(person.difference, abs=1e-9)


def test_each_part_of_the_mix_is_zero_over_the_whole_team(team, look):
    people = look(team(), numeric=("size",)).won.people
    for column in ("segment", "source", "size"):
        assert sum(p.n * p.from_mix[column] for p in people) == pytest.approx(0, abs=1e-8)


def test_shares_add_up_to_one_and_lie_in_their_ranges(team, look):
    shares = look(team(), numeric=("size",)).won.shares
    parts = [shares.person, *shares.mix.values(), shares.chance]
    assert sum(part.value for part in parts) == pytest.approx(1)
    assert all(0 <= part.low <= part.value <= part.high <= 1 for part in parts)


def test_a_person_who_truly_differs_is_told(team, look):
    people = look(team(deals=2400, skill={"c": 1.2})).won.people
    assert [person.person for person in people if person.verdict == "above"] == ["c"]


def test_more_lost_after_the_signature_is_above(team, look):
    frame = team(deals=1500).with_columns(
        realised=pl.col("margin") - pl.when(pl.col("person") == "b").then(200).otherwise(50) - pl.col("size")
    )
    people = look(frame, margin="margin", realised="realised").lost_after_signature.people
    assert {p.person: p.verdict for p in people}["b"] == "above"


def test_margin_keeps_the_unit_of_the_file(team, look):
    one = look(team(), margin="margin").margin
    cents = look(team().with_columns(margin=100 * pl.col("margin")), margin="margin").margin
    assert [p.from_person * 100 for p in one.people] == pytest.approx(
        [p.from_person for p in cents.people], rel=1e-3
    )
    assert one.sd["residual"] * 100 == pytest.approx(cents.sd["residual"], rel=1e-3)


def test_the_plain_model_is_the_one_that_lme4_would_fit(team, look):
    from karma_core.effects import design, fit_binomial

    frame = team().with_columns(won=(pl.col("status") == "won").cast(pl.Float64))
    fit = fit_binomial(design(frame, response="won", random=["segment", "source", "person"], fixed=["size"]))
    block = look(team(), numeric=("size",)).won
    assert block.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-3)
    assert block.coefficients == pytest.approx(fit.coefficients, abs=1e-3)


def test_one_person_sees_only_their_own_mirror(team, look):
    mirror = look(team(), shows=Shows(person="d"))
    assert [person.person for person in mirror.won.people] == ["d"]


@pytest.mark.parametrize("person", ["new", "d"])
def test_a_person_of_whom_no_deal_counts_hears_so(team, look, person):
    newcomer = team().head(5).with_columns(person=pl.lit("new"), status=pl.lit("open"))
    mirror = look(pl.concat([team(), newcomer]), shows=Shows(person=person))
    heard = [warning.en for warning in mirror.warnings if "nothing to mirror yet" in warning.en]
    assert (len(mirror.won.people), len(heard)) == ((0, 1) if person == "new" else (1, 0))


def test_without_a_name_only_the_team_is_shown(team, look):
    mirror = look(team(), shows=Shows())
    assert mirror.won.people == ()
    assert mirror.won.shares is not None


def test_a_team_of_four_has_no_shares_and_hears_why(team, look):
    block = look(team(people=4)).won
    assert block.shares is None
    assert "4 people" in block.warnings[0].en


def test_showing_everybody_is_recorded(team, look):
    assert look(team()).warnings[0].en.startswith("--all-people")


def test_open_deals_are_left_out_and_counted(team, look):
    frame = team()
    with_open = pl.concat([frame, frame.head(50).with_columns(status=pl.lit("open"))])
    mirror = look(with_open)
    assert (mirror.won.n, mirror.open_left_out) == (600, 50)
    assert any("50 deals are still open" in warning.en for warning in mirror.warnings)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"person": "nobody"}, 'no column "nobody"'),
        ({"won": "yes"}, 'no value "yes"'),
        ({"lost": "gone"}, 'no value "gone"'),
        ({"won": "won", "lost": "Won"}, "both won and lost"),
        ({"mix": ("person",)}, "cannot be part of the mix"),
        ({"numeric": ("status",)}, "cannot be part of the mix"),
        ({"mix": ("segment", "segment")}, '"segment" is named twice'),
        ({"numeric": ("size", "size")}, '"size" is named twice'),
        ({"mix": ("size",), "numeric": ("size",)}, '"size" is named twice'),
        ({"person": "status"}, '"status" is named twice'),
        ({"realised": "realised"}, "--margin"),
        ({"shows": Shows(person="zz")}, 'is called "zz"'),
    ],
)
def test_what_cannot_be_answered_is_refused(team, look, asked, said):
    with pytest.raises(FrameError, match=said) as refused:
        look(team(), **asked)
    assert refused.value.nl


def test_a_column_of_outcomes_without_any_is_refused(team, look):
    with pytest.raises(FrameError, match="It has: nothing"):
        look(team().with_columns(status=pl.lit(None, pl.String)))


def test_an_empty_file_is_refused(team, look):
    with pytest.raises(FrameError, match="no deals"):
        look(team().clear())
