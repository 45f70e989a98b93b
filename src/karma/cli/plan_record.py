"""How good earlier plans were, for `karma plan --record`: the same question asked of the past, in plain words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from karma.cli.language import _, ngettext
from karma_core import reach
from karma_core.periods import Period

Frame = pl.LazyFrame | pl.DataFrame


@dataclass(frozen=True)
class Rested:
    """The facts that a plan rests on: lines of sale, deals and stage history, and what is known ahead."""

    purchases: Frame
    deals: pl.DataFrame | None
    history: pl.DataFrame | None
    ahead: reach.Ahead

    def first_day(self) -> date | None:
        """The first day that the lines hold, else the first on which a deal was opened."""
        day = self.purchases.lazy().select(pl.col("on").min()).collect().item()
        return day or (None if self.deals is None else self.deals["opened_on"].min())  # type: ignore[return-value]


@dataclass(frozen=True)
class LookedBack:
    """Earlier plans like this one, what they are worth, and how far two proposals follow last year.

    `rule` is last year plus 10%, `own` the mean of our expectation; None where last year is not known.
    """

    plans: pl.DataFrame
    record: reach.Record
    rule: reach.Ratchet | None
    own: reach.Ratchet | None

    def document(self) -> dict[str, Any]:
        """The record as part of the JSON document."""
        said = self.record
        return {
            "plans": said.plans,
            "inside_80": said.inside_80,
            "inside_90": said.inside_90,
            "pooled": said.pooled,
            "coverage_80": _share(said.coverage_80),
            "coverage_90": _share(said.coverage_90),
            "crps_cents": {
                "plans_with_last_year": said.compared,
                "ours": said.crps_there_cents,
                "last_year": said.last_year_error_cents,
                "last_year_plus_10": said.plus_10_error_cents,
                "plans_with_smoothing": said.smoothed,
                "ours_beside_smoothing": said.crps_beside_smoothing_cents,
                "smoothing": said.smoothing_crps_cents,
            },
            "brier": {
                "ours": said.brier,
                "ours_plus_10": said.brier_plus_10,
                "always_sure": said.always_brier,
                "ours_beside_smoothing": said.brier_beside_smoothing,
                "smoothing": said.smoothing_brier,
            },
            "tighter_than_last_year": said.tighter_than_last_year,
            "pit": list(said.pits),
            "widened_by": said.widen_by,
            "ratchet": {"last_year_plus_10": _slope(self.rule), "expectation": _slope(self.own)},
            "earlier": [{key: _plain(value) for key, value in row.items()} for row in self.plans.to_dicts()],
        }

    def sentences(self) -> list[str]:
        """The record in plain words: how often, against what, and how sure that is."""
        said = self.record
        if not said.plans:
            return [_("The history is too short to look back on earlier plans.")]
        inside = ngettext(
            "Of the last {n} plan of this length, {inside} fell inside its range of 8 times in 10.",
            "Of the last {n} plans of this length, {inside} fell inside their range of 8 times in 10.",
            said.plans,
        ).format(n=said.plans, inside=said.inside_80)
        return [inside, *self._doubt(), *self._beside(), *self._widened(), *self._ratchet()]

    def _doubt(self) -> list[str]:
        share = self.record.coverage_80
        if share is None:
            return []
        told = (
            _("Segments counted too, the long run may lie between {low} and {high} times in 100.")
            if self.record.pooled > self.record.plans
            else _("The long run may lie between {low} and {high} times in 100.")
        )
        return [told.format(low=round(100 * share.low), high=round(100 * share.high))]

    def _beside(self) -> list[str]:
        """Against last year's figure, last year plus 10% and smoothing, also where those were better."""
        said = self.record
        pairs = (
            (_("guessing last year's figure"), said.compared, said.crps_there_cents, said.last_year_error_cents),
            (_("guessing last year plus 10%"), said.compared, said.crps_there_cents, said.plus_10_error_cents),
            (
                _("exponential smoothing"),
                said.smoothed,
                said.crps_beside_smoothing_cents,
                said.smoothing_crps_cents,
            ),
        )
        return [_closer(name, n, ours, theirs) for name, n, ours, theirs in pairs if ours is not None and theirs]

    def _widened(self) -> list[str]:
        if self.record.widen_by <= 1:
            return []
        told = _("The ranges clearly missed. That is why the range above was made {times} times as wide.")
        return [told.format(times=f"{self.record.widen_by:.1f}")]

    def _ratchet(self) -> list[str]:
        if self.rule is None or self.own is None or self.rule.slope is None or self.own.slope is None:
            return []
        told = _("Had we sold 10 more last year, last year plus 10% would ask {rule} more now; {own}.")
        return [told.format(rule=f"{10 * self.rule.slope:.0f}", own=_followed(round(10 * self.own.slope)))]


def look_back(rested: Rested, period: Period, as_of: date, *, seed: int) -> LookedBack:
    """Ask earlier plans of the same length, and measure how far proposals follow last year."""
    first = rested.first_day()
    plans = reach.plans_like(period, first=first, as_of=as_of) if first else []
    rng = np.random.default_rng(seed)
    asked = reach.backtest(
        rested.purchases,
        deals=rested.deals,
        history=rested.history,
        plans=plans,
        rng=rng,
        draws=1000,
        ahead=reach.Ahead(rested.ahead.customer_plans),  # what a team could take up then is not known
    )
    rule, own = _ratchets(rested, period, as_of, seed=seed)
    return LookedBack(asked, reach.record_of(asked), rule, own)


def _ratchets(
    rested: Rested, period: Period, as_of: date, *, seed: int
) -> tuple[reach.Ratchet | None, reach.Ratchet | None]:
    """How far last year plus 10%, and the mean of our expectation, follow what was sold last year."""

    def ask(lines: pl.DataFrame) -> reach.PlanReading:
        return reach.forecast(
            lines,
            deals=rested.deals,
            history=rested.history,
            period=period,
            as_of=as_of,
            rng=np.random.default_rng(seed),
            draws=reach.RATCHET_DRAWS,
            ahead=rested.ahead,
        )

    lines = rested.purchases.lazy().filter(pl.col("on") < as_of).collect()
    return reach.follow_last_year(lines, period=period, as_of=as_of, ask=ask)


def _followed(tenths: int) -> str:
    """How our expectation would have moved with ten more last year."""
    if not tenths:
        return _("our expectation would hardly differ")
    told = _("our expectation would be {own} higher") if tenths > 0 else _("our expectation would be {own} lower")
    return told.format(own=abs(tenths))


def _closer(name: str, plans: int, ours: float, theirs: float) -> str:
    """Which of the two came closer over so many plans, and by how much."""
    nearer, farther = sorted((ours, theirs))
    if ours <= theirs:
        told = ngettext(
            "Over {n} plan the range came {percent}% closer than {other}.",
            "Over {n} plans the range came {percent}% closer than {other}.",
            plans,
        )
    else:
        told = ngettext(
            "Over {n} plan {other} came closer than the range, by {percent}%.",
            "Over {n} plans {other} came closer than the range, by {percent}%.",
            plans,
        )
    return told.format(n=plans, percent=round(100 * (1 - nearer / farther)), other=name)


def _share(share: reach.Share | None) -> dict[str, float] | None:
    return None if share is None else {"share": share.share, "low": share.low, "high": share.high}


def _slope(ratchet: reach.Ratchet | None) -> float | None:
    return None if ratchet is None else ratchet.slope


def _plain(value: object) -> object:
    return f"{value}" if isinstance(value, date) else value


def needs_of(reading: reach.PlanReading, amounts: dict[str, int]) -> list[dict[str, Any]]:
    """What would have to be true for each amount: by source, expected beside needed."""
    return [
        {
            "label": label,
            "amount_cents": cents,
            "needs": [
                {
                    "source": need.source,
                    "expected_cents": need.expected_cents,
                    "needed_cents": need.needed_cents,
                    "more_cents": need.more_cents,
                }
                for need in reach.what_would_have_to_be_true(reading, cents)
            ],
        }
        for label, cents in amounts.items()
    ]
