"""Deals as the model reads them: codes, numbers in deviations, and what is said about gaps."""

import numpy as np
import polars as pl
import pytest

from karma_core.mirror.material import Read, read_material

FRAME = pl.DataFrame(
    {
        "rep": [2, 1, 2, 2, 1],
        "segment": ["x", "y", None, "x", None],
        "land": ["NL"] * 5,
        "size": [1.0, 3.0, 5.0, 7.0, 9.0],
        "new": [0, 1, 0, 0, 1],
    }
)
OUTCOME = np.array([1.0, 0.0, 1.0, 0.0, 1.0])


def read(frame: pl.DataFrame = FRAME, *, mix=("segment",), numeric=("size",), outcome=OUTCOME) -> Read:
    return read_material(frame, outcome, is_amount=False, person="rep", mix=mix, numeric=numeric)


def said(found: Read) -> list[str]:
    return [warning.en for warning in found.warnings]


def test_persons_and_labels_keep_the_order_of_the_file():
    made = read().material
    assert (made.person.levels, made.person.codes.tolist()) == (("2", "1"), [0, 1, 0, 0, 1])
    assert (made.mix[0].levels, made.mix[0].codes.tolist()) == (("x", "y", "unknown"), [0, 1, 2, 0, 2])
    assert (made.deals, made.names, made.is_amount) == (5, ("segment", "size"), False)
    assert (made.deals_each.tolist(), made.rates().tolist()) == ([3.0, 2.0], [2 / 3, 0.5])


def test_numbers_come_in_deviations_from_their_mean():
    made = read(numeric=("size", "new")).material
    assert (made.centres.tolist(), made.widths.tolist()) == (
        [5.0, 0.4],
        pytest.approx([np.sqrt(8), np.sqrt(0.24)]),
    )
    np.testing.assert_allclose(made.numeric[:, 0], (np.array([1, 3, 5, 7, 9]) - 5) / np.sqrt(8))
    np.testing.assert_allclose(made.numeric[:, 1], (np.array([0, 1, 0, 0, 1]) - 0.4) / np.sqrt(0.24))
    assert made.names == ("segment", "size", "new")


def test_the_design_begins_with_the_intercept_and_ends_with_the_person():
    made = read().material
    design = made.design()
    assert design.fixed_names == ("(Intercept)", "size")
    np.testing.assert_array_equal(design.fixed, np.column_stack([np.ones(5), made.numeric]))
    assert [factor.name for factor in design.factors] == ["segment", "rep"]
    np.testing.assert_array_equal(design.response, OUTCOME)


def test_gaps_are_counted_in_both_languages():
    found = read(FRAME.with_columns(size=pl.Series([1.0, None, float("nan"), float("inf"), 9.0])))
    assert said(found) == [
        'In 2 deals column "segment" is empty; they stand together as "unknown".',
        'In 3 deals column "size" holds no number; the mean was filled in there.',
    ]
    assert [warning.nl for warning in found.warnings] == [
        'Bij 2 aanvragen is kolom "segment" leeg; die staan samen als "onbekend".',
        'Bij 3 aanvragen staat in kolom "size" geen getal; daar is het gemiddelde ingevuld.',
    ]
    assert found.material.centres.tolist() == [5.0]
    np.testing.assert_allclose(found.material.numeric[1:4], 0, atol=1e-12)


@pytest.mark.parametrize("gone", [pl.lit(4.0), pl.lit(None, pl.Float64)])
def test_a_column_with_one_value_is_left_out_and_named(gone):
    found = read(FRAME.with_columns(size=gone), mix=("segment", "land"))
    assert found.material.names == ("segment",)
    assert (found.material.numeric.shape, found.material.centres.size, found.material.widths.size) == (
        (5, 0),
        0,
        0,
    )
    assert said(found)[1:] == [
        f'Column "{name}" has the same value everywhere and explains nothing; it is left out.'
        for name in ("land", "size")
    ]
    assert (
        found.warnings[1].nl
        == 'Kolom "land" heeft overal dezelfde waarde en verklaart dus niets; hij doet niet mee.'
    )


def test_a_number_that_follows_from_the_others_is_left_out_and_named():
    frame = FRAME.with_columns(both=2 * pl.col("size") - 3 * pl.col("new") + 1000)
    found = read(frame, mix=(), numeric=("size", "new", "both"))
    assert found.material.names == ("size", "new")
    assert said(found) == ['Column "both" follows from the other numbers and says nothing new; it is left out.']
    assert (
        found.warnings[0].nl
        == 'Kolom "both" volgt uit de andere getallen en zegt niets nieuws; hij doet niet mee.'
    )


def test_what_follows_is_seen_whatever_the_units():
    tiny, huge = 1e-18 * pl.col("size"), 1e12 * pl.col("new")
    frame = FRAME.with_columns(tiny=tiny, huge=huge, again=3e-18 * pl.col("size"))
    assert read(frame, mix=(), numeric=("tiny", "huge", "again")).material.names == ("tiny", "huge")


@pytest.mark.parametrize(("stray", "names"), [(1e-5, ("size", "twice")), (1e-9, ("size",))])
def test_what_almost_follows_says_something_of_its_own(stray, names):
    twice = 2 * pl.col("size") + stray * pl.Series([1.0, -1.0, 0.0, -1.0, 1.0])
    assert read(FRAME.with_columns(twice=twice), mix=(), numeric=("size", "twice")).material.names == names


def test_no_deals_are_no_material():
    found = read(FRAME.clear(), outcome=np.zeros(0))
    assert (found.material.deals, found.material.names, found.material.person.size) == (0, (), 0)
    assert found.warnings == ()


def test_two_values_are_enough_and_one_gap_is_said_as_one():
    frame = pl.DataFrame(
        {"p": list("aabb"), "s": ["x", "x", "y", None], "t": list("xyxy"), "size": [1.0, None, 2, 4]}
    )
    read = read_material(frame, np.arange(4.0), is_amount=True, person="p", mix=["s", "t"], numeric=["size"])
    assert [factor.levels for factor in read.material.mix] == [("x", "y", "unknown"), ("x", "y")]
    assert [(said.nl, said.en) for said in read.warnings] == [
        (
            'Bij één aanvraag is kolom "s" leeg; die staat als "onbekend".',
            'In one deal column "s" is empty; it stands as "unknown".',
        ),
        (
            'Bij één aanvraag staat in kolom "size" geen getal; daar is het gemiddelde ingevuld.',
            'In one deal column "size" holds no number; the mean was filled in there.',
        ),
    ]
