"""The parts of a forecast against what they should be: shock, season, counts, sums, record, ratchet, what-if."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from karma_core.frames import day_number
from karma_core.periods import Period
from karma_core.reach import (
    backtest,
    measure_ratchet,
    plans_before,
    record_of,
    uncertainty_by_source,
    what_would_have_to_be_true,
)
from karma_core.reach.compound import Pool, _normal_sums, draw_sums
from karma_core.reach.existing import draw_counts
from karma_core.reach.forecast import forecast_from
from karma_core.reach.known import read_known
from karma_core.reach.ledger import read_ledger
from karma_core.reach.newcomers import Exposures, draw_rate
from karma_core.reach.reading import EXISTING, Draws, PlanReading
from karma_core.reach.season import learn_season
from karma_core.reach.shock import Residuals, ShockPrior, draw_shock
from karma_core.reach.windows import Horizon, past_windows

PRIOR = ShockPrior(sd=0.1, bias_sd=0.15)


def shock_of(residuals: Residuals, *, stretch: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(1)
    return draw_shock(residuals, prior=PRIOR, stretch=stretch, noise=rng.normal(size=40_000), rng=rng)


def test_shock_without_windows_is_as_wide_as_the_prior() -> None:
    assert shock_of(Residuals.of([], [])).std() == pytest.approx(np.hypot(PRIOR.sd, PRIOR.bias_sd), abs=0.01)


def test_shock_of_many_wild_windows_is_as_wide_as_they_are() -> None:
    wild = np.random.default_rng(2).normal(0, 0.4, 60)
    assert shock_of(Residuals.of(wild, np.zeros(60) + 1e-6)).std() == pytest.approx(0.4, rel=0.25)


def test_shock_of_windows_that_stray_by_chance_alone_is_small() -> None:
    assert shock_of(Residuals.of([0.4, -0.4] * 30, np.full(60, 0.16))).std() < 0.2


def test_shock_has_the_bias_of_its_windows() -> None:
    assert shock_of(Residuals.of([0.2] * 12, [1e-4] * 12)).mean() == pytest.approx(0.2, abs=0.03)


def test_shock_grows_with_the_root_of_the_stretch() -> None:
    windows = Residuals.of(np.random.default_rng(4).normal(0, 0.2, 40), np.full(40, 1e-6))
    assert shock_of(windows, stretch=4).std() / shock_of(windows).std() == pytest.approx(2.0, rel=0.1)


def daily(*, months: int, season: float, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    start = date(2020, 1, 1)
    days = np.arange(months * 30)
    level = 4 * np.exp(season * np.sin(2 * np.pi * days / 365.25))
    on = np.repeat(days, rng.poisson(level))
    return pl.DataFrame(
        {
            "customer": [f"c{i}" for i in rng.integers(0, 150, on.size)],
            "on": [start + timedelta(days=int(d)) for d in on],
            "revenue_cents": rng.integers(5_000, 15_000, on.size),
        }
    )


def test_season_that_comes_back_is_found() -> None:
    lines = daily(months=60, season=0.5)
    season = learn_season(read_ledger(lines, as_of=date(2024, 11, 1)))
    assert season.seen
    assert season.log_factor[3] - season.log_factor[9] == pytest.approx(1.0, abs=0.2)


def test_season_that_is_not_there_is_not_found() -> None:
    season = learn_season(read_ledger(daily(months=60, season=0.0), as_of=date(2024, 11, 1)))
    assert np.abs(season.log_factor).max() < 0.05


def test_season_of_less_than_two_years_is_not_seen() -> None:
    season = learn_season(read_ledger(daily(months=20, season=0.5), as_of=date(2021, 8, 1)))
    assert (season.seen, season.factor(0, 100)) == (False, 1.0)


def test_season_over_a_year_is_one() -> None:
    season = learn_season(read_ledger(daily(months=60, season=0.5), as_of=date(2024, 11, 1)))
    assert season.factor(day_number(date(2024, 1, 1)), day_number(date(2025, 1, 1))) == pytest.approx(1, abs=0.01)


def test_doubt_about_a_learned_season_is_not_taken_away_by_the_windows_it_was_learned_from() -> None:
    known = read_known(daily(months=60, season=0.0), deals=None, history=None, as_of=date(2024, 11, 1))
    quarter = Period(date(2024, 11, 1), date(2025, 2, 1))
    spread = []
    for sd in (0.0, 0.4):
        doubted = replace(known, season=replace(known.season, sd=sd))
        drawn = forecast_from(doubted, quarter, rng=np.random.default_rng(1), draws=2000).draws.of_source(EXISTING)
        spread.append(np.log(drawn).std())
    assert np.sqrt(spread[1] ** 2 - spread[0] ** 2) == pytest.approx(0.4 * (1 - 92 / 365), rel=0.1)


def test_windows_do_not_overlap_and_end_by_as_of() -> None:
    windows = past_windows(0, 1000, horizon=Horizon(gap=30, days=90)).windows
    assert 1000 - 31 < windows[0].end <= 1000
    assert all(later.start >= earlier.end for later, earlier in pairwise(windows))
    assert all(window.start - window.origin == 30 for window in windows)


def test_windows_of_a_short_history_are_stretched() -> None:
    short = past_windows(0, 200, horizon=Horizon(gap=0, days=90))
    assert short.stretch == pytest.approx(90 / 35)


@pytest.mark.parametrize(("mean", "variance"), [(3.0, 3.0), (3.0, 12.0), (3.0, 1.0), (0.2, 0.9)])
def test_counts_have_their_mean_and_variance(mean: float, variance: float) -> None:
    drawn = draw_counts(mean, variance, 200_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(mean, rel=0.03)
    assert drawn.var() == pytest.approx(variance, rel=0.2 if variance < mean else 0.05)


def test_sums_drawn_one_by_one_and_as_normal_agree() -> None:
    rng = np.random.default_rng(1)
    pool = Pool(rng.lognormal(3, 1, 50), rng.normal(2, 9, 50), np.arange(50) % 2, np.ones(50))
    mean = np.full(20_000, 40.0)
    one, all_at_once = (
        draw_sums(pool, mean=mean, segments=2, rng=rng),
        _normal_sums(pool, mean=mean, segments=2, rng=rng),
    )
    for a, b in ((one.revenue, all_at_once.revenue), (one.value, all_at_once.value)):
        assert a.mean(axis=1) == pytest.approx(b.mean(axis=1), abs=0.03 * float(a.std()))
        assert a.std(axis=1) == pytest.approx(b.std(axis=1), rel=0.05)


def test_rate_of_waves_does_not_run_away() -> None:
    rng = np.random.default_rng(1)
    given = Exposures(np.ones(4), cv=0.0)
    drawn = draw_rate(
        np.array([18.0, 193, 3, 3]),
        given,
        weight=np.ones(given.per_window.size),
        noise=rng.normal(size=20_000),
        rng=rng,
    )
    assert drawn.mean() == pytest.approx(57, rel=0.25)
    assert np.quantile(drawn, 0.9) > 100


def test_rate_of_even_windows_is_narrow() -> None:
    rng = np.random.default_rng(1)
    given = Exposures(np.ones(10), cv=0.0)
    drawn = draw_rate(
        np.full(10, 400.0), given, weight=np.ones(given.per_window.size), noise=rng.normal(size=20_000), rng=rng
    )
    assert drawn.std() / drawn.mean() < 0.12


def test_backtest_sets_what_happened_beside_what_was_said() -> None:
    lines = daily(months=40, season=0.0)
    plans = plans_before(date(2022, 1, 1), date(2023, 3, 31), months=3)
    found = backtest(lines, deals=None, history=None, plans=plans, rng=np.random.default_rng(1), draws=200)
    booked = lines.filter(pl.col("on").is_between(date(2022, 1, 1), date(2022, 4, 1), "left"))[
        "revenue_cents"
    ].sum()
    record = record_of(found)
    assert found["actual_cents"][0] == booked
    assert (record.plans, record.compared) == (5, 5)
    assert record.inside_90 >= 3


def reading(cents: list[list[int]]) -> PlanReading:
    period = Period(date(2026, 1, 1), date(2026, 4, 1))
    draws = Draws(("existing_customers", "margin_loss"), (None, None), np.array(cents))
    return PlanReading(period, date(2026, 1, 1), "margin", 0, draws)


def test_chance_of_an_amount_counts_the_futures_that_reach_it() -> None:
    assert reading([[1, 2, 3, 4], [0, 0, 0, -4]]).chance_of(2) == 0.5


def test_uncertainty_of_the_sources_adds_up_to_one() -> None:
    shares = uncertainty_by_source(reading([[10, 20, 35, 40], [-1, -3, -2, -9]]))
    assert sum(shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("amount", [-(10**6), 0, 21, 27, 39, 10**9])
def test_what_would_have_to_be_true_adds_up_to_the_amount(amount: int) -> None:
    needs = what_would_have_to_be_true(reading([[10, 20, 35, 40], [-1, -3, -2, -9]]), amount)
    assert sum(need.needed_cents for need in needs) == amount


def test_what_would_have_to_be_true_of_an_amount_out_of_reach_comes_from_what_is_unsure() -> None:
    needs = what_would_have_to_be_true(reading([[10, 20, 30, 40], [-5, -5, -5, -5]]), 1000)
    assert [(need.source, need.needed_cents) for need in needs] == [
        ("existing_customers", 1005),
        ("margin_loss", -5),
    ]


def test_ratchet_of_a_proposal_that_ignores_last_year_is_zero() -> None:
    year = Period(date(2020, 1, 1), date(2021, 1, 1))
    found = measure_ratchet(daily(months=20, season=0.0), last_year=year, propose=lambda _: 500)
    assert (found.slope, found.needs_a_reason) == (0.0, False)


def test_ratchet_without_a_last_year_has_no_slope() -> None:
    year = Period(date(2010, 1, 1), date(2011, 1, 1))
    assert measure_ratchet(daily(months=3, season=0.0), last_year=year, propose=lambda _: 500).slope is None
