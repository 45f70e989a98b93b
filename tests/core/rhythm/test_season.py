"""The clock: a season is found where it is, nobody sleeps because it is winter, and no season costs nothing."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.frames import collect_statistics, day_number
from karma_core.rhythm import FLAT, MarketClock, fit, market_swing, observe, read
from karma_core.rhythm.pace import EVEN, TOO_FEW, TOO_SHORT, easter

WINTER = date(2026, 1, 25)


def pace_of(kind: str, day: np.ndarray) -> np.ndarray:
    """How fast the market goes on each day: a spring trade, a falling one, or an even one."""
    of_year = np.mod(day - day_number(date(2026, 1, 1)), 365.25)
    spring = np.where((of_year > 60) & (of_year < 190), 2.2, np.where((of_year > 300) | (of_year < 45), 0.1, 0.75))
    fall = np.exp(-0.3 * (day - day.min()) / 365)
    return {"spring": spring, "falling": fall, "even": np.ones(len(day))}[kind]


def company(kind: str, *, customers: int = 400, years: float = 4, seed: int = 1) -> pl.DataFrame:
    """Customers with Erlang-2 gaps in market time of about 30 days, of whom some leave at each purchase."""
    rng, end = np.random.default_rng(seed), day_number(WINTER)
    day = np.arange(end - int(365 * years), end + 200)
    gone = np.cumsum(pace_of(kind, day))
    at = gone[rng.integers(0, int(365 * years), customers)]
    gap, leave = 30 / rng.gamma(3.0, 1 / 3.0, customers), rng.beta(0.5, 8.0, customers)
    rows, who = [], np.arange(customers)
    while len(who):
        place = np.searchsorted(gone, at[who])
        who, place = who[place < len(gone)], place[place < len(gone)]
        rows.append(np.column_stack([who, day[place]]))
        who = who[rng.random(len(who)) > leave[who]]
        at[who] += gap[who] * rng.gamma(2.0, 0.5, len(who))
    who, on = np.concatenate(rows).T
    return pl.DataFrame(
        {
            "customer": who.astype(str),
            "on": pl.Series(on.astype(np.int32)).cast(pl.Date),
            "revenue_cents": np.full(len(who), 10_000),
            "cost_cents": np.full(len(who), 7_000),
        }
    )


def states(lines: pl.DataFrame, *, with_clock: bool) -> pl.DataFrame:
    """The reading's rows as of a winter day."""
    statistics, clock = observe(lines.lazy(), as_of=WINTER)
    if not with_clock:
        statistics, clock = collect_statistics(lines.lazy(), as_of=WINTER), FLAT
    fitted = fit(statistics, model="mbg_cnbd_k")
    rng = np.random.default_rng(1)
    return read(statistics, fitted, as_of=WINTER, horizon_days=28, rng=rng, draws=50, clock=clock).customers


def share(rows: pl.DataFrame, *wanted: str) -> float:
    return float(rows["customer_state"].is_in(wanted).mean())


@pytest.fixture(scope="module")
def spring() -> pl.DataFrame:
    return company("spring")


def test_nobody_is_called_or_asleep_because_it_is_winter(spring):
    flat, seasonal = states(spring, with_clock=False), states(spring, with_clock=True)
    later = spring.filter(pl.col("on") >= WINTER)["customer"].unique()
    loyal = [rows.filter(pl.col("customer").is_in(later.implode())) for rows in (flat, seasonal)]
    assert share(loyal[0], "asleep", "call_now") > 0.6
    assert share(loyal[1], "asleep") < 0.03
    assert share(loyal[1], "call_now") < 0.25  # in an even market it is 0.11 to 0.18
    assert share(seasonal, "call_now") < 0.6 * share(flat, "call_now")


def test_who_truly_left_still_sleeps(spring):
    rows = states(spring, with_clock=True).filter(pl.col("x") >= 5)
    gone = ~rows["customer"].is_in(spring.filter(pl.col("on") >= WINTER)["customer"].implode())
    assert share(rows.filter(gone), "asleep", "call_now") > 0.7


def test_rest_lasts_until_the_season_starts_and_says_why(spring):
    rows = states(spring, with_clock=True)
    rest = rows.filter(pl.col("customer_state") == "leave_in_peace")
    assert (rest["leave_until"] > date(2026, 2, 10)).mean() > 0.5
    assert rows["reason_nl"].str.contains("In deze tijd van het jaar wordt er minder gekocht").sum() > 20


def test_the_window_ahead_is_weighed_by_the_season(spring):
    statistics, clock = observe(spring.lazy(), as_of=WINTER)
    winter, summer = (clock.between(day, days=28) for day in (WINTER, date(2026, 4, 1)))
    assert winter < 12 < 45 < summer
    fitted = fit(statistics, model="mbg_nbd")
    said = read(statistics, fitted, as_of=WINTER, horizon_days=28, rng=np.random.default_rng(1), clock=clock)
    window = spring.filter(pl.col("on").is_between(WINTER, WINTER + timedelta(days=27)))
    came = window.join(statistics, on="customer", how="semi").unique(["customer", "on"]).height
    assert said.expected_purchases.p05 < came < said.expected_purchases.p95


def test_a_season_is_no_swing(spring):
    statistics, clock = observe(spring.lazy(), as_of=WINTER)
    plain = collect_statistics(spring.lazy(), as_of=WINTER)
    swing = market_swing(spring.lazy(), fit(plain, model="nbd"), as_of=WINTER, horizon_days=28)
    seasonal = market_swing(
        spring.lazy(), fit(statistics, model="mbg_nbd"), as_of=WINTER, horizon_days=28, clock=clock
    )
    assert seasonal < swing / 2


def test_a_company_without_season_loses_nothing():
    lines = company("even")
    statistics, clock = observe(lines.lazy(), as_of=WINTER)
    assert clock.is_flat
    assert clock.about() == (EVEN,)
    assert statistics.equals(collect_statistics(lines.lazy(), as_of=WINTER))


def test_even_companies_are_hardly_ever_given_a_season():
    found = [observe(company("even", customers=120, years=3, seed=s).lazy(), as_of=WINTER)[1] for s in range(12)]
    assert sum(not clock.is_flat for clock in found) <= 1


def test_a_falling_market_is_a_trend_and_no_season():
    clock = observe(company("falling").lazy(), as_of=WINTER)[1]
    assert (clock.has_season, clock.has_trend) == (False, True)
    long_ago, now = clock.pace[200], clock.pace[day_number(WINTER) - clock.first]
    assert 1.8 < long_ago / now < 4.5


def test_less_than_two_years_hold_no_season_and_say_so():
    clock = observe(company("spring", years=1.7).lazy(), as_of=WINTER)[1]
    assert clock.is_flat
    assert clock.warnings == (TOO_SHORT,)


@pytest.mark.parametrize(
    "days", [[WINTER - timedelta(days=3)], [WINTER - timedelta(days=7300), WINTER - timedelta(days=1)]]
)
def test_one_customer_has_no_season(days):
    lines = pl.LazyFrame({"customer": ["a"] * len(days), "on": days, "revenue_cents": [1] * len(days)})
    clock = observe(lines.with_columns(cost_cents=pl.lit(None, pl.Int64)), as_of=WINTER)[1]
    assert clock.is_flat
    assert clock.warnings[0] in (TOO_SHORT, TOO_FEW)


def test_a_thousand_purchases_in_twenty_years_are_finite():
    rng = np.random.default_rng(2)
    on = [WINTER - timedelta(days=int(day)) for day in rng.choice(7300, 1000, replace=False) + 1]
    lines = pl.LazyFrame({"customer": ["a"] * 1000, "on": on, "revenue_cents": [1] * 1000})
    statistics, clock = observe(lines.with_columns(cost_cents=pl.lit(None, pl.Int64)), as_of=WINTER)
    assert np.isfinite(clock.pace).all()
    said = read(statistics, fit(statistics), as_of=WINTER, horizon_days=9, rng=rng, draws=20, clock=clock)
    assert said.customers.drop("leave_until").null_count().sum_horizontal().item() == 1  # no margin without cost


CLOCK = MarketClock(first=100, pace=np.array([0.5, 2.0, 0.0, 1.5]), has_season=True)


@pytest.mark.parametrize("start", [90, 99, 100, 101, 103, 104, 120])
def test_a_day_after_undoes_the_ticks_between(start):
    day = date(1970, 1, 1) + timedelta(days=start + 1)
    for ahead in (1, 5, 40):
        ticks = np.array([CLOCK.between(day, days=ahead)])
        after = CLOCK.day_after(np.array([start]), ticks=ticks)[0]
        assert CLOCK.between(day, days=float(after - start)) == pytest.approx(ticks[0], abs=0.75)


def test_easter_falls_where_the_calendar_says():
    known = {1999: (4, 4), 2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2024: (3, 31), 2038: (4, 25)}
    assert {year: (easter(year).month, easter(year).day) for year in known} == known
