"""How a sentence names a column: by what it means to a seller where its name gives that away."""

import re

from karma_core.words import Sentence

_MEANINGS = [
    (
        r"source|lead|campaign|campagne|bron|herkomst|channel|kanaal|\bsrc\b",
        "de leads die je kreeg",
        "the leads that you were given",
    ),
    (
        r"segment|industr|branche|sector|custom|klant|account|company|bedrijf|\bseg\b",
        "je klanten",
        "your customers",
    ),
    (r"product|artikel|categor|item", "de producten", "the products"),
    (r"region|regio|territor|gebied|state|provinc|country|land", "je gebied", "your territory"),
    (
        r"period|quarter|kwartaal|month|maand|year|jaar|season|seizoen|opened|created|date|datum",
        "de periode",
        "the period",
    ),
    (r"team", "je team", "your team"),
    (r"size|amount|value|bedrag|omvang|waarde", "de omvang van je aanvragen", "the size of your deals"),
    (r"discount|korting", "de korting", "the discount"),
]


def meaning(column: str) -> Sentence:
    """What a column means in a sentence; its own name in quotes where it is not recognised.

    >>> meaning("Lead source").nl, meaning("Xyz").en
    ('de leads die je kreeg', 'column "Xyz"')
    """
    for pattern, nl, en in _MEANINGS:
        if re.search(pattern, column, re.IGNORECASE):
            return Sentence(nl=nl, en=en)
    return Sentence(nl=f'kolom "{column}"', en=f'column "{column}"')
