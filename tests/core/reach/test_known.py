"""What several periods share is learned once, and no past origin knows what came after it."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import QUARTER, YEAR, company, said

from karma_core.periods import Period
from karma_core.reach import forecast_many
from karma_core.reach.ledger import Ledger, read_ledger
from karma_core.reach.past import Past
from karma_core.reach.windows import Horizon, past_windows

AS_OF = QUARTER.start


def many(*periods: Period) -> list[list[int]]:
    rng = np.random.default_rng(7)
    readings = forecast_many(company(), deals=None, history=None, periods=periods, as_of=AS_OF, rng=rng, draws=200)
    assert [reading.period for reading in readings] == list(periods)
    return [reading.draws.total.tolist() for reading in readings]


def test_one_more_period_changes_no_other() -> None:
    both, alone = many(QUARTER, YEAR), many(YEAR)
    assert both[1] == alone[0]


def test_several_at_once_say_what_one_says() -> None:
    quarter = np.mean(many(QUARTER)[0])
    assert quarter == pytest.approx(said(company()).mean_cents, rel=0.03)


def ledger_of(lines: pl.DataFrame) -> Ledger:
    return read_ledger(lines, as_of=AS_OF)


@pytest.mark.parametrize("days_before", [91, 300, 700])
def test_a_past_origin_knows_nothing_of_what_came_after_it(days_before: int) -> None:
    lines = company().filter(pl.col("on") < AS_OF)
    day = AS_OF - timedelta(days=days_before)
    after = pl.col("on") >= day
    other = lines.with_columns(
        on=pl.when(after & (pl.col("on") < date(2024, 12, 20)))
        .then(pl.col("on") + timedelta(days=7))
        .otherwise("on")
    ).filter(~after | (pl.int_range(pl.len()) % 3 > 0))
    found = []
    for ledger in (ledger_of(lines), ledger_of(other)):
        stood = Past(ledger, model="bg_nbd").at(ledger.as_of - days_before)
        found.append(stood.counts(Horizon(0, 91)).mean)
    known = found[0] > 0
    assert known.any()
    assert found[1][known].tolist() == found[0][known].tolist()


def test_origins_of_several_periods_share_fits() -> None:
    past = Past(ledger_of(company()))
    for back in (0, 30, 60, 91, 182, 273):
        past.at(past.ledger.as_of - back)
    assert len(past.fits) == 2


@pytest.mark.parametrize("every", [1, 3])
def test_periods_of_all_lengths_ask_of_the_same_origins(every: int) -> None:
    asked = [
        {window.origin for window in past_windows(0, 1600, horizon=horizon, every=every).windows}
        for horizon in (Horizon(0, 39), Horizon(0, 91), Horizon(39, 92), Horizon(0, 260))
    ]
    assert len(set.union(*asked)) <= 1600 / (91 / 3 * every)
    assert all(asked)
