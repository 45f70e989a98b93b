"""Fits and clocks as small JSON documents, so that a stored one answers questions without being made again."""

from typing import Any

import numpy as np

from karma_core.errors import KarmaError
from karma_core.rhythm.clock import MarketClock
from karma_core.rhythm.families import family
from karma_core.rhythm.fitting import RhythmFit
from karma_core.words import Sentence

FORM = 1
PLAIN = (
    "model",
    "k",
    "parameters",
    "standard_errors",
    "log_likelihood",
    "regularised",
    "customers",
    "cells",
    "unit",
)


class KeptError(KarmaError):
    """A document that is no kept fit or clock of this form."""


def fit_as_json(fit: RhythmFit) -> dict[str, Any]:
    """The fit as plain lists and numbers, nothing rounded; `fit_from_json` gives it back."""
    return {
        "form": FORM,
        **{name: getattr(fit, name) for name in PLAIN},
        "logs": fit.logs.tolist(),
        "covariance": fit.covariance.tolist(),
        "candidates": [list(pair) for pair in fit.candidates],
        "warnings": _sentences(fit.warnings),
    }


def fit_from_json(kept: dict[str, Any]) -> RhythmFit:
    """The fit that `fit_as_json` made `kept` of; raises KeptError for another form.

    >>> import json, polars as pl
    >>> from karma_core.rhythm import fit
    >>> few = pl.DataFrame({"x": [0, 1, 2, 5, 8, 0], "t_x": [0, 30, 80, 290, 300, 0], "T": [310] * 6})
    >>> fitted = fit(few)
    >>> fit_from_json(json.loads(json.dumps(fit_as_json(fitted)))).parameters == fitted.parameters
    True
    """
    _check(kept)
    shape = family(kept["model"], k=kept["k"])
    return RhythmFit(
        **{name: kept[name] for name in PLAIN},
        family=shape,
        logs=np.array(kept["logs"]),
        covariance=np.array(kept["covariance"]),
        candidates=tuple((str(name), float(value)) for name, value in kept["candidates"]),
        warnings=_said(kept["warnings"]),
    )


def clock_as_json(clock: MarketClock) -> dict[str, Any]:
    """The clock as plain lists and numbers: a pace per stretch of equal days, to six digits."""
    pace, start = np.asarray(clock.pace), np.zeros(0, dtype=int)
    if len(pace):
        start = np.flatnonzero(np.concatenate(([True], pace[1:] != pace[:-1])))
    return {
        "form": FORM,
        "first": clock.first,
        "days": np.diff(np.append(start, len(pace))).tolist(),
        "pace": [float(f"{value:.6g}") for value in pace[start]],
        "season": [float(f"{value:.6g}") for value in clock.season],
        "has_season": clock.has_season,
        "has_trend": clock.has_trend,
        "years": clock.years,
        "warnings": _sentences(clock.warnings),
    }


def clock_from_json(kept: dict[str, Any]) -> MarketClock:
    """The clock that `clock_as_json` made `kept` of; raises KeptError for another form.

    >>> clock_from_json(clock_as_json(MarketClock())).is_flat
    True
    """
    _check(kept)
    return MarketClock(
        first=kept["first"],
        pace=np.repeat(np.array(kept["pace"], dtype=float), kept["days"]),
        season=np.array(kept["season"], dtype=float),
        has_season=kept["has_season"],
        has_trend=kept["has_trend"],
        years=kept["years"],
        warnings=_said(kept["warnings"]),
    )


def _check(kept: dict[str, Any]) -> None:
    if kept.get("form") != FORM:
        raise KeptError(
            f"This was kept in form {kept.get('form')}, and form {FORM} is read here. Compute it anew."
        )


def _sentences(of: tuple[Sentence, ...]) -> list[dict[str, str]]:
    return [{"nl": sentence.nl, "en": sentence.en} for sentence in of]


def _said(kept: list[dict[str, str]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(**sentence) for sentence in kept)
