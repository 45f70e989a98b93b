"""What deals bring: known as well as the data tell, and invoice by invoice."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from tests.core.reach.companies import deals, invoices, said

from karma_core.deals import cumulative_chances, fit_hazards, open_deals, rewind
from karma_core.reach.deal_values import MOST_PARTS, value_deals
from karma_core.reach.ledger import read_ledger
from karma_core.reach.past_deals import odds_residuals
from karma_core.reach.pipeline import Pipeline
from karma_core.reach.windows import Horizon, past_windows

AS_OF = date(2025, 1, 1)


def in_two(of: pl.DataFrame) -> pl.DataFrame:
    """Each won deal invoiced in two halves, 10 and 70 days after it was won."""
    halves = [
        invoices(of, days=days).with_columns(pl.col("revenue_cents", "cost_cents") // 2) for days in (10, 70)
    ]
    return pl.concat(halves)


def pipeline_of(of: pl.DataFrame, lines: pl.DataFrame) -> Pipeline:
    rewound = rewind(of, as_of=AS_OF)
    ledger = read_ledger(lines, as_of=AS_OF, won=rewound.won)
    return Pipeline(of, None, rewound, fit_hazards(rewound), value_deals(ledger, rewound, measure="margin"))


def test_many_deals_leave_little_doubt_about_the_chances() -> None:
    rewound = rewind(deals(1500), as_of=AS_OF)
    fit = fit_hazards(rewound)
    still_open = open_deals(fit, rewound)
    thetas = fit.draw(np.random.default_rng(1), size=100)
    wins = [float(cumulative_chances(fit, still_open, weeks=13, theta=t)[0][:, -1].sum()) for t in thetas]
    assert np.std(wins) / np.mean(wins) < 0.12


def test_invoices_that_keep_a_schedule_leave_no_doubt_about_their_days() -> None:
    of = deals()
    assert pipeline_of(of, in_two(of)).values.parts == MOST_PARTS


def test_invoices_on_days_of_their_own_stray_as_much_as_there_are() -> None:
    of, rng = deals(2400), np.random.default_rng(3)
    lines = in_two(of)
    later = pl.Series(rng.integers(0, 300, len(lines)))
    by_chance = lines.with_columns(pl.col("on") - pl.duration(days=40) + pl.duration(days=later))
    assert pipeline_of(of, by_chance).values.parts == 2


def test_what_is_left_of_a_deal_that_was_invoiced_in_part_still_comes() -> None:
    of = deals()
    lines = in_two(of)
    reading = said(lines, of)
    waiting = reading.deals.filter(pl.col("outcome") == "won")
    ends = reading.period.end
    recent = of.filter(pl.col("outcome") == "won", pl.col("closed_on") < AS_OF)
    later = lines.filter(pl.col("on") >= AS_OF, pl.col("on") < ends).join(recent, on="deal", how="semi")
    still = later.select(pl.col("revenue_cents") - pl.col("cost_cents")).sum().item()
    assert waiting["expected_cents"].sum() == pytest.approx(still, rel=0.25)
    halfway = recent.filter(pl.col("closed_on") < AS_OF - timedelta(days=12))["deal"]
    assert waiting.filter(pl.col("deal").is_in(halfway.implode()))["expected_cents"].sum() > 0.5 * still


def test_deals_born_faster_are_no_surprise_of_the_odds() -> None:
    """Twice as many deals open in the last year: births tell it, the odds of winning do not."""
    of = deals(2400)
    early = pl.col("opened_on") < AS_OF - timedelta(days=365)
    faster = of.filter(~early | (pl.int_range(pl.len()) % 2 == 0))
    pipeline = pipeline_of(faster, invoices(faster))
    first = int(pipeline.rewound.deals["opened"].min())  # type: ignore[arg-type]
    windows = past_windows(first, pipeline.rewound.as_of, horizon=Horizon(0, 91), most=4)
    assert abs(np.mean(odds_residuals(pipeline, windows).residual)) < 0.25


def went(of: pl.DataFrame, *, times: float) -> pl.DataFrame:
    """A stage history in which every deal is quoted, at its amount so many times, on the day that it opened."""
    amount = (pl.col("revenue_cents") * times).round().cast(pl.Int64)
    quoted = of.select("deal", on="opened_on", stage=pl.lit("Quoted"), revenue_cents=amount)
    ended = of.select("deal", on="closed_on", stage=pl.col("outcome"), revenue_cents="revenue_cents")
    return pl.concat([quoted, ended]).filter(pl.col("on") < AS_OF)


def values_with(of: pl.DataFrame, history: pl.DataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """What open and what closed deals are worth."""
    rewound = rewind(of, as_of=AS_OF, history=history)
    ledger = read_ledger(invoices(of), as_of=AS_OF, won=rewound.won)
    amount = value_deals(ledger, rewound, measure="revenue", history=history).amount
    is_open = (rewound.deals["outcome"] == "open").to_numpy()
    return amount[is_open], amount[~is_open]


@pytest.mark.parametrize("times", [0.8, 1.0, 1.25])
def test_an_open_deal_is_worth_what_such_deals_were_signed_for(times: float) -> None:
    of = deals()
    hoped, _ = values_with(of, went(of, times=times))
    signed = of.filter(pl.col("opened_on") < AS_OF, pl.col("closed_on") >= AS_OF)["revenue_cents"]
    assert hoped.sum() == pytest.approx(float(signed.sum()), rel=0.02)


def test_closed_deals_and_histories_without_amounts_keep_what_they_say() -> None:
    of = deals()
    no_amounts = went(of, times=1.25).drop("revenue_cents")
    assert (values_with(of, went(of, times=1.25))[1] == values_with(of, None)[1]).all()
    assert values_with(of, no_amounts)[1].sum() == values_with(of, None)[1].sum()


def test_no_won_deal_leaves_amounts_as_they_are() -> None:
    of = deals(60).with_columns(outcome=pl.lit("lost"))
    open_amounts, _ = values_with(of, went(of, times=1.25))
    assert np.isfinite(open_amounts).all()
