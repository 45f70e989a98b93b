"""Weekly chances that a deal is won or lost, by its age, kind, stage and season, fitted with shrinkage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karma_core.deals.blocks import Layout, lay_out
from karma_core.deals.climb import climb
from karma_core.deals.crossing import Crossed
from karma_core.deals.kinds import Kinds
from karma_core.deals.rewind import Rewound
from karma_core.deals.risk import age_band, weeks_at_risk

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_WON = 50
"""Below so many won deals it is said that there is too little data."""

PRIOR_WEEKLY = (0.015, 0.025)
"""Weekly chances of winning and losing before any deal was seen: half a year or so, and a win in three."""


@dataclass(frozen=True, eq=False)
class DealsFit:
    """A fitted model of how deals end.

    `theta` (2, p): the parameters of `layout` for won and lost, `covariance` (2p, 2p) their posterior covariance,
    `scales` (2, parts) the spreads that the data chose. `won` and `lost` are the closed deals that it rests on;
    `moves` the weekly chances to change stage; `trend` and `season` say whether cohorts and the calendar count.
    """

    theta: Floats
    covariance: Floats
    scales: Floats
    layout: Layout
    kinds: Kinds
    stages: tuple[str, ...]
    moves: Floats
    bands: int
    won: int
    lost: int
    trend: bool
    season: bool

    @property
    def is_too_little(self) -> bool:
        """Whether there are too few won deals to say much."""
        return self.won < FEWEST_WON

    def draw(self, rng: np.random.Generator, *, size: int) -> Floats:
        """Posterior draws of theta, shape (size, 2, p)."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.covariance)))
        drawn = rng.normal(size=(size, len(root))) @ root.T
        return np.asarray(self.theta + drawn.reshape(size, *self.theta.shape))


def fit_hazards(rewound: Rewound, *, trend: bool = False, season: bool = False) -> DealsFit:
    """Fit weekly hazards {won, lost, still open} on every week at risk before as-of.

    log(h_c / h_open) for c in won, lost is a sum of: a natural spline over age and what single ages insist on;
    a level per segment, source and further factor; the stage at the start of the week; with `trend` a random walk
    over the month in which the deal was opened; with `season` the month of the year in which it was opened and in
    which the week lies, and the week's place in its quarter. All but intercept and spline are shrunk to zero; the
    size of each spread is found by EM on the marginal likelihood with a weak prior, so few deals lean on the
    prior and many speak for themselves. Without any deal the prior speaks. The covariance is Laplace's.
    **Source**: Allison (1982) for discrete-time competing risks as a multinomial logit; MacKay (1992) for the
    spreads. Owners are left out on purpose: a plan does not rank people.
    """
    risk = weeks_at_risk(rewound, trend=trend, season=season)
    bands = int(risk.cells.band.max(initial=0)) + 1
    layout = lay_out(risk.kinds, stages=len(risk.stages), bands=bands, trend=trend, season=season)
    found = climb(Crossed.of(risk.cells, layout), start=np.log(PRIOR_WEEKLY))
    won, lost = (round(float(risk.cells.events[:, c].sum())) for c in (0, 1))
    return DealsFit(
        theta=found.theta,
        covariance=found.covariance,
        scales=found.scales,
        layout=layout,
        kinds=risk.kinds,
        stages=risk.stages,
        moves=risk.moves,
        bands=bands,
        won=won,
        lost=lost,
        trend=trend,
        season=season,
    )


@dataclass(frozen=True, eq=False)
class Weekly:
    """Weekly chances of deals of given kinds: what each part adds to the log-odds of won and lost.

    `static` (2, n) is the deal's own part; `age` (2, bands), `stage` (2, stages), `month` and `pace` are shared.
    """

    static: Floats
    age: Floats
    stage: Floats
    month: Floats
    pace: Floats

    @classmethod
    def of(cls, fit: DealsFit, kind: Ints, *, theta: Floats | None = None) -> "Weekly":
        """For kinds (n, factors + 2): codes of the factors, of the cohort and of the month opened."""
        values = fit.layout.values(fit.theta if theta is None else theta)
        static = np.zeros((2, len(kind)))
        for column, value in zip(kind.T, values[1 : 1 + kind.shape[1]], strict=True):
            static += value[:, np.minimum(column, value.shape[1] - 1)]
        return cls(static, values[0], *values[-3:])

    @property
    def has_calendar(self) -> bool:
        """Whether it matters where a week lies in the year."""
        return bool(self.month.shape[1] > 1)

    def chances(self, week: Ints, *, month: int = 0, pace: int = 0) -> Floats:
        """Chances (won, lost) in a week of age (n,), for every stage; shape (2, n, stages).

        `month` and `pace` say where the week lies in the calendar. Ages beyond those seen are taken as the oldest.
        """
        eta = self.static + self.age[:, np.minimum(age_band(week), self.age.shape[1] - 1)]
        if self.has_calendar:
            eta = eta + (self.month[:, month] + self.pace[:, pace])[:, None]
        raised = np.exp(np.clip(eta[:, :, None] + self.stage[:, None, :], -40, 40))
        return np.asarray(raised / (1 + raised[0] + raised[1]))
