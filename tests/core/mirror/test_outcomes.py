"""Which deals were won, lost or still open, by the outcome's own value."""

import polars as pl
import pytest

from karma_core.errors import FrameError
from karma_core.mirror.outcomes import read_outcomes


def read(values, won="Won", lost=None):
    return read_outcomes(pl.Series("Status", values), won=won, lost=lost)


@pytest.mark.parametrize(
    ("values", "won", "lost", "closed"),
    [
        (["Won", "Lost", "Open"], "Won", "Lost", [True, True, False]),
        (["Won", "Lost", "Open"], "won", None, [True, True, False]),
        (["Won", "Gone", None], "Won", None, [True, True, False]),
        (["Gewonnen", "Verloren", "Lopend"], "Gewonnen", None, [True, True, False]),
        (["Won", "Open", "open"], "Won", "Open", [True, True, False]),
        (["Won", "Open"], "Won", None, [True, False]),
        ([1, 0, None], "1", None, [True, True, False]),
        ([1.0, 0.0], "1", None, [True, True]),
        ([1, 0], "1.0", None, [True, True]),
        ([True, False], "true", None, [True, True]),
        ([False, True], "False", None, [True, True]),
        ([" Won ", "", "Lost"], "Won", None, [True, False, True]),
    ],
)
def test_values_decide(values, won, lost, closed):
    outcomes = read(values, won, lost)
    assert outcomes.closed.to_list() == closed
    assert outcomes.won.to_list() == [True] + [False] * (len(values) - 1)


def test_an_unclear_value_is_asked_about():
    with pytest.raises(FrameError, match=r'Column "Status" also holds Parked, Sleeping\. Say') as asked:
        read(["Won", "Lost", "Parked", "Sleeping"])
    assert "staat ook Parked, Sleeping. Zeg" in asked.value.nl
    with pytest.raises(FrameError, match="also holds Parked"):
        read(["Won", "Lost", "Parked"])


def test_a_value_that_is_not_there_is_answered_with_those_that_are():
    for named in ({"won": "Yes"}, {"lost": "Yes"}):
        with pytest.raises(FrameError, match=r'Column "Status" has no value "Yes"\. It has: Won, Lost\.') as asked:
            read(["Won", "Lost"], **named)
        assert asked.value.nl == 'Kolom "Status" heeft geen waarde "Yes". Er staat in: Won, Lost.'
    with pytest.raises(FrameError, match=r"It has: nothing\.") as asked:
        read([None, None])
    assert asked.value.nl.endswith("Er staat in: niets.")


def test_what_was_taken_for_open_is_said():
    (said,) = read(["Won", "Lost", "Open"]).warnings
    assert (said.nl, said.en) == (
        '"Open" is gelezen als nog open, Lost als verloren.', '"Open" was read as still open, Lost as lost.',
    )  # fmt: skip
    (said,) = read(["Won", "Open"]).warnings
    assert (said.nl, said.en) == (
        '"Open" is gelezen als nog open, niets als verloren.', '"Open" was read as still open, nothing as lost.',
    )  # fmt: skip
    assert read(["Won", "Lost", "Open"], lost="Lost").warnings == ()
