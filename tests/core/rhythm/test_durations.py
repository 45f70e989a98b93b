"""Lengths of time as people say them."""

from datetime import date

import polars as pl
import pytest

from karma_core.rhythm import durations


def say(days: float, phrase, **kwargs) -> str:
    return pl.select(phrase(durations.length(pl.lit(float(days))), **kwargs)).item()


@pytest.mark.parametrize(
    ("days", "nl", "en"),
    [
        (1, "elke dag", "every day"),
        (3, "elke drie dagen", "every three days"),
        (7, "elke week", "every week"),
        (14, "elke twee weken", "every two weeks"),
        (36, "elke vijf weken", "every five weeks"),
        (91, "elke drie maanden", "every three months"),
        (365, "elke twaalf maanden", "every twelve months"),
        (420, "elke 14 maanden", "every 14 months"),
        (730, "elke twee jaar", "every two years"),
    ],
)
def test_every_rounds_as_people_do(days, nl, en):
    assert (say(days, durations.every, language="nl"), say(days, durations.every, language="en")) == (nl, en)


@pytest.mark.parametrize(
    ("silence", "gap", "nl"),
    [
        (56, 35, "acht weken"),
        (14, 12.6, "14 dagen"),
        (90, 35, "13 weken"),
        (400, 35, "13 maanden"),
        (30, 5, "vier weken"),
        (100, 80, "14 weken"),
        (1, 1, "een dag"),
    ],
)
def test_a_silence_is_said_beside_its_gap(silence, gap, nl):
    length = durations.beside(pl.lit(float(silence)), durations.length(pl.lit(float(gap))))
    assert pl.select(durations.lasting(length, language="nl")).item() == nl


@pytest.mark.parametrize(
    ("days", "nl", "en"), [(1, "gisteren", "yesterday"), (21, "drie weken geleden", "three weeks ago")]
)
def test_ago(days, nl, en):
    said = [pl.select(durations.ago(pl.lit(float(days)), language=language)).item() for language in ("nl", "en")]
    assert said == [nl, en]


@pytest.mark.parametrize(
    ("on", "nl", "en"),
    [
        (date(2026, 1, 14), "14 januari", "14 January"),
        (date(2026, 2, 14), "half februari", "mid-February"),
        (date(2026, 3, 1), "begin maart", "early March"),
        (date(2027, 5, 28), "eind mei 2027", "late May 2027"),
    ],
)
def test_until(on, nl, en):
    for language, words in (("nl", nl), ("en", en)):
        assert pl.select(durations.until(pl.lit(on), today=date(2026, 1, 5), language=language)).item() == words
