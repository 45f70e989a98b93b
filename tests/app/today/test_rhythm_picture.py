"""The picture of a rhythm: own days as dots, the usual time as a band, and now, all within the line of time."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from karma.readings.models import CustomerReading
from karma.today.rhythm import EDGE, WIDTH, draw, rows_of

NOW = date(2026, 3, 9)


def _reading(gap=35.0, x=12):
    return CustomerReading(typical_gap_days=gap, x=x)


def _days(*ago):
    return [NOW - timedelta(days=each) for each in ago]


def test_nothing_bought_has_no_picture():
    assert (draw([], None, now=NOW), rows_of([])) == (None, ())


def test_band_begins_at_seven_tenths_of_the_gap_after_the_last_day_and_now_stands_beyond_it_when_late():
    picture = draw(_days(200, 160, 120, 100), _reading(gap=40.0), now=NOW)
    share = (picture.usual_x - picture.dots[-1]) / (picture.now_x - picture.dots[-1])
    assert abs(share - 28 / 100) < 0.01
    assert picture.usual_x + picture.usual_width < picture.now_x


def test_customer_without_own_rhythm_gets_dots_and_no_band():
    picture = draw(_days(30), _reading(gap=None, x=0), now=NOW)
    assert (len(picture.dots), picture.usual_x) == (1, None)


def test_rows_say_the_gap_before_each_day_latest_first():
    rows = rows_of(_days(90, 60, 20))
    assert [(row.on, row.days) for row in rows] == [
        (NOW - timedelta(days=20), 40), (NOW - timedelta(days=60), 30), (NOW - timedelta(days=90), None),
    ]  # fmt: skip


@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=60, unique=True),
    st.none() | st.floats(0.5, 900),
    st.integers(0, 30),
)
def test_everything_stands_within_the_line_of_time(ago, gap, x):
    picture = draw(sorted(_days(*ago)), _reading(gap, x), now=NOW)
    places = [*picture.dots, picture.now_x, *(tick.x for tick in picture.ticks)]
    if picture.usual_x is not None:
        places += [picture.usual_x, picture.usual_x + picture.usual_width]
    assert picture.dots
    assert all(EDGE - 0.2 <= place <= WIDTH - EDGE + 0.2 for place in places)
    assert len(picture.ticks) <= 6
