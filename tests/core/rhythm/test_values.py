"""What orders are worth: pooled towards everybody, negative where it is negative, honest about missing cost."""

import numpy as np
import polars as pl
import pytest

from karma_core.rhythm import fit_gamma_gamma, order_worth


def shop(*, x, revenue, cost, costed=None) -> pl.DataFrame:
    return pl.DataFrame(
        {"x": x, "revenue_cents": revenue, "cost_cents": cost, "costed_revenue_cents": costed or revenue}
    )


USUAL = {
    "x": [1, 3, 8, 15, 2],
    "revenue": [20_000, 30_000, 180_000, 90_000, 45_000],
    "cost": [15_000, 20_000, 130_000, 70_000, 30_000],
}


def test_a_long_history_weighs_more_than_a_short_one():
    worth = order_worth(shop(x=[0, 99] + USUAL["x"], revenue=[1000, 100_000] + USUAL["revenue"], cost=[0] * 7))
    short, long = worth.values.mean[:2]
    assert abs(long - 1000) < abs(short - 1000)


def test_a_loss_making_customer_stays_loss_making():
    shares = order_worth(
        shop(x=[20, *USUAL["x"]], revenue=[200_000, *USUAL["revenue"]], cost=[300_000, *USUAL["cost"]])
    )
    assert shares.values.mean[0] < 0
    assert (shares.values.order_sd > 0).all()


def test_more_credits_than_sales_is_allowed():
    worth = order_worth(shop(x=[3, *USUAL["x"]], revenue=[-9_000, *USUAL["revenue"]], cost=[0, *USUAL["cost"]]))
    assert np.isfinite(worth.values.mean).all()


def test_little_missing_cost_is_filled_and_said():
    costed = [19_000, *USUAL["revenue"][1:]]
    worth = order_worth(shop(**USUAL, costed=costed))
    assert worth.measure == "margin"
    assert worth.warnings[0].en.endswith("the average share was used there.")


def test_much_missing_cost_makes_it_revenue():
    worth = order_worth(shop(**USUAL, costed=[0, 0, *USUAL["revenue"][2:]]))
    assert worth.measure == "revenue"
    assert worth.warnings[0].en.endswith("so we speak of revenue.")


def test_no_cost_at_all_makes_it_revenue():
    worth = order_worth(shop(x=[1, 2], revenue=[500, 700], cost=[0, 0], costed=[0, 0]))
    assert (worth.measure, worth.warnings[0].nl) == (
        "revenue",
        "Er zit geen kostprijs bij, dus we spreken over omzet.",
    )


@pytest.mark.parametrize("x", [[], [3, 4]])
def test_no_revenue_is_no_worth(x):
    nothing = [0] * len(x)
    frame = shop(x=x, revenue=nothing, cost=nothing).cast(pl.Int64)
    assert order_worth(frame) is None


def test_gamma_gamma_recovers_a_known_truth():
    rng, n = np.random.default_rng(1), 6000
    rate = rng.gamma(4.0, size=n) / 15.0
    counts = rng.integers(1, 12, size=n)
    means = rng.gamma(6.0 * counts) / rate / counts
    found = fit_gamma_gamma(counts.astype(float), means)
    # p and gamma lie on a ridge: it is their product, the scale of amounts, that the data fix.
    assert (found.q, found.p * found.gamma) == pytest.approx((4.0, 90.0), rel=0.1)


@pytest.mark.parametrize("means", [[5.0], [5.0] * 20, [1e-9, 1e9], [-3.0, 0.0]])
def test_gamma_gamma_never_runs_away(means):
    found = fit_gamma_gamma(np.ones(len(means)), np.array(means))
    assert np.isfinite(found.mean(np.ones(len(means)), np.array(means))).all()
