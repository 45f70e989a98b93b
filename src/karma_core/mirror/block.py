"""The mirror of one outcome: fit, take apart, and put into words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from karma_core.effects.design import Floats
from karma_core.errors import FitError
from karma_core.mirror.answer import Block, PersonMirror
from karma_core.mirror.far_off import steady
from karma_core.mirror.material import Material
from karma_core.mirror.model import Model, fit_model
from karma_core.mirror.overlap import Overlap, overlap_of
from karma_core.mirror.parts import Parts, parts_of
from karma_core.mirror.people import (
    CANNOT_TELL,
    HIGH,
    LOW,
    deals_needed,
    differences,
    mix_is_in_the_way,
    more_needed,
    verdicts,
)
from karma_core.mirror.sentences import Said, sentence
from karma_core.mirror.shares import shares_of
from karma_core.threads import one_thread
from karma_core.words import Sentence, counted

FEWEST_FOR_SHARES = 5
LEAST_RESIDUAL = 1e-4
"""Of the amounts' deviation: what a fit leaves below this is rounding."""
Shown = Callable[[str], bool]


@dataclass(frozen=True)
class Task:
    """One outcome to look at: `kind` is "won", "margin" or "lost"; `shown` says whose mirror is printed."""

    kind: str
    material: Material
    shown: Shown
    rng: np.random.Generator


@one_thread()
def look(task: Task) -> Block:
    """Make the block of one outcome.

    One person, one deal each, an outcome that never varies or amounts that follow from the columns are not fitted.
    """
    material = task.material
    if material.person.size in (1, material.deals) or np.ptp(material.outcome) == 0:
        return _without_model(task, _why_not(material))
    model = _fitted(material)
    if model is None:
        return _without_model(task, _NO_CHANCE)
    overlap = overlap_of(model)
    shares = shares_of(model, rng=task.rng) if material.person.size >= FEWEST_FOR_SHARES else None
    return Block(
        n=material.deals,
        log_likelihood=_log_likelihood(model),
        sd=_in_units(model, model.plain.sd),
        coefficients=_coefficients(model),
        shares=shares,
        people=_people(task, model, overlap),
        warnings=tuple(_warnings(model, overlap)),
    )


def _fitted(material: Material) -> Model | None:
    """The model; None where amounts follow from the columns but for rounding, so that chance has no size."""
    try:
        model = fit_model(material)
    except FitError:
        if material.is_amount:
            return None
        raise
    return None if material.is_amount and model.plain.sd["residual"] < LEAST_RESIDUAL else model


@dataclass(frozen=True)
class _Taken:
    """Everything about all persons, one entry each in order of the input."""

    parts: Parts
    overlap: Overlap
    rates: Floats
    own: Floats
    low: Floats
    high: Floats
    verdicts: list[str]
    rests_on_few: list[bool]
    mix_in_the_way: list[bool]
    needed: Floats

    @classmethod
    def apart(cls, model: Model, overlap: Overlap) -> "_Taken":
        found, parts = differences(model), parts_of(model)
        first = verdicts(model, found, overlap)
        last = steady(model, first)
        return cls(
            parts=parts,
            overlap=overlap,
            rates=model.material.rates(),
            own=parts.from_person(model.unit * found.mean),
            low=parts.from_person(model.unit * found.quantile(LOW)),
            high=parts.from_person(model.unit * found.quantile(HIGH)),
            verdicts=last,
            rests_on_few=[one != other for one, other in zip(first, last, strict=True)],
            mix_in_the_way=mix_is_in_the_way(found, overlap),
            needed=deals_needed(model, found, overlap),
        )

    def said(self, i: int, *, kind: str) -> Said:
        """What the sentence of one person is made of."""
        material, hidden = self.parts.material, self.overlap.hidden_by[i]
        return Said(
            kind=kind,
            n=int(material.deals_each[i]),
            raw=float(self.rates[i]),
            team=self.parts.team,
            from_mix=dict(zip(material.names, self.parts.from_mix[i].tolist(), strict=True)),
            from_person=float(self.own[i]),
            low=float(self.low[i]),
            high=float(self.high[i]),
            verdict=self.verdicts[i],
            more_needed=self._more_needed(i),
            hidden_by=hidden,
            mix_in_the_way=self.mix_in_the_way[i],
            rests_on_few=self.rests_on_few[i],
        )

    def _more_needed(self, i: int) -> int | None:
        if self.rests_on_few[i] or self.mix_in_the_way[i]:
            return None
        hidden = self.overlap.hidden_by[i]
        return more_needed(float(self.needed[i]), verdict=self.verdicts[i], hidden_by=hidden)

    def mirror(self, i: int, *, kind: str) -> PersonMirror:
        """One person's mirror; where the mix may be all of it, their range holds that."""
        said = self.said(i, kind=kind)
        may_be_mix = said.hidden_by is not None or said.mix_in_the_way
        low, high = float(self.low[i]), float(self.high[i])
        return PersonMirror(
            person=self.parts.material.person.levels[i],
            n=said.n,
            raw_rate=said.raw,
            expected_rate=float(self.parts.expected[i]),
            difference=said.raw - said.team,
            from_mix=said.from_mix,
            from_person=said.from_person,
            chance_sd=float(self.parts.chance_sd[i]),
            low=min(low, 0.0) if may_be_mix else low,
            high=max(high, 0.0) if may_be_mix else high,
            verdict=said.verdict,
            more_needed=said.more_needed,
            sentence=sentence(said),
        )


def _people(task: Task, model: Model, overlap: Overlap) -> tuple[PersonMirror, ...]:
    taken = _Taken.apart(model, overlap)
    wanted = [i for i, person in enumerate(task.material.person.levels) if task.shown(person)]
    return tuple(taken.mirror(i, kind=task.kind) for i in wanted)


def _log_likelihood(model: Model) -> float:
    """In the amounts' own unit: dividing an outcome by a unit shifts its log density."""
    return model.plain.log_likelihood - model.material.deals * float(np.log(model.unit))


def _in_units(model: Model, values: dict[str, float]) -> dict[str, float]:
    return {name: value * model.unit for name, value in values.items()}


def _coefficients(model: Model) -> dict[str, float]:
    """The plain fit's coefficients in the columns' own units."""
    material, fit = model.material, _in_units(model, model.plain.coefficients)
    slopes = {n: fit[n] / w for n, w in zip(material.numeric_names, material.widths.tolist(), strict=True)}
    shift = sum(slopes[n] * c for n, c in zip(material.numeric_names, material.centres.tolist(), strict=True))
    return {"(Intercept)": fit["(Intercept)"] - shift, **slopes}


def _warnings(model: Model, overlap: Overlap) -> list[Sentence]:
    said: list[Sentence] = []
    if model.material.person.size < FEWEST_FOR_SHARES:
        said.append(too_small(model.material.person.size))
    if model.posterior.is_plugged_in:
        said.append(_PLUGGED_IN)
    if not model.plain.converged:
        said.append(_NOT_SETTLED)
    columns: dict[str, int] = {}
    for column in overlap.hidden_by:
        if column is not None:
            columns[column] = columns.get(column, 0) + 1
    said += [_hidden(column, number) for column, number in columns.items()]
    return said


def too_small(people: int) -> Sentence:
    """Why a small team's shares are not shown."""
    return Sentence(
        nl=f"De aandelen van het team staan er niet bij: met {people} mensen zou je er iemand in herkennen. "
        "Vanaf vijf mensen wel.",
        en=f"The team's shares are left out: among {people} people one would be recognised in them. "
        "From five people on they are there.",
    )


def _hidden(column: str, number: int) -> Sentence:
    return counted(
        number,
        one=Sentence(
            nl=f'Van één persoon is het eigen deel niet te scheiden van "{column}", omdat die dat met te weinig '
            "collega's deelt. Daarover wordt niets gezegd.",
            en=f'The own part of one person cannot be told from "{column}", since they share it with too few '
            "colleagues. Nothing is said about it.",
        ),
        more=Sentence(
            nl=f'Van {number} mensen is het eigen deel niet te scheiden van "{column}", omdat ze dat met te '
            "weinig collega's delen. Over hen wordt niets gezegd.",
            en=f'The own part of {number} people cannot be told from "{column}", since they share it with too few '
            "colleagues. Nothing is said about them.",
        ),
    )


_PLUGGED_IN = Sentence(
    nl="Bij deze omvang zijn de spreidingen geschat en dan als vast genomen; de bandbreedtes zijn iets te smal.",
    en="At this size the spreads were estimated and then taken as known; the ranges are slightly too narrow.",
)
_NOT_SETTLED = Sentence(
    nl="De spreidingen in het antwoord zijn niet helemaal uitgezocht; lees ze als een ruwe schatting.",
    en="The spreads in the answer did not settle completely; read them as a rough estimate.",
)


def _without_model(task: Task, why: Sentence) -> Block:
    material = task.material
    made = []
    for i, person in enumerate(material.person.levels):
        if task.shown(person):
            said = Said(
                kind=task.kind,
                n=int(material.deals_each[i]),
                raw=float(material.rates()[i]),
                team=float(material.outcome.mean()),
                is_alone=material.person.size == 1,
            )
            made.append(_plain_person(said, person))
    return Block(material.deals, None, {}, {}, None, tuple(made), (why,))


def _why_not(material: Material) -> Sentence:
    if not material.deals:
        return _NO_DEALS
    if material.person.size == 1:
        return _ALONE
    return _NO_VARIATION if np.ptp(material.outcome) == 0 else _ONE_EACH


def _plain_person(said: Said, person: str) -> PersonMirror:
    away = said.raw - said.team
    words = sentence(said)
    return PersonMirror(
        person, said.n, said.raw, said.team, away, {}, 0.0, 0.0, None, None, CANNOT_TELL, None, words
    )


_ALONE = Sentence(
    nl="Er staat maar één persoon in deze aanvragen; er is niemand om mee te vergelijken.",
    en="There is only one person in these deals; there is nobody to compare with.",
)
_ONE_EACH = Sentence(
    nl="Iedereen heeft hier één aanvraag; daarin is de persoon niet van toeval te scheiden.",
    en="Everybody has one deal here; in that a person cannot be told from chance.",
)
_NO_VARIATION = Sentence(
    nl="De uitkomst is overal dezelfde; er is geen verschil om te verklaren.",
    en="The outcome is the same everywhere; there is no difference to explain.",
)
_NO_CHANCE = Sentence(
    nl="Deze bedragen volgen precies uit de kolommen; er blijft geen toeval over om een verschil aan af te meten.",
    en="These amounts follow exactly from the columns; no chance is left to hold a difference against.",
)
_NO_DEALS = Sentence(
    nl="Er is geen enkele afgesloten aanvraag om naar te kijken.",
    en="There is not a single closed deal to look at.",
)
