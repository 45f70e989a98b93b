"""A forecast keeps its promises on ordinary companies, and on companies that hardly have a history."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.errors import FrameError
from karma_core.frames import PURCHASES
from karma_core.periods import Period
from karma_core.reach import PlanReading, forecast
from karma_core.reach.phrases import in_words

AS_OF = date(2025, 1, 1)
QUARTER = Period(date(2025, 1, 1), date(2025, 4, 1))


def company(
    *, customers: int = 60, days: int = 1100, every: float = 40.0, seed: int = 1, with_credits: bool = True
) -> pl.DataFrame:
    """Customers who buy at their own rate and size, steadily, up to and beyond AS_OF; some lines come back."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(customers):
        rate, size = rng.gamma(2, 1 / (2 * every)), rng.lognormal(7, 0.7)
        for _ in range(rng.poisson(rate * (days + 200))):
            on = AS_OF - timedelta(days=days) + timedelta(days=int(rng.integers(days + 200)))
            revenue = round(100 * size * rng.lognormal(0, 0.4))
            rows.append((f"c{i}", on, revenue, round(0.7 * revenue), f"s{i % 3}"))
            if with_credits and rng.random() < 0.03:
                rows.append((f"c{i}", on + timedelta(days=9), -revenue // 2, 0, f"s{i % 3}"))
    columns = ["customer", "on", "revenue_cents", "cost_cents", "segment"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(pl.col("revenue_cents", "cost_cents").cast(pl.Int64))


def plan(
    purchases: pl.DataFrame, *, as_of: date = AS_OF, period: Period = QUARTER, draws: int = 400
) -> PlanReading:
    return forecast(
        purchases,
        deals=None,
        history=None,
        period=period,
        as_of=as_of,
        rng=np.random.default_rng(7),
        draws=draws,
    )


def lines(*rows: tuple[str | None, date, int]) -> pl.DataFrame:
    schema = {"customer": pl.String, "on": pl.Date, "revenue_cents": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns((pl.col("revenue_cents") // 2).alias("cost_cents"))


def is_sound(reading: PlanReading) -> None:
    """What holds for every reading, however odd the company."""
    assert reading.draws.cents.dtype == np.int64
    assert sum(s.mean_cents for s in reading.sources) == reading.mean_cents
    assert list(reading.quantiles_cents.values()) == sorted(reading.quantiles_cents.values())
    assert (sum(reading.draws.of_source(s.source) for s in reading.sources) == reading.draws.total).all()
    assert all(in_words(code).nl for code in reading.missing + reading.warnings)


def test_forecast_of_a_steady_company_holds_what_happened() -> None:
    purchases = company()
    happened = purchases.filter(pl.col("on").is_between(QUARTER.start, QUARTER.end, closed="left"))
    reading = plan(purchases)
    actual = happened.select(pl.col("revenue_cents") - pl.col("cost_cents")).sum().item()
    is_sound(reading)
    assert reading.quantiles_cents["p05"] < actual < reading.quantiles_cents["p95"]


def test_forecast_knows_nothing_of_lines_on_or_after_as_of() -> None:
    purchases = company()
    before = purchases.filter(pl.col("on") < AS_OF)
    assert (plan(purchases).draws.total == plan(before).draws.total).all()


def test_forecast_does_not_depend_on_the_order_of_lines() -> None:
    purchases = company(customers=20)
    shuffled = purchases.sample(fraction=1.0, shuffle=True, seed=3)
    assert (plan(purchases).draws.total == plan(shuffled).draws.total).all()


def test_forecast_is_the_same_for_the_same_seed() -> None:
    purchases = company(customers=20)
    assert (plan(purchases).draws.cents == plan(purchases.lazy()).draws.cents).all()  # type: ignore[arg-type]


def test_realised_counts_apart_and_is_included() -> None:
    purchases = company()
    reading = plan(purchases, as_of=date(2025, 2, 1))
    booked = purchases.filter(pl.col("on").is_between(QUARTER.start, date(2025, 1, 31)))
    assert reading.realised_cents == booked.select(pl.col("revenue_cents") - pl.col("cost_cents")).sum().item()
    assert reading.quantiles_cents["p05"] > reading.realised_cents


def test_a_period_that_is_over_is_certain() -> None:
    reading = plan(company(), as_of=QUARTER.end)
    assert set(reading.draws.total.tolist()) == {reading.realised_cents}
    assert (reading.chance_of(reading.realised_cents), reading.chance_of(reading.realised_cents + 1)) == (1.0, 0.0)


def test_a_gap_is_not_counted() -> None:
    purchases = company()
    near, far = plan(purchases), plan(purchases, period=Period(date(2025, 4, 1), date(2025, 7, 1)))
    assert 0.7 < far.mean_cents / near.mean_cents < 1.3


def test_last_year_is_left_out_where_the_data_do_not_cover_it() -> None:
    short = plan(company(days=300))
    assert (short.last_year_cents, "last_year" in short.missing) == (None, True)


def test_last_year_is_what_was_booked_a_year_before() -> None:
    purchases = company()
    booked = purchases.filter(pl.col("on").is_between(date(2024, 1, 1), date(2024, 3, 31)))
    expected = booked.select(pl.col("revenue_cents") - pl.col("cost_cents")).sum().item()
    assert plan(purchases).last_year_cents == expected


def test_last_year_plus_10_adds_a_tenth_of_the_absolute_value() -> None:
    loss = lines(("a", date(2023, 12, 1), 100), ("a", date(2024, 2, 1), -2000))
    reading = plan(loss)
    assert (reading.last_year_cents, reading.last_year_plus_10_cents) == (-1000, -900)


def test_little_missing_cost_is_filled_and_said() -> None:
    purchases = company().with_row_index("i")
    cost = pl.when(pl.col("i") % 40 > 0).then("cost_cents")
    reading = plan(purchases.with_columns(cost.alias("cost_cents")).drop("i"))
    assert (reading.measure, "cost_filled" in reading.warnings) == ("margin", True)


def test_much_missing_cost_makes_it_revenue_and_said() -> None:
    reading = plan(company().drop("cost_cents"))
    assert (reading.measure, reading.missing[0]) == ("revenue", "cost")


def test_credits_are_a_negative_source() -> None:
    loss = {s.source: s for s in plan(company()).sources}["margin_loss"]
    assert loss.mean_cents < 0


def test_without_credits_there_is_no_margin_loss_and_it_is_said() -> None:
    reading = plan(company(with_credits=False))
    assert "margin_loss" not in [s.source for s in reading.sources]
    assert "credits" in reading.missing


def test_a_line_and_its_reversal_on_one_day_count_nowhere() -> None:
    purchases = company(customers=20)
    slip = lines(("c1", date(2024, 12, 1), 10**9), ("c1", date(2024, 12, 1), -(10**9)))
    both = pl.concat([purchases, slip.with_columns(segment=pl.lit("s1"))])
    assert (plan(both).draws.total == plan(purchases).draws.total).all()


def test_sales_on_no_customer_count_and_are_said() -> None:
    purchases = company(customers=30)
    nobody = purchases.with_columns(customer=pl.lit(None, dtype=pl.String), segment=pl.lit(None, dtype=pl.String))
    reading, without = plan(pl.concat([purchases, nobody])), plan(purchases)
    is_sound(reading)
    assert "no_customer" in reading.warnings
    assert 1.6 < reading.mean_cents / without.mean_cents < 2.4


def test_a_short_history_is_said_and_its_range_is_wider() -> None:
    def width(reading: PlanReading) -> float:
        quantiles = reading.quantiles_cents
        return (quantiles["p90"] - quantiles["p10"]) / quantiles["p50"]

    many = 200  # of sixty, the chance of single customers is most of the width either way
    short, long = plan(company(customers=many, days=90)), plan(company(customers=many))
    assert ("short_history" in short.warnings, "season" in short.missing) == (True, True)
    assert width(short) > 1.5 * width(long)


def test_a_long_history_is_not_called_short_for_a_short_or_a_past_period() -> None:
    purchases = company(customers=20)
    day, past = Period(AS_OF, AS_OF + timedelta(days=1)), Period(date(2024, 10, 1), AS_OF)
    assert "short_history" not in plan(purchases, period=day).warnings
    assert plan(purchases, period=past).warnings == ()


def test_sales_on_no_customer_alone_are_not_called_few_customers() -> None:
    nobody = company(customers=30).with_columns(customer=pl.lit(None, dtype=pl.String))
    assert "few_customers" not in plan(nobody).warnings
    assert "few_customers" in plan(company(customers=20)).warnings


def test_a_customer_who_outweighs_the_others_is_said() -> None:
    purchases = company(customers=40)
    large = pl.when(pl.col("customer") == "c1").then(40).otherwise(1)
    heavy = purchases.with_columns(pl.col("revenue_cents") * large, pl.col("cost_cents") * large)
    assert "one_large_customer" in plan(heavy).warnings
    assert "one_large_customer" not in plan(purchases).warnings


def test_segments_add_up_to_the_total() -> None:
    draws = plan(company()).draws
    assert (sum(draws.of_segment(s) for s in set(draws.segments)) == draws.total).all()


DAY = date(2024, 12, 20)
ODD = {
    "nothing": PURCHASES.empty(),
    "one purchase": lines(("a", DAY, 5000)),
    "one purchase on the eve": lines(("a", date(2024, 12, 31), 5000)),
    "one customer": lines(*(("a", date(2024, 1, 1) + timedelta(days=14 * i), 5000 + i) for i in range(26))),
    "all on one day": lines(*((f"c{i}", DAY, 1000 * i) for i in range(50))),
    "all worth nothing": lines(*((f"c{i}", DAY - timedelta(days=i), 0) for i in range(50))),
    "credits only": lines(*((f"c{i}", DAY - timedelta(days=i), -1000) for i in range(50))),
    "nobody only": lines(*((None, DAY - timedelta(days=i), 1000) for i in range(300))),
    "a market that stopped": lines(
        *((f"c{i % 9}", date(2022, 1, 1) + timedelta(days=3 * i), 9000) for i in range(200))
    ),
    "a market that stopped long ago": lines(
        *((f"c{i % 9}", date(2015, 1, 1) + timedelta(days=i), 9000) for i in range(400))
    ),
    "three months": lines(*((f"c{i % 40}", date(2024, 10, 1) + timedelta(days=i % 92), 9000) for i in range(300))),
    "a thousand purchase days": lines(*(("a", date(2022, 4, 1) + timedelta(days=i), 9000) for i in range(1000))),
    "huge amounts": lines(*((f"c{i % 9}", date(2022, 1, 1) + timedelta(days=5 * i), 10**14) for i in range(200))),
    "loss on every line": lines(
        *((f"c{i % 9}", date(2022, 1, 1) + timedelta(days=5 * i), 9000) for i in range(200))
    ).with_columns(cost_cents=pl.lit(12000, pl.Int64)),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "period", [QUARTER, Period(date(2025, 7, 1), date(2026, 7, 1)), Period(date(2024, 7, 1), date(2025, 1, 2))]
)
def test_forecast_stays_sound_on_odd_companies(name: str, period: Period) -> None:
    reading = plan(ODD[name], period=period, draws=100)
    is_sound(reading)


def test_a_market_that_stopped_is_said() -> None:
    assert "quiet_before_as_of" in plan(ODD["a market that stopped"]).warnings


def test_forecast_refuses_a_frame_that_is_no_purchases() -> None:
    with pytest.raises(FrameError):
        plan(pl.DataFrame({"on": [AS_OF - timedelta(days=1)]}))
