"""One plain sentence per person, in Dutch and in English: what is so, what it rests on, what would tell more."""

import math
from dataclasses import dataclass, field

from karma_core.mirror.naming import meaning
from karma_core.words import Sentence

MOST = 0.5
"""A part is most of a difference from this share on."""
NOTICEABLE = 0.02
MANY = 1000
"""More deals than this are not held out to a person."""
NUMBERS_NL = "geen een twee drie vier vijf zes zeven acht negen".split()  # noqa: SIM905 (a list of words reads best so)
NUMBERS_EN = "no one two three four five six seven eight nine".split()  # noqa: SIM905 (a list of words reads best so)


@dataclass(frozen=True)
class Said:
    """What the sentence is made of: `kind` is "won", "margin" or "lost", `low` to `high` the own part's range.

    From `from_mix` on it is what a fit tells; without one nothing is known of it.
    """

    kind: str
    n: int
    raw: float
    team: float
    is_alone: bool = False
    from_mix: dict[str, float] = field(default_factory=dict)
    from_person: float = 0.0
    low: float = 0.0
    high: float = 0.0
    verdict: str = "cannot_tell"
    more_needed: int | None = None
    hidden_by: str | None = None
    mix_in_the_way: bool = False
    rests_on_few: bool = False


def sentence(said: Said) -> Sentence:
    """Say it in the second person, calmly; too few deals say nothing, and that is said."""
    if said.n < len(NUMBERS_NL):
        return _too_few(said.n)
    parts = [_rates(said), _mix(said), _rest(said)]
    kept = [part for part in parts if part]
    return Sentence(nl=" ".join(part.nl for part in kept), en=" ".join(part.en for part in kept))


def _too_few(n: int) -> Sentence:
    if n == 1:
        return Sentence(
            nl="Dit is één aanvraag. Daar valt nog niets over te zeggen.",
            en="This is one deal. Nothing can be said about it yet.",
        )
    return Sentence(
        nl=f"Dit zijn {NUMBERS_NL[n]} aanvragen. Daar valt nog niets over te zeggen.",
        en=f"These are {NUMBERS_EN[n]} deals. Nothing can be said about them yet.",
    )


def _rates(said: Said) -> Sentence:
    if said.kind == "won":
        return _won_rates(said)
    own, team = amount(said.raw), amount(said.team)
    if said.kind == "margin":
        return Sentence(
            nl=f"Je maakt gemiddeld {own[0]} marge per gewonnen aanvraag, het team {team[0]}.",
            en=f"You make {own[1]} of margin per won deal on average, the team {team[1]}.",
        )
    return Sentence(
        nl=f"Na de handtekening gaat bij jou gemiddeld {own[0]} marge per opdracht verloren, bij het team "
        f"{team[0]}.",
        en=f"After the signature {own[1]} of margin per order is lost with you on average, {team[1]} with the "
        "team.",
    )


def _won_rates(said: Said) -> Sentence:
    if said.is_alone:
        alone = tenths(said.raw, 100)
        return Sentence(nl=f"Je wint {alone} van de 100.", en=f"You win {alone} in 100.")
    ends = {tenths(said.raw, 10), tenths(said.team, 10)}
    of = 10 if len(ends) == 2 and ends.isdisjoint({0, 10}) else 100
    own, team = tenths(said.raw, of), tenths(said.team, of)
    if abs(said.raw - said.team) < NOTICEABLE:
        return Sentence(
            nl=f"Je wint ongeveer evenveel als het team: {team} van de {of}.",
            en=f"You win about as much as the team: {team} in {of}.",
        )
    return Sentence(
        nl=f"Je wint {own} van de {of}, het team {team} van de {of}.",
        en=f"You win {own} in {of}, the team {team} in {of}.",
    )


def tenths(rate: float, of: int) -> int:
    """A rate as so many in ten or in a hundred.

    >>> tenths(0.349, 10), tenths(0.349, 100)
    (3, 35)
    """
    return math.floor(rate * of + 0.5)


def amount(value: float) -> tuple[str, str]:
    """An amount to three figures, in Dutch and in English, without a currency.

    >>> amount(12345.6), amount(-0.127)
    (('12.300', '12,300'), ('-0,127', '-0.127'))
    """
    if value == 0:
        return "0", "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    english = f"{round(value, digits):,.{max(digits, 0)}f}"
    if "." in english:
        english = english.rstrip("0").rstrip(".")
    return english.translate(str.maketrans(",.", ".,")), english


def _mix(said: Said) -> Sentence | None:
    difference = said.raw - said.team
    scale = NOTICEABLE if said.kind == "won" else NOTICEABLE * abs(said.team)
    if abs(difference) < scale or not said.from_mix:
        return None
    name, value = max(said.from_mix.items(), key=lambda item: item[1] * math.copysign(1, difference))
    what, total = meaning(name), sum(said.from_mix.values())
    is_most = min(value, total, key=lambda part: part / difference) / difference >= MOST
    if is_most and value / difference > said.from_person / difference and name != said.hidden_by:
        return Sentence(
            nl=f"Het grootste deel van dat verschil zit in {what.nl}.",
            en=f"Most of that difference lies in {what.en}.",
        )
    if said.hidden_by:
        return None
    if total / difference >= MOST:
        return Sentence(
            nl="Het grootste deel van dat verschil zit in je mix van aanvragen.",
            en="Most of that difference lies in your mix of deals.",
        )
    if total / difference < -MOST / 2:
        return Sentence(
            nl="Aan je mix van aanvragen ligt dat niet; die werkt juist de andere kant op.",
            en="Your mix of deals is not the reason; it works the other way.",
        )
    return None


def _rest(said: Said) -> Sentence:
    if said.is_alone:
        return Sentence(
            nl="Er zijn geen collega's om mee te vergelijken; over jouw deel valt niets te zeggen.",
            en="There are no colleagues to compare with; nothing can be said about your part.",
        )
    if said.hidden_by:
        what = meaning(said.hidden_by)
        return Sentence(
            nl=f'Wat van jou is en wat van {what.nl}, is niet uit elkaar te halen: "{said.hidden_by}" deel je met '
            "te weinig collega's.",
            en=f'What is yours and what belongs to {what.en} cannot be told apart: you share "{said.hidden_by}" '
            "with too few colleagues.",
        )
    if said.verdict == "cannot_tell":
        return _cannot_tell(said)
    return _told(said)


def _cannot_tell(said: Said) -> Sentence:
    if said.rests_on_few:
        return Sentence(
            nl="Wat overblijft, rust op enkele uitzonderlijk grote of kleine bedragen; dat kan toeval zijn.",
            en="What is left rests on a few exceptionally large or small amounts; that may be chance.",
        )
    if said.mix_in_the_way:
        return Sentence(
            nl="Of wat overblijft van jou of van je mix is, valt niet te zeggen.",
            en="Whether what is left comes from you or from your mix cannot be said.",
        )
    if said.more_needed is None or said.more_needed > MANY:
        return Sentence(
            nl="Wat overblijft, is te klein om van toeval te onderscheiden.",
            en="What is left is too small to be told from chance.",
        )
    return Sentence(
        nl="Wat overblijft, is niet van toeval te onderscheiden; met ongeveer "
        f"{said.more_needed} aanvragen meer weten we meer.",
        en=f"What is left cannot be told from chance; with about {said.more_needed} more deals we will know more.",
    )


def _told(said: Said) -> Sentence:
    is_above = said.verdict == "above"
    nl, en = ("meer", "more") if is_above else ("minder", "less")
    doing = {
        "won": Sentence(nl=f"win je {nl}", en=f"you win {en}"),
        "margin": Sentence(nl=f"maak je {nl} marge", en=f"you make {en} margin"),
        "lost": Sentence(nl=f"gaat er {nl} verloren", en=f"{en} is lost"),
    }[said.kind]
    size = _size(said)
    return Sentence(
        nl=f"Bij dezelfde mix {doing.nl} dan gemiddeld: naar schatting {size.nl}. Dat is meer dan toeval.",
        en=f"With the same mix {doing.en} than average: an estimated {size.en}. That is beyond chance.",
    )


def _size(said: Said) -> Sentence:
    """How much more or less, as the range of the own part: from the end nearest to zero to the farthest."""
    ends = (abs(said.low), abs(said.high))
    near, far = min(ends), max(ends)
    if said.kind != "won":
        (nl, en), (nl_far, en_far) = amount(near), amount(far)
        per = ("per aanvraag", "per deal") if said.kind == "margin" else ("per opdracht", "per order")
        return Sentence(nl=f"{nl} tot {nl_far} {per[0]}", en=f"{en} to {en_far} {per[1]}")
    least, most = (max(1, tenths(value, 100)) for value in (near, far))
    if least == most:
        return Sentence(nl=f"zo'n {most} van de 100", en=f"{most} in 100")
    return Sentence(nl=f"{least} tot {most} van de 100", en=f"{least} to {most} in 100")
