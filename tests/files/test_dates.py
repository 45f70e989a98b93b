"""Dates: every shape that exports use, one order a file, and no guess."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karma_files.dates import decide_date_order, read_dates, weigh_dates
from karma_files.phrases import FileError

DAY = date(2025, 3, 31)
YEARS = (datetime.fromisoformat("2001-01-01"), datetime.fromisoformat("2060-01-01"))


def read_one(text: str, *, order: str | None = "dmy") -> tuple[date | None, str | None]:
    row = read_dates(pl.Series([text]), order=order, time_zone="Europe/Amsterdam").row(0)
    return row[1], row[2]


@pytest.mark.parametrize(
    "text",
    [
        "31-03-2025",
        "31/3/2025",
        "31.03.25",
        "31-3-2025 08:15",
        "31/03/2025 08:15:59",
        "31/03/2025, 8:15 PM",
        "2025-03-31",
        "2025/3/31",
        "2025-03-31T08:15:59.123",
        "2025-03-31 08:15:59.123456",
        "20250331",
        "31 maart 2025",
        "31 mrt 2025",
        "31-Mar-25",
        "31 mrt. 2025",
        "March 31, 2025",
        "Mar 31 2025",
        "45747",
        "45747.75",
    ],
)
def test_read_dates_knows_the_shape(text: str) -> None:
    assert read_one(text) == (DAY, None)


def test_read_dates_takes_month_first_where_that_is_the_order() -> None:
    assert read_one("3/31/2025 8:15", order="mdy") == (DAY, None)


@pytest.mark.parametrize(
    "text", ["31-02-2025", "30/02/24", "29-2-2023", "2025-02-30", "2025-13-01", "20251301", "00-01-2025"]
)
def test_read_dates_refuses_a_day_that_does_not_exist(text: str) -> None:
    assert read_one(text) == (None, "no_such_day")


@pytest.mark.parametrize("text", ["soon", "12", "2025", "Q1 2025", "31-03", "99999", "1-2-3-4", "31 foo 2025"])
def test_read_dates_refuses_what_is_no_date(text: str) -> None:
    assert read_one(text)[0] is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-03-31T23:30:00Z", date(2025, 4, 1)),
        ("2025-03-31T21:30:00Z", date(2025, 3, 31)),
        ("2025-01-01T00:30:00+05:00", date(2024, 12, 31)),
        ("2025-01-01 20:30:00-05:00", date(2025, 1, 2)),
        ("2025-01-01T00:30:00.000+0000", date(2025, 1, 1)),
        ("2025-01-01 20:30", date(2025, 1, 1)),
    ],
)
def test_read_dates_brings_a_moment_home(text: str, day: date) -> None:
    assert read_one(text) == (day, None)


@given(st.datetimes(*YEARS), st.integers(-660, 660))
def test_read_dates_agrees_with_the_standard_library_on_offsets(moment: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    utc = (moment - timedelta(minutes=minutes)).replace(tzinfo=ZoneInfo("UTC"))
    assert read_one(text) == (utc.astimezone(ZoneInfo("Europe/Amsterdam")).date(), None)


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.sampled_from(["dmy", "mdy"]), st.sampled_from("-/. "))
def test_read_dates_reads_back_what_was_written(day: date, order: str, sign: str) -> None:
    parts = {"dmy": (day.day, day.month, day.year), "mdy": (day.month, day.day, day.year)}[order]
    assert read_one(sign.join(map(str, parts)), order=order) == (day, None)


def decide(*texts: str, given: str | None = None) -> str | None:
    return decide_date_order({"Datum": weigh_dates(pl.Series(texts))}, given=given, name="f.csv")[0]


def test_decide_date_order_follows_a_day_above_twelve() -> None:
    assert decide("01-02-2025", "13-02-2025") == "dmy"
    assert decide("01/02/2025", "02/13/2025") == "mdy"


def test_decide_date_order_asks_where_nothing_decides() -> None:
    with pytest.raises(FileError, match="--date-order") as refused:
        decide("01-02-2025", "03-04-2025")
    assert refused.value.code == "date_order"


def test_decide_date_order_needs_none_for_iso_or_equal_parts() -> None:
    assert decide("2025-02-01", "03-03-2025") is None


def test_decide_date_order_asks_where_both_occur() -> None:
    with pytest.raises(FileError) as refused:
        decide("13-02-2025", "02-13-2025")
    assert refused.value.code == "date_orders_mixed"


def test_decide_date_order_follows_a_clear_majority_and_says_so() -> None:
    texts = [f"{day}-02-{year}" for day in range(13, 29) for year in (2024, 2025)]
    evidence = {"Datum": weigh_dates(pl.Series([*texts, "02-13-2025"]))}
    order, notices = decide_date_order(evidence, given=None, name="f.csv")
    assert (order, [notice.code for notice in notices]) == ("dmy", ["date_order_few"])


def test_decide_date_order_takes_a_persons_word() -> None:
    assert decide("01-02-2025", given="mdy") == "mdy"


def test_decide_date_order_lets_one_column_decide_for_all() -> None:
    evidence = {"a": weigh_dates(pl.Series(["01-02-2025"])), "b": weigh_dates(pl.Series(["25-12-2025"]))}
    assert decide_date_order(evidence, given=None, name="f.csv")[0] == "dmy"
