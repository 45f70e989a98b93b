"""What the mirror says: for the whole, and for each person it was asked to show, in order of the input."""

from dataclasses import dataclass
from typing import Any

from karma_core.mirror.shares import Share, Shares
from karma_core.words import Sentence


@dataclass(frozen=True)
class PersonMirror:
    """One person's mirror. Rates are shares of deals won (0..1), or mean amounts in the file's own unit.

    `difference` is raw rate less the team's. It is made up of `from_mix` per column, `from_person`, and what
    chance made of it: difference - sum(from_mix) - from_person. `chance_sd` is how far chance alone moves such a
    rate; `low` and `high` are the 90% range of `from_person`, null where nothing can be estimated.
    """

    person: str
    n: int
    raw_rate: float
    expected_rate: float
    difference: float
    from_mix: dict[str, float]
    from_person: float
    chance_sd: float
    low: float | None
    high: float | None
    verdict: str
    more_needed: int | None
    sentence: Sentence

    @property
    def from_chance(self) -> float:
        """What chance made of the difference: what is left when mix and person are taken off."""
        return self.difference - sum(self.from_mix.values()) - self.from_person

    def document(self) -> dict[str, Any]:
        """The same as plain values."""
        return {**vars(self), "sentence": {"nl": self.sentence.nl, "en": self.sentence.en}}


@dataclass(frozen=True)
class Block:
    """The mirror of one outcome. `shares` is None where fewer than five persons would show through them."""

    n: int
    log_likelihood: float | None
    sd: dict[str, float]
    coefficients: dict[str, float]
    shares: Shares | None
    people: tuple[PersonMirror, ...]
    warnings: tuple[Sentence, ...]

    def document(self, *, language: str) -> dict[str, Any]:
        """The same as plain values, the warnings in one language."""
        return {
            "n": self.n,
            "log_likelihood": self.log_likelihood,
            "sd": self.sd,
            "coefficients": self.coefficients,
            "shares": _shares(self.shares),
            "people": [person.document() for person in self.people],
            "warnings": [warning.say(language) for warning in self.warnings],
        }


@dataclass(frozen=True)
class RefusedColumn:
    """A column that was not used, and why."""

    column: str
    reason: Sentence


@dataclass(frozen=True)
class Mirror:
    """The whole answer: won or lost, and margin and margin lost after the signature where they were asked for."""

    won: Block
    open_left_out: int
    margin: Block | None
    lost_after_signature: Block | None
    refused: tuple[RefusedColumn, ...]
    warnings: tuple[Sentence, ...]

    def document(self, *, language: str) -> dict[str, Any]:
        """The answer as one document; sentences about persons are in both languages."""
        whole = self.won.document(language=language)
        said = [warning.say(language) for warning in self.warnings] + whole.pop("warnings")
        others = {"margin": self.margin, "lost_after_signature": self.lost_after_signature}
        return {
            "n": whole.pop("n"),
            "open_left_out": self.open_left_out,
            **whole,
            **{name: block.document(language=language) if block else None for name, block in others.items()},
            "refused_columns": [{"column": r.column, "reason": r.reason.say(language)} for r in self.refused],
            "warnings": said,
        }


def _shares(shares: Shares | None) -> dict[str, Any] | None:
    if shares is None:
        return None
    mix = {name: _share(share) for name, share in shares.mix.items()}
    return {"person": _share(shares.person), "mix": mix, "chance": _share(shares.chance)}


def _share(share: Share) -> dict[str, float]:
    return {"value": share.value, "low": share.low, "high": share.high}
