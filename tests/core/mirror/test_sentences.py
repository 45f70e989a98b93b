"""The plain sentence of a person, in Dutch and in English."""

from dataclasses import replace

import pytest

from karma_core.mirror.sentences import Said, amount, sentence

PLAIN = Said(
    kind="won", n=120, raw=0.29, team=0.41, from_mix={"Lead source": -0.08, "Segment": -0.01}, from_person=-0.01,
    low=-0.083, high=-0.021,
    verdict="cannot_tell", more_needed=40, hidden_by=None, mix_in_the_way=False, rests_on_few=False,
    is_alone=False,
)  # fmt: skip


def said(**changes):
    made = sentence(replace(PLAIN, **changes))
    return made.nl, made.en


def test_most_lies_in_the_leads_and_the_rest_is_chance():
    nl, en = said()
    assert nl == (
        "Je wint 3 van de 10, het team 4 van de 10. Het grootste deel van dat verschil zit in de leads die je "
        "kreeg. Wat overblijft, is niet van toeval te onderscheiden; met ongeveer 40 aanvragen meer weten we meer."
    )
    assert en == (
        "You win 3 in 10, the team 4 in 10. Most of that difference lies in the leads that you were given. "
        "What is left cannot be told from chance; with about 40 more deals we will know more."
    )


@pytest.mark.parametrize(
    ("changes", "nl"),
    [
        ({"raw": 0.41}, "Je wint ongeveer evenveel als het team: 41 van de 100."),
        ({"raw": 0.37, "team": 0.41}, "Je wint 37 van de 100, het team 41 van de 100."),
        ({"raw": 0.40}, "Je wint ongeveer evenveel als het team: 41 van de 100."),
        ({"raw": 0.12}, "Je wint 1 van de 10, het team 4 van de 10."),
        ({"raw": 0.04}, "Je wint 4 van de 100, het team 41 van de 100."),
        ({"raw": 0.97}, "Je wint 97 van de 100, het team 41 van de 100."),
        ({"from_mix": {"Segment": -0.05, "Regio": -0.04}}, "zit in je mix van aanvragen."),
        ({"from_mix": {"Segment": 0.06}}, "die werkt juist de andere kant op."),
        ({"from_mix": {"Segment": -0.08, "Regio": 0.07}}, "4 van de 10. Wat overblijft"),
        ({"from_mix": {"Segment": 0.024}}, "4 van de 10. Wat overblijft"),
        ({"from_mix": {"Segment": -0.065}, "from_person": -0.07}, "zit in je mix van aanvragen."),
        ({"raw": 0.40, "from_mix": {"Segment": -0.01}}, "41 van de 100. Wat overblijft"),
        ({"from_mix": {"Kolom7": -0.1}}, 'zit in kolom "Kolom7".'),
        (
            {"verdict": "above", "low": 0.032, "high": 0.114},
            "win je meer dan gemiddeld: naar schatting 3 tot 11 van de 100. Dat is meer dan toeval.",
        ),
        ({"verdict": "below"}, "win je minder dan gemiddeld: naar schatting 2 tot 8 van de 100. Dat is meer dan"),
        ({"verdict": "above", "low": 0.001, "high": 0.008}, "naar schatting zo'n 1 van de 100."),
        ({"more_needed": None}, "is te klein om van toeval te onderscheiden."),
        ({"more_needed": 1500}, "is te klein om van toeval te onderscheiden."),
        ({"mix_in_the_way": True}, "Of wat overblijft van jou of van je mix is, valt niet te zeggen."),
        ({"rests_on_few": True}, "rust op enkele uitzonderlijk grote of kleine bedragen; dat kan toeval zijn."),
        ({"hidden_by": "Territory"}, '"Territory" deel je met te weinig collega\'s.'),
        ({"hidden_by": "Segment"}, "in de leads die je kreeg. Wat van jou is en wat van je klanten, is niet uit"),
        (
            {"hidden_by": "Lead source"},
            "het team 4 van de 10. Wat van jou is en wat van de leads die je kreeg, is",
        ),
        ({"hidden_by": "Regio", "from_mix": {"Segment": 0.06}}, "het team 4 van de 10. Wat van jou is"),
        ({"hidden_by": "Regio", "from_mix": {"Segment": -0.05, "Regio": -0.04}}, "van de 10. Wat van jou is"),
        ({"is_alone": True, "raw": 0.9}, "Je wint 90 van de 100. "),
        ({"is_alone": True}, "Er zijn geen collega's om mee te vergelijken"),
        ({"n": 1}, "Dit is één aanvraag. Daar valt nog niets over te zeggen."),
        ({"n": 9}, "Dit zijn negen aanvragen. Daar valt nog niets over te zeggen."),
        ({"n": 10, "from_mix": {}}, "Je wint 3 van de 10, het team 4 van de 10. Wat overblijft"),
        (
            {"kind": "margin", "raw": 1234.5, "team": 1500.0},
            "gemiddeld 1.230 marge per gewonnen aanvraag, het team 1.500.",
        ),
        (
            {"kind": "margin", "raw": 1510.0, "team": 1500.0, "from_mix": {"Segment": 8.0}},
            "het team 1.500. Wat overblijft",
        ),
        (
            {"kind": "lost", "raw": 1234.5, "team": 1500.0},
            "gemiddeld 1.230 marge per opdracht verloren, bij het team 1.500.",
        ),
        (
            {"kind": "margin", "verdict": "below", "low": -512.0, "high": -98.4},
            "maak je minder marge dan gemiddeld: naar schatting 98,4 tot 512 per aanvraag.",
        ),
        (
            {"kind": "lost", "raw": 120.0, "team": 90.0, "verdict": "above", "low": 12.0, "high": 41.0},
            "gaat er meer verloren dan gemiddeld: naar schatting 12 tot 41 per opdracht.",
        ),
    ],
)
def test_dutch_says(changes, nl):
    assert nl in said(**changes)[0]


MARGIN = {"kind": "margin", "verdict": "below", "low": -512.0, "high": -98.4}
LOST = {"kind": "lost", "verdict": "above", "low": 12.0, "high": 41.0}


@pytest.mark.parametrize(
    ("changes", "en"),
    [
        ({"verdict": "above"}, "you win more than average: an estimated 2 to 8 in 100."),
        ({"verdict": "below", "low": -0.008, "high": -0.001}, "you win less than average: an estimated 1 in 100."),
        (MARGIN, "you make less margin than average: an estimated 98.4 to 512 per deal."),
        (LOST, "more is lost than average: an estimated 12 to 41 per order."),
    ],
)
def test_english_says_which_way_it_differs(changes, en):
    assert f"With the same mix {en} That is beyond chance." in said(**changes)[1]


def test_amounts_have_three_figures_and_no_zeros_behind():
    assert [amount(value) for value in (0.0, 1.0, 0.5, 20.06)] == [
        ("0", "0"), ("1", "1"), ("0,5", "0.5"), ("20,1", "20.1"),
    ]  # fmt: skip


def test_no_sentence_exclaims_or_blames():
    for verdict in ("above", "below", "cannot_tell"):
        for text in said(verdict=verdict):
            assert not [word for word in ("!", "helaas", "unfortunately", "slecht", "bad") if word in text.lower()]
