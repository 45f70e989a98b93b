"""What customers say moves the expectation as far as earlier plans came true, and no further."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.reach.companies import company
from tests.core.reach.test_forecast import ODD, is_sound

from karma_core.errors import FrameError
from karma_core.frames import CUSTOMER_PLANS, day_number
from karma_core.periods import Period
from karma_core.reach import Ahead, PlanReading, backtest, forecast, forecast_many, from_stored, to_stored
from karma_core.reach.customer_plans import BIASES, STRAYS, Plans, _level, know_plans, read_plans, weigh_in
from karma_core.reach.existing import expect
from karma_core.reach.known import read_known
from karma_core.reach.ledger import read_ledger
from karma_core.reach.season import Season
from karma_core.reach.windows import Horizon

AS_OF = date(2025, 1, 1)
QUARTER = Period(date(2025, 1, 1), date(2025, 4, 1))
YEARS = [(date(year, 1, 1), date(year + 1, 1, 1)) for year in (2023, 2024, 2025)]
FLAT = Season(np.zeros(12), sd=0.0, seen=False)
LINES = company(customers=40, days=1100)


def plans(*rows: tuple[str, date, date, int, date]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=CUSTOMER_PLANS.schema, orient="row")


def one(
    euros: int, *, customer: str = "c1", stated: date = date(2024, 12, 1), until: date = YEARS[2][1]
) -> pl.DataFrame:
    return plans((customer, AS_OF, until, 100 * euros, stated))


def said(
    stated: pl.DataFrame | None, *, lines: pl.DataFrame = LINES, as_of: date = AS_OF, period: Period = QUARTER
) -> PlanReading:
    rng = np.random.default_rng(7)
    ahead = Ahead(stated)
    return forecast(lines, deals=None, history=None, period=period, as_of=as_of, rng=rng, draws=300, ahead=ahead)


def bought(lines: pl.DataFrame, first: date, last: date) -> dict[str, float]:
    rows = lines.filter(pl.col("on").is_between(first, last, closed="left"), pl.col("revenue_cents") > 0)
    return dict(rows.group_by("customer").agg(pl.col("revenue_cents").sum()).sort("customer").iter_rows())


def stated_years(
    lines: pl.DataFrame, *, bias: float = 0.0, noise: float = 0.1, shuffled: bool = False, seed: int = 3
) -> pl.DataFrame:
    """Every customer's plan for each of three years, a month ahead, around what they will buy a year."""
    rng = np.random.default_rng(seed)
    rows = []
    for first, last in YEARS:
        until = min(last, date(2025, 7, 1))
        happened = bought(lines, first, until)
        share = (until - first).days / (last - first).days
        amounts = rng.permutation(list(happened.values())) if shuffled else list(happened.values())
        for customer, amount in zip(happened, amounts, strict=True):
            cents = round(amount / share * np.exp(bias + noise * rng.normal()))
            rows.append((customer, first, last, cents, first - timedelta(days=31)))
    return plans(*rows)


def same(one: PlanReading, other: PlanReading) -> bool:
    return one.draws.cents.tolist() == other.draws.cents.tolist() and one.fan == other.fan


@pytest.mark.parametrize(
    "unheard",
    [
        CUSTOMER_PLANS.empty(),
        one(90_000, stated=AS_OF),
        one(90_000, customer="somebody else"),
        plans(("c1", date(2025, 4, 1), date(2026, 1, 1), 9_000_000, date(2024, 12, 1))),
        plans(("c1", date(2024, 1, 1), date(2025, 1, 1), 9_000_000, date(2024, 12, 20))),
    ],
    ids=["none", "stated on as-of", "an unknown customer", "a later period", "over, and stated too late to judge"],
)
def test_plans_that_say_nothing_of_the_period_leave_every_number_as_it_was(unheard: pl.DataFrame) -> None:
    assert same(said(unheard), said(None))


def test_a_plan_after_as_of_does_not_exist_for_the_reading() -> None:
    stated = stated_years(LINES)
    known = stated.filter(pl.col("stated_on") < date(2023, 12, 15))
    early = date(2023, 12, 15)
    period = Period(date(2024, 1, 1), date(2024, 4, 1))
    told, knew = (said(frame, as_of=early, period=period) for frame in (stated, known))
    assert same(told, knew)
    assert told.customer_plans == knew.customer_plans


def test_a_plan_of_an_unknown_customer_is_counted_and_said() -> None:
    reading = said(pl.concat([one(500), one(500, customer="somebody else")]))
    assert reading.customer_plans is not None
    assert (reading.customer_plans.customers, reading.customer_plans.not_expected) == (1, 1)


def test_the_order_of_plans_makes_no_difference() -> None:
    stated = stated_years(LINES)
    assert same(said(stated), said(stated.sample(fraction=1.0, shuffle=True, seed=5)))


def usual(customer: str = "c1") -> float:
    """What a customer is expected to buy in a quarter, in cents of revenue."""
    return bought(LINES, date(2024, 1, 1), AS_OF)[customer] / 4


def moved(stated: pl.DataFrame) -> int:
    told = said(stated).customer_plans
    assert told is not None
    return told.moved_cents


def test_a_single_plan_moves_its_customer_towards_it() -> None:
    year = round(4 * usual() / 100)
    assert moved(one(3 * year)) > 0 > moved(one(year // 4))
    assert moved(one(3 * year)) < 0.3 * 2 * usual() * 0.8  # without a record a plan is believed by less than half


def test_a_zero_plan_takes_something_away_and_not_more_than_there_is() -> None:
    assert -0.3 * usual() * 1.5 < moved(one(0)) < 0


def test_an_absurd_plan_is_hardly_heard() -> None:
    year = round(4 * usual() / 100)
    assert 0 < moved(one(1000 * year)) < 0.3 * usual()
    is_sound(said(one(10**13)))


def test_a_plan_for_half_the_period_moves_half() -> None:
    year = round(4 * usual() / 100)
    half = date(2025, 2, 15)
    whole, part = moved(one(2 * year)), moved(one(2 * year * 45 // 365, until=half))
    assert 0.35 < part / whole < 0.65


def test_of_plans_that_share_days_the_latest_stated_counts() -> None:
    year = round(4 * usual() / 100)
    earlier, later = one(9 * year, stated=date(2024, 11, 1)), one(2 * year)
    both = said(pl.concat([earlier, later]))
    assert both.customer_plans == said(later).customer_plans
    assert same(both, said(later))


def test_plans_for_one_day_after_another_both_count() -> None:
    year = round(4 * usual() / 100)
    first = plans(("c1", AS_OF, date(2025, 2, 15), 100 * 2 * year * 45 // 365, date(2024, 12, 1)))
    second = plans(("c1", date(2025, 2, 15), QUARTER.end, 100 * 2 * year * 45 // 365, date(2024, 12, 2)))
    assert moved(pl.concat([first, second])) > 1.5 * moved(first)


def test_what_is_realised_stays_apart() -> None:
    stated, middle = stated_years(LINES), date(2025, 2, 1)
    with_plans, without = (said(frame, as_of=middle) for frame in (stated, None))
    assert with_plans.realised_cents == without.realised_cents
    is_sound(with_plans)


def test_by_customer_adds_up_to_its_source() -> None:
    reading = said(stated_years(LINES))
    existing = next(part for part in reading.sources if part.source == "existing_customers")
    assert abs(reading.customers["expected_cents"].sum() - existing.mean_cents) < len(reading.customers) + 1


def believed(stated: pl.DataFrame) -> tuple[float, float]:
    """The usual stray and the mean bias that are learned."""
    known = read_known(LINES, deals=None, history=None, as_of=AS_OF, ahead=Ahead(stated))
    assert known.plans is not None
    chance = known.plans.believed.chance
    assert chance.sum() == pytest.approx(1.0)
    return float(np.exp(chance.sum(axis=1) @ np.log(STRAYS))), float(chance.sum(axis=0) @ BIASES)


def test_good_plans_are_believed_more_than_bad_ones() -> None:
    good, bad = said(stated_years(LINES)), said(stated_years(LINES, shuffled=True))
    assert good.customer_plans is not None
    assert bad.customer_plans is not None
    assert good.customer_plans.share > 0.6
    assert bad.customer_plans.share < 0.25


def test_a_bias_is_learned() -> None:
    _, bias = believed(stated_years(LINES, bias=np.log(1.6)))
    assert -0.7 < bias < -0.25
    _, none = believed(stated_years(LINES))
    assert abs(none) < 0.15


def test_plans_that_are_too_high_by_the_same_factor_move_little() -> None:
    honest, boastful = (moved(stated_years(LINES, bias=bias)) for bias in (0.0, np.log(1.6)))
    if_believed = 0.6 * said(None).mean_cents
    assert abs(boastful - honest) < if_believed / 4


def test_plans_are_judged_on_what_was_still_to_come_at_the_same_day_of_earlier_years() -> None:
    stated = stated_years(LINES, noise=0.0).filter(pl.col("from_on") == date(2023, 1, 1))
    asked = (date(2024, 1, 2), date(2024, 7, 1))
    whole, half = (
        read_known(LINES, deals=None, history=None, as_of=day, ahead=Ahead(stated)).plans for day in asked
    )
    assert whole is not None
    assert half is not None
    assert half.believed.planned / whole.believed.planned == pytest.approx(0.5, abs=0.1)


def test_without_earlier_plans_it_is_said() -> None:
    this_year = stated_years(LINES).filter(pl.col("from_on") == AS_OF)
    assert "plans_unproven" in said(this_year).warnings
    assert "plans_unproven" not in said(stated_years(LINES)).warnings


def test_plans_err_together() -> None:
    """Unproven plans leave a common doubt, which adding up customers does not average away."""
    this_year = stated_years(LINES).filter(pl.col("from_on") == AS_OF)
    known = read_known(LINES, deals=None, history=None, as_of=AS_OF, ahead=Ahead(this_year))
    assert known.plans is not None
    past, start = known.past, day_number(AS_OF)
    expected = expect(past, origin=start, horizon=Horizon(0, 90), season=known.season)
    weighed = weigh_in(known.plans, expected, start=start, end=start + 90, season=known.season, lift=1.0)
    drawn = weighed.draw_log_level(4000, np.random.default_rng(1))
    assert np.exp(drawn).mean() == pytest.approx(1.0, abs=0.02)
    assert drawn.std() > 0.05
    reading, none = said(this_year), said(None)
    assert reading.draws.of_source("existing_customers").std() > none.draws.of_source("existing_customers").std()


def test_several_periods_share_what_is_learned_of_plans() -> None:
    ahead, periods = Ahead(stated_years(LINES)), [QUARTER, Period(date(2025, 1, 1), date(2026, 1, 1))]
    rng = np.random.default_rng(7)
    readings = forecast_many(
        LINES, deals=None, history=None, periods=periods, as_of=AS_OF, rng=rng, draws=100, ahead=ahead
    )
    assert [reading.customer_plans.earlier for reading in readings if reading.customer_plans] == [
        readings[0].customer_plans.earlier  # type: ignore[union-attr]
    ] * 2


def test_a_backtest_lets_each_plan_know_its_own_customers_plans() -> None:
    asked = [(date(2024, 4, 1), Period(date(2024, 4, 1), date(2024, 7, 1)))]
    found = [
        backtest(
            LINES, deals=None, history=None, plans=asked, rng=np.random.default_rng(1), draws=200, ahead=ahead
        )
        for ahead in (Ahead(), Ahead(stated_years(LINES)))
    ]
    assert found[0]["p50_cents"].item() != found[1]["p50_cents"].item()


def test_it_comes_back_from_store() -> None:
    reading = said(stated_years(LINES))
    assert from_stored(*to_stored(reading)).customer_plans == reading.customer_plans


def test_a_document_from_before_plans_still_opens() -> None:
    document, block = to_stored(said(None))
    for key in ("customer_plans", "held"):
        del document[key]
    back = from_stored(document, block)
    assert (back.customer_plans, back.held) == (None, ())


@pytest.mark.parametrize(
    "wrong",
    [
        plans(("c1", AS_OF, AS_OF, 100, date(2024, 12, 1))),
        one(-1),
        one(1).drop("stated_on"),
        one(1).with_columns(customer=pl.lit(None, pl.String)),
    ],
    ids=["no day", "below zero", "no day stated", "nobody"],
)
def test_a_frame_that_is_no_plan_is_refused(wrong: pl.DataFrame) -> None:
    with pytest.raises(FrameError):
        read_plans(wrong, read_ledger(LINES, as_of=AS_OF))


@pytest.mark.parametrize("name", ODD)
def test_plans_stay_sound_on_odd_companies(name: str) -> None:
    lines = ODD[name]
    who = [customer for customer in lines["customer"].unique().to_list() if customer] or ["a"]
    stated = plans(
        *((each, first, last, 10**5 * i, first) for i, each in enumerate(who) for first, last in YEARS[:2])
    )
    now = plans(*((each, AS_OF, YEARS[2][1], 10**6, date(2024, 12, 1)) for each in who))
    is_sound(said(pl.concat([stated, now]), lines=lines))


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["c1", "c2", "c3", "nobody we know"]),
            st.dates(date(2020, 1, 1), date(2027, 1, 1)),
            st.integers(1, 1000),
            st.integers(0, 10**13),
            st.dates(date(2020, 1, 1), date(2026, 1, 1)),
        ),
        max_size=12,
    )
)
def test_any_plans_give_a_sound_reading(rows: list[tuple[str, date, int, int, date]]) -> None:
    stated = plans(*((who, first, first + timedelta(days=n), cents, on) for who, first, n, cents, on in rows))
    is_sound(said(stated, lines=LINES.filter(pl.col("customer").is_in([f"c{i}" for i in range(12)]))))


def test_a_part_of_a_plan_follows_the_season_and_adds_up() -> None:
    summer = Season(np.log(np.array([1.0] * 6 + [3.0] * 2 + [1.0] * 4)), sd=0.1, seen=True)
    first, middle, last = (np.array([day_number(day)]) for day in (AS_OF, date(2025, 7, 1), date(2026, 1, 1)))
    whole = Plans(np.array([0]), first, last, first, np.array([1000.0]))
    halves = [whole.within(a, b, season=summer).cents[0] for a, b in ((first, middle), (middle, last))]
    slow = [
        sum(3.0 if 7 <= (AS_OF + timedelta(days=d)).month <= 8 else 1.0 for d in range(*days))
        for days in ((0, 181), (181, 365))
    ]
    assert sum(halves) == pytest.approx(1000.0)
    assert halves[0] / halves[1] == pytest.approx(slow[0] / slow[1])
    assert _level(FLAT, first, last)[0] == pytest.approx(365)


def test_a_record_of_plans_knows_what_was_bought() -> None:
    stated = stated_years(LINES, noise=0.0)
    known = read_known(LINES, deals=None, history=None, as_of=AS_OF)
    learned = know_plans(stated, known.past, season=known.season).believed
    assert learned.judged > 30
    assert learned.bought / learned.planned == pytest.approx(1.0, abs=0.05)
