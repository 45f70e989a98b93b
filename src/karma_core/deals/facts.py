"""Why a deal has its chance: how much each fact moved it, and that in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from karma_core.deals.chances import OpenDeals, at_day, cumulative_chances
from karma_core.deals.hazard import DealsFit
from karma_core.deals.kinds import REST, UNKNOWN
from karma_core.deals.risk import DAYS_A_WEEK
from karma_core.words import Sentence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST = 0.005
MOST_REASONS = 4
PERSON = re.compile(
    r"owner|seller|sales.?rep|rep\b|person|eigenaar|verkoper|accountmanager|medewerker", re.IGNORECASE
)
"""A column of people may move a chance where it was asked for; it is never a reason."""

AGE, STAGE, COHORT, OPENED, SEASON, RECORD, STATED = (
    "age", "stage", "cohort", "month opened", "season", "calibration", "stated chance",
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """By how much a fact moved a deal's chance to be won before the day asked about; `value` is what it was."""

    fact: str
    value: str
    by: float


@dataclass(frozen=True, eq=False)
class Facts:
    """Per fact, by how much it moved each deal's chance (n,) and what it was for each deal."""

    moved: dict[str, Floats]
    values: dict[str, list[str]]

    def of(self, row: int) -> list[Moved]:
        """The facts of one deal in order of weight."""
        found = [Moved(name, self.values[name][row], float(moved[row])) for name, moved in self.moved.items()]
        return sorted(found, key=lambda fact: -abs(fact.by))


def facts_of(fit: DealsFit, deals: OpenDeals, *, days: int) -> Facts:
    """Take each fact away in turn and see what the chance would be without it.

    A level is taken away by setting its effect to what deals have on average, age by giving the deal the middle
    age of all open ones. What facts do together is counted with each, so they need not add up. What is the same
    for all open deals is no fact about one, but for the season.
    """
    folded, position = deals.folded()
    full = _within(fit, folded, days)
    moved = {AGE: full - _within(fit, replace(folded, age_days=_middle_age(deals, folded)), days)}
    for name, blocks in _parts(fit).items():
        theta = fit.theta.copy()
        for block in blocks:
            theta[:, block.start : block.stop] = 0.0
        moved[name] = full - _within(fit, folded, days, theta)
    values = _values(fit, deals)
    told = {name: by[position] for name, by in moved.items() if name == SEASON or len(set(values[name])) > 1}
    return Facts(told, values)


def _within(fit: DealsFit, deals: OpenDeals, days: int, theta: Floats | None = None) -> Floats:
    won = cumulative_chances(fit, deals, weeks=-(-days // DAYS_A_WEEK), theta=theta)[0]
    return at_day(won, days)


def _middle_age(deals: OpenDeals, folded: OpenDeals) -> Ints:
    middle = int(np.median(deals.age_days)) if deals.age_days.size else 0
    return np.full_like(folded.age_days, middle)


def _parts(fit: DealsFit) -> dict[str, list[slice]]:
    """The parameters of each fact; month and pace of the weeks to come are one, a pair is of both its facts."""
    layout, parts = fit.layout, dict[str, list[slice]]()
    single, paired = layout.blocks[: layout.single], layout.blocks[layout.single :]
    told = [(block, (at,)) for at, block in enumerate(single) if len(block.basis) > 1]
    both = [(block, (pair.first, pair.second)) for pair, block in zip(layout.pairs, paired, strict=True)]
    for block, facts in (*told, *both):
        for name in (single[at].name for at in facts if at > 0):
            said = SEASON if name in ("month", "pace") else name
            parts.setdefault(said, []).append(slice(block.start, block.stop))
    return parts


def _values(fit: DealsFit, deals: OpenDeals) -> dict[str, list[str]]:
    n = deals.age_days.size
    values = {AGE: [str(int(age) // DAYS_A_WEEK) for age in deals.age_days], SEASON: [""] * n}
    for i, factor in enumerate(fit.kinds.factors):
        values[factor.name] = [factor.levels[code] for code in deals.kind[:, i]]
    values[STAGE] = [fit.stages[code] for code in deals.stage]
    for i, name in ((-2, COHORT), (-1, OPENED)):
        values[name] = [str(int(code)) for code in deals.kind[:, i]]
    return values


def reasons(facts: Sequence[Moved]) -> list[Sentence]:
    """The facts that matter, in words and in order of weight; one sentence where none stands out."""
    said = [_said(fact) for fact in facts if abs(fact.by) >= SMALLEST and not PERSON.search(fact.fact)]
    if said:
        return said[:MOST_REASONS]
    return [
        Sentence(
            nl="Niets springt eruit: dit is een aanvraag als de meeste.",
            en="Nothing stands out: this is a deal like most.",
        )
    ]


def _said(fact: Moved) -> Sentence:
    nl, en = _fact_in_words(fact)
    hundred = max(1, round(100 * abs(fact.by)))
    return Sentence(
        nl=f"{nl}: ongeveer {hundred} op de 100 {'vaker' if fact.by > 0 else 'minder vaak'} gewonnen.",
        en=f"{en}: won about {hundred} in 100 {'more' if fact.by > 0 else 'less'} often.",
    )


def _fact_in_words(fact: Moved) -> tuple[str, str]:
    fixed = {
        AGE: (f"Al {fact.value} weken open", f"Open for {fact.value} weeks"),
        STAGE: (f"In fase {fact.value}", f"In stage {fact.value}"),
        COHORT: ("Geopend in deze tijd", "Opened in this time"),
        OPENED: ("De maand waarin de aanvraag kwam", "The month in which the deal came"),
        SEASON: ("De tijd van het jaar", "The time of the year"),
        RECORD: ("Hoe eerdere kansen uitkwamen", "How earlier chances came true"),
        STATED: ("Je eigen inschatting", "Your own estimate"),
    }
    if fact.fact in fixed:
        return fixed[fact.fact]
    name = fact.fact.removeprefix("column ")
    en = name[0].upper() + name[1:]
    nl = "Herkomst" if fact.fact == "source" else en
    if fact.value == UNKNOWN:
        return f"{nl} is niet bekend", f"{en} is not known"
    if fact.value == REST:
        return f"{nl} komt weinig voor", f"{en} is rare"
    return f"{nl}: {fact.value}", f"{en}: {fact.value}"
