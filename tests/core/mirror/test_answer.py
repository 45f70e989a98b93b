"""The answer as one document: every value in its place, each sentence in the language that was asked for."""

from dataclasses import replace

import pytest

from karma_core.mirror.answer import Block, Mirror, PersonMirror, RefusedColumn
from karma_core.mirror.shares import Share, Shares
from karma_core.words import Sentence

PERSON = PersonMirror(
    "anna", 12, 0.5, 0.4, 0.2, {"segment": 0.06, "size": 0.01}, 0.05, 0.14, -0.02, 0.12, "cannot_tell", 40,
    Sentence(nl="Je wint de helft.", en="You win a half."),
)  # fmt: skip
PLAIN = {
    "person": "anna", "n": 12, "raw_rate": 0.5, "expected_rate": 0.4, "difference": 0.2,
    "from_mix": {"segment": 0.06, "size": 0.01}, "from_person": 0.05, "chance_sd": 0.14, "low": -0.02,
    "high": 0.12, "verdict": "cannot_tell", "more_needed": 40,
    "sentence": {"nl": "Je wint de helft.", "en": "You win a half."},
}  # fmt: skip
SHARES = Shares(Share(0.1, 0.0, 0.2), {"segment": Share(0.3, 0.25, 0.4)}, Share(0.6, 0.5, 0.7))
WON = Block(
    30, -20.5, {"rep": 0.4}, {"(Intercept)": -0.3}, SHARES, (PERSON,), (Sentence(nl="Klein.", en="Small."),)
)
PLAIN_SHARES = {
    "person": {"value": 0.1, "low": 0.0, "high": 0.2},
    "mix": {"segment": {"value": 0.3, "low": 0.25, "high": 0.4}},
    "chance": {"value": 0.6, "low": 0.5, "high": 0.7},
}
REFUSED = RefusedColumn("stage", Sentence(nl="Te laat.", en="Too late."))
OPEN = Sentence(nl="Zeven open.", en="Seven open.")
MIRROR = Mirror(WON, 7, replace(WON, n=20, shares=None), None, (REFUSED,), (OPEN,))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_document_holds_every_value_in_the_language_asked_for(language):
    small, late, left = {
        "nl": ("Klein.", "Te laat.", "Zeven open."),
        "en": ("Small.", "Too late.", "Seven open."),
    }[language]
    block = {"log_likelihood": -20.5, "sd": {"rep": 0.4}, "coefficients": {"(Intercept)": -0.3}, "people": [PLAIN]}
    assert MIRROR.document(language=language) == {
        "n": 30, "open_left_out": 7, **block, "shares": PLAIN_SHARES,
        "margin": {"n": 20, **block, "shares": None, "warnings": [small]}, "lost_after_signature": None,
        "refused_columns": [{"column": "stage", "reason": late}], "warnings": [left, small],
    }  # fmt: skip


def test_chance_is_what_mix_and_person_leave_of_the_difference():
    assert PERSON.from_chance == pytest.approx(0.2 - 0.07 - 0.05)
