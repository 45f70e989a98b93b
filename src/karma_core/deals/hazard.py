"""Weekly chances that a deal is won or lost, by its age, kind, stage and season, fitted with shrinkage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karma_core.deals.blocks import Layout, lay_out
from karma_core.deals.calendar import PLAIN, Calendar
from karma_core.deals.climb import Climbed, climb
from karma_core.deals.crossing import Crossed
from karma_core.deals.kinds import Kinds
from karma_core.deals.pairs import SPAN_OF_BAND, SPANS, Pair, telling_pairs
from karma_core.deals.rewind import Rewound
from karma_core.deals.risk import AtRisk, age_band, weeks_at_risk
from karma_core.threads import one_thread

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
    `moves` the weekly chances to change stage.
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
    calendar: Calendar

    @property
    def is_too_little(self) -> bool:
        """Whether there are too few won deals to say much."""
        return self.won < FEWEST_WON

    @one_thread()
    def draw(self, rng: np.random.Generator, *, size: int) -> Floats:
        """Posterior draws of theta, shape (size, 2, p)."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.covariance)))
        drawn = rng.normal(size=(size, len(root))) @ root.T
        return np.asarray(self.theta + drawn.reshape(size, *self.theta.shape))


def fit_hazards(rewound: Rewound, *, calendar: Calendar = PLAIN) -> DealsFit:
    """Fit weekly hazards {won, lost, still open} on every week at risk before as-of.

    log(h_c / h_open) for c in won, lost is a sum of: a natural spline over age and what single ages insist on;
    a level per segment, source and further factor, where bins of a number are a random walk; the stage as the week
    begins; with a trend a random walk over the month in which the deal was opened; with a season the month of
    the year in which it was opened and in which the week lies, and the week's place in its quarter. Where two of
    age, factors and stage say something together that their sum does not (`telling_pairs`), their cells are added.
    All but intercept and spline are shrunk to zero; the size of each spread is found by EM on the marginal
    likelihood with a weak prior, so few deals lean on the prior and many speak for themselves. Without any deal
    the prior speaks. The covariance is Laplace's.
    **Source**: Allison (1982) for discrete-time competing risks as a multinomial logit; MacKay (1992) for the
    spreads. Owners are left out on purpose: a plan does not rank people.
    """
    return fit_calendars(rewound, [calendar])[calendar]


def fit_calendars(rewound: Rewound, calendars: Sequence[Calendar]) -> dict[Calendar, DealsFit]:
    """Fit the hazards (see `fit_hazards`) with each calendar.

    Pairs are looked for once, without any calendar; each climb begins where the one before it ended.
    """
    plain = _Asked.of(rewound, PLAIN)
    near = sums = plain.climb()
    pairs = telling_pairs(plain.risk.cells, sums.chance, held=sums.layout.held(sums.scales))
    fits = {}
    for calendar in calendars:
        asked = plain if calendar == PLAIN else _Asked.of(rewound, calendar)
        near = sums if calendar == PLAIN and not pairs else asked.climb(pairs, near=near)
        fits[calendar] = asked.fit(near)
    return fits


@dataclass(frozen=True, eq=False)
class _Asked:
    """The weeks at risk as a calendar tells them apart."""

    calendar: Calendar
    risk: AtRisk

    @classmethod
    def of(cls, rewound: Rewound, calendar: Calendar) -> "_Asked":
        return cls(calendar, weeks_at_risk(rewound, calendar=calendar))

    @property
    def bands(self) -> int:
        return int(self.risk.cells.band.max(initial=0)) + 1

    def climb(self, pairs: Sequence[Pair] = (), *, near: Climbed | None = None) -> Climbed:
        """Find the mode with these pairs, begun near another."""
        layout = lay_out(
            self.risk.kinds,
            stages=len(self.risk.stages),
            bands=self.bands,
            calendar=self.calendar,
            pairs=pairs,
        )
        return climb(Crossed.of(self.risk.cells, layout), start=np.log(PRIOR_WEEKLY), near=near)

    def fit(self, found: Climbed) -> DealsFit:
        won, lost = (round(float(self.risk.cells.events[:, c].sum())) for c in (0, 1))
        return DealsFit(
            theta=found.theta,
            covariance=found.covariance,
            scales=found.scales,
            layout=found.layout,
            kinds=self.risk.kinds,
            stages=self.risk.stages,
            moves=self.risk.moves,
            bands=self.bands,
            won=won,
            lost=lost,
            calendar=self.calendar,
        )


@dataclass(frozen=True, eq=False)
class Weekly:
    """Weekly chances of deals of given kinds: what each part adds to the log-odds of won and lost.

    `static` (2, n, 1 or stages) is the deal's own part, `curves` (2, n or 1, spans, 1 or stages) are those that
    bend its curve over age; `age` (2, bands), `stage` (2, stages), `month` and `pace` are shared.
    """

    static: Floats
    curves: tuple[Floats, ...]
    age: Floats
    stage: Floats
    month: Floats
    pace: Floats

    @classmethod
    def of(cls, fit: DealsFit, kind: Ints, *, theta: Floats | None = None) -> "Weekly":
        """For kinds (n, factors + 2): codes of the factors, of the cohort and of the month opened."""
        layout = fit.layout
        values = layout.values(fit.theta if theta is None else theta)
        static = np.zeros((2, len(kind), 1))
        for column, value in zip(kind.T, values[1 : 1 + kind.shape[1]], strict=True):
            static += value[:, np.minimum(column, value.shape[1] - 1), None]
        axes = {i: column[:, None, None] for i, column in enumerate(kind.T, start=1)}
        axes |= {0: np.arange(len(SPANS))[:, None], layout.stage: np.arange(len(fit.stages))}
        curves = []
        for pair, value in zip(layout.pairs, values[layout.single :], strict=True):
            met = value[:, pair.met(axes[pair.first], axes[pair.second])]
            if pair.is_curve:
                curves.append(met if met.ndim == 4 else met[:, None])
            else:
                static = static + met[:, :, 0]
        return cls(static, tuple(curves), values[0], *values[layout.single - 3 : layout.single])

    @property
    def has_calendar(self) -> bool:
        """Whether it matters where a week lies in the year."""
        return bool(self.month.shape[1] > 1)

    def chances(self, week: Ints, *, month: int = 0, pace: int = 0) -> Floats:
        """Chances (won, lost) in a week of age (n,), for every stage; shape (2, n, stages).

        `month` and `pace` say where the week lies in the calendar. Ages beyond those seen are taken as the oldest.
        """
        band = np.minimum(age_band(week), self.age.shape[1] - 1)
        eta = self.static + self.age[:, band, None]
        if self.has_calendar:
            eta = eta + (self.month[:, month] + self.pace[:, pace])[:, None, None]
        for curve in self.curves:
            row = np.arange(len(week)) if curve.shape[1] == len(week) else 0
            eta = eta + curve[:, row, SPAN_OF_BAND[band]]
        raised = np.exp(np.clip(eta + self.stage[:, None, :], -40, 40))
        return np.asarray(raised / (1 + raised[0] + raised[1]))
