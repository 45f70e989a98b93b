"""Fitting a rhythm model on the statistics of customers, and choosing among models."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from karma_core.errors import FrameError, KarmaError, TooLittleData
from karma_core.rhythm import warn
from karma_core.rhythm.cells import DAYS_PER, Cells, Floats, make_cells, on_clock
from karma_core.rhythm.families import MODELS, REGULARITIES, Family, family
from karma_core.rhythm.search import Optimum, Problem, maximise, refine, settle
from karma_core.words import Sentence

SAMPLE = 15_000
"""Above twice as many customers, starts, k and the model are chosen on a sample; the end is on all."""

YOUNG_DAYS = 28.0
"""Customers who first bought yesterday are not for that taken to come back every day."""

AUTO = ("mbg_cnbd_k", "pareto_nbd", "nbd")
"""What `auto` weighs, in order of preference where their likelihoods cannot be told apart.

BG/NBD is not among them: by construction it holds everybody who bought once for active for ever, which no data
can correct and no seller believes.
"""

CHOICE_OF_K = 2 * float(np.log(len(REGULARITIES)))
"""What choosing k among eight costs in BIC: a choice among a few values is no free parameter."""


class UnknownModelError(KarmaError):
    """A model or a unit of time that does not exist."""


@dataclass(frozen=True)
class RhythmFit:
    """A fitted model of how customers come back.

    `parameters` and `standard_errors` go by the letters of the literature, times in `unit`. A standard error is
    null where the parameter lay at a boundary (`regularised`). `log_likelihood` is never penalised. `logs` and
    `covariance` are the log-parameters and their covariance, for draws. `candidates` holds the models weighed
    and their BIC, lowest first.
    """

    model: str
    k: int
    parameters: dict[str, float]
    standard_errors: dict[str, float | None]
    log_likelihood: float
    regularised: bool
    customers: int
    cells: int
    unit: str
    family: Family
    logs: Floats
    covariance: Floats
    candidates: tuple[tuple[str, float], ...] = ()
    warnings: tuple[Sentence, ...] = ()

    @property
    def days_per(self) -> float:
        """Days in one unit of time."""
        return DAYS_PER[self.unit]


@dataclass(frozen=True)
class _Candidate:
    family: Family
    optimum: Optimum
    chose_k: bool = False

    def bic(self, customers: int) -> float:
        free = len(self.family.names) * float(np.log(customers)) + self.chose_k * CHOICE_OF_K
        return free - 2 * self.optimum.log_likelihood


def fit(statistics: pl.DataFrame, *, model: str = "auto", unit: str = "day") -> RhythmFit:
    """Fit a rhythm model by maximum likelihood on the distinct (x, t_x, T) of the customers.

    `statistics` is a frame of CUSTOMER_STATISTICS (x, t_x and T are read; `log_gaps` if it is there), or of
    MARKET_STATISTICS, whose times in market days are then read. `unit` is "day" or "week" (days / 7, unrounded).
    `model` is "nbd", "bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_k", "bg_cnbd_k" (k of 1 to 6, 8 and 12 by
    profile likelihood), or "auto": the lowest BIC of AUTO, where a lead of less than 2 does not displace an
    earlier one.

    The unpenalised optimum is reported wherever it lies inside a wide box and is curved. Only at the boundary a
    weak penalty (normal in log-parameters) keeps the search from running to infinity, and `regularised` says so.
    With more than 30,000 customers the search starts on an even sample of them and ends on all.

    Raises TooLittleData for an empty frame, UnknownModelError for an unknown model or unit, FrameError for
    counts that cannot be.

    Source: Schmittlein e.a. (1987); Fader, Hardie & Lee (2005); Batislam e.a. (2007); Platzer & Reutterer (2016).
    Ours: cells, analytic gradients, the boundary rule.

    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> fit(few, model="mbg_nbd").customers
    6
    """
    return _fitted(statistics, model=model, unit=unit, search=lambda cells: _candidates(model, cells))


def fit_near(statistics: pl.DataFrame, *, near: RhythmFit) -> RhythmFit:
    """Fit the model and unit of another fit, whose customers are much like these, and begin the search there.

    Takes what `fit` takes, gives what `fit` gives for that model and raises as it does. Where the search does not
    end well from there, or the other fit lay at a boundary, it begins again as `fit` does. k is sought from the
    other's k on, uphill. Source: ours; a warm start changes the way to an optimum and not the optimum.

    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> fit_near(few, near=fit(few, model="mbg_nbd")).model
    'mbg_nbd'
    """
    return _fitted(
        statistics, model=near.model, unit=near.unit, search=lambda cells: [_nearby(near, cells, _sought)]
    )


def _fitted(
    statistics: pl.DataFrame, *, model: str, unit: str, search: Callable[[Cells], list[_Candidate]]
) -> RhythmFit:
    statistics = on_clock(statistics)
    _check(statistics, model=model, unit=unit)
    every = len(statistics) // SAMPLE if len(statistics) > 2 * SAMPLE else 1
    sample = make_cells(statistics, unit=unit, every=max(every, 1))
    candidates = search(sample)
    chosen = _choose(candidates, customers=sample.customers)
    cells = sample if every == 1 else make_cells(statistics, unit=unit)
    optimum = chosen.optimum if every == 1 else _carry_over(chosen, cells, share=every)
    return _as_fit(chosen.family, optimum, cells=cells, unit=unit, candidates=candidates, sample=sample)


def _check(statistics: pl.DataFrame, *, model: str, unit: str) -> None:
    if model not in MODELS:
        raise UnknownModelError(f'"{model}" is not a model of rhythm. Choose one of {", ".join(MODELS)}.')
    if unit not in DAYS_PER:
        raise UnknownModelError(f'"{unit}" is not a unit of rhythm. Choose day or week.')
    if statistics.is_empty():
        raise TooLittleData(
            "There is no customer with a purchase before this date. Choose a later date.",
            nl="Geen enkele klant kocht iets voor deze datum. Kies een latere datum.",
        )
    check_counts(statistics)


def check_counts(statistics: pl.DataFrame) -> None:
    """Refuse x, t_x or T that no history of purchase days can have; raises FrameError."""
    for name in ("x", "t_x", "T"):
        if name not in statistics.columns or not statistics.schema[name].is_integer():
            raise FrameError(f"Customer statistics need a column {name} of whole numbers (times in days).")
    x, t_x, T = pl.col("x"), pl.col("t_x"), pl.col("T")
    impossible = (x < 0) | (t_x < 0) | (t_x > T) | ((x == 0) & (t_x > 0)) | ((x > 0) & (t_x == 0))
    wrong = statistics.filter(impossible | x.is_null() | t_x.is_null() | T.is_null())
    if not wrong.is_empty():
        raise FrameError(
            f"{len(wrong)} customers have an x, t_x and T that cannot be: {wrong.row(0, named=True)}."
        )


def _candidates(model: str, cells: Cells) -> list[_Candidate]:
    if model != "auto":
        return [_best_of(model, cells)]
    return [_best_of(name, cells) for name in AUTO]


def _best_of(model: str, cells: Cells) -> _Candidate:
    """The model on these cells; over k by profile likelihood for the CNBD-k models."""
    if not model.endswith("cnbd_k"):
        only = family(model)
        return _Candidate(only, maximise(_problem(only, cells)))
    ends = []
    for k in REGULARITIES:
        one = family(model, k=k)
        ends.append(_Candidate(one, maximise(_problem(one, cells)), chose_k=True))
        if len(ends) > 1 and ends[-1].optimum.log_likelihood < ends[-2].optimum.log_likelihood:
            break
    return max(ends, key=lambda end: end.optimum.log_likelihood)


def logs_near(cells: Cells, *, near: RhythmFit) -> tuple[Family, Floats]:
    """The family and log-parameters of `fit_near` on these cells, and nothing more: a tenth of the work.

    Where the other fit lay at a boundary this one is penalised as it was, without asking whether it had to be.
    """
    best = _nearby(near, cells, _settled)
    return best.family, best.optimum.logs


_Seek = Callable[[Family, Cells, Optimum], Optimum]
"""Looks for the optimum of a family on cells, from one nearby."""


def _nearby(near: RhythmFit, cells: Cells, seek: _Seek) -> _Candidate:
    """The model of another fit on these cells, from there on; for the CNBD-k models over k, uphill from its k."""
    curvature = np.linalg.inv(near.covariance) * (cells.customers / near.customers)
    start = Optimum(near.logs, near.log_likelihood, curvature, near.regularised)
    chose_k = near.model.endswith("cnbd_k")
    best = _Candidate(near.family, seek(near.family, cells, start), chose_k)
    if not chose_k:
        return best
    place = REGULARITIES.index(near.k)
    higher = _uphill(best, cells, seek, REGULARITIES[place + 1 :])
    return higher if higher is not best else _uphill(best, cells, seek, REGULARITIES[:place][::-1])


def _uphill(best: _Candidate, cells: Cells, seek: _Seek, ks: tuple[int, ...]) -> _Candidate:
    """The same at each of these k in turn, as long as the likelihood does not fall."""
    for k in ks:
        of = family(best.family.model, k=k)
        shorter = [float(np.log(best.family.k / k)) if name == "alpha" else 0.0 for name in of.names]
        start = replace(best.optimum, logs=best.optimum.logs + shorter)  # k phases a purchase, each a k-th as long
        more = _Candidate(of, seek(of, cells, start), chose_k=True)
        if more.optimum.log_likelihood < best.optimum.log_likelihood:
            return best
        best = more
    return best


def _sought(of: Family, cells: Cells, near: Optimum) -> Optimum:
    """The optimum on these cells from one nearby, else from the usual starts."""
    found = None if near.regularised else refine(_problem(of, cells, start=near.logs), near)
    return found or maximise(_problem(of, cells))


def _settled(of: Family, cells: Cells, near: Optimum) -> Optimum:
    """The same without its curvature."""
    problem = _problem(of, cells)
    return settle(problem, near) or maximise(problem)


def typical_age(cells: Cells) -> float:
    """The scale of time: the customers' mean age, four weeks at least."""
    return max(float(np.average(cells.T, weights=cells.count)), YOUNG_DAYS / cells.days_per)


def _problem(of: Family, cells: Cells, *, start: Floats | None = None) -> Problem:
    typical = typical_age(cells)
    starts = of.starts(typical=typical) if start is None else [start, *of.starts(typical=typical)[:1]]
    return Problem(of.score(cells), cells.customers, starts, of.box(typical=typical))


def _choose(candidates: list[_Candidate], *, customers: int) -> _Candidate:
    chosen = candidates[0]
    for later in candidates[1:]:
        if later.bic(customers) < chosen.bic(customers) - 2.0:
            chosen = later
    return chosen


def _carry_over(chosen: _Candidate, cells: Cells, *, share: int) -> Optimum:
    near = chosen.optimum
    problem = _problem(chosen.family, cells, start=near.logs)
    scaled = Optimum(near.logs, near.log_likelihood, near.hessian * share, near.regularised)
    found = None if near.regularised else refine(problem, scaled)
    return found or maximise(problem)


def _as_fit(
    of: Family, optimum: Optimum, *, cells: Cells, unit: str, candidates: list[_Candidate], sample: Cells
) -> RhythmFit:
    values = np.exp(optimum.logs)
    covariance = np.linalg.inv(optimum.hessian)
    errors = values * np.sqrt(np.diag(covariance))
    shown: list[float | None] = [None] * len(values) if optimum.regularised else [float(e) for e in errors]
    weighed = sorted(((c.family.model, c.bic(sample.customers)) for c in candidates), key=lambda pair: pair[1])
    return RhythmFit(
        model=of.model,
        k=of.k,
        parameters=dict(zip(of.names, map(float, values), strict=True)),
        standard_errors=dict(zip(of.names, shown, strict=True)),
        log_likelihood=optimum.log_likelihood,
        regularised=optimum.regularised,
        customers=cells.customers,
        cells=len(cells),
        unit=unit,
        family=of,
        logs=optimum.logs,
        covariance=covariance,
        candidates=tuple(weighed),
        warnings=tuple(warn.about_fit(cells, regularised=optimum.regularised)),
    )
