"""What deals bring, drawn: those open on as-of, those won and not wholly invoiced, and those not yet born."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.deals import cumulative_chances, open_deals
from karma_core.reach.compound import Arrivals, Pool, Volume, draw_sums
from karma_core.reach.deal_values import MOST_PARTS, DealValues, segment_positions
from karma_core.reach.ledger import Ledger
from karma_core.reach.newcomers import Exposures, draw_rate
from karma_core.reach.past_deals import draw_worth, odds_residuals
from karma_core.reach.pipeline import (
    MIX_DAYS,
    DealByDeal,
    Pipeline,
    by_week,
    draw_won_by_age,
    expected_wins,
    in_horizon,
    lifted,
    waiting_deals,
    weeks_of,
    won_by_age,
    won_within,
)
from karma_core.reach.shock import ShockPrior, draw_shock
from karma_core.reach.windows import Horizon, Windows, past_windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PARAMETER_DRAWS = 30

ONE_BY_ONE = 400

DEAL_WINDOWS = 8
"""So many past windows are looked at with a fit of their own; what needs no fit looks at all."""

SHOCK_SD = 0.3
"""How far the odds of winning stray over a quarter beforehand, bias and shock together (an assumption)."""


def draw_deals(
    pipeline: Pipeline,
    ledger: Ledger,
    *,
    horizon: Horizon,
    noise: Floats,
    rng: np.random.Generator,
) -> tuple[Volume, Arrivals, DealByDeal]:
    """Draw what open deals and deals not yet born bring in the horizon, per segment of the ledger.

    Each drawn future has its own draw of the hazards, of the share that is invoiced, of the rate at which deals
    are born and of a common shock, whose size is learned from how many deals were won in past windows against
    what was then expected. The largest deals are drawn one by one.
    """
    rewound = pipeline.rewound
    if rewound.deals.is_empty() or horizon.days == 0:
        nothing = Volume.none(len(ledger.segments), noise.size)
        return nothing, Arrivals(nothing, np.zeros(noise.size)), DealByDeal.none()
    first = int(rewound.deals["opened"].min() or rewound.as_of)  # type: ignore[arg-type]
    windows = past_windows(first, rewound.as_of, horizon=horizon)
    fitted = past_windows(first, rewound.as_of, horizon=horizon, most=DEAL_WINDOWS, every=3)
    sd = SHOCK_SD * float(np.sqrt(np.clip(horizon.reach / 91, 0.5, 4)))
    shock = draw_shock(
        odds_residuals(pipeline, fitted),
        prior=ShockPrior.of(sd),
        stretch=windows.stretch,
        noise=noise,
        rng=rng,
    )
    thetas = pipeline.fit.draw(rng, size=PARAMETER_DRAWS)
    ratio = pipeline.values.ratio + pipeline.values.ratio_sd * rng.normal(size=noise.size)
    times = np.exp(np.clip(shock, -3, 1.5))
    worth = np.exp(np.clip(draw_worth(pipeline, windows, rng, draws=noise.size), -3, 1.5))
    born, by_deal = _draw_open(pipeline, ledger, horizon, thetas, times, worth, rng)
    unborn = _draw_unborn(pipeline, ledger, horizon, windows, times, rng)
    share = pipeline.values.share if pipeline.values.share > 0 else 1.0
    invoiced, new = (Volume(v.value * ratio / share, v.value * ratio) for v in (born, unborn.volume.times(worth)))
    return invoiced, Arrivals(new, unborn.per_day), by_deal


def _draw_open(
    pipeline: Pipeline,
    ledger: Ledger,
    horizon: Horizon,
    thetas: Floats,
    times: Floats,
    worth: Floats,
    rng: np.random.Generator,
) -> tuple[Volume, DealByDeal]:
    """Open deals, and deals won before as-of that are still to be invoiced."""
    rewound, values = pipeline.rewound, pipeline.values
    won, open_share, open_square = _chances(pipeline, horizon, thetas)
    waiting = waiting_deals(pipeline, ledger)
    waiting_share = waiting.share_in(values, horizon)
    which = np.concatenate([np.flatnonzero((rewound.deals["outcome"] == "open").to_numpy()), waiting.which])
    deals = pl.concat([rewound.open, rewound.deals[waiting.which]])
    expected = Wins(
        amount=np.concatenate([values.amount[which[: won.shape[1]]], waiting.left]),
        chance=np.concatenate([won, np.tile(waiting.comes, (len(thetas), 1))], axis=1),
        share=np.concatenate([open_share, waiting_share]),
        square=np.concatenate(
            [open_square, waiting_share**2 + waiting_share * (1 - waiting_share) / values.parts]
        ),
        segment=segment_positions(ledger, deals),
    )
    drawn = Volume.none(len(ledger.segments), times.size)
    known = np.isfinite(expected.amount)
    for mask, larger in ((known, np.ones(times.size)), (~known, worth)):
        part = _draw_wins(expected.where(mask), values, len(ledger.segments), times, rng)
        drawn = drawn.plus(part.times(larger))
    likely = _likely(expected.chance.mean(axis=0), times)
    brings = likely * expected.share * np.where(known, expected.amount, _usual(values))
    chance = likely * (1 - (1 - expected.share) ** expected.parts)
    return drawn, DealByDeal(which, expected.segment, chance, brings)


def _chances(pipeline: Pipeline, horizon: Horizon, thetas: Floats) -> tuple[Floats, Floats, Floats]:
    """Of open deals: the chance to be won in time, per theta; the share then invoiced, and its square."""
    folded, position = by_week(open_deals(pipeline.fit, pipeline.rewound))
    by_theta = [cumulative_chances(pipeline.fit, folded, weeks=weeks_of(horizon), theta=t)[0] for t in thetas]
    won = np.array([won_within(by, horizon) for by in by_theta])
    usual = np.mean(by_theta, axis=0)
    share, square = (
        np.clip(in_horizon(usual, pipeline.values, horizon, squared=q) / np.maximum(won.mean(axis=0), 1e-12), 0, 1)
        for q in (False, True)
    )
    return won[:, position], share[position], square[position]


def _usual(values: DealValues) -> float:
    return float(values.usual.mean()) if values.usual.size else 0.0


def _likely(chance: Floats, times: Floats) -> Floats:
    """The chances over all futures: the mean over the shock, read off its quantiles."""
    levels = np.quantile(times, (np.arange(15) + 0.5) / 15)
    return np.asarray(np.mean([lifted(chance, level) for level in levels], axis=0))


@dataclass(frozen=True, eq=False)
class Wins:
    """Deals that may be won: agreed `amount` (NaN unknown), `chance` (thetas, deals), `share` invoiced if won.

    `square` is the mean of that share's square: it differs with the day of the win and how deals are invoiced.
    """

    amount: Floats
    chance: Floats
    share: Floats
    square: Floats
    segment: Ints

    @property
    def parts(self) -> Ints:
        """In how many parts, in the horizon or not by chance, a deal's share would differ as much."""
        apart = self.share * (1 - self.share) / np.maximum(self.square - self.share**2, 1e-9)
        return np.clip(np.rint(apart), 1, MOST_PARTS).astype(np.int64)

    def where(self, mask: NDArray[np.bool_]) -> "Wins":
        """The deals that a mask keeps."""
        kept = (self.share[mask], self.square[mask], self.segment[mask])
        return Wins(self.amount[mask], self.chance[:, mask], *kept)


def _draw_wins(wins: Wins, values: DealValues, segments: int, times: Floats, rng: np.random.Generator) -> Volume:
    """Sums of what won deals bring per segment; `times` (draws,) multiplies the odds of winning.

    A won deal comes in equal parts, each in the horizon or not. The deals that stray most are drawn one by one;
    the sum of the others is normal by their means and variances.
    """
    draws, usual = times.size, values.usual
    total = np.zeros((segments, draws))
    known = np.isfinite(wins.amount)
    mean = np.where(known, wins.amount, _usual(values))
    variance = np.where(known, 0.0, float(np.std(usual)) ** 2 if usual.size else 0.0)
    of_theta = np.arange(draws) % len(wins.chance)
    squares, parts = (mean**2 + variance) * wins.square, wins.parts
    alone = np.argsort(-wins.chance.mean(axis=0) * squares, kind="stable")[:ONE_BY_ONE]
    for deal in alone:
        won = rng.random(draws) < lifted(wins.chance[of_theta, deal], times)
        worth = mean[deal] if known[deal] or not usual.size else rng.choice(usual, size=draws)
        inside = rng.binomial(parts[deal], wins.share[deal], size=draws) / parts[deal]
        total[wins.segment[deal]] += won * worth * inside
    rest = np.setdiff1d(np.arange(mean.size), alone)
    for s in np.unique(wins.segment[rest]):
        here = rest[wins.segment[rest] == s]
        p, brings = wins.chance[:, here], mean[here] * wins.share[here]
        lift = _mean_lift(p.mean(axis=0), brings, times)
        unsure = (p @ squares[here] - p**2 @ brings**2)[of_theta]
        total[s] += (p @ brings)[of_theta] * lift
        total[s] += np.sqrt(np.maximum(unsure, 0) * lift) * rng.normal(size=draws)
    return Volume(total, total)


def _mean_lift(chance: Floats, amount: Floats, times: Floats) -> Floats:
    """How much the expected sum of many deals grows when all odds are multiplied by `times`; read off a grid."""
    grid = np.linspace(-3.0, 1.5, 19)
    sums = np.array([float(lifted(chance, np.exp(g)) @ np.abs(amount)) for g in grid])
    usual = float(chance @ np.abs(amount))
    return np.interp(np.log(times), grid, sums / usual) if usual > 0 else np.ones(times.size)


def _draw_unborn(
    pipeline: Pipeline,
    ledger: Ledger,
    horizon: Horizon,
    windows: Windows,
    times: Floats,
    rng: np.random.Generator,
) -> Arrivals:
    """Deals opened after as-of that are won and invoiced within the period.

    How they will go is read off how deals of the last two years went from their first day, whatever their stages:
    the stages of a deal that is not there yet are not known. Deals that fall in the horizon in part are drawn as
    more wins of smaller amounts, with the mean and the spread of those parts.
    """
    rewound, values = pipeline.rewound, pipeline.values
    won = (rewound.deals["outcome"] == "won").to_numpy() & np.isfinite(values.amount)
    if not won.any() or not windows.windows:
        return Arrivals(Volume.none(len(ledger.segments), times.size), np.zeros(times.size))
    opened = rewound.deals["opened"].to_numpy()
    counts = np.array([np.sum((opened >= w.start) & (opened < w.end)) for w in windows.windows], dtype=float)
    per_window = draw_rate(
        counts,
        Exposures(np.ones(counts.size), cv=0.0),
        weight=np.exp2([(window.end - rewound.as_of) / MIX_DAYS for window in windows.windows]),
        noise=rng.normal(size=times.size),
        rng=rng,
    )
    per_day = per_window / (windows.windows[0].end - windows.windows[0].start)
    won_by = draw_won_by_age(rewound, weeks=weeks_of(horizon), draws=PARAMETER_DRAWS, rng=rng)
    yields = expected_wins(won_by, values, horizon)
    usual = won_by_age(rewound, weeks=weeks_of(horizon))[None, :]
    whole, squares = (float(expected_wins(usual, values, horizon, squared=q)[0]) for q in (False, True))
    size = squares / whole if whole > 0 else 1.0
    mean = per_day * yields[np.arange(times.size) % PARAMETER_DRAWS] * times / size
    recent = np.exp2(-(rewound.as_of - opened[won]) / MIX_DAYS)
    segment = segment_positions(ledger, rewound.deals.filter(pl.Series(won)))
    pool = Pool(size * values.amount[won], size * values.amount[won], segment, recent)
    return Arrivals(draw_sums(pool, mean=mean, segments=len(ledger.segments), rng=rng), per_day)
