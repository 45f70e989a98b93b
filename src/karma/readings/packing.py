"""A plan reading of the core as columns of a row, and back: nothing that a screen looks up gets lost."""

from typing import Any

import numpy as np
import polars as pl

from karma.readings.models import PlanReading
from karma_core import reach

SHOWN = 40
"""Customers and deals that stand by name with a plan; the others are summed."""

GRID = np.linspace(0, 1, 101)


def columns_of(said: reach.PlanReading) -> dict[str, Any]:
    """The columns of a PlanReading row that the core's reading fills."""
    document, draws = reach.to_stored(said)
    return {
        "period_from": said.period.start,
        "period_until": said.period.end,
        "as_of": said.as_of,
        "measure": said.measure,
        "realised_cents": said.realised_cents,
        "last_year_cents": said.last_year_cents,
        "mean_cents": said.mean_cents,
        "grid": [round(float(cents)) for cents in np.quantile(said.draws.total, GRID)],
        "draws": draws,
        "fan": {"points": document.pop("fan")},
        "document": document,
        "cells": _cells(said.draws),
        "sources": [vars(source) for source in said.sources],
        "customers": _largest(said.customers),
        "deals": _largest(said.deals),
        "missing": list(said.missing),
        "warnings": list(said.warnings),
        "core_version": said.core_version,
    }


def core_reading(row: PlanReading) -> reach.PlanReading:
    """The core's reading of a row that still has its draws.

    Raises ValueError for a row of an earlier analysis, of which only the grid is kept.
    """
    if row.draws is None:
        raise ValueError(f"Of {row} only the grid is kept.")
    return reach.from_stored({**row.document, "fan": row.fan["points"]}, bytes(row.draws))


def _cells(draws: reach.Draws) -> list[dict[str, Any]]:
    """What each source brings within each segment: mean and the range that holds eight times out of ten."""
    p10, p90 = np.quantile(draws.cents, [0.1, 0.9], axis=1)
    return [
        {
            "source": source,
            "segment": segment,
            "mean_cents": round(float(cents.mean())),
            "p10_cents": round(float(low)),
            "p90_cents": round(float(high)),
        }
        for source, segment, cents, low, high in zip(
            draws.sources, draws.segments, draws.cents, p10, p90, strict=True
        )
    ]


def _largest(rows: pl.DataFrame) -> dict[str, Any]:
    """The first rows by name, and how many others there are with what they bring together."""
    rest = rows.slice(SHOWN)
    return {
        "largest": rows.head(SHOWN).to_dicts(),
        "others": rest.height,
        "others_expected_cents": int(rest["expected_cents"].sum()),
    }
