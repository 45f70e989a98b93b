"""`karma plan --record`: what earlier plans were worth, in words and as a document."""

import polars as pl
import pytest

from karma.cli.plan_record import LookedBack
from karma_core.reach import Ratchet, Record, Share

QUARTER = ("--from", "2026-01-01", "--until", "2026-04-01", "--as-of", "2026-01-01")


def looked_back(**more) -> LookedBack:
    known = {
        "plans": 8, "inside_80": 7, "inside_90": 8, "compared": 8, "crps_there_cents": 80.0,
        "last_year_error_cents": 100.0, "brier": 0.2, "plus_10_error_cents": 70.0,
        "coverage_80": Share(0.875, 0.6, 0.97),
    }  # fmt: skip
    rule, own = Ratchet(110, 121, 1.1), Ratchet(100, 102, 0.2)
    return LookedBack(pl.DataFrame(), Record(**(known | more)), rule, own)


@pytest.mark.slow
def test_record_stands_in_the_document_and_the_picture(karma, sales, tmp_path):
    plot = tmp_path / "record.svg"
    document = karma("plan", "--purchases", sales, *QUARTER, "--record", "--plot", plot, "--json").document
    record = document["record"]
    assert record["plans"] == len(record["pit"]) == len(record["earlier"]) > 3
    assert all(row["until"] <= "2026-01-01" for row in record["earlier"])
    assert record["ratchet"]["last_year_plus_10"] == pytest.approx(1.1, abs=0.02)
    assert record["ratchet"]["expectation"] < 1.1
    assert "var(--tint" in plot.read_text()


def test_an_amount_out_of_reach_is_said_to_be(karma, sales, speak):
    speak("en")
    command = ("plan", "--purchases", sales, *QUARTER, "--amount", "9.000.000", "--currency", "EUR")
    assert "None of the futures" in karma(*command).out


def test_record_is_told_in_plain_words_in_both_languages(speak):
    speak("en")
    said = " ".join(looked_back().sentences())
    assert "Of the last 8 plans of this length, 7 fell inside" in said
    assert "came 20% closer than guessing last year's figure" in said
    speak("nl")
    said = " ".join(looked_back().sentences())
    assert "Van de laatste 8 verwachtingen" in said
    assert "20% dichter bij dan het cijfer van vorig jaar" in said


def test_it_is_told_where_a_plain_guess_was_better(speak):
    speak("en")
    said = " ".join(looked_back().sentences())
    assert "Over 8 plans guessing last year plus 10% came closer than the range, by 12%." in said


def test_widening_is_told(speak):
    speak("en")
    assert "1.6 times as wide" in " ".join(looked_back(widen_by=1.6).sentences())
    assert "as wide" not in " ".join(looked_back().sentences())


def test_without_earlier_plans_the_record_says_so(speak):
    speak("en")
    assert looked_back(plans=0).sentences() == ["The history is too short to look back on earlier plans."]


def test_segments_are_named_only_where_they_counted(speak):
    speak("en")
    assert "Segments counted too, the long run" in " ".join(looked_back(pooled=24).sentences())
    assert "Segments" not in " ".join(looked_back(pooled=8).sentences())


@pytest.mark.parametrize(
    ("slope", "moved"), [(0.32, "be 3 higher"), (-0.12, "be 1 lower"), (0.04, "hardly differ")]
)
def test_expectation_is_said_to_follow_last_year_up_down_or_hardly(speak, slope, moved):
    speak("en")
    own = Ratchet(100, 100, slope)
    said = LookedBack(pl.DataFrame(), looked_back().record, Ratchet(110, 121, 1.1), own).sentences()[-1]
    assert said.endswith(f"would ask 11 more now; our expectation would {moved}.")


def test_who_came_closer_is_said_in_shares_of_the_other(speak):
    speak("en")
    said = " ".join(
        looked_back(smoothed=4, crps_beside_smoothing_cents=80.0, smoothing_crps_cents=20.0).sentences()
    )
    assert "Over 4 plans exponential smoothing came closer than the range, by 75%." in said
