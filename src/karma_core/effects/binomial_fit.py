"""Fit a binomial mixed model with crossed random effects by Laplace's approximation."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import gammaln

from karma_core.effects.answer import Fit, effects, modes, named, spreads
from karma_core.effects.centring import Centred, centred
from karma_core.effects.climb import COSTLY, Optimum, least, tolerance_for
from karma_core.effects.design import Design, Factor, Floats
from karma_core.effects.factorised import factorise
from karma_core.effects.layout import Layout, lay_out
from karma_core.effects.logistic import Binomial, Mode, criterion_gradient, find_mode
from karma_core.effects.start import Determined, determined, search
from karma_core.errors import FrameError
from karma_core.threads import one_thread

STEP = 0.05
"""How far the curvature looks to either side: in standard errors, and in spreads."""


def fit_binomial(design: Design) -> Fit:
    """Fit log-odds = X beta + Z b to wins out of trials, by Laplace's approximation (ML over beta and spreads).

    Identical rows are folded into one. Raises FrameError for a response outside 0..trials or the same
    throughout, or a random slope; FitError when fixed columns determine each other, or the response without fail.
    Source: Bates, Maechler, Bolker & Walker (2015); gradient as in Kristensen et al. (2016).

    >>> from karma_core.effects.design import design
    >>> frame = pl.DataFrame({"won": [1, 0, 1, 1, 0, 0, 1, 0], "rep": list("aaaabbbb")})
    >>> fit = fit_binomial(design(frame, response="won", random=["rep"]))
    >>> round(fit.log_likelihood, 3), round(fit.coefficients["(Intercept)"], 3)
    (-5.545, 0.0)
    """
    _check_binomial(design)
    design.refuse_constant()
    about = centred(design, response=False)
    search_for = BinomialSearch.of(fold(about.design))
    found, mode = search_for.run()
    return _binomial_answer(about, search_for, found, mode)


def _check_binomial(design: Design) -> None:
    trials = np.ones(design.rows) if design.trials is None else design.trials
    if ((design.response < 0) | (design.response > trials)).any():
        raise FrameError(
            "A binomial response lies between 0 and the trials; one row does not.",
            nl="Een binomiale uitkomst ligt tussen 0 en het aantal pogingen; er is een rij waarin dat niet zo is.",
        )
    if any(factor.slope is not None for factor in design.factors):
        raise FrameError(
            "Random slopes are only there for the gaussian family.",
            nl="Eigen hellingen zijn er alleen voor de gaussian-familie.",
        )


def fold(design: Design) -> Design:
    """Fold rows with the same columns into one cell with their wins and trials together."""
    trials = np.ones(design.rows) if design.trials is None else design.trials
    codes = {f"f{i}": factor.codes for i, factor in enumerate(design.factors)}
    fixed = {f"x{i}": column for i, column in enumerate(design.fixed.T)}
    keys = [*codes, *fixed]
    rows = pl.DataFrame({**codes, **fixed, "wins": design.response, "trials": trials})
    cells = rows.group_by(keys, maintain_order=True).agg(pl.col("wins", "trials").sum())
    return Design(
        cells["wins"].to_numpy(),
        cells.select(list(fixed)).to_numpy().astype(np.float64).reshape(cells.height, len(fixed)),
        design.fixed_names,
        tuple(
            Factor(f.name, cells[f"f{i}"].to_numpy().astype(np.intp), f.levels)
            for i, f in enumerate(design.factors)
        ),
        cells["trials"].to_numpy(),
    )


@dataclass(frozen=True)
class BinomialSearch:
    """The two forms of one binomial design: fixed columns integrated out (to begin), and maximised over."""

    inner: Binomial
    outer: Binomial
    layout: Layout

    @classmethod
    def of(cls, folded: Design) -> "BinomialSearch":
        """Lay out both forms of a folded design."""
        trials = folded.trials
        assert trials is not None  # noqa: S101 (folding counts them)
        none = np.zeros((folded.rows, 0))
        inner, outer = (lay_out(folded.factors, numeric=columns) for columns in (folded.fixed, none))
        return cls(
            Binomial(inner.crossing, inner.loadings, none, folded.response, trials),
            Binomial(outer.crossing, outer.loadings, folded.fixed, folded.response, trials),
            outer,
        )

    def begin(self) -> tuple[Floats, Floats]:
        """Starting values for spreads and coefficients, and about how far off each may be."""
        none, last = np.zeros(0), None

        def inspect(theta: Floats) -> Determined:
            nonlocal last
            last = find_mode(self.inner, theta, none, start=last)
            return determined(self.inner.loadings, last.factorised, (last.zero, last.rest), unit=1.0)

        theta, units = search(inspect, np.full(self.inner.loadings.count, 0.4), steps=4)
        assert last is not None  # noqa: S101 (four steps were taken)
        fixed = self.outer.outer.shape[1]
        errors = np.sqrt(np.diagonal(last.factorised.trailing_inverse(fixed)))
        return np.concatenate([theta, last.rest[len(last.rest) - fixed :]]), np.concatenate([units, errors])

    @one_thread()
    def run(self) -> tuple[Optimum, Mode]:
        """Find the spreads and coefficients that fit best, and the mode of the effects there."""
        start, units = self.begin()
        count, last = self.outer.loadings.count, None

        def criterion(at: Floats) -> tuple[float, Floats]:
            nonlocal last
            last = find_mode(self.outer, at[:count], at[count:], start=last)
            return last.criterion, np.concatenate(criterion_gradient(self.outer, at[:count], last))

        found = least(criterion, start, units=units, tolerance=tolerance_for(self.layout.random_width))
        return found, find_mode(self.outer, found.at[:count], found.at[count:], start=last)


@one_thread()
def _binomial_answer(about: Centred, searched: BinomialSearch, found: Optimum, mode: Mode) -> Fit:
    layout, count, design = searched.layout, searched.outer.loadings.count, about.design
    theta, beta = found.at[:count], found.at[count:]
    answer = effects(layout, theta, mode.factorised, (mode.zero, mode.rest), unit=1.0)
    sd, _ = spreads(layout, theta, unit=1.0)
    return Fit(
        family="binomial",
        method="ml",
        rows=design.rows,
        log_likelihood=_log_choose(design) - mode.criterion,
        sd=sd,
        correlations={},
        coefficients=named(design, about.coefficients(beta)),
        standard_errors=named(design, about.errors(_covariance(searched, found.at, mode))),
        modes=modes(layout, answer),
        evaluations=found.evaluations,
        converged=found.converged,
    )


def _covariance(searched: BinomialSearch, at: Floats, mode: Mode) -> Floats:
    """The covariance of the coefficients: the curvature over them and the spreads together, as lme4 takes it.

    From differences of the gradient. The spreads are taken as known where each step would be costly, and where the
    curvature is none (a spread that is best at zero).
    """
    inner, count = searched.inner, searched.outer.loadings.count
    weights = inner.trials * mode.chances * (1 - mode.chances)
    made = factorise(inner.crossing.tables(weights), inner.loadings, at[:count])
    known = made.trailing_inverse(len(at) - count)
    if searched.layout.random_width > COSTLY:
        return known
    steps = np.concatenate([np.maximum(STEP, STEP * at[:count]), STEP * np.sqrt(np.diagonal(known))])
    curvature = _curvature(searched, at, steps, mode)
    if np.linalg.eigvalsh(curvature * np.outer(steps, steps))[0] <= 0:
        return known
    return np.asarray(np.linalg.inv(curvature)[count:, count:])


def _curvature(searched: BinomialSearch, at: Floats, steps: Floats, mode: Mode) -> Floats:
    def slope(point: Floats) -> Floats:
        theta, beta = np.split(point, [searched.outer.loadings.count])
        found = find_mode(searched.outer, theta, beta, start=mode)
        return np.concatenate(criterion_gradient(searched.outer, theta, found))

    rows = [(slope(at + by) - slope(at - by)) / (2 * by.sum()) for by in np.diag(steps)]
    return np.asarray((np.array(rows) + np.array(rows).T) / 2)


def _log_choose(design: Design) -> float:
    if design.trials is None:
        return 0.0
    wins, trials = design.response, design.trials
    return float((gammaln(trials + 1) - gammaln(wins + 1) - gammaln(trials - wins + 1)).sum())
