"""The CDNOW sample, where it can be had."""

import importlib.util
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from karma_core.frames import PURCHASES


def cdnow_file() -> Path:
    """The CDNOW 1/10 sample inside the package `lifetimes`, found without importing it."""
    found = importlib.util.find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the CDNOW sample ships in the package lifetimes, which is not installed here")
    return Path(found.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt"


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """The lines of the CDNOW sample as PURCHASES."""
    rows = [line.split() for line in cdnow_file().read_text().splitlines()]
    lines = pl.DataFrame(
        {
            "customer": [row[1] for row in rows],
            "on": [date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])) for row in rows],
            "revenue_cents": [round(float(row[4]) * 100) for row in rows],
        }
    )
    return PURCHASES.keep(lines)
