"""Simulated teams whose truth is known, and a short way to look at them."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from karma_core.mirror import Mirror, Question, Shows, look_in_mirror


@pytest.fixture
def team() -> Callable[..., pl.DataFrame]:
    """Deals of a small team: persons a.., segments, sources, a size; `skill` shifts a person's log-odds."""

    def made(seed: int = 1, *, deals: int = 600, people: int = 6, skill: dict[str, float] | None = None):
        rng = np.random.default_rng(seed)
        person = rng.choice([chr(97 + i) for i in range(people)], deals)
        segment, source = rng.integers(0, 8, deals), rng.integers(0, 4, deals)
        size = rng.normal(size=deals)
        eta = np.linspace(-0.6, 0.6, 8)[segment] + np.linspace(-0.5, 0.5, 4)[source] - 0.3 * size
        eta += np.array([(skill or {}).get(p, 0.0) for p in person])
        won = rng.random(deals) < 1 / (1 + np.exp(-eta))
        margin = 1000 + 200 * eta + rng.normal(scale=300, size=deals)
        lost = 50 + 10 * segment + rng.normal(scale=15, size=deals)
        return pl.DataFrame(
            {
                "status": np.where(won, "won", "lost"),
                "person": person,
                "segment": [f"s{i}" for i in segment],
                "source": [f"l{i}" for i in source],
                "size": size,
                "margin": np.where(won, margin, np.nan),
                "realised": np.where(won, margin - lost, np.nan),
            }
        ).with_columns(pl.col("margin", "realised").fill_nan(None))

    return made


@pytest.fixture
def look() -> Callable[..., Mirror]:
    """Look at a frame; every option of the question may be given by name."""

    def looked(deals: pl.DataFrame, *, shows: Shows | None = None, **asked) -> Mirror:
        asked = {"outcome": "status", "won": "won", "person": "person", "mix": ("segment", "source"), **asked}
        rng = np.random.default_rng(1)
        return look_in_mirror(deals, Question(**asked), shows=shows or Shows(everybody=True), rng=rng)

    return looked
