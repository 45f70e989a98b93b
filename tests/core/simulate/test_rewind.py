from datetime import date

import polars as pl
import pytest

from karma_core.frames import DEALS
from karma_core.periods import PeriodError
from karma_core.simulate import known_before

ON = date(2026, 3, 16)
"""A Monday, on which things happen."""


@pytest.fixture(scope="module")
def then(plain):
    return known_before(plain, on=ON)


def test_rewinding_to_the_end_changes_nothing(plain):
    again = known_before(plain, on=plain.as_of)
    assert again.deals.equals(plain.deals)
    assert again.purchases.equals(plain.purchases)
    assert again.promises.equals(plain.promises)


def test_rewinding_twice_is_rewinding_once(plain, then):
    twice = known_before(known_before(plain, on=date(2026, 8, 1)), on=ON)
    assert twice.deals.equals(then.deals)
    assert twice.quotes.equals(then.quotes)


def test_a_deal_that_closed_later_is_open_again_with_what_was_known(plain, then):
    later = plain.deals.filter(pl.col("closed_on") >= ON, pl.col("opened_on") < ON)
    reopened = then.deals.join(later, on="deal", how="semi")
    assert reopened.height == later.height > 0
    assert set(reopened["outcome"]) == {"open"}
    assert reopened["closed_on"].null_count() == reopened.height
    assert not set(reopened["stage"]) & {"Gewonnen", "Verloren"}


def test_nothing_is_dated_on_or_after_the_day(plain, then):
    assert plain.purchases.filter(pl.col("on") == ON).height > 0
    assert plain.contact_moments.filter(pl.col("at").dt.date() == ON).height > 0
    days = [then.purchases["on"], then.stage_history["on"], then.contact_moments["at"].dt.date()]
    assert max(each.max() for each in days) < ON


def test_a_deal_that_opened_later_is_gone(then):
    assert then.deals["opened_on"].max() < ON
    DEALS.keep(then.deals)


def test_quoted_margin_of_an_open_deal_follows_its_amount(then):
    still_open = then.deals.filter(pl.col("outcome") == "open")
    share = still_open["margin_cents"] / still_open["revenue_cents"]
    assert share.is_between(0.0, 0.6).all()


def test_promises_due_later_are_open_again(then):
    assert set(then.promises.filter(pl.col("due_on") >= ON, pl.col("kept_on").is_null())["outcome"]) == {"open"}


def test_the_truth_stays_whole(plain, then):
    assert then.truth is plain.truth


def test_a_day_before_the_first_is_refused(plain):
    with pytest.raises(PeriodError):
        known_before(plain, on=plain.period.start)
