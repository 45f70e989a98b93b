"""What can be said of the open deals: chances, what they bring, why, and how good such chances were before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from karma_core.deals import pool as pooling
from karma_core.deals.calendar import CALENDARS, Calendar
from karma_core.deals.chances import EVER_WEEKS, OpenDeals, at_day, cumulative_chances, open_deals
from karma_core.deals.facts import RECORD, STATED, Facts, Moved, facts_of, reasons
from karma_core.deals.funnel import Conversion, conversions
from karma_core.deals.hazard import FEWEST_WON, DealsFit, fit_calendars
from karma_core.deals.judge import (
    AVERAGE,
    TREES,
    Record,
    Series,
    Verdict,
    candidates,
    decide,
    is_better,
    name_of,
    or_else,
    record_of,
    shock_spread,
)
from karma_core.deals.landmarks import Landmark, Past, base_rates, look_back, within
from karma_core.deals.odds import log_odds
from karma_core.deals.rewind import Rewound, rewind
from karma_core.deals.risk import DAYS_A_WEEK
from karma_core.deals.worth import Measure, Worth, worth_of
from karma_core.errors import KarmaError
from karma_core.words import Sentence

Floats = NDArray[np.float64]

DRAWS = 1000
THETAS = 30
FEWEST_ROWS, FEWEST_WINS = 2000, 200
"""Deals on past days, and wins among them, below which boosted trees are not asked."""
POOLED = "pooled"


class HorizonError(KarmaError):
    """A day to look ahead to that does not lie ahead."""


@dataclass(frozen=True)
class Range:
    """A mean with the ends of its 90% range."""

    mean: float
    p05: float
    p95: float

    @classmethod
    def of(cls, draws: Floats, *, mean: float | None = None) -> "Range":
        """The range of draws, around their own mean or a given one."""
        low, high = np.quantile(draws, [0.05, 0.95])
        return cls(float(draws.mean()) if mean is None else mean, float(low), float(high))


@dataclass(frozen=True, eq=False)
class DealsReading:
    """What is said of the deals open on as-of.

    `open_deals` has one row per deal: `deal, chance_win_by_until, chance_win_ever, expected_close,
    value_cents_low, value_cents_high` (given that it is won), `reasons_nl, reasons_en`, and `moved`, the facts
    with how much each moved the chance. `expected_value_cents` counts what is won before until. `model` says which
    model is believed, `corrected_by` what calibrates it, `is_pooled` whether sellers' own chances count.
    """

    deals: int
    open_deals: pl.DataFrame
    expected_wins: Range
    expected_value_cents: Range | None
    measure: Measure | None
    left_after_signature: float | None
    base_rates: dict[str, float]
    record: Record
    funnel: tuple[Conversion, ...]
    model: str
    corrected_by: str | None
    is_pooled: bool
    warnings: tuple[Sentence, ...]


def read_deals(
    deals: pl.DataFrame,
    *,
    as_of: date,
    until: date,
    rng: np.random.Generator,
    history: pl.DataFrame | None = None,
    features: Sequence[str] = (),
    allow: Sequence[str] = (),
    challenger: bool = True,
) -> DealsReading:
    """Say with what chance each deal open on as-of is won before `until`, and ever, when, for how much, and why.

    `deals` keeps DEALS and may have `realised_cents` (margin left after the signature) and the columns `features`,
    known from the start; `history` keeps STAGE_HISTORY. The same question is put on up to six past days; what
    would have been said then decides which model is believed (weekly hazards, with or without trend and season,
    their average, boosted trees where `challenger`), whether it is calibrated, and whether what sellers stated is
    pooled with it. Nothing of as-of or later is used. Raises HorizonError where until is not after as-of, and
    FrameError for a frame that does not keep its contract.
    """
    horizon = (until - as_of).days
    if horizon < 1:
        raise HorizonError(
            f"Until {until} lies no day after {as_of}. Let --until be later than --as-of.",
            nl=f"Tot {until} ligt geen dag na {as_of}. Laat --until later zijn dan --as-of.",
        )
    extra = [*features, *(["realised_cents"] if "realised_cents" in deals.columns else [])]
    now = rewind(deals, as_of=as_of, history=history, features=extra, allow=allow)
    now = replace(now, factors=tuple(name for name in now.factors if name != "realised_cents"))
    return _Asking(Past(now, history, tuple(allow)), horizon, rng, challenger).answer()


@dataclass(frozen=True, eq=False)
class _Judged:
    """The chances by until as they are believed, and the steps that led there."""

    fit: DealsFit
    said: Floats
    corrected: Floats
    final: Floats
    verdict: Verdict
    is_pooled: bool


@dataclass(frozen=True, eq=False)
class _Asking:
    """One question about the open deals, on its way to an answer."""

    past: Past
    horizon: int
    rng: np.random.Generator
    challenger: bool

    @property
    def now(self) -> Rewound:
        return self.past.now

    def answer(self) -> DealsReading:
        """Judge the past, then speak."""
        judged = self._judge()
        fit, still = judged.fit, open_deals(judged.fit, self.now)
        until, ever, close = self._times(fit, still, judged.final)
        worth = worth_of(self.now, fit.kinds, rng=self.rng)
        wins, value = self._totals(judged, still, worth)
        rows = self._rows(judged, still, worth).with_columns(
            chance_win_by_until=until, chance_win_ever=ever, expected_close=close
        )
        return DealsReading(
            deals=len(self.now.deals),
            open_deals=rows.select(_COLUMNS),
            expected_wins=wins,
            expected_value_cents=value,
            measure=worth.measure if worth else None,
            left_after_signature=worth.left if worth and worth.burn.size > 1 else None,
            base_rates=base_rates(self.now, horizon=self.horizon),
            record=judged.verdict.record,
            funnel=conversions(self.now, chance_ever=ever),
            model=judged.verdict.model,
            corrected_by=judged.verdict.corrected_by,
            is_pooled=judged.is_pooled,
            warnings=tuple(self._warnings(judged)),
        )

    def _judge(self) -> _Judged:
        landmarks = look_back(self.past, horizon=self.horizon)
        trees = self._trees() if _may_carry_trees(landmarks) else None
        others = [Series(TREES, trees.would_have_said(landmarks))] if trees else []
        verdict = decide(landmarks, horizon=self.horizon, others=others)
        fits = fit_calendars(self.now, _needed(verdict.model))
        chance = {c: within(fit, self.now, days=self.horizon) for c, fit in fits.items()}
        fit, said = self._spoken(verdict.model, landmarks, fits, chance)
        still = open_deals(fit, self.now)
        corrected = verdict.correction.apply(said, still.age_days) if verdict.correction else said
        return self._pooled(_Judged(fit, said, corrected, corrected, verdict, False), landmarks)

    def _trees(self) -> ModuleType | None:
        """The challenger's module, loaded only where it is wanted: scikit-learn takes a second."""
        if not self.challenger:
            return None
        from karma_core.deals import trees  # noqa: PLC0415 (see above)

        return trees

    def _spoken(
        self,
        model: str,
        landmarks: Sequence[Landmark],
        fits: dict[Calendar, DealsFit],
        chance: dict[Calendar, Floats],
    ) -> tuple[DealsFit, Floats]:
        first = next(iter(fits))
        if model == AVERAGE:
            return fits[first], candidates(chance)[AVERAGE]
        if model == TREES and (trees := self._trees()):
            found = trees.speak(landmarks, fits[first], self.now, chance[first])
            return fits[first], chance[first] if found is None else found
        return fits[first], chance[first]

    def _pooled(self, judged: _Judged, landmarks: Sequence[Landmark]) -> _Judged:
        """Let the sellers' own chances count where that would have been better."""
        owners, said = pooling.owners_of(self.now.deals), judged.verdict.said
        if not any(mark.then.open["stated_chance"].count() for mark in landmarks):
            return judged
        series = pooling.pooled_series(landmarks, said, owners=owners)
        if not is_better(series, said, landmarks):
            return judged
        series = or_else(series, said)
        pool = pooling.pool_of(landmarks, said, owners=owners, before=landmarks[-1].over)
        final = pooling.join(pool, self.now.open, judged.corrected, owners=owners)
        verdict = replace(
            judged.verdict,
            said=series,
            record=record_of(series, landmarks),
            shock_sd=shock_spread(series, landmarks, self.horizon),
        )
        return replace(judged, final=final, verdict=verdict, is_pooled=True)

    def _times(self, fit: DealsFit, still: OpenDeals, final: Floats) -> tuple[Floats, Floats, pl.Series]:
        """Chances by until and ever, and the middle of the days on which a win would come.

        What the judgement moved by until moves ever along: the chance to be won later, given not before, stays.
        """
        folded, position = still.folded()
        won = cumulative_chances(fit, folded, weeks=EVER_WEEKS)[0]
        at = np.clip(at_day(won, self.horizon), 0, 1)
        later = np.clip((won[:, -1] - at) / np.maximum(1 - at, 1e-9), 0, 1)[position]
        half = (won >= won[:, -1:] / 2).argmax(axis=1) * DAYS_A_WEEK
        close = (self.now.as_of + half[position]).astype("datetime64[D]")
        until = np.clip(final, 0, 1)
        return until, until + (1 - until) * later, pl.Series(close).cast(pl.Date)

    def _totals(self, judged: _Judged, still: OpenDeals, worth: Worth | None) -> tuple[Range, Range | None]:
        """Wins and their value before until: parameters, a shock common to all, wins and values are drawn."""
        n = judged.final.size
        if not n:
            return Range(0.0, 0.0, 0.0), Range(0.0, 0.0, 0.0) if worth else None
        moved = self._parameter_moves(judged.fit, still)
        odds, wins, value = log_odds(judged.final), np.zeros(DRAWS), np.zeros(DRAWS)
        shock = judged.verdict.shock_sd * self.rng.normal(size=DRAWS)
        for i in range(DRAWS):
            won = self.rng.random(n) < expit(odds + moved[i % len(moved)] + shock[i])
            wins[i] = won.sum()
            value[i] = worth.draw(self.rng)[won].sum() if worth else 0.0
        return Range.of(wins, mean=float(judged.final.sum())), Range.of(value) if worth else None

    def _parameter_moves(self, fit: DealsFit, still: OpenDeals) -> Floats:
        """How the log-odds differ from draw to draw of the parameters, (draws, n)."""
        folded, position = still.folded()
        size = THETAS if folded.age_days.size < 20_000 else THETAS // 5
        weeks = -(-self.horizon // DAYS_A_WEEK)
        own = log_odds(at_day(cumulative_chances(fit, folded, weeks=weeks)[0], self.horizon))
        moves = [
            log_odds(at_day(cumulative_chances(fit, folded, weeks=weeks, theta=theta)[0], self.horizon)) - own
            for theta in fit.draw(self.rng, size=size)
        ]
        return np.clip(np.array(moves), -3, 3)[:, position]

    def _rows(self, judged: _Judged, still: OpenDeals, worth: Worth | None) -> pl.DataFrame:
        n = still.age_days.size
        facts = facts_of(judged.fit, still, days=self.horizon)
        facts = _with_steps(facts, judged)
        listed = [facts.of(row) for row in range(n)]
        said = [reasons(each) for each in listed]
        low, high = worth.range() if worth else (np.full(n, np.nan),) * 2
        return pl.DataFrame(
            {
                "deal": self.now.open["deal"],
                "value_cents_low": _cents(low),
                "value_cents_high": _cents(high),
                "reasons_nl": pl.Series([" ".join(s.nl for s in each) for each in said], dtype=pl.String),
                "reasons_en": pl.Series([" ".join(s.en for s in each) for each in said], dtype=pl.String),
                "moved": pl.Series([_moved(each) for each in listed], dtype=pl.String),
            }
        )

    def _warnings(self, judged: _Judged) -> list[Sentence]:
        said = []
        if judged.fit.won < FEWEST_WON:
            said.append(
                Sentence(
                    nl=f"Te weinig gegevens: gewonnen aanvragen tot nu toe: {judged.fit.won}. De kansen leunen op "
                    f"een aanname, tot er {FEWEST_WON} zijn.",
                    en=f"Too little data: deals won so far: {judged.fit.won}. The chances lean on an assumption "
                    f"until there are {FEWEST_WON}.",
                )
            )
        if not judged.verdict.record.chances:
            said.append(
                Sentence(
                    nl="Er is nog geen verleden waaraan deze kansen te toetsen zijn.",
                    en="There is no past yet by which these chances could be judged.",
                )
            )
        if self.now.undated:
            said.append(
                Sentence(
                    nl=f"{self.now.undated} aanvragen missen een datum en tellen niet mee.",
                    en=f"{self.now.undated} deals lack a date and do not count.",
                )
            )
        if self.now.is_later_export:
            said.append(
                Sentence(
                    nl="De export is van na de peildatum: bedrag, fase en eigen inschatting van wat toen open was "
                    "zijn alleen gebruikt voor zover het verloop ze vertelt.",
                    en="The export is of after the as-of date: amount, stage and stated chance of what was open "
                    "then are used only as far as the history tells them.",
                )
            )
        return said


_COLUMNS = (
    "deal", "chance_win_by_until", "chance_win_ever", "expected_close", "value_cents_low", "value_cents_high",
    "reasons_nl", "reasons_en", "moved",
)  # fmt: skip


def _may_carry_trees(landmarks: Sequence[Landmark]) -> bool:
    """Whether the past is large enough to load the challenger for."""
    wins = sum(int(mark.happened.sum()) for mark in landmarks)
    return sum(mark.happened.size for mark in landmarks) >= FEWEST_ROWS and wins >= FEWEST_WINS


def _needed(model: str) -> tuple[Calendar, ...]:
    named = [c for c in CALENDARS if name_of(c) == model]
    return tuple(named) or (CALENDARS if model == AVERAGE else CALENDARS[:1])


def _with_steps(facts: Facts, judged: _Judged) -> Facts:
    """Add what calibration and the sellers' own chances moved."""
    steps = {RECORD: judged.corrected - judged.said, STATED: judged.final - judged.corrected}
    n = judged.final.size
    held = {name: moved for name, moved in steps.items() if np.any(np.abs(moved) > 1e-9)}
    return Facts({**facts.moved, **held}, {**facts.values, **{name: [""] * n for name in held}})


def _cents(values: Floats) -> pl.Series:
    return pl.Series(np.round(values), nan_to_null=True).cast(pl.Int64)


def _moved(facts: Sequence[Moved]) -> str:
    return "; ".join(f"{fact.fact}={fact.value} {fact.by:+.4f}" for fact in facts if abs(fact.by) >= 5e-5)
