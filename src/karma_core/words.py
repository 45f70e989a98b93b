"""Chances and amounts as people say them: never more precise than they deserve."""

import math
from dataclasses import dataclass
from datetime import date

_TIMES = {"nl": "{n} op {of}", "en": "{n} in {of}"}
_EDGES = {
    "nl": {"never": "vrijwel geen kans", "rare": "minder dan 1 op 20", "sure": "meer dan 19 op 20"},
    "en": {"never": "hardly any chance", "rare": "less than 1 in 20", "sure": "more than 19 in 20"},
}
_ABOUT = {"nl": "ongeveer", "en": "about"}


@dataclass(frozen=True)
class Sentence:
    """One sentence for people, in Dutch and in English.

    >>> Sentence(nl="Niets dringends.", en="Nothing pressing.").say("en")
    'Nothing pressing.'
    """

    nl: str
    en: str

    def say(self, language: str) -> str:
        """The sentence in "nl" or "en"."""
        return self.nl if language == "nl" else self.en


def counted(number: int, *, one: Sentence, more: Sentence) -> Sentence:
    """The sentence for one of something, or that for none or several.

    >>> words = {"one": Sentence(nl="Eén aanvraag.", en="One deal."), "more": Sentence(nl="Geen.", en="None.")}
    >>> counted(1, **words).en, counted(0, **words).en
    ('One deal.', 'None.')
    """
    return one if number == 1 else more


def chance_in_words(chance: float, *, language: str) -> str:
    """Say a chance (0..1) in tenths; below 1 and above 19 in 20 only that it is.

    >>> chance_in_words(0.5731, language="nl"), chance_in_words(0.98, language="en")
    ('ongeveer 6 op 10', 'more than 19 in 20')
    """
    edges = _EDGES[language]
    if chance < 0.005:
        return edges["never"]
    if chance < 0.05:
        return edges["rare"]
    if chance > 0.95:
        return edges["sure"]
    tenths = min(max(math.floor(chance * 10 + 0.5), 1), 9)
    return f"{_ABOUT[language]} {_TIMES[language].format(n=tenths, of=10)}"


def round_to_range(cents: int, *, width_cents: int) -> int:
    """Round an amount to a step that its range can carry: the power of ten just below a twentieth of its width.

    A range of no width leaves the amount in whole units of the currency.

    >>> round_to_range(41_234_567, width_cents=7_000_000), round_to_range(41_234_567, width_cents=0)
    (41200000, 41234600)
    """
    step = max(100, int(10 ** math.floor(math.log10(max(abs(width_cents) / 20, 1)))))
    return math.floor(cents / step + 0.5) * step


MONTHS = {
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


def day_in_words(day: date, *, language: str) -> str:
    """A day as people write it in a sentence.

    >>> day_in_words(date(2026, 11, 22), language="nl"), day_in_words(date(2026, 11, 22), language="en")
    ('22 november 2026', '22 November 2026')
    """
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"
