"""What the mirror says of a team, for the whole and for a person."""

import polars as pl
import pytest

from karma_core.errors import FrameError
from karma_core.mirror import Shows
from karma_core.words import Sentence


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
    heard = [w for w in mirror.warnings if w.nl.startswith("Van new telt hier geen enkele gesloten aanvraag mee;")]
    assert [w.en for w in heard] == ["No closed deal of new counts here; there is nothing to mirror yet."] * len(
        heard
    )
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
        ({"allow": ("segment", "segmnt")}, 'allow names "segmnt"'),
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
    with pytest.raises(FrameError, match="no deals") as refused:
        look(team().clear())
    assert refused.value.nl == "Er staan geen aanvragen in dit bestand."


@pytest.mark.parametrize(("deals", "different", "refused"), [(30, 27, True), (30, 26, False), (29, 29, False)])
def test_a_column_that_differs_in_nearly_every_deal_compares_nothing(team, look, deals, different, refused):
    frame = team(deals=deals).with_columns(deal=(pl.int_range(pl.len()) % different).cast(pl.String))
    mirror = look(frame, mix=("deal",))
    assert [r.column for r in mirror.refused] == (["deal"] if refused else [])
    allowed = look(frame, mix=("deal",), allow=("deal",))
    assert ("deal" in allowed.won.people[0].from_mix, allowed.refused) == (True, ())
    said = [(w.nl, w.en) for w in allowed.warnings if w.nl.startswith("--allow")]
    assert said == refused * [
        (
            '--allow deal: toch gebruikt. "deal" is bij vrijwel elke aanvraag anders en vergelijkt dus niets.',
            '--allow deal: used all the same. "deal" differs in almost every deal and so compares nothing.',
        )
    ]


def test_a_number_may_differ_in_every_deal(team, look):
    assert look(team(), numeric=("size",)).refused == ()


@pytest.mark.parametrize("status", ["won", "lost"])
def test_where_every_deal_ended_the_same_way_no_column_looks_ahead(team, look, status):
    frame = team().with_columns(status=pl.lit(status), rating=pl.lit("hot"))
    frame = pl.concat([frame, team().head(1).with_columns(status=pl.lit("won"), rating=pl.lit("x"), person=None)])
    mirror = look(frame, mix=("rating", "segment"))
    assert (mirror.refused, mirror.won.log_likelihood) == ((), None)


@pytest.mark.parametrize(("known", "has_block"), [(29, False), (30, True)])
def test_thirty_known_margins_are_the_fewest(team, look, known, has_block):
    won = pl.col("status") == "won"
    rank = won.cum_sum() - 1
    odd = pl.when(rank % 2 == 0).then(float("nan")).otherwise(float("inf"))
    frame = team().with_columns(
        margin=pl.when(won & (rank < known)).then("margin").otherwise(pl.when(won).then(odd))
    )
    mirror = look(frame, margin="margin")
    few = [w.nl for w in mirror.warnings if w.nl.startswith("Van 29 gewonnen aanvragen is de marge bekend;")]
    assert ((mirror.margin is not None), len(few)) == (has_block, not has_block)
    if mirror.margin:
        unknown = int((frame["status"] == "won").sum()) - known
        assert mirror.margin.n == known
        assert mirror.margin.warnings[0] == Sentence(
            nl=f"Van {unknown} gewonnen aanvragen is de marge niet bekend; die tellen hier niet mee.",
            en=f"The margin of {unknown} won deals is not known; they are left out here.",
        )


def test_where_every_margin_is_known_none_is_said_to_be_left_out(team, look):
    assert look(team(deals=200, people=3), margin="margin").margin.warnings[0].en.startswith("The team's shares")


def test_what_was_lost_is_quoted_less_realised(team, look):
    frame = team().with_columns(realised=pl.when(pl.int_range(pl.len()) % 9 > 0).then("realised"))
    mirror = look(frame, margin="margin", realised="realised")
    found = mirror.lost_after_signature
    assert all(p.sentence.en.startswith("You make") for p in mirror.margin.people)
    assert all(p.sentence.en.startswith("After the signature") for p in found.people)
    held = frame.drop_nulls("realised")
    lost = held.group_by("person").agg((pl.col("margin") - pl.col("realised")).mean())
    assert {p.person: p.raw_rate for p in found.people} == pytest.approx(dict(lost.iter_rows()))
    assert found.n == held.height
    assert look(frame, margin="margin").lost_after_signature is None
    assert look(frame).margin is None


def test_open_deals_are_said_once_and_with_dates_otherwise(team, look):
    dates = {
        "begun": pl.lit("2025-01-01").str.to_date(),
        "ended": pl.when(pl.int_range(pl.len()) < 600).then(pl.lit("2025-02-01").str.to_date()),
    }
    frame = pl.concat([team(), team().head(7).with_columns(status=pl.lit("open"))]).with_columns(**dates)
    unjudged = [[w for w in look(frame, **asked).warnings if "closed it is corrected for" in w.en] for asked in (
        {}, {"opened": "begun"}, {"closed": "ended"}, {"opened": "begun", "closed": "ended"},
    )]  # fmt: skip
    assert [len(said) for said in unjudged] == [1, 1, 1, 0]
    assert unjudged[0][0].nl.startswith("7 aanvragen zijn nog open en tellen niet mee.")


def test_a_column_in_doubt_is_used_and_said(team, look):
    frame = team(deals=900).with_columns(fase=pl.Series([f"f{i % 3}" for i in range(900)]))
    mirror = look(frame, mix=("segment", "fase"))
    assert (mirror.refused, "fase" in mirror.won.people[0].from_mix) == ((), True)
    assert [w.nl for w in mirror.warnings if w.nl.startswith('"fase" klinkt als')] != []


def test_the_time_that_a_deal_took_is_known_by_its_days(team, look):
    took = pl.int_range(pl.len()) * 37 % 101
    frame = team().with_columns(begun=pl.lit("2025-01-01").str.to_date(), tempo=(3 * took + 5).cast(pl.Float64))
    frame = frame.with_columns(ended=pl.col("begun") + pl.duration(days=took))
    asked = {"numeric": ("tempo",), "opened": "begun"}
    assert look(frame, **asked).refused == ()
    for mirror in (
        look(frame, **asked, closed="ended"),
        look(frame, mix=("tempo",), opened="begun", closed="ended"),
    ):
        assert ([r.column for r in mirror.refused], "tempo" in mirror.won.people[0].from_mix) == (["tempo"], False)
        assert mirror.refused[0].reason.nl.startswith('"tempo" is de tijd die de aanvraag duurde;')


def test_labels_that_differ_in_spaces_only_tell_nothing(team, look):
    hot = pl.when(pl.col("status") == "won").then(pl.lit("hot")).otherwise(pl.lit(" hot"))
    assert look(team().with_columns(heat=hot), mix=("segment", "heat")).refused == ()


def test_labels_are_trimmed_and_whole_numbers_are_labels(team, look):
    space = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit(" ")).otherwise(pl.lit(""))
    frame = team().with_columns(segment=space + pl.col("segment") + " ", person=pl.col("person") + space)
    numbers = team().with_columns(segment=pl.col("segment").str.slice(1).cast(pl.Float64))
    plain, spaced, coded = (look(each).won for each in (team(), frame, numbers))
    assert [p.person for p in spaced.people] == [p.person for p in plain.people]
    assert spaced.log_likelihood == pytest.approx(plain.log_likelihood)
    assert coded.log_likelihood == pytest.approx(plain.log_likelihood)
    assert look(frame, shows=Shows(person="d")).won.people[0].person == "d"


def test_one_of_something_is_said_as_one(team, look):
    first = pl.int_range(pl.len()) == 0
    won = (pl.col("status") == "won") & ((pl.col("status") == "won").cum_sum() == 1)
    frame = pl.concat([team(), team().head(1).with_columns(status=pl.lit("open"))]).with_columns(
        person=pl.when(pl.int_range(pl.len()) != 5).then("person"),
        segment=pl.when(~first).then("segment"),
        size=pl.when(~first).then("size"),
        margin=pl.when(~won).then("margin"),
    )
    mirror = look(frame, numeric=("size",), margin="margin")
    said = [warning for block in (mirror, mirror.won, mirror.margin) for warning in block.warnings]
    for nl, en in (
        ("Bij één aanvraag staat niemand; die telt niet mee.", "One deal has no person; it is left out."),
        ("Eén aanvraag is nog open en telt niet mee. Duurt", "One deal is still open and left out. Where"),
        ('Bij één aanvraag is kolom "segment" leeg; die', 'In one deal column "segment" is empty; it'),
        ('Bij één aanvraag staat in kolom "size" geen', 'In one deal column "size" holds no number'),
        ("Van één gewonnen aanvraag is de marge niet", "The margin of one won deal is not known; it"),
    ):
        assert [w for w in said if w.nl.startswith(nl) and w.en.startswith(en)], (nl, [w.nl for w in said])
    known = frame.with_columns(margin=pl.when(won).then(1.0))
    warnings = look(known, margin="margin").warnings
    assert [w.en for w in warnings if w.nl.startswith("Van één gewonnen aanvraag is de")] == [
        "The margin of one won deal is known; that is too little to say anything about."
    ]
