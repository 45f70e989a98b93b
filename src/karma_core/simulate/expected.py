"""What a period truly may be expected to bring, from the process that made the company."""

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.frames import day_number
from karma_core.periods import Period
from karma_core.simulate import deliveries as after_signing
from karma_core.simulate import orders
from karma_core.simulate.contents import Company
from karma_core.simulate.deals import lost_by, won_by
from karma_core.simulate.market import YEAR

Floats = npt.NDArray[np.float64]


def expected_margin(company: Company, *, period: Period) -> pl.DataFrame:
    """The mean margin, in cents, that a period brings, given the truth as of the company's as-of date.

    One row for each source that has a closed form: `existing_customers` (orders of their own accord, credits
    included, of those who truly are customers), `open_deals` (instalments of deals that are open), and
    `margin_loss` (of those deals). Not in it: what was already signed, deals and customers still to come, the
    counter. `period` may not begin before as-of, and lies within 420 days after the end of the simulation.

    The true market path, events included, is used. Three things are left out, together below 2%: credits fall on
    their order's day, closing days on the weekend are not moved, and nobody leaves sooner than usual
    (`seller_leaves`). Source: renewal reward theorem for the orders; competing gamma times for the deals.

    >>> from datetime import date
    >>> from karma_core.simulate import company as make
    >>> world = make(ends_on=date(2026, 7, 1), customers=50, years=1)
    >>> expected_margin(world, period=Period(date(2026, 7, 1), date(2026, 10, 1)))["source"].to_list()
    ['existing_customers', 'open_deals', 'margin_loss']
    """
    means = [_existing(company, period), *_open_deals(company, period)]
    return pl.DataFrame({"source": ["existing_customers", "open_deals", "margin_loss"], "mean_cents": means})


def _existing(company: Company, period: Period) -> float:
    segments = company.truth.segments
    as_of = day_number(company.as_of)
    total = 0.0
    for row in segments.iter_rows(named=True):
        days = company.truth.days.filter(
            pl.col("segment") == row["segment"], pl.col("on") >= period.start, pl.col("on") < period.end
        )
        ahead = days["on"].cast(pl.Int32).to_numpy() - as_of
        stays = np.exp(-row["leaves_per_year"] * ahead / YEAR)
        price, cost = days["price"].to_numpy(), days["cost"].to_numpy() * (1 - row["margin_share"])
        an_order = (1 + orders.MORE_LINES_MEAN) * (price - cost) - _credit(price, cost)
        flow = float(np.sum(days["intensity"].to_numpy() * stays * an_order))
        total += flow * _euros_a_day(company, row["segment"]) * row["line_eur"] * 100
    return total


def _credit(price: Floats, cost: Floats) -> Floats:
    part = orders.CREDIT_CHANCE * sum(orders.CREDIT_PART) / 2
    return np.asarray(part * (price - orders.CREDIT_COST_PART * cost))


def _euros_a_day(company: Company, segment: str) -> float:
    """Orders a day, each weighed by the customer's size, of all who are customers of a segment as of now."""
    here = company.truth.customers.filter(
        pl.col("segment") == segment,
        pl.col("became_on") < company.as_of,
        pl.col("left_on").is_null() | (pl.col("left_on") > company.as_of),
    )
    return float((here["orders_per_year"] * here["size"]).sum()) / YEAR


def _open_deals(company: Company, period: Period) -> tuple[float, float]:
    """The mean margin of instalments in the period, and of what is lost on those deals in it (negative)."""
    still_open = company.deals.filter(pl.col("outcome") == "open").select("deal")
    truth = still_open.join(company.truth.deals, on="deal", how="inner", maintain_order="left")
    if truth.is_empty():
        return 0.0, 0.0
    revenue, margin = (truth[name].to_numpy().astype(np.float64) for name in ("revenue_cents", "margin_cents"))
    shares = after_signing.shares(revenue / 100)
    waits = _waits()
    on_time = np.column_stack([_chance_within(company, truth, period, wait) for wait in waits])
    low, high = after_signing.CREDIT_LAG
    lag = np.r_[np.zeros(low), np.full(high - low, 1 / (high - low))]
    late = np.column_stack([_chance_within(company, truth, period, np.convolve(wait, lag)) for wait in waits])
    deals, last = np.arange(len(revenue)), (shares > 0).sum(axis=1) - 1
    credit, hours = shares_lost()
    lost = revenue * (credit * late[deals, last] + hours * on_time[deals, last])
    return float(np.sum(margin * (shares * on_time).sum(axis=1))), -float(np.sum(lost))


def _waits() -> list[Floats]:
    """For each instalment the chances of 0, 1, 2... days between signature and invoice."""
    waits, so_far = [], np.array([1.0])
    for low, high in after_signing.GAPS:
        so_far = np.convolve(so_far, np.r_[np.zeros(low), np.full(high - low, 1 / (high - low))])
        waits.append(so_far)
    return waits


def _chance_within(company: Company, truth: pl.DataFrame, period: Period, waits: Floats) -> Floats:
    """The chance that each open deal is won and that what comes `waits` days later falls in the period."""
    opened = truth["opened_on"].cast(pl.Int32).to_numpy().astype(np.float64) + 1
    chance = 1 / (1 + np.exp(-truth["log_odds"].to_numpy()))
    age = day_number(company.as_of) - opened
    open_now = chance * (1 - won_by(age)) + (1 - chance) * (1 - lost_by(age))
    after = np.arange(len(waits))
    begin = np.maximum(day_number(period.start) - opened[:, None] - after, age[:, None])
    end = np.maximum(day_number(period.end) - opened[:, None] - after, begin)
    return np.asarray(chance * ((won_by(end) - won_by(begin)) @ waits) / np.maximum(open_now, 1e-300))


def shares_lost() -> tuple[float, float]:
    """The mean shares of a signed deal's amount that go to credits and to extra hours.

    >>> [round(share, 4) for share in shares_lost()]
    [0.0085, 0.0106]
    """
    secured = after_signing.SECURED_CHANCE
    broken = secured * after_signing.BROKEN_CHANCE[1] + (1 - secured) * after_signing.BROKEN_CHANCE[0]
    none = np.prod([1 - made * after_signing.OURS_CHANCE * broken for made in after_signing.PROMISE_CHANCE])
    more = after_signing.MORE_WHEN_BROKEN * (1 - float(none))
    credit = (after_signing.CREDIT_CHANCE + more / 2) * sum(after_signing.CREDIT_SHARE) / 2
    hours = (after_signing.HOURS_CHANCE + more) * sum(after_signing.HOURS_SHARE) / 2
    return credit, hours
