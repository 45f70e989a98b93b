"""What would have to be true for an amount, and which source makes the total uncertain: read off the draws."""

from dataclasses import dataclass

import numpy as np

from karma_core.reach.reading import SOURCES, PlanReading, rounded_to

NEAREST = 0.05
"""The share of the drawn futures, those that end nearest to an amount, that say how it comes about."""


@dataclass(frozen=True)
class Need:
    """What one source brings on average, and what it brings where the total is just the amount; cents."""

    source: str
    expected_cents: int
    needed_cents: int

    @property
    def more_cents(self) -> int:
        """How much more than expected it has to bring."""
        return self.needed_cents - self.expected_cents


def what_would_have_to_be_true(reading: PlanReading, amount_cents: int) -> tuple[Need, ...]:
    """Per source, what it brings in the futures that end nearest to an amount, beside the mean over all.

    The needs add up to the amount: what the nearest twentieth of the futures still lacks of it, or has too much,
    is shared out as the sources make the total uncertain. In order of how much more is needed.
    **Source**: the mean of the parts given their sum, by nearest neighbours (Stone, 1977), and the rest linear.

    >>> from datetime import date
    >>> from karma_core.periods import Period
    >>> from karma_core.reach.reading import Draws
    >>> cents = np.array([[100, 100, 100, 100], [0, 50, 100, 150]])
    >>> reading = PlanReading(Period(date(2026, 1, 1), date(2026, 4, 1)), date(2026, 1, 1), "margin", 0,
    ...     Draws(("existing_customers", "new_business"), (None, None), cents))
    >>> [(need.source, need.more_cents) for need in what_would_have_to_be_true(reading, 200)]
    [('new_business', 25), ('existing_customers', 0)]
    """
    off = np.abs(reading.draws.total - float(amount_cents))
    near = off <= np.quantile(off, NEAREST)
    lacks = amount_cents - float(reading.draws.total[near].mean())
    carries, parts = uncertainty_by_source(reading), reading.sources
    needed = [
        float(reading.draws.of_source(part.source)[near].mean()) + carries[part.source] * lacks for part in parts
    ]
    needs = (
        Need(part.source, part.mean_cents, cents)
        for part, cents in zip(parts, rounded_to(needed, total=amount_cents), strict=True)
    )
    return tuple(sorted(needs, key=lambda need: -need.more_cents))


def uncertainty_by_source(reading: PlanReading) -> dict[str, float]:
    """The share of the total's variance that goes with each source; adds up to 1, or zeros where all is certain.

    A share below zero is a source that evens out the others. **Source**: the covariance decomposition,
    cov(part, total) / var(total).
    """
    total = reading.draws.total.astype(float)
    spread = float(total.var())
    present = [source for source in SOURCES if source in reading.draws.sources]
    if spread == 0:
        return dict.fromkeys(present, 0.0)
    off = total - total.mean()
    parts = {source: reading.draws.of_source(source).astype(float) for source in present}
    return {source: float(np.mean((part - part.mean()) * off)) / spread for source, part in parts.items()}
