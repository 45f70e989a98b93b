"""The reading: one row per customer, states that rest on their own purchase days, reasons a seller can follow."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.rhythm.worlds import given

from karma_core.frames import collect_statistics
from karma_core.rhythm import OPEN_NEEDS, RhythmReading, fit, read
from karma_core.rhythm.reading import COLUMNS

AS_OF = date(2026, 6, 1)
MODEL = {"r": 1.0, "alpha": 12.0, "a": 0.3, "b": 2.0}


def bought(**days_ago: list[int]) -> pl.DataFrame:
    """Statistics of customers who bought so many days before as-of, at 100 euro with 60 euro cost."""
    rows = [(name, AS_OF - timedelta(days=day)) for name, days in days_ago.items() for day in days]
    lines = pl.LazyFrame(rows, schema={"customer": pl.String, "on": pl.Date}, orient="row")
    amounts = pl.lit(10_000, pl.Int64).alias("revenue_cents"), pl.lit(6_000, pl.Int64).alias("cost_cents")
    return collect_statistics(lines.with_columns(*amounts), as_of=AS_OF)


def reading_of(statistics: pl.DataFrame, **kwargs) -> RhythmReading:
    fitted = given("mbg_cnbd_k", k=2, **MODEL)
    return read(
        statistics, fitted, as_of=AS_OF, horizon_days=28, rng=np.random.default_rng(1), draws=200, **kwargs
    )


def row_of(statistics: pl.DataFrame, **kwargs) -> dict:
    return reading_of(statistics, **kwargs).customers.row(0, named=True)


EVERY_FIVE_WEEKS = [35 * i for i in range(8)]


def test_columns_are_the_promised_ones():
    assert tuple(reading_of(bought(a=[1, 40])).customers.columns) == COLUMNS


def test_rows_keep_their_order():
    statistics = bought(c=[1], a=[2, 9], b=[3, 80, 90]).sample(fraction=1.0, shuffle=True, seed=3)
    assert reading_of(statistics).customers["customer"].to_list() == statistics["customer"].to_list()


def test_a_silence_beyond_the_own_rhythm_is_a_call():
    row = row_of(bought(**{"De Vries": [day + 56 for day in EVERY_FIVE_WEEKS]}))
    assert row["customer_state"] == "call_now"
    assert row["reason_nl"] == (
        "De Vries bestelt ongeveer elke vijf weken en is nu acht weken stil. Zo lang was het nog niet eerder stil."
    )
    assert row["reason_en"] == (
        "De Vries orders about every five weeks and has now been silent for eight weeks. "
        "It has not been silent for this long before."
    )


def test_a_customer_known_by_number_only_is_called_customer():
    row = row_of(bought(**{"14298": [day + 56 for day in EVERY_FIVE_WEEKS]}))
    assert row["reason_nl"].startswith("Klant 14298 bestelt")
    assert row["reason_en"].startswith("Customer 14298 orders")


def test_a_recent_order_is_left_in_peace_until_the_time_is_likely_ripe():
    row = row_of(bought(Jansen=[day + 3 for day in EVERY_FIVE_WEEKS]))
    assert row["customer_state"] == "leave_in_peace"
    assert row["leave_until"] == AS_OF - timedelta(days=3) + timedelta(days=35)
    assert row["reason_en"] == (
        "Jansen ordered three days ago and does so about every five weeks. Leave them in peace until early July."
    )


def test_who_orders_as_always_is_calm():
    row = row_of(bought(Bakker=[day + 32 for day in EVERY_FIVE_WEEKS]))
    assert (row["customer_state"], row["leave_until"]) == ("calm", None)
    assert row["reason_en"].endswith("That fits their own rhythm.")


def test_who_is_long_silent_sleeps():
    row = row_of(bought(Visser=[day + 700 for day in EVERY_FIVE_WEEKS]))
    assert row["customer_state"] == "asleep"
    assert row["reason_nl"].endswith("Vanzelf komen ze waarschijnlijk niet terug.")


@pytest.mark.parametrize(("days", "start"), [([9], "Smit ordered once,"), ([9, 40], "Smit ordered twice,")])
def test_one_gap_is_no_rhythm(days, start):
    row = row_of(bought(Smit=days))
    assert row["customer_state"] == "too_little_data"
    assert row["reason_en"].startswith(start)


def test_an_open_need_that_stalls_is_led_by_the_hand():
    needs = pl.DataFrame({"customer": ["Bakker"], "since": [date(2026, 3, 4)], "subject": ["de warmtepomp"]})
    row = row_of(bought(Bakker=EVERY_FIVE_WEEKS), open_needs=needs)
    assert row["customer_state"] == "lead_by_hand"
    assert row["reason_nl"] == (
        "Bakker denkt sinds maart na over de warmtepomp. Vraag wat er nog nodig is om te kiezen."
    )


def test_a_customer_is_called_by_the_name_that_is_known():
    statistics = bought(**{"12": EVERY_FIVE_WEEKS, "13": EVERY_FIVE_WEEKS})
    told = reading_of(statistics.with_columns(name=pl.Series(["Bakker", None]))).customers["reason_nl"]
    assert [text.split(" bestel")[0] for text in told] == ["Bakker", "Klant 13"]


def test_an_open_need_without_a_subject_is_still_said():
    needs = pl.DataFrame([("Bakker", date(2026, 3, 4), None)], schema=OPEN_NEEDS, orient="row")
    row = row_of(bought(Bakker=[1]), open_needs=needs)
    assert row["reason_en"].startswith("Something has been open with Bakker since March.")


def test_a_fresh_need_and_purchases_alone_lead_nobody_by_the_hand():
    needs = pl.DataFrame([("Bakker", AS_OF - timedelta(days=5), "x")], schema=OPEN_NEEDS, orient="row")
    assert row_of(bought(Bakker=EVERY_FIVE_WEEKS), open_needs=needs)["customer_state"] != "lead_by_hand"


def test_need_comes_before_margin_in_the_call_list():
    late = {f"late {i}": [day + 75 for day in EVERY_FIVE_WEEKS] for i in (1, 2)}
    statistics = bought(**late, less_late=[day + 75 for day in [*EVERY_FIVE_WEEKS, 345]])
    rich = (
        pl.when(pl.col("customer") == "less_late")
        .then(100)
        .when(pl.col("customer") == "late 2")
        .then(2)
        .otherwise(1)
    )
    statistics = statistics.with_columns(pl.col("revenue_cents", "costed_revenue_cents") * rich)
    assert reading_of(statistics).call_list["customer"].to_list() == ["late 2", "late 1", "less_late"]


def test_totals_are_the_sums_of_the_rows():
    reading = reading_of(bought(a=[1, 40], b=[3, 80, 90], c=[400]))
    assert reading.expected_purchases.mean == pytest.approx(reading.customers["expected_purchases"].sum())
    assert reading.expected_margin_cents.mean == reading.customers["expected_margin_cents"].sum()
    for total in (reading.expected_purchases, reading.expected_margin_cents):
        assert total.p05 <= total.mean <= total.p95


def test_weeks_are_shown_as_weeks():
    statistics = bought(a=[1, 40])
    fitted = given("mbg_nbd", unit="week", **MODEL)
    row = read(statistics, fitted, as_of=AS_OF, horizon_days=7, rng=np.random.default_rng(1)).customers.row(
        0, named=True
    )
    assert (row["t_x"], row["T"]) == pytest.approx((39 / 7, 39 / 7))


def test_without_cost_there_is_no_margin():
    statistics = (
        bought(a=[1, 40]).with_columns(cost_cents=0, costed_revenue_cents=0).cast({"cost_cents": pl.Int64})
    )
    reading = reading_of(statistics)
    assert (reading.measure, reading.expected_margin_cents) == ("revenue", None)
    assert reading.customers["expected_margin_cents"].null_count() == 1
    assert reading.expected_revenue_cents.mean > 0


def test_gaps_that_are_not_known_fall_back_on_the_average_pace():
    statistics = bought(**{"De Vries": [day + 56 for day in EVERY_FIVE_WEEKS]})
    row = row_of(statistics.drop("early_gap", "typical_gap", "longest_gap"))
    assert row["reason_en"].startswith(
        "De Vries orders about every five weeks and has now been silent for eight weeks."
    )


def test_nobody_gives_an_empty_reading():
    reading = reading_of(bought(a=[1]).head(0))
    assert (len(reading.customers), reading.expected_purchases.mean, reading.measure) == (0, 0.0, None)


@pytest.mark.parametrize("days", [[0], [7300], list(range(1000)), [1, 7300], [1, 2]])
def test_extremes_read_without_a_hole(days):
    statistics = bought(a=[day + 1 for day in days])
    reading = read(statistics, fit(statistics), as_of=AS_OF, horizon_days=90, rng=np.random.default_rng(1))
    shown = reading.customers.drop("leave_until")
    assert shown.null_count().sum_horizontal().item() == 0
    assert shown.select(pl.col(pl.Float64).is_nan().any()).sum_horizontal().item() == 0


@pytest.mark.data
def test_states_of_real_customers_come_true(sample_data):
    """Whoever is asleep orders less in the next four weeks than whoever is due, and these less than the calm."""
    path = sample_data("online_retail") / "online_retail_2010-12-01_2011-08-31.csv.gz"
    lines = pl.read_csv(path, infer_schema=False).filter(pl.col("CustomerID") != "NA")
    amount = (pl.col("Quantity").cast(pl.Float64) * pl.col("UnitPrice").cast(pl.Float64) * 100).round()
    sold = lines.select(
        pl.col("CustomerID").alias("customer"),
        pl.col("InvoiceDate").str.slice(0, 10).str.to_date().alias("on"),
        amount.cast(pl.Int64).alias("revenue_cents"),
        pl.lit(None, pl.Int64).alias("cost_cents"),
    )
    as_of = date(2011, 6, 1)
    statistics = collect_statistics(sold.lazy(), as_of=as_of)
    reading = read(statistics, fit(statistics), as_of=as_of, horizon_days=28, rng=np.random.default_rng(1))
    later = sold.filter(pl.col("on").is_between(as_of, date(2011, 6, 28)), pl.col("revenue_cents") >= 0)
    came = reading.customers.with_columns(pl.col("customer").is_in(later["customer"].implode()).alias("came"))
    rates = dict(came.group_by("customer_state").agg(pl.col("came").mean()).iter_rows())
    assert rates["asleep"] < rates["call_now"] < rates["calm"]
    assert rates["leave_in_peace"] < rates["calm"]
    per_state = came.group_by("customer_state").agg(pl.len(), pl.col("came", "chance_order").mean())
    for _, count, share, chance in per_state.iter_rows():
        assert abs(share - chance) < 4 * np.sqrt(chance * (1 - chance) / count)
    orders = later.unique(["customer", "on"]).filter(pl.col("customer").is_in(statistics["customer"].implode()))
    assert reading.expected_purchases.p05 < len(orders) < reading.expected_purchases.p95


def test_a_range_of_next_to_nothing_does_not_fall_below_nothing():
    once = bought(a=[700])
    said = read(once, fit(once), as_of=AS_OF, horizon_days=30, rng=np.random.default_rng(1))
    for told in (said.expected_purchases, said.expected_margin_cents):
        assert 0 <= told.p05 <= told.mean <= told.p95


@pytest.mark.parametrize("unit", ["day", "week"])
def test_customers_who_all_came_yesterday_are_not_expected_every_day(unit):
    new = bought(**{f"customer {i}": [1] for i in range(50)})
    expected = read(new, fit(new, unit=unit), as_of=AS_OF, horizon_days=30, rng=np.random.default_rng(1))
    assert expected.expected_purchases.mean < 4 * 50
