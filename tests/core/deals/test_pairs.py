"""Pairs of facts: found where they say something together, left alone where they do not."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from karma_core.deals import fit_hazards, open_deals, rewind
from karma_core.deals.calendar import CALENDARS, PLAIN
from karma_core.deals.crossing import Crossed
from karma_core.deals.facts import facts_of
from karma_core.deals.hazard import Weekly, fit_calendars
from karma_core.deals.landmarks import within
from karma_core.deals.risk import weeks_at_risk

START, AS_OF = date(2022, 1, 3), date(2025, 1, 1)
WIN, LOSE, WEEKS = -3.5, -3.0, 60


def deals(n: int = 6000, *, together: float, bend: float = 0.0, seed: int = 1) -> pl.DataFrame:
    """Two sources and four segments; in two of them fairs win `together` more, and `bend` more after ten weeks."""
    rng = np.random.default_rng(seed)
    fair, segment = rng.random(n) < 0.4, rng.integers(0, 4, n)
    age = np.arange(WEEKS)
    win = WIN + together * fair * np.where(segment < 2, 1, -1)
    eta = np.exp(win[:, None] + bend * fair[:, None] * np.where(age < 10, -1, 1))
    lose = np.exp(LOSE)
    chance = np.stack([eta, np.full_like(eta, lose)]) / (1 + eta + lose)
    ended = rng.random((n, WEEKS)) < chance.sum(axis=0)
    week = np.where(ended.any(axis=1), ended.argmax(axis=1), WEEKS - 1)
    won = rng.random(n) < (chance[0] / chance.sum(axis=0))[np.arange(n), week]
    opened = rng.integers(0, 1090, n)
    closed = opened + 7 * week + rng.integers(0, 7, n)
    is_open = closed >= (AS_OF - START).days
    return pl.DataFrame(
        {
            "deal": [f"d{i}" for i in range(n)],
            "customer": pl.Series([None] * n, dtype=pl.String),
            "outcome": np.where(is_open, "open", np.where(won, "won", "lost")),
            "opened_on": [START + timedelta(days=int(d)) for d in opened],
            "closed_on": [
                None if o else START + timedelta(days=int(d)) for o, d in zip(is_open, closed, strict=True)
            ],
            "segment": [f"s{s}" for s in segment],
            "source": np.where(fair, "fair", "list"),
        }
    )


def pairs_of(fit) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    names = [block.name for block in fit.layout.blocks]
    return [(names[pair.first], names[pair.second]) for pair in fit.layout.pairs]


def test_a_source_that_is_worth_more_in_one_segment_is_found():
    rewound = rewind(deals(together=0.6), as_of=AS_OF)
    fit = fit_hazards(rewound)
    assert pairs_of(fit) == [("segment", "source")]
    levels = fit.kinds.levels
    kind = [[levels["segment"].index(s), levels["source"].index("fair"), 0, 0] for s in ("s0", "s3")]
    chance = Weekly.of(fit, np.array(kind)).chances(np.array([4, 4]))[0, :, 0]
    odds = np.exp(WIN + np.array([0.6, -0.6]))
    assert chance == pytest.approx(odds / (1 + odds + np.exp(LOSE)), rel=0.12)


def test_a_source_with_a_curve_of_its_own_is_found():
    fit = fit_hazards(rewind(deals(together=0.0, bend=0.6), as_of=AS_OF))
    assert pairs_of(fit) == [("age", "source")]
    kind = np.array([[0, fit.kinds.levels["source"].index("fair"), 0, 0]] * 2)
    chance = Weekly.of(fit, kind).chances(np.array([3, 15]))[0, :, 0]
    assert Weekly.of(fit, kind[:0]).chances(np.array([], dtype=np.int64)).shape == (2, 0, 1)
    odds = np.exp(WIN + np.array([-0.6, 0.6]))
    assert chance == pytest.approx(odds / (1 + odds + np.exp(LOSE)), rel=0.25)


@pytest.mark.parametrize("seed", range(6))
def test_sums_are_left_sums(seed: int):
    assert pairs_of(fit_hazards(rewind(deals(3000, together=0.0, seed=seed), as_of=AS_OF))) == []


def test_cells_with_few_deals_say_nothing():
    frame = deals(together=0.6).filter(
        ~((pl.col("segment") == "s0") & (pl.col("source") == "fair") & (pl.col("deal") > "d11"))
    )
    (pair,) = fit_hazards(rewind(frame, as_of=AS_OF)).layout.pairs
    assert pair.size == 7
    assert (pair.met(np.array([99]), np.array([0])) == pair.size).all()


def test_gradient_and_curvature_with_pairs_are_those_of_the_likelihood():
    """The slow twin: differences of the log-likelihood, and of its gradient."""
    rewound = rewind(deals(1500, together=1.0, bend=1.0), as_of=AS_OF)
    fit = fit_hazards(rewound)
    assert len(fit.layout.pairs) == 2
    data = Crossed.of(weeks_at_risk(rewound).cells, fit.layout)

    def asked(theta):  # type: ignore[no-untyped-def]
        chance, value = data.chances(data.linear(theta))
        return value, data.slope(chance), data.curve(chance)

    _, slope, curve = asked(fit.theta)
    for cause, at in ((0, 0), (0, fit.layout.blocks[-1].start), (1, fit.layout.blocks[-2].start + 1)):
        step = np.zeros_like(fit.theta)
        step[cause, at] = 1e-4
        (high, up, _), (low, down, _) = asked(fit.theta + step), asked(fit.theta - step)
        assert (high - low) / 2e-4 == pytest.approx(slope[cause, at], abs=1e-3)
        row = curve[cause * fit.layout.width + at]
        assert -(up - down).ravel() / 2e-4 == pytest.approx(row, abs=1e-2)


def test_what_a_pair_says_is_taken_away_with_each_of_its_facts():
    rewound = rewind(deals(together=0.8), as_of=AS_OF)
    fit = fit_hazards(rewound)
    still = open_deals(fit, rewound)
    facts = facts_of(fit, still, days=91)
    here = (rewound.open["segment"].is_in(["s0", "s1"]) & (rewound.open["source"] == "fair")).to_numpy()
    assert facts.moved["segment"][here].mean() > 0.02
    assert facts.moved["source"][here].mean() > 0.02


def test_calendars_fitted_in_turn_say_what_each_says_alone():
    rewound = rewind(deals(together=0.6), as_of=AS_OF)
    fits = fit_calendars(rewound, CALENDARS)
    assert {tuple(pairs_of(fit)) for fit in fits.values()} == {(("segment", "source"),)}
    for calendar, fit in fits.items():
        alone = within(fit_hazards(rewound, calendar=calendar), rewound, days=91)
        assert within(fit, rewound, days=91) == pytest.approx(alone, abs=5e-3)


def test_calendars_come_in_any_order():
    rewound = rewind(deals(1500, together=0.0), as_of=AS_OF)
    fits = fit_calendars(rewound, [CALENDARS[1], PLAIN])
    assert fits[PLAIN].theta == pytest.approx(fit_hazards(rewound).theta)
